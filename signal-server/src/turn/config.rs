//! `[signal.turn]`: the settings of the relay - built in, coturn, or none.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Result, bail};
use serde::Deserialize;

use super::network::Network;

/// The section `[signal.turn]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether this server relays itself.
    pub embedded: bool,
    /// Where it listens, by UDP and by TCP.
    pub listen: Vec<SocketAddr>,
    /// Where it listens by TLS; needs a certificate.
    pub listen_tls: Vec<SocketAddr>,
    /// The certificate with its chain (PEM), read again when it changes.
    pub certificate: Option<PathBuf>,
    /// The key of the certificate (PEM), read again when it changes.
    pub key: Option<PathBuf>,
    /// The name or address by which browsers reach it; without it, that of the site.
    pub host: Option<String>,
    /// Networks that may be reached through it besides its own clients.
    pub allow: Vec<Network>,
    /// Allocations of one person at a time. A browser makes several for each call: one per address, way and network.
    pub allocations_per_person: usize,
    /// Allocations in all.
    pub allocations: usize,
    /// Connections of one client address at a time, by TCP and TLS.
    pub connections_per_address: usize,
    /// Bytes one person may have relayed in a second.
    pub bytes_per_second: u64,
    /// Addresses of a coturn (`turn:turn.example.org:3478?transport=udp`); needs `TURN_SECRET`.
    pub external: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            embedded: true,
            listen: vec![SocketAddr::from(([0, 0, 0, 0], 3478))],
            listen_tls: Vec::new(),
            certificate: None,
            key: None,
            host: None,
            allow: Vec::new(),
            allocations_per_person: 60,
            allocations: 4000,
            connections_per_address: 200,
            bytes_per_second: 8_000_000,
            external: Vec::new(),
        }
    }
}

impl Config {
    /// The settings, once they make sense together.
    ///
    /// # Errors
    /// When they do not.
    pub fn checked(self) -> Result<Self> {
        if !self.listen_tls.is_empty() && (self.certificate.is_none() || self.key.is_none()) {
            bail!("listen_tls needs certificate and key");
        }
        if self.embedded && self.listen.is_empty() && self.listen_tls.is_empty() {
            bail!("an embedded relay needs listen or listen_tls; without a relay, set embedded = false");
        }
        if !self.allow.is_empty() && self.listen.iter().chain(&self.listen_tls).any(|at| at.ip().is_unspecified()) {
            bail!(
                "allow needs listen with the addresses of this machine, so that the relay knows which it must not reach"
            );
        }
        if let Some(url) = self.external.iter().find(|url| !url.starts_with("turn:") && !url.starts_with("turns:")) {
            bail!("{url} is no address of a TURN server; it begins with turn: or turns:");
        }
        Ok(self)
    }

    /// The addresses browsers are told for the embedded relay, the quickest way first.
    pub(crate) fn urls(&self, bound: &[SocketAddr], bound_tls: &[SocketAddr], site: &str) -> Vec<String> {
        let host = self.host.as_deref().unwrap_or(site);
        let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() };
        let mut urls = Vec::new();
        // Several addresses with one port are one address to a browser.
        for way in ["udp", "tcp"] {
            urls.extend(bound.iter().map(|at| format!("turn:{host}:{}?transport={way}", at.port())));
        }
        urls.extend(bound_tls.iter().map(|at| format!("turns:{host}:{}?transport=tcp", at.port())));
        let mut told = Vec::new();
        urls.retain(|url| {
            !told.contains(url) && {
                told.push(url.clone());
                true
            }
        });
        urls
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_once_and_the_quickest_first() {
        let at = |text: &str| text.parse::<SocketAddr>().expect("an address");
        let urls = Config::default().urls(&[at("192.0.2.1:3478"), at("[::]:3478")], &[at("192.0.2.1:443")], "::1");
        assert_eq!(
            urls,
            ["turn:[::1]:3478?transport=udp", "turn:[::1]:3478?transport=tcp", "turns:[::1]:443?transport=tcp"]
        );
    }

    #[test]
    fn settings_that_contradict_are_told() {
        let tls = Config { listen_tls: Config::default().listen, ..Config::default() };
        let nowhere = Config { listen: Vec::new(), ..Config::default() };
        let web = Config { external: vec!["https://turn.example.org/".to_owned()], ..Config::default() };
        let everything = "0.0.0.0/0".parse().expect("a network");
        let open = Config { allow: vec![everything], ..Config::default() };
        for wrong in [tls, nowhere, web, open] {
            assert!(wrong.checked().is_err());
        }
        assert!(Config::default().checked().is_ok());
    }
}
