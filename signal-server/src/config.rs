//! `[signal]`: the settings of signal-server.

use std::net::SocketAddr;

use serde::Deserialize;
use service::config::loopback;
use service::limit::Rate;
use url::Url;

use crate::{media, turn};

/// The section `[signal]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where browsers (through the web server) connect.
    pub listen: SocketAddr,
    /// Where health and metrics are.
    pub monitor: SocketAddr,
    /// The bridge's internal listener.
    pub bridge: Url,
    /// The internal listener of chat-server, which keeps what rooms must know of calls; without it they know nothing.
    pub chat: Option<Url>,
    /// Calls and transfers never go from browser to browser directly, because that shows one's network address.
    pub relay_only: bool,
    /// The relay for browsers that find no direct way.
    pub turn: turn::Config,
    /// Where conferences come in.
    pub media: media::Config,
    /// Most rooms on one socket.
    pub rooms_per_socket: usize,
    /// Most sockets of one person.
    pub sockets_per_person: usize,
    /// Most sockets of one client address.
    pub sockets_per_address: usize,
    /// How often one socket may send a frame.
    pub frames: Rate,
    /// How often one person may ring, offer or fetch.
    pub acts: Rate,
}

impl Default for Config {
    fn default() -> Self {
        let bridge = Url::parse("http://127.0.0.1:8081/").expect("a literal address");
        Self {
            listen: loopback(8073),
            monitor: loopback(8093),
            bridge,
            chat: None,
            relay_only: false,
            turn: turn::Config::default(),
            media: media::Config::default(),
            rooms_per_socket: 500,
            sockets_per_person: 20,
            sockets_per_address: 200,
            frames: Rate::new(600, 30),
            acts: Rate::new(60, 60),
        }
    }
}
