//! The relay as a plain function of bytes with its laws, for fuzzing and for replaying what it found.

use std::net::SocketAddr;

use membership::PersonId;
use turn_server_proto::stun::types::attribute::{AttributeType, Nonce, RawAttribute, Realm, Username};
use turn_server_proto::stun::types::message::{
    IntegrityAlgorithm, Message, MessageWrite, MessageWriteExt, MessageWriteVec, Method,
};
use turn_server_proto::types::attribute::RequestedTransport;
use turn_server_proto::types::message::ALLOCATE;

use super::client::{Client, Door};
use super::credentials::credentials;
use super::gate::{REALM, key};
use super::peers::Peers;
use super::quota::Limits;
use super::relay::{Relay, Step};

/// When all of it happens; the bytes may let time pass.
const START_MS: u64 = 1_800_000_000_000;
const SECRET: &str = "secret";

/// A relay with two who have a place, and a stranger. The bytes are what they send: each time who and how (one byte),
/// how long (one byte), and what - as it stands, or as one attribute of a request that is signed as it must be.
pub fn packets(mut bytes: &[u8]) {
    let limits = Limits { person: 2, all: 3, bytes_per_second: 100_000 };
    let mut relay = Relay::new(SECRET, [3; 32], limits, Peers::default());
    let people = [1, 2].map(|number| Person::seated(&mut relay, number));
    let stranger = client(3);
    let mut now_ms = START_MS;
    while let [how, length, rest @ ..] = bytes {
        let (what, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        bytes = rest;
        let person = &people[usize::from(how & 1)];
        let (from, packet) = match how >> 1 & 3 {
            0 => (stranger, what.to_vec()),
            1 => (person.client, what.to_vec()),
            2 => (person.client, person.request(Method::new(u16::from(how >> 3)), what)),
            _ => {
                now_ms += u64::from(*length) * 1000;
                relay.tick(now_ms);
                continue;
            }
        };
        match relay.client_sent(from, &packet, now_ms) {
            Step::Nothing => {}
            Step::Client(to, _) => assert!(to == from || relay.has(to), "said to somebody who is not there"),
            Step::Outside(..) => panic!("nothing outside is open"),
        }
        assert!(relay.allocations() <= limits.all, "too many allocations");
        assert!(!relay.has(stranger), "a stranger has a place");
    }
    relay.revoke(people[0].id, now_ms);
    assert!(!relay.has(people[0].client), "somebody was taken out and is still there");
}

fn client(number: u16) -> Client {
    Client { door: Door::Udp(0), address: SocketAddr::from(([192, 0, 2, 1], number)) }
}

struct Person {
    id: PersonId,
    client: Client,
    username: String,
    nonce: String,
}

impl Person {
    fn seated(relay: &mut Relay, number: u16) -> Self {
        let (id, client) = (PersonId::new(1, u128::from(number)), client(number));
        let username = credentials(SECRET, id, START_MS / 1000).username;
        let ask = Message::builder_request(ALLOCATE, MessageWriteVec::new()).finish();
        let Step::Client(_, asked) = relay.client_sent(client, &ask, START_MS) else { panic!("not asked") };
        let asked = Message::from_bytes(&asked).expect("a message");
        let nonce = asked.attribute::<Nonce>().expect("a nonce").nonce().to_owned();
        let person = Self { id, client, username, nonce };
        let transport = RequestedTransport::new(RequestedTransport::UDP);
        relay.client_sent(client, &person.signed(ALLOCATE, &RawAttribute::from(&transport)), START_MS);
        assert!(relay.has(client), "no place");
        person
    }

    /// A request with one attribute, signed.
    fn request(&self, method: Method, what: &[u8]) -> Vec<u8> {
        let (kind, value) = what.split_at(what.len().min(2));
        let kind = kind.iter().fold(0, |kind, byte| kind << 8 | u16::from(*byte));
        // What signs a message is not for others to add.
        let kind = if matches!(kind, 0x0008 | 0x001c | 0x8028) { 0 } else { kind };
        self.signed(method, &RawAttribute::new(AttributeType::new(kind), value))
    }

    fn signed(&self, method: Method, attribute: &RawAttribute<'_>) -> Vec<u8> {
        let mut request = Message::builder_request(method, MessageWriteVec::new());
        request.add_attribute(attribute).expect("it fits");
        request.add_attribute(&Username::new(&self.username).expect("a name")).expect("it fits");
        request.add_attribute(&Realm::new(REALM).expect("a realm")).expect("it fits");
        request.add_attribute(&Nonce::new(&self.nonce).expect("a nonce")).expect("it fits");
        let (_, key) = key(SECRET, &self.username);
        request.add_message_integrity_with_key(&key, IntegrityAlgorithm::Sha1).expect("it fits");
        request.finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Messages that begin like messages: their number, their length, the protocol's mark.
    fn message() -> impl Strategy<Value = Vec<u8>> {
        (0u8..=0x20, any::<u8>(), 0u8..80, prop::collection::vec(any::<u8>(), 0..80)).prop_map(
            |(high, low, length, rest)| {
                let mut bytes = vec![high, low, 0, length & !3, 0x21, 0x12, 0xa4, 0x42];
                bytes.extend(rest);
                bytes
            },
        )
    }

    fn attribute() -> impl Strategy<Value = Vec<u8>> {
        let kinds = prop::sample::select(vec![
            0x0cu16, 0x0d, 0x12, 0x13, 0x17, 0x18, 0x19, 0x1a, 0x1d, 0x1e, 0x22, 0x8000, 0x8002, 0x7777,
        ]);
        (kinds, prop::collection::vec(any::<u8>(), 0..24))
            .prop_map(|(kind, value)| [&kind.to_be_bytes()[..], &value].concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn nothing_that_is_sent_breaks_the_laws(
            sent in prop::collection::vec((any::<u8>(), prop_oneof![message(), attribute(), prop::collection::vec(any::<u8>(), 0..60)]), 0..12)
        ) {
            let bytes: Vec<u8> = sent.into_iter().flat_map(|(how, what)| {
                [&[how, u8::try_from(what.len()).unwrap()][..], &what].concat()
            }).collect();
            packets(&bytes);
        }

        #[test]
        fn no_bytes_at_all_break_the_laws(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            packets(&bytes);
        }
    }
}
