//! The address of a relay as browsers are told (RFC 7065), and the places its name leads to.

use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;

use super::trouble::Trouble;

/// How packets go to a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Udp,
    Tcp,
    Tls,
}

/// An address of a relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// A name, or an IP address without brackets.
    pub(super) host: String,
    port: u16,
    pub(super) way: Way,
}

impl FromStr for Address {
    type Err = Trouble;

    fn from_str(text: &str) -> Result<Self, Trouble> {
        let (scheme, rest) = text.split_once(':').ok_or(Trouble::NoAddress)?;
        let (place, transport) = match rest.split_once("?transport=") {
            Some((place, transport)) => (place, Some(transport)),
            None => (rest, None),
        };
        let (way, usual) = match (scheme, transport) {
            ("turn", None | Some("udp")) => (Way::Udp, 3478),
            ("turn", Some("tcp")) => (Way::Tcp, 3478),
            ("turns", None | Some("tcp")) => (Way::Tls, 5349),
            ("turns", Some("udp")) => return Err(Trouble::NoBrowserDoesThat),
            _ => return Err(Trouble::NoAddress),
        };
        let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
        };
        let port = port.map_or(Ok(usual), |port| port.parse().map_err(|_| Trouble::NoAddress))?;
        if host.is_empty() {
            return Err(Trouble::NoAddress);
        }
        Ok(Self { host: host.to_owned(), port, way })
    }
}

impl Address {
    /// Where the name leads, each place once.
    pub(super) async fn places(&self, within: Duration) -> Result<Vec<SocketAddr>, Trouble> {
        let unknown = || Trouble::NoName { host: self.host.clone() };
        let found = timeout(within, lookup_host((self.host.as_str(), self.port))).await;
        let mut places: Vec<SocketAddr> = Vec::new();
        for place in found.map_err(|_| unknown())?.map_err(|_| unknown())? {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        if places.is_empty() { Err(unknown()) } else { Ok(places) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_and_how() {
        for (text, host, port, way) in [
            ("turn:turn.example.org", "turn.example.org", 3478, Way::Udp),
            ("turn:turn.example.org:80?transport=udp", "turn.example.org", 80, Way::Udp),
            ("turn:192.0.2.1?transport=tcp", "192.0.2.1", 3478, Way::Tcp),
            ("turns:turn.example.org", "turn.example.org", 5349, Way::Tls),
            ("turns:[2001:db8::1]:443?transport=tcp", "2001:db8::1", 443, Way::Tls),
            ("turn:[::1]", "::1", 3478, Way::Udp),
        ] {
            let expected = Address { host: host.to_owned(), port, way };
            assert!(text.parse::<Address>().is_ok_and(|address| address == expected), "{text}");
        }
        for text in ["", "turn", "turn:", "turn::80", "turn:a:b", "turn:a?transport=sctp", "https://a/", "turn:[::1"] {
            assert!(matches!(text.parse::<Address>(), Err(Trouble::NoAddress)), "{text}");
        }
        assert!(matches!("turns:a?transport=udp".parse::<Address>(), Err(Trouble::NoBrowserDoesThat)));
    }
}
