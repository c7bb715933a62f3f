//! Who may be reached through the relay: its own clients, the media address of this server, and what the configuration
//! names. Everything else is refused, so nothing inside a network can be reached by way of this server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::network::Network;

/// The address under which the relay's clients know one another: the dummy address of RFC 7600. No packet ever carries
/// it on a wire, so it needs no setting, no open port and tells nothing about this server.
pub(crate) const RELAY: Ipv4Addr = Ipv4Addr::new(192, 0, 0, 8);

/// The media plane of a conference on this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Media {
    /// As browsers are told.
    pub advertised: SocketAddr,
    /// Where it listens, seen from here; differs behind a translating router.
    pub reached: SocketAddr,
}

/// What an address is to the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The allocation with this port.
    Inside(u16),
    /// An address outside, as it is reached from here.
    Outside(SocketAddr),
    /// Refused, and why.
    Refused(Class),
}

/// The kinds of addresses that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Of no interface at all, or port zero.
    Unspecified,
    /// This machine.
    Loopback,
    /// This cable.
    LinkLocal,
    /// A network of one's own, the carrier's shared one included.
    Private,
    /// Many at once.
    Multicast,
    /// An IPv4 address inside an IPv6 address, which a gateway on the way may unpack.
    Embedded,
    /// One of this server.
    Own,
    /// Anybody.
    Public,
}

impl Class {
    /// Its name in the metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "peer_unspecified",
            Self::Loopback => "peer_loopback",
            Self::LinkLocal => "peer_link_local",
            Self::Private => "peer_private",
            Self::Multicast => "peer_multicast",
            Self::Embedded => "peer_embedded",
            Self::Own => "peer_own",
            Self::Public => "peer_public",
        }
    }
}

/// The rules of one relay.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peers {
    /// The exact addresses of the media plane.
    pub(crate) media: Vec<Media>,
    /// What the configuration opens.
    pub(crate) allow: Vec<Network>,
    /// The addresses of this server.
    pub(crate) own: Vec<IpAddr>,
}

impl Peers {
    /// What this address is.
    pub(crate) fn of(&self, address: SocketAddr) -> Peer {
        let canonical = SocketAddr::new(address.ip().to_canonical(), address.port());
        if canonical.port() == 0 {
            return Peer::Refused(Class::Unspecified);
        }
        if canonical.ip() == IpAddr::V4(RELAY) {
            return Peer::Inside(canonical.port());
        }
        if let Some(media) = self.media.iter().find(|media| media.advertised == canonical) {
            return Peer::Outside(media.reached);
        }
        let class = self.class(canonical.ip());
        if self.allow.iter().any(|network| self.opens(network, canonical.ip(), class)) {
            return Peer::Outside(canonical);
        }
        Peer::Refused(class)
    }

    /// The address by which the clients know what was heard from outside.
    pub(crate) fn known_as(&self, reached: SocketAddr) -> SocketAddr {
        let canonical = SocketAddr::new(reached.ip().to_canonical(), reached.port());
        self.media.iter().find(|media| media.reached == canonical).map_or(canonical, |media| media.advertised)
    }

    /// A network opens the guarded kind of addresses that it names, and no other by being wide.
    fn opens(&self, network: &Network, ip: IpAddr, class: Class) -> bool {
        match class {
            Class::Unspecified | Class::Multicast | Class::Embedded | Class::Own => false,
            Class::Public => network.contains(ip),
            Class::Loopback | Class::LinkLocal | Class::Private => {
                network.contains(ip) && self.class(network.first()) == class
            }
        }
    }

    fn class(&self, ip: IpAddr) -> Class {
        if self.own.contains(&ip) { Class::Own } else { class(ip) }
    }
}

