//! The certificate of the relay: read at the start, and again when its files change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use service::stop::Stop;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(30);

/// A certificate with its key.
#[derive(Debug)]
pub(crate) struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<ServerConfig>>,
}

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// When they cannot be read or do not belong together.
    pub(crate) fn read(certificate: &Path, key: &Path) -> Result<Self> {
        let current = RwLock::new(Arc::new(read(certificate, key)?));
        Ok(Self { chain: certificate.to_owned(), key: key.to_owned(), current })
    }

    /// For the next connection.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let current = self.current.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&current))
    }

    /// Reads the files again.
    ///
    /// # Errors
    /// As [`Certificate::read`]; the one before stays.
    pub(crate) fn again(&self) -> Result<()> {
        let fresh = Arc::new(read(&self.chain, &self.key)?);
        *self.current.write().unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
        Ok(())
    }

    fn changed(&self) -> [Option<SystemTime>; 2] {
        [&self.chain, &self.key].map(|file| std::fs::metadata(file).and_then(|about| about.modified()).ok())
    }
}

/// Follows the files until the end.
pub(crate) async fn follow(certificate: Arc<Certificate>, stop: Stop) {
    let mut seen = certificate.changed();
    while stop.sleep(LOOK).await {
        let now = certificate.changed();
        if now == seen {
            continue;
        }
        // Half of a pair that is just being replaced does not match: it is read again at the next look.
        match certificate.again() {
            Ok(()) => {
                seen = now;
                tracing::info!("the relay has a new certificate");
            }
            Err(error) => tracing::warn!(%error, "the relay keeps its old certificate"),
        }
    }
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
