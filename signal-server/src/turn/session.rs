//! One client with its allocation: a state machine of `turn-server-proto` of its own, which knows the protocol, and
//! beside it whom this client may exchange packets with.
//!
//! The machine is behind the gate: it hears nobody else, with a nonce of its own that the client never needs.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use membership::PersonId;
use turn_server_proto::api::{SocketAllocateError, TurnServerApi, TurnServerPollRet};
use turn_server_proto::server::TurnServer;
use turn_server_proto::stun::agent::Transmit;
use turn_server_proto::stun::types::attribute::{
    Fingerprint, MessageIntegrity, MessageIntegritySha256, Nonce, PasswordAlgorithm, PasswordAlgorithms, Userhash,
};
use turn_server_proto::stun::types::message::{
    IntegrityAlgorithm, IntegrityKey, Message, MessageWrite, MessageWriteExt, MessageWriteVec,
};
use turn_server_proto::stun::types::prelude::{Attribute, AttributeStaticType};
use turn_server_proto::types::message::ALLOCATE;
use turn_server_proto::types::prelude::DelayedTransmitBuild;
use turn_server_proto::types::{AddressFamily, Instant, TransportType};

use super::peers::RELAY;

/// How long a permission lasts, in milliseconds (RFC 8656).
const PERMISSION_MS: u64 = 300_000;
/// Peers of one client at a time.
const PEERS: usize = 64;
/// Longer than a server runs: the machine's own nonce is never asked for again.
const NEVER: Duration = Duration::from_hours(10 * 366 * 24);

/// One client with its allocation.
#[derive(Debug)]
pub(crate) struct Session {
    /// Whose it is.
    pub(crate) person: PersonId,
    /// The name it was opened with; every later request shows the same.
    pub(crate) username: String,
    /// The key that signs its requests.
    pub(crate) key: IntegrityKey,
    /// The port under which the other clients know it.
    pub(crate) port: Option<u16>,
    client: SocketAddr,
    machine: TurnServer,
    nonce: String,
    /// Until when packets of a peer are passed on: of one that was named, or spoken to. The machine permits addresses without
    /// their ports, as the protocol has it, and here everybody has the same address.
    peers: HashMap<SocketAddr, u64>,
}

/// The end of the machine at which clients are. It is on no wire.
const LISTENER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 3478);

pub(crate) fn instant(now_ms: u64) -> Instant {
    Instant::from_nanos(i64::try_from(now_ms.saturating_mul(1_000_000)).unwrap_or(i64::MAX))
}

impl Session {
    /// A session for a client who has shown who they are. Nothing is allocated yet.
    pub(crate) fn new(
        client: SocketAddr,
        person: PersonId,
        (username, password): (&str, String),
        key: IntegrityKey,
        now_ms: u64,
    ) -> Option<Self> {
        let mut machine = TurnServer::new(TransportType::Udp, LISTENER, super::gate::REALM.to_owned());
        machine.set_nonce_expiry_duration(NEVER);
        machine.add_user(username.to_owned(), password);
        // The machine chooses its nonce when it is first asked without one.
        let ask = Message::builder_request(ALLOCATE, MessageWriteVec::new()).finish();
        let asked = machine.recv(Transmit::new(ask, TransportType::Udp, client, LISTENER), instant(now_ms))?;
        let asked = asked.data.build();
        let nonce = Message::from_bytes(&asked).ok()?.attribute::<Nonce>().ok()?.nonce().to_owned();
        let username = username.to_owned();
        Some(Self { person, username, key, port: None, client, machine, nonce, peers: HashMap::new() })
    }

    /// Answers a request that the gate let pass.
    pub(crate) fn request(&mut self, message: &Message<'_>, now_ms: u64) -> Option<Vec<u8>> {
        let request = self.signed_for_machine(message)?;
        let answer =
            self.machine.recv(Transmit::new(request, TransportType::Udp, self.client, LISTENER), instant(now_ms));
        answer.map(|answer| answer.data.build())
    }

