//! The relay for browsers that find no direct way to one another (TURN): its credentials, and the relay that is built in.
//!
//! The protocol is `turn-server-proto`'s; who may come in, whom they may reach and how much they may have is decided here.
//! `docs/decisions/0006-a-relay-without-ports.md` says why.

mod client;
mod config;
mod credentials;
mod doors;
mod gate;
mod network;
mod nonces;
pub mod parsers;
mod peers;
mod quota;
mod relay;
mod session;
mod strangers;
mod stream;
mod tally;
mod tls;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use membership::PersonId;
use service::clock::Clock;
use service::secret::Secret;
use service::stop::Stop;
use tokio::net::{TcpListener, UdpSocket};

pub use self::config::Config;
pub use self::credentials::{Credentials, LIFE_S, credentials};
use self::doors::Doors;
pub(crate) use self::gate::REALM;
pub use self::network::Network;
pub use self::peers::Media;
use self::peers::Peers;
use self::quota::Limits;
use self::relay::Relay;
use self::tls::Certificate;

/// What an embedded relay needs besides its settings.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The site's host, for the addresses browsers are told when the settings name none.
    pub host: String,
    /// What its credentials are made with.
    pub secret: Secret,
    /// Secret randomness.
    pub seed: [u8; 32],
    /// The time.
    pub clock: Clock,
    /// The stop signal.
    pub stop: Stop,
    /// The media plane of conferences, which may be reached through the relay.
    pub media: Vec<Media>,
}

/// A running embedded relay.
#[derive(Debug, Clone)]
pub struct Turn {
    doors: Arc<Doors>,
    urls: Vec<String>,
}

impl Turn {
    /// Opens its doors.
    ///
    /// # Errors
    /// When one of its addresses is taken, or its certificate cannot be read.
    pub async fn start(config: &Config, around: Surroundings) -> Result<Self> {
        let mut sockets = Vec::new();
        let (mut plain, mut secured) = (Vec::new(), Vec::new());
        for at in &config.listen {
            // A port that the system chooses is the same for both ways.
            let socket = UdpSocket::bind(at).await.with_context(|| format!("the relay cannot listen on udp {at}"))?;
            let at = socket.local_addr()?;
            let listener =
                TcpListener::bind(at).await.with_context(|| format!("the relay cannot listen on tcp {at}"))?;
            sockets.push(socket);
            plain.push(listener);
        }
        for at in &config.listen_tls {
            secured.push(TcpListener::bind(at).await.with_context(|| format!("the relay cannot listen on tls {at}"))?);
        }
        let certificate = certificate(config, around.clock.now_ms())?.map(Arc::new);
        let bound = sockets.iter().map(UdpSocket::local_addr).collect::<Result<Vec<_>, _>>()?;
        let bound_tls = secured.iter().map(TcpListener::local_addr).collect::<Result<Vec<_>, _>>()?;
        let urls = config.urls(&bound, &bound_tls, &around.host);

        let peers =
            Peers { own: own(&bound, &bound_tls, &around.media), allow: config.allow.clone(), media: around.media };
        let limits = Limits {
            person: config.allocations_per_person,
            all: config.allocations,
            bytes_per_second: config.bytes_per_second,
        };
        let relay = Relay::new(around.secret.expose(), around.seed, limits, peers);
        let doors = Arc::new(Doors::new(relay, sockets, config, around.clock, around.stop));
        doors.open(plain, secured, certificate.as_ref());
        Ok(Self { doors, urls })
    }

    /// Takes a person out: what of theirs passes here ends at once, and no credentials made until now open anything.
    pub fn revoke(&self, person: PersonId) {
        self.doors.revoke(person);
    }

    /// The addresses browsers are told.
    pub fn urls(&self) -> Vec<String> {
        self.urls.clone()
    }

    /// How many allocations there are.
    pub fn allocations(&self) -> usize {
        self.doors.allocations()
    }
}

/// The certificate of a relay that listens by TLS.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn certificate(config: &Config, now_ms: u64) -> Result<Option<Certificate>> {
    match (&config.certificate, &config.key) {
        (Some(chain), Some(key)) if !config.listen_tls.is_empty() => Certificate::read(chain, key, now_ms).map(Some),
        _ => Ok(None),
    }
}

/// The addresses by which this server is known to itself.
fn own(bound: &[SocketAddr], bound_tls: &[SocketAddr], media: &[Media]) -> Vec<IpAddr> {
    let media = media.iter().flat_map(|media| [media.advertised, media.reached]);
    let all = bound.iter().chain(bound_tls).copied().chain(media);
    // An address of loopback stays what it is: one may name it in `allow`.
    all.map(|at| at.ip().to_canonical()).filter(|ip| !ip.is_unspecified() && !ip.is_loopback()).collect()
}
