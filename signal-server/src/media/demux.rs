//! Whose a packet is: the one socket of the media plane hears all browsers. An address belongs to a connection only after
//! that has authenticated a request from it.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::place::LegId;

/// The most addresses one connection may come from. Browsers use a handful.
const ADDRESSES: usize = 16;
/// What every STUN message has in its head.
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// The length of that head.
const HEAD: usize = 20;
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const USERNAME: u16 = 0x0006;
const USE_CANDIDATE: u16 = 0x0025;

/// What a packet is by its first byte (RFC 7983).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Finding the way.
    Stun,
    /// Agreeing on keys.
    Dtls,
    /// Sound, pictures, and what is said about them.
    Media,
    /// Nothing that belongs here.
    Other,
}

/// What a packet is.
pub(super) fn kind(packet: &[u8]) -> Kind {
    match packet.first() {
        Some(0..=3) => Kind::Stun,
        Some(20..=63) => Kind::Dtls,
        Some(128..=191) => Kind::Media,
        _ => Kind::Other,
    }
}

/// A browser asks whether it gets through.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request<'a> {
    /// The connection it means, by our name for it.
    pub(super) name: &'a str,
    /// It takes this way.
    pub(super) nominates: bool,
}

/// Reads a request; nothing of it is proven yet.
pub(super) fn request(packet: &[u8]) -> Option<Request<'_>> {
    if !is(packet, BINDING_REQUEST) {
        return None;
    }
    let (mut name, mut nominates, mut rest) = (None, false, packet.get(HEAD..)?);
    while let [kind_high, kind_low, length_high, length_low, value @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
        let value_of = value.get(..length)?;
        match u16::from_be_bytes([*kind_high, *kind_low]) {
            USERNAME => name = name.or(std::str::from_utf8(value_of).ok()?.split(':').next()),
            USE_CANDIDATE => nominates = true,
            _ => {}
        }
        rest = value.get(length.next_multiple_of(4)..)?;
    }
    Some(Request { name: name?, nominates })
}

/// Whether a packet says that a request of ours got through.
pub(super) fn is_success(packet: &[u8]) -> bool {
    is(packet, BINDING_SUCCESS)
}

/// Whether a packet answers a request, or asks back: only who knows the password of a connection gets either.
pub(super) fn is_acceptance(packet: &[u8]) -> bool {
    is(packet, BINDING_SUCCESS) || is(packet, BINDING_REQUEST)
}

fn is(packet: &[u8], kind: [u8; 2]) -> bool {
    packet.len() >= HEAD
        && packet[..2] == kind
        && packet[4..8] == COOKIE
        && usize::from(u16::from_be_bytes([packet[2], packet[3]])) == packet.len() - HEAD
}

/// Which connection is where.
#[derive(Debug, Default)]
pub(super) struct Routes {
    names: HashMap<String, LegId>,
    addresses: HashMap<SocketAddr, LegId>,
    held: HashMap<LegId, Vec<SocketAddr>>,
}

impl Routes {
    /// A connection can be found by this name, and by none it had before: who still uses that is known by the address.
    pub(super) fn name(&mut self, name: String, leg: LegId) {
        self.names.retain(|_, other| *other != leg);
        self.names.insert(name, leg);
    }

    /// The connection a name means.
    pub(super) fn named(&self, name: &str) -> Option<LegId> {
        self.names.get(name).copied()
    }

    /// The connection an address belongs to.
    pub(super) fn at(&self, address: SocketAddr) -> Option<LegId> {
        self.addresses.get(&address).copied()
    }

    /// A connection has authenticated an address. The one that was proven last has it: whoever forges the address of
    /// another loses it with that one's next request.
    pub(super) fn prove(&mut self, address: SocketAddr, leg: LegId) {
        let before = self.addresses.insert(address, leg);
        if before == Some(leg) {
            return;
        }
        if let Some(held) = before.and_then(|before| self.held.get_mut(&before)) {
            held.retain(|other| *other != address);
        }
        let held = self.held.entry(leg).or_default();
        held.push(address);
        if held.len() > ADDRESSES {
            let oldest = held.remove(0);
            self.addresses.remove(&oldest);
        }
    }

    /// A connection is gone.
    pub(super) fn forget(&mut self, leg: LegId) {
        self.names.retain(|_, other| *other != leg);
        for address in self.held.remove(&leg).unwrap_or_default() {
            self.addresses.remove(&address);
        }
    }

    /// How much is remembered.
    #[cfg(test)]
    fn len(&self) -> (usize, usize, usize) {
        (self.names.len(), self.addresses.len(), self.held.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::PlaceId;
    use super::super::place::Side;
    use super::*;
    use proptest::prelude::*;

    const LEG: LegId = LegId { place: PlaceId(1), side: Side::Send };
    const OTHER: LegId = LegId { place: PlaceId(2), side: Side::Send };

    fn message(kind: [u8; 2], attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (kind, value) in attributes {
            body.extend(kind.to_be_bytes());
            body.extend(u16::try_from(value.len()).expect("short").to_be_bytes());
            body.extend_from_slice(value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let length = u16::try_from(body.len()).expect("short").to_be_bytes();
        [&kind[..], &length, &COOKIE, &[7; 12], &body].concat()
    }

    #[test]
    fn a_request_names_the_connection_it_means() {
        let plain = message(BINDING_REQUEST, &[(USERNAME, b"ours:theirs"), (0x0008, &[1; 20])]);
        assert_eq!(request(&plain), Some(Request { name: "ours", nominates: false }));
        let taking = message(BINDING_REQUEST, &[(USERNAME, b"a:bc"), (USE_CANDIDATE, b"")]);
        assert_eq!(request(&taking), Some(Request { name: "a", nominates: true }));
        assert_eq!(request(&message(BINDING_REQUEST, &[])), None);
        assert_eq!(request(&message(BINDING_SUCCESS, &[(USERNAME, b"a:b")])), None);
        assert!(is_success(&message(BINDING_SUCCESS, &[])) && is_acceptance(&plain));
        let mut cut = plain;
        cut.pop();
        assert_eq!(request(&cut), None);
    }

    proptest! {
        #[test]
        fn no_packet_breaks_it(packet in proptest::collection::vec(any::<u8>(), 0..200), whole in any::<bool>()) {
            let mut packet = packet;
            if whole && packet.len() >= HEAD {
                let length = u16::try_from(packet.len() - HEAD).expect("short").to_be_bytes();
                packet[..2].copy_from_slice(&BINDING_REQUEST);
                packet[2..4].copy_from_slice(&length);
                packet[4..8].copy_from_slice(&COOKIE);
            }
            kind(&packet);
            request(&packet);
        }
    }

    #[test]
    fn an_address_belongs_to_who_proved_it_last_and_nobody_holds_many() {
        let mut routes = Routes::default();
        let at = |port: u16| SocketAddr::from(([192, 0, 2, 1], port));
        routes.name("one".to_owned(), LEG);
        routes.prove(at(1), OTHER);
        routes.prove(at(1), LEG);
        assert_eq!(routes.at(at(1)), Some(LEG));
        for port in 0..1000 {
            routes.prove(at(port), LEG);
        }
        assert_eq!(routes.len(), (1, ADDRESSES, 2));
        routes.forget(LEG);
        routes.forget(OTHER);
        assert_eq!(routes.len(), (0, 0, 0));
        assert_eq!(routes.named("one"), None);
    }
}
