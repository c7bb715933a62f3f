//! The relay without its sockets: what comes in from a client or from outside, and what goes out to whom.
//!
//! Packets between two clients never leave this process; only the media plane and what the configuration names are
//! reached through a socket.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use membership::PersonId;
use turn_server_proto::stun::types::message::{BINDING, Message, MessageClass};
use turn_server_proto::types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND};

use super::client::Client;
use super::credentials::{LIFE_S, read};
use super::gate::{self, Refusal};
use super::nonces::Nonces;
use super::peers::{Peer, Peers, RELAY};
use super::quota::{Limits, Shares};
use super::session::Session;
use super::strangers::Strangers;

/// What is to be done after something came in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing.
    Nothing,
    /// These bytes go to a client.
    Client(Client, Vec<u8>),
    /// These bytes of a client go outside.
    Outside(Client, SocketAddr, Vec<u8>),
}

/// What happened since it was last asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Packets that passed.
    pub(crate) packets: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// Allocations that were made.
    pub(crate) allocated: u64,
    /// Requests and packets that were refused, by reason.
    pub(crate) refused: BTreeMap<&'static str, u64>,
}

/// The relay.
#[derive(Debug)]
pub(crate) struct Relay {
    secret: String,
    nonces: Nonces,
    strangers: Strangers,
    peers: Peers,
    shares: Shares,
    sessions: HashMap<Client, Session>,
    ports: HashMap<u16, Client>,
    /// Until when the credentials of those who were taken out are refused, in seconds since 1970.
    revoked: HashMap<PersonId, u64>,
    counts: Counts,
    /// From which ports are drawn.
    draw: u64,
}

impl Relay {
    /// A relay with nobody in it. The seed is secret randomness.
    pub(crate) fn new(secret: &str, seed: [u8; 32], limits: Limits, peers: Peers) -> Self {
        Self {
            secret: secret.to_owned(),
            nonces: Nonces::new(&seed),
            strangers: Strangers::new(seed),
            peers,
            shares: Shares::new(limits),
            sessions: HashMap::new(),
            ports: HashMap::new(),
            revoked: HashMap::new(),
            counts: Counts::default(),
            draw: u64::from_be_bytes(std::array::from_fn(|at| seed[at + 8])) | 1,
        }
    }

    /// Something came from a client.
    pub(crate) fn client_sent(&mut self, client: Client, bytes: &[u8], now_ms: u64) -> Step {
        match bytes.first().map(|first| first >> 6) {
            Some(0) => {
                let Ok(message) = Message::from_bytes(bytes) else { return self.refused("garbage") };
                match (message.class(), message.method()) {
                    (MessageClass::Request, _) => self.request(client, &message, now_ms),
                    (MessageClass::Indication, SEND) => self.packet(client, bytes, now_ms),
                    _ => self.refused("garbage"),
                }
            }
            Some(1) => self.packet(client, bytes, now_ms),
            _ => self.refused("garbage"),
        }
    }

    /// Something came from outside for a client.
    pub(crate) fn outside_sent(&mut self, client: Client, from: SocketAddr, bytes: &[u8], now_ms: u64) -> Step {
        let peer = self.peers.known_as(from);
        let Some(session) = self.sessions.get_mut(&client) else { return Step::Nothing };
        if !self.shares.spend(session.person, bytes.len(), now_ms) {
            return self.refused("too_many_bytes");
        }
        match session.peer_sent(peer, bytes, now_ms) {
            Some(packet) => self.passed(client, packet),
            None => self.refused("unknown_peer"),
        }
    }

    /// The client's line is cut.
    pub(crate) fn gone(&mut self, client: Client) {
        if let Some(session) = self.sessions.remove(&client) {
            self.shares.give_back(session.person, client);
            if let Some(port) = session.port {
                self.ports.remove(&port);
            }
        }
    }

