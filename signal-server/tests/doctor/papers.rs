//! Certificates of a test, made as an administrator would: an authority, and a relay's certificate for one address.

use std::path::PathBuf;
use std::process::Command;

use signal_server::turn::Config;
use tempfile::TempDir;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// How `openssl ca` is told what it is.
const CA: &str = "[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial\nrand_serial=yes\n\
default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n";

/// An authority and a certificate.
pub(crate) struct Papers(TempDir);

impl Papers {
    /// For this address, good now.
    pub(crate) fn new(address: &str) -> Self {
        Self::made(address, "-days 2")
    }

    /// For this address, good in January 2020.
    pub(crate) fn of_old(address: &str) -> Self {
        Self::made(address, "-startdate 20200101000000Z -enddate 20200201000000Z")
    }

    fn made(address: &str, life: &str) -> Self {
        let papers = Self(tempfile::tempdir().expect("a folder"));
        let files = [
            ("ca.cnf", CA.to_owned()),
            ("index.txt", String::new()),
            ("relay.ext", format!("subjectAltName=IP:{address}\nbasicConstraints=CA:FALSE\n")),
        ];
        for (name, text) in files {
            std::fs::write(papers.file(name), text).expect("a file");
        }
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        for arguments in [
            format!("req -x509 {key} -days 2 -subj /CN=authority -keyout ca.key -out ca.pem"),
            format!("req {key} -subj /CN=relay -keyout relay.key -out relay.csr"),
            format!(
                "ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in relay.csr -out relay.pem \
                 -extfile relay.ext {life}"
            ),
        ] {
            let made = Command::new("openssl").args(arguments.split_whitespace()).current_dir(papers.0.path()).output();
            let made = made.expect("openssl");
            assert!(made.status.success(), "{arguments}: {}", String::from_utf8_lossy(&made.stderr));
        }
        papers
    }

    /// One of the files.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The settings of a relay that has them, at a port of its own for TLS.
    pub(crate) fn worn_by(&self, config: Config) -> Config {
        Config {
            listen_tls: vec!["127.0.0.1:0".parse().expect("an address")],
            certificate: Some(self.file("relay.pem")),
            key: Some(self.file("relay.key")),
            ..config
        }
    }

    /// Who trusts the authority.
    pub(crate) fn authority(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.file("ca.pem")).expect("a certificate")).expect("an authority");
        roots
    }
}
