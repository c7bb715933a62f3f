//! `[signal]`: the settings of signal-server.

use std::net::SocketAddr;

use serde::Deserialize;
use service::config::loopback;
use url::Url;

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
}

impl Default for Config {
    fn default() -> Self {
        let bridge = Url::parse("http://127.0.0.1:8081/").expect("a literal address");
        Self { listen: loopback(8073), monitor: loopback(8093), bridge }
    }
}