    /// Takes a person out: their allocations end, and credentials made until now open no other. Those who were cut.
    pub(crate) fn revoke(&mut self, person: PersonId, now_ms: u64) -> Vec<Client> {
        self.revoked.insert(person, now_ms / 1000 + LIFE_S);
        let clients = self.shares.clients(person);
        for client in &clients {
            self.gone(*client);
        }
        clients
    }

    /// Lets time pass. Those whose allocation is over.
    pub(crate) fn tick(&mut self, now_ms: u64) -> Vec<Client> {
        self.revoked.retain(|_, until_s| *until_s >= now_ms / 1000);
        let over = self.sessions.iter_mut().filter_map(|(client, session)| (!session.tick(now_ms)).then_some(*client));
        let over: Vec<Client> = over.collect();
        for client in &over {
            self.gone(*client);
        }
        self.shares.forget(now_ms);
        over
    }

    /// Whether a client has an allocation.
    pub(crate) fn has(&self, client: Client) -> bool {
        self.sessions.contains_key(&client)
    }

    /// Allocations at this moment.
    pub(crate) fn allocations(&self) -> usize {
        self.shares.all()
    }

    /// What happened since it was last asked.
    pub(crate) fn take_counts(&mut self) -> Counts {
        std::mem::take(&mut self.counts)
    }

    fn request(&mut self, client: Client, message: &Message<'_>, now_ms: u64) -> Step {
        if message.has_method(BINDING) {
            return if self.strangers.answer(client.address.ip(), now_ms) {
                reply(client, gate::bound(message, client.canonical()))
            } else {
                self.refused("too_many_requests")
            };
        }
        let done = match self.admitted(client, message, now_ms) {
            Ok(()) if message.has_method(ALLOCATE) => self.allocate(client, message, now_ms),
            Ok(()) => self.change(client, message, now_ms),
            Err(refusal) => Err(refusal),
        };
        match done {
            Ok(step) => step,
            Err(refusal) => self.refuse(client, message, refusal, now_ms),
        }
    }

    /// Whether a request is of somebody who may ask. A new client is known afterwards.
    fn admitted(&mut self, client: Client, message: &Message<'_>, now_ms: u64) -> Result<(), Refusal> {
        let at = now_ms / 1000;
        let username = gate::shown(message, &self.nonces, client.address, at)?;
        if let Some(session) = self.sessions.get(&client) {
            // An allocation lives on with the credentials it was made with, also when their time is over: a call lasts
            // longer. Who is taken out loses it at once.
            return if session.username == username {
                gate::signed(message, &session.key)
            } else {
                Err(Refusal::OTHER)
            };
        }
        let (expires_s, person) = read(&username).ok_or(Refusal::ALTERED)?;
        let (password, key) = gate::key(&self.secret, &username);
        gate::signed(message, &key)?;
        if expires_s <= at {
            return Err(Refusal::EXPIRED);
        }
        if self.revoked.get(&person).is_some_and(|until_s| expires_s <= *until_s) {
            return Err(Refusal::REVOKED);
        }
        if !message.has_method(ALLOCATE) {
            return Err(Refusal::NOTHING);
        }
        if self.shares.is_full() {
            return Err(Refusal::FULL);
        }
        if self.shares.has_enough(person) {
            return Err(Refusal::QUOTA);
        }
        let session =
            Session::new(client.canonical(), person, (&username, password), key, now_ms).ok_or(Refusal::FULL)?;
        self.shares.take(person, client);
        self.sessions.insert(client, session);
        Ok(())
    }

    fn allocate(&mut self, client: Client, message: &Message<'_>, now_ms: u64) -> Result<Step, Refusal> {
        let port = self.free_port().ok_or(Refusal::FULL)?;
        let Some(session) = self.sessions.get_mut(&client) else { return Err(Refusal::NOTHING) };
        let had = session.port;
        let mut answer = session.request(message, now_ms);
        while let Some(family) = session.asked_family(now_ms) {
            session.give(Some(port), family, now_ms);
        }
        answer = answer.or_else(|| session.answer(now_ms));
        match (had, session.port) {
            (None, Some(port)) => {
                self.ports.insert(port, client);
                self.counts.allocated += 1;
            }
            (None, None) => self.gone(client),
            _ => {}
        }
        Ok(reply(client, answer))
    }