    /// Gives the port, or none when the relay is full; the answer to the client. For IPv6 there is none: every client
    /// has the same address, whatever network it comes from.
    pub(crate) fn give(&mut self, port: Option<u16>, asked: AddressFamily, now_ms: u64) {
        let address = match (asked, port) {
            (AddressFamily::IPV4, Some(port)) => Ok(SocketAddr::from((RELAY, port))),
            (AddressFamily::IPV4, None) => Err(SocketAllocateError::InsufficientCapacity),
            _ => Err(SocketAllocateError::AddressFamilyNotSupported),
        };
        self.port = self.port.or(address.ok().map(|address| address.port()));
        let udp = TransportType::Udp;
        self.machine.allocated_socket(udp, LISTENER, self.client, udp, asked, address, instant(now_ms));
    }

    /// What the machine has to say by itself.
    pub(crate) fn answer(&mut self, now_ms: u64) -> Option<Vec<u8>> {
        self.machine.poll_transmit(instant(now_ms)).map(|transmit| transmit.data)
    }

    /// The families for which the machine waits, one after the other.
    pub(crate) fn asked_family(&mut self, now_ms: u64) -> Option<AddressFamily> {
        match self.machine.poll(instant(now_ms)) {
            TurnServerPollRet::AllocateSocket { family, .. } => Some(family),
            _ => None,
        }
    }

    /// Lets time pass; false once the allocation is over.
    pub(crate) fn tick(&mut self, now_ms: u64) -> bool {
        self.peers.retain(|_, until| *until > now_ms);
        // A closed socket is told once; every other answer means there is nothing to do.
        !matches!(self.machine.poll(instant(now_ms)), TurnServerPollRet::SocketClose { .. })
    }

    /// Notes that a peer is heard from now on; false when there are too many.
    pub(crate) fn admit(&mut self, peer: SocketAddr, now_ms: u64) -> bool {
        let room = self.peers.len() < PEERS || self.peers.contains_key(&peer);
        if room {
            self.peers.insert(peer, now_ms + PERMISSION_MS);
        }
        room
    }

    /// Whether a peer is heard now.
    fn knows(&self, peer: SocketAddr, now_ms: u64) -> bool {
        self.peers.get(&peer).is_some_and(|until| *until > now_ms)
    }

    /// A packet of the client for a peer: to whom, and what.
    pub(crate) fn client_sent<'a>(&mut self, bytes: &'a [u8], now_ms: u64) -> Option<(SocketAddr, Vec<u8>)> {
        let packet = Transmit::<&'a [u8]>::new(bytes, TransportType::Udp, self.client, LISTENER);
        let sent = self.machine.recv(packet, instant(now_ms))?;
        // Only what leaves from the allocation is for a peer.
        let own = self.port? == sent.from.port() && sent.from.ip() == RELAY;
        // The machine has permitted the address. A browser that has permitted it for one peer speaks to the others there without
        // asking again (Firefox does): whom it speaks to may answer, and nobody else may speak.
        (own && self.admit(sent.to, now_ms)).then(|| (sent.to, sent.data.build()))
    }

    /// A packet of a peer, as the client gets it.
    pub(crate) fn peer_sent(&mut self, peer: SocketAddr, bytes: &[u8], now_ms: u64) -> Option<Vec<u8>> {
        // What the machine does not expect from a peer it would read as a client's.
        if !self.knows(peer, now_ms) {
            return None;
        }
        let own = SocketAddr::from((RELAY, self.port?));
        let sent = self.machine.recv(Transmit::new(bytes, TransportType::Udp, peer, own), instant(now_ms))?;
        (sent.to == self.client && sent.from == LISTENER).then(|| sent.data.build())
    }

    /// The same request with the machine's nonce, signed anew: the answer is signed with the key the client knows.
    fn signed_for_machine(&self, message: &Message<'_>) -> Option<Vec<u8>> {
        let left_out = [
            Nonce::TYPE,
            MessageIntegrity::TYPE,
            MessageIntegritySha256::TYPE,
            Fingerprint::TYPE,
            Userhash::TYPE,
            PasswordAlgorithm::TYPE,
            PasswordAlgorithms::TYPE,
        ];
        let mut request = Message::builder(message.get_type(), message.transaction_id(), MessageWriteVec::new());
        for (_, attribute) in message.iter_attributes() {
            if !left_out.contains(&attribute.get_type()) {
                request.add_attribute(&attribute).ok()?;
            }
        }
        request.add_attribute(&Nonce::new(&self.nonce).ok()?).ok()?;
        request.add_message_integrity_with_key(&self.key, IntegrityAlgorithm::Sha1).ok()?;
        Some(request.finish())
    }
}
