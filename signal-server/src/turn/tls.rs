//! The certificate of the relay: read at the start, and again when its files have changed by the time somebody connects.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::doors::lock;

/// How often the files are looked at, in milliseconds.
const LOOK_MS: u64 = 30_000;

/// A certificate with its key.
#[derive(Debug)]
pub(crate) struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: Mutex<Current>,
}

/// What is in use, since when the files have not been looked at (milliseconds since 1970), and when they were changed.
#[derive(Debug)]
struct Current {
    config: Arc<ServerConfig>,
    looked_ms: u64,
    changed: [Option<SystemTime>; 2],
}

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// When they cannot be read or do not belong together.
    pub(crate) fn read(certificate: &Path, key: &Path, now_ms: u64) -> Result<Self> {
        let changed = changed(certificate, key);
        let current = Current { config: Arc::new(read(certificate, key)?), looked_ms: now_ms, changed };
        Ok(Self { chain: certificate.to_owned(), key: key.to_owned(), current: Mutex::new(current) })
    }

    /// For the next connection. From time to time it is looked whether the files are others now.
    pub(crate) fn acceptor(&self, now_ms: u64) -> TlsAcceptor {
        let mut current = lock(&self.current);
        if now_ms >= current.looked_ms + LOOK_MS {
            current.looked_ms = now_ms;
            self.look(&mut current);
        }
        TlsAcceptor::from(Arc::clone(&current.config))
    }

    fn look(&self, current: &mut Current) {
        let changed = changed(&self.chain, &self.key);
        if changed == current.changed {
            return;
        }
        // Half of a pair that is just being replaced does not match: it is read again at the next look.
        match read(&self.chain, &self.key) {
            Ok(config) => {
                (current.config, current.changed) = (Arc::new(config), changed);
                tracing::info!("the relay has a new certificate");
            }
            Err(error) => tracing::warn!(%error, "the relay keeps its old certificate"),
        }
    }
}

fn changed(chain: &Path, key: &Path) -> [Option<SystemTime>; 2] {
    [chain, key].map(|file| std::fs::metadata(file).and_then(|about| about.modified()).ok())
}

fn read(certificate: &Path, key: &Path) -> Result<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read the relay's certificate {}", certificate.display()))?;
    let secret = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read the key of the relay's certificate {}", key.display()))?;
    ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .context("the relay's certificate and its key do not belong together")
}
