//! A relay of a test, with its people.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use membership::PersonId;
use service::clock::Clock;
use service::health::Health;
use service::secret::Secret;
use service::stop::Stop;
use service::{http, monitor};
use signal_server::turn::{Config, Credentials, Media, Surroundings, Turn, credentials};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs::default_provider};

use crate::browser::{Browser, Line};

pub(crate) const SECRET: &str = "the secret of the relay";

/// A relay.
pub(crate) struct Site {
    pub(crate) turn: Turn,
    pub(crate) relay: SocketAddr,
    pub(crate) clock: Clock,
    stop: Stop,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.give();
    }
}

pub(crate) fn person(number: u128) -> PersonId {
    PersonId::new(1, number)
}

/// The settings of a test: on this machine, at ports that are free.
pub(crate) fn settings() -> Config {
    Config { listen: vec!["127.0.0.1:0".parse().expect("an address")], ..Config::default() }
}

impl Site {
    pub(crate) async fn start(config: Config) -> Self {
        Self::at(config, Clock::manual(Clock::System.now_ms()), Vec::new()).await
    }

    pub(crate) async fn at(config: Config, clock: Clock, media: Vec<Media>) -> Self {
        let stop = Stop::new();
        let around = Surroundings {
            host: "127.0.0.1".to_owned(),
            secret: Secret::new(SECRET),
            seed: [7; 32],
            clock: clock.clone(),
            stop: stop.clone(),
            media,
        };
        let turn = start(&config.checked().expect("settings"), around).await;
        let relay = at(&turn, "turn:", "udp");
        Self { turn, relay, clock, stop }
    }

    pub(crate) fn credentials(&self, person: PersonId) -> Credentials {
        credentials(SECRET, person, self.clock.now_s())
    }

    pub(crate) async fn udp(&self, who: u128) -> Browser {
        Browser::udp(self.relay, self.credentials(person(who))).await
    }

    pub(crate) async fn tcp(&self, who: u128) -> Browser {
        Browser::tcp(at(&self.turn, "turn:", "tcp"), self.credentials(person(who))).await
    }

    pub(crate) async fn tls(&self, who: u128, authority: &Path) -> Browser {
        let stream = secured(at(&self.turn, "turns:", "tcp"), authority).await;
        Browser::over(stream.expect("a line"), self.credentials(person(who)))
    }
}

/// Where a relay listens, as browsers are told.
pub(crate) fn at(turn: &Turn, scheme: &str, way: &str) -> SocketAddr {
    let end = format!("?transport={way}");
    let urls = turn.urls();
    let url = urls.iter().find(|url| url.starts_with(scheme) && url.ends_with(&end)).expect("an address");
    url[scheme.len()..url.len() - end.len()].parse().expect("an address")
}

/// A line by TLS that trusts one authority.
pub(crate) async fn secured(relay: SocketAddr, authority: &Path) -> Option<Line> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(authority).expect("a certificate") {
        roots.add(root.expect("a certificate")).expect("an authority");
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(relay).await.expect("the relay");
    let name = ServerName::try_from("127.0.0.1").expect("a name");
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
    Some(Line::Stream(Box::new(stream)))
}

/// Makes an authority and a certificate for this machine, as an administrator would.
pub(crate) fn certificate(folder: &Path) {
    for (what, arguments) in [
        (
            "authority",
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem",
        ),
        (
            "request",
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=relay -keyout relay.key -out relay.csr",
        ),
        (
            "certificate",
            "x509 -req -in relay.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile relay.ext -out relay.pem",
        ),
    ] {
        std::fs::write(folder.join("relay.ext"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
            .expect("a file");
        let made = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().expect("openssl");
        assert!(made.status.success(), "{what}: {}", String::from_utf8_lossy(&made.stderr));
    }
}

/// A relay on ports that the system chooses. The port it chose for UDP may be somebody else's by TCP: then another one is.
async fn start(config: &Config, around: Surroundings) -> Turn {
    for _ in 0..20 {
        if let Ok(turn) = Turn::start(config, around.clone()).await {
            return turn;
        }
    }
    Turn::start(config, around).await.expect("a relay")
}

/// What is told to who collects metrics.
pub(crate) async fn metrics() -> String {
    let (listener, stop) = (http::listen(([127, 0, 0, 1], 0).into()).await.expect("a port"), Stop::new());
    let at = listener.local_addr().expect("an address");
    tokio::spawn(http::serve(listener, monitor::router(Health::default()), stop.clone()));
    let mut line = TcpStream::connect(at).await.expect("a line");
    line.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").await.expect("asked");
    let mut answer = String::new();
    line.read_to_string(&mut answer).await.expect("an answer");
    stop.give();
    answer
}
