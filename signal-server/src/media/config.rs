//! `[signal.media]`: the settings of the media plane.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Result, bail};
use nix::ifaddrs::getifaddrs;
use serde::Deserialize;

/// The most addresses browsers are told for one socket: each makes them try once more.
const TOLD: usize = 8;

/// The section `[signal.media]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether there are conferences.
    pub conferences: bool,
    /// Where sound and pictures of all conferences come in, by UDP.
    pub listen: Vec<SocketAddr>,
    /// The addresses browsers are told; without any, those it listens on.
    pub address: Vec<IpAddr>,
    /// Most people in a conference.
    pub capacity: usize,
    /// How many of them are heard at a time: those who speak, and those who spoke last.
    pub speakers: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            conferences: true,
            listen: vec![SocketAddr::from(([0, 0, 0, 0], 3479))],
            address: Vec::new(),
            capacity: 50,
            speakers: 5,
        }
    }
}

impl Config {
    /// The settings, once they make sense together.
    ///
    /// # Errors
    /// When they do not.
    pub fn checked(self) -> Result<Self> {
        if self.conferences && self.listen.is_empty() {
            bail!("conferences need listen; without conferences, set conferences = false");
        }
        if self.capacity < 2 || self.speakers == 0 {
            bail!("a conference is of two people at least (capacity), and one of them is heard (speakers)");
        }
        if let Some(address) = self.address.iter().find(|address| address.is_unspecified() || address.is_multicast()) {
            bail!("{address} is no address a browser could connect to");
        }
        if let Some(address) =
            self.address.iter().find(|address| !self.listen.iter().any(|at| at.is_ipv4() == address.is_ipv4()))
        {
            bail!("address names {address}, but listen has no socket of that kind");
        }
        Ok(self)
    }

    /// What browsers are told of a socket that is bound.
    pub(super) fn told(&self, bound: SocketAddr, own: &[IpAddr]) -> Vec<SocketAddr> {
        let same = |ip: &&IpAddr| ip.is_ipv4() == bound.is_ipv4();
        let at = |ip: &IpAddr| SocketAddr::new(*ip, bound.port());
        if !self.address.is_empty() {
            return self.address.iter().filter(same).map(at).take(TOLD).collect();
        }
        if bound.ip().is_unspecified() {
            return own.iter().filter(same).map(at).take(TOLD).collect();
        }
        vec![bound]
    }
}

/// The addresses of this machine that others can reach; those of loopback where there are no others.
pub(super) fn own() -> Vec<IpAddr> {
    let of = |address: nix::ifaddrs::InterfaceAddress| {
        let address = address.address?;
        let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
        v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
    };
    let all: Vec<IpAddr> = getifaddrs().map(|all| all.filter_map(of).collect()).unwrap_or_default();
    let outside: Vec<IpAddr> = all.iter().copied().filter(reachable).collect();
    if outside.is_empty() { all.into_iter().filter(IpAddr::is_loopback).collect() } else { outside }
}

/// Whether an address means the same on another machine.
fn reachable(ip: &IpAddr) -> bool {
    let link_local = match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    !ip.is_loopback() && !link_local && !ip.is_unspecified()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn what_browsers_are_told_follows_the_socket_unless_it_is_set() {
        let own: Vec<IpAddr> = vec!["192.0.2.7".parse().expect("v4"), "2001:db8::7".parse().expect("v6")];
        let config = Config::default();
        assert_eq!(config.told(at("127.0.0.1:3479"), &own), [at("127.0.0.1:3479")], "loopback stays loopback");
        assert_eq!(config.told(at("0.0.0.0:3479"), &own), [at("192.0.2.7:3479")]);
        assert_eq!(config.told(at("[::]:3479"), &own), [at("[2001:db8::7]:3479")]);
        let set = Config { address: vec!["203.0.113.9".parse().expect("v4")], ..config };
        assert_eq!(set.told(at("0.0.0.0:3479"), &own), [at("203.0.113.9:3479")]);
        assert!(set.told(at("[::]:3479"), &own).is_empty());
    }

    #[test]
    fn settings_that_contradict_are_told() {
        let nowhere = Config { listen: Vec::new(), ..Config::default() };
        let alone = Config { capacity: 1, ..Config::default() };
        let silent = Config { speakers: 0, ..Config::default() };
        let any = Config { address: vec!["0.0.0.0".parse().expect("v4")], ..Config::default() };
        let other = Config { address: vec!["2001:db8::7".parse().expect("v6")], ..Config::default() };
        for wrong in [nowhere.clone(), alone, silent, any, other] {
            assert!(wrong.checked().is_err());
        }
        assert!(Config::default().checked().is_ok());
        assert!(Config { conferences: false, ..nowhere }.checked().is_ok());
    }
}