    fn change(&mut self, client: Client, message: &Message<'_>, now_ms: u64) -> Result<Step, Refusal> {
        let method = message.method();
        let Some(session) = self.sessions.get_mut(&client) else { return Err(Refusal::NOTHING) };
        match method {
            CREATE_PERMISSION | CHANNEL_BIND => {
                for peer in gate::peers(message) {
                    if let Peer::Refused(class) = self.peers.of(peer) {
                        return Err(Refusal::peer(class.name()));
                    }
                    if !session.admit(peer, now_ms) {
                        return Err(Refusal::peer("too_many_peers"));
                    }
                }
            }
            REFRESH => {}
            _ => return Err(Refusal::INCOMPLETE),
        }
        let answer = session.request(message, now_ms);
        if !session.tick(now_ms) {
            self.gone(client);
        }
        Ok(reply(client, answer))
    }

    /// A packet of a client for a peer.
    fn packet(&mut self, client: Client, bytes: &[u8], now_ms: u64) -> Step {
        let Some(session) = self.sessions.get_mut(&client) else { return self.refused("no_allocation") };
        let Some((peer, packet)) = session.client_sent(bytes, now_ms) else { return self.refused("unknown_peer") };
        if !self.shares.spend(session.person, packet.len(), now_ms) {
            return self.refused("too_many_bytes");
        }
        let Some(port) = session.port else { return Step::Nothing };
        match self.peers.of(peer) {
            Peer::Outside(reached) => {
                self.count(packet.len());
                Step::Outside(client, reached, packet)
            }
            Peer::Inside(other) => {
                let from = SocketAddr::from((RELAY, port));
                let Some(other) = self.ports.get(&other).copied() else { return self.refused("nobody_there") };
                let heard = self.sessions.get_mut(&other).and_then(|other| other.peer_sent(from, &packet, now_ms));
                match heard {
                    Some(packet) => self.passed(other, packet),
                    None => self.refused("not_expected"),
                }
            }
            Peer::Refused(class) => self.refused(class.name()),
        }
    }

    fn passed(&mut self, client: Client, packet: Vec<u8>) -> Step {
        self.count(packet.len());
        Step::Client(client, packet)
    }

    fn count(&mut self, bytes: usize) {
        self.counts.packets += 1;
        self.counts.bytes += bytes as u64;
    }

    fn refused(&mut self, reason: &'static str) -> Step {
        *self.counts.refused.entry(reason).or_default() += 1;
        Step::Nothing
    }

    fn refuse(&mut self, client: Client, message: &Message<'_>, refusal: Refusal, now_ms: u64) -> Step {
        let key = self.sessions.get(&client).map(|session| &session.key);
        if key.is_none() && !self.strangers.answer(client.address.ip(), now_ms) {
            return self.refused("too_many_requests");
        }
        let ask = refusal.asks().then(|| self.nonces.ask(client.address, now_ms / 1000));
        // Who is asked for credentials anew cannot check a signature.
        let answer = gate::refuse(message, refusal, ask.clone(), key.filter(|_| ask.is_none()));
        self.refused(refusal.reason);
        reply(client, answer)
    }

    /// A port nobody has, not to be guessed from those before.
    fn free_port(&mut self) -> Option<u16> {
        for _ in 0..64 {
            // xorshift64*: the port is no secret, it only shall not be counted up.
            self.draw ^= self.draw >> 12;
            self.draw ^= self.draw << 25;
            self.draw ^= self.draw >> 27;
            let [high, low, ..] = self.draw.wrapping_mul(0x2545_F491_4F6C_DD1D).to_be_bytes();
            let port = u16::from_be_bytes([high, low]);
            if port >= 1024 && !self.ports.contains_key(&port) {
                return Some(port);
            }
        }
        None
    }
}

fn reply(client: Client, answer: Option<Vec<u8>>) -> Step {
    answer.map_or(Step::Nothing, |bytes| Step::Client(client, bytes))
}