fn class(ip: IpAddr) -> Class {
    match ip {
        _ if ip.is_loopback() => Class::Loopback,
        _ if ip.is_multicast() => Class::Multicast,
        IpAddr::V4(v4) => match v4.octets() {
            [0 | 240..=255, ..] => Class::Unspecified,
            [169, 254, ..] => Class::LinkLocal,
            // 100.64/10 is the carrier's; 192.0.0/24 and 198.18/15 are for use inside a network, too.
            [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18..=19, ..] => Class::Private,
            _ if v4.is_private() => Class::Private,
            _ => Class::Public,
        },
        IpAddr::V6(v6) => match v6.segments() {
            [0, 0, 0, 0, 0, 0, 0, 0] => Class::Unspecified,
            // Compatible and mapped forms, NAT64 (both prefixes), Teredo, 6to4.
            [0, 0, 0, 0, 0, ..] | [0x64, 0xff9b, ..] | [0x2001, 0, ..] | [0x2002, ..] => Class::Embedded,
            _ if v6.is_unicast_link_local() => Class::LinkLocal,
            // fec0::/10 was once site-local.
            [0xfec0..=0xfeff, ..] => Class::Private,
            _ if v6.is_unique_local() => Class::Private,
            _ => Class::Public,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    fn rules(allow: &[&str]) -> Peers {
        Peers {
            media: vec![Media { advertised: at("203.0.113.7:7000"), reached: at("10.0.0.7:7000") }],
            allow: allow.iter().map(|text| text.parse().expect("a network")).collect(),
            own: vec!["203.0.113.7".parse().expect("an address"), "10.0.0.7".parse().expect("an address")],
        }
    }

    /// Each class, and the ways to write it.
    const TABLE: [(&str, Class); 30] = [
        ("127.0.0.1:80", Class::Loopback),
        ("127.255.255.254:80", Class::Loopback),
        ("[::1]:80", Class::Loopback),
        ("[::ffff:127.0.0.1]:80", Class::Loopback),
        ("0.0.0.0:80", Class::Unspecified),
        ("0.1.2.3:80", Class::Unspecified),
        ("255.255.255.255:80", Class::Unspecified),
        ("[::]:80", Class::Unspecified),
        ("8.8.8.8:0", Class::Unspecified),
        ("169.254.169.254:80", Class::LinkLocal),
        ("[fe80::1]:80", Class::LinkLocal),
        ("[::ffff:169.254.169.254]:80", Class::LinkLocal),
        ("10.1.2.3:80", Class::Private),
        ("172.16.0.1:80", Class::Private),
        ("192.168.1.1:80", Class::Private),
        ("100.64.0.1:80", Class::Private),
        ("198.18.0.1:80", Class::Private),
        ("192.0.0.9:80", Class::Private),
        ("[fd00::1]:80", Class::Private),
        ("[::ffff:10.1.2.3]:80", Class::Private),
        ("224.0.0.1:80", Class::Multicast),
        ("[ff02::1]:80", Class::Multicast),
        ("[::127.0.0.1]:80", Class::Embedded),
        ("[64:ff9b::7f00:1]:80", Class::Embedded),
        ("[64:ff9b:1::7f00:1]:80", Class::Embedded),
        ("[2002:7f00:1::]:80", Class::Embedded),
        ("203.0.113.7:22", Class::Own),
        ("10.0.0.7:7000", Class::Own),
        ("203.0.113.7:7001", Class::Own),
        ("198.51.100.1:80", Class::Public),
    ];

    #[test]
    fn nothing_is_reached_unless_it_is_named() {
        for (address, class) in TABLE {
            assert_eq!(rules(&[]).of(at(address)), Peer::Refused(class), "{address}");
        }
    }

    #[test]
    fn the_clients_and_the_media_plane_are_reached_exactly() {
        let rules = rules(&[]);
        assert_eq!(rules.of(at("192.0.0.8:5000")), Peer::Inside(5000));
        assert_eq!(rules.of(at("[::ffff:192.0.0.8]:5000")), Peer::Inside(5000));
        assert_eq!(rules.of(at("203.0.113.7:7000")), Peer::Outside(at("10.0.0.7:7000")));
        assert_eq!(rules.known_as(at("10.0.0.7:7000")), at("203.0.113.7:7000"));
    }

    #[test]
    fn a_wide_network_opens_only_what_is_public() {
        let rules = rules(&["0.0.0.0/0", "::/0"]);
        for (address, class) in TABLE {
            let reached = matches!(rules.of(at(address)), Peer::Outside(_));
            assert_eq!(reached, class == Class::Public, "{address}");
        }
    }

    #[test]
    fn a_guarded_network_is_opened_by_its_name() {
        let rules = rules(&["10.1.0.0/16", "127.0.0.1", "fd00::/8"]);
        for open in ["10.1.2.3:80", "127.0.0.1:80", "[fd00::1]:80", "[::ffff:10.1.2.3]:80"] {
            assert!(matches!(rules.of(at(open)), Peer::Outside(_)), "{open}");
        }
        for shut in ["10.2.0.1:80", "127.0.0.2:80", "10.0.0.7:80", "198.51.100.1:80"] {
            assert!(matches!(rules.of(at(shut)), Peer::Refused(_)), "{shut}");
        }
    }

    proptest! {
        #[test]
        fn without_a_setting_only_the_two_are_reached(ip in any::<IpAddr>(), port in any::<u16>()) {
            let address = SocketAddr::new(ip, port);
            let named = ip.to_canonical() == IpAddr::V4(RELAY) || address == at("203.0.113.7:7000");
            prop_assert!(named || matches!(rules(&[]).of(address), Peer::Refused(_)));
        }
    }
}
