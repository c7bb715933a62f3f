//! One connection with a browser: what is fed to the library and what comes out of it. It mends two habits of the library,
//! which forgets a way that is taken before it has looked at it itself, and the first packets about keys that come before a
//! way is taken; and it sends along the way that the browser took last.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rtc::peer_connection::RTCPeerConnection;
use rtc::peer_connection::event::RTCPeerConnectionEvent;
use rtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::state::{RTCIceConnectionState, RTCPeerConnectionState};
use rtc::peer_connection::transport::RTCIceCandidateInit;
use rtc::sansio::Protocol;
use rtc::shared::error::{Error, Result};
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use rtc::{rtcp, rtp};

use super::demux::{self, Kind};
use super::engine::candidate;
use super::sockets::Sockets;

/// The most early packets about keys: one flight of them.
const EARLY: usize = 8;
/// The least time between two turns that the library asks for.
const LEAST: Duration = Duration::from_millis(1);
/// The most requests that are remembered until the next turn.
const ASKING: usize = 16;

/// A way between the browser and us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    /// The address our socket is known by.
    pub(super) here: SocketAddr,
    /// The browser's.
    pub(super) there: SocketAddr,
}

/// What a turn brought.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// Addresses that were proven to be the browser's.
    pub(super) proven: Vec<SocketAddr>,
    /// It can be used from now on.
    pub(super) connected: bool,
    /// It will not come back.
    pub(super) ended: bool,
    /// When it wants a turn again.
    pub(super) next: Option<Instant>,
}

/// A connection.
pub(super) struct Leg {
    pub(super) connection: RTCPeerConnection,
    way: Option<Way>,
    found: bool,
    connected: bool,
    early: Vec<(Way, BytesMut)>,
    /// A request that takes a way, until the library has looked at the way itself.
    takes: Option<(Way, BytesMut)>,
    asking: Vec<(Way, bool)>,
    heard: Option<Instant>,
    /// When its turn is due; who calls it keeps that.
    pub(super) due: Option<Instant>,
}

impl Leg {
    pub(super) fn new(connection: RTCPeerConnection) -> Self {
        Self {
            connection,
            way: None,
            found: false,
            connected: false,
            early: Vec::new(),
            takes: None,
            asking: Vec::new(),
            heard: None,
            due: None,
        }
    }

    /// Whether it can be used.
    pub(super) fn is_connected(&self) -> bool {
        self.connected
    }

    /// When something came the last time.
    pub(super) fn heard(&self) -> Option<Instant> {
        self.heard
    }

    /// Takes the browser's offer; the answer.
    pub(super) fn answer(&mut self, offer: String, told: &[SocketAddr], now: Instant) -> Result<String> {
        self.connection.set_remote_description(now, RTCSessionDescription::offer(offer)?)?;
        self.tell(told)?;
        let answer = self.connection.create_answer(None)?;
        self.connection.set_local_description(now, answer)?;
        self.connection.add_local_candidate(RTCIceCandidateInit::default())?;
        self.described()
    }

    /// Offers what there is to be received.
    pub(super) fn offer(&mut self, told: &[SocketAddr], now: Instant) -> Result<String> {
        self.tell(told)?;
        let offer = self.connection.create_offer(None)?;
        self.connection.set_local_description(now, offer)?;
        self.connection.add_local_candidate(RTCIceCandidateInit::default())?;
        self.described()
    }

    /// Takes the browser's answer.
    pub(super) fn take(&mut self, answer: String, now: Instant) -> Result<()> {
        self.connection.set_remote_description(now, RTCSessionDescription::answer(answer)?)
    }

    fn tell(&mut self, told: &[SocketAddr]) -> Result<()> {
        if self.connection.local_description().is_none() {
            for (number, at) in told.iter().enumerate() {
                self.connection.add_local_candidate(candidate(*at, number))?;
            }
        }
        Ok(())
    }

    fn described(&self) -> Result<String> {
        Ok(self.connection.local_description().ok_or(Error::ErrConnectionClosed)?.sdp)
    }

    /// A packet came that belongs to this connection, or claims to.
    pub(super) fn hear(&mut self, way: Way, packet: &[u8], now: Instant) {
        match demux::kind(packet) {
            Kind::Dtls if !self.found => {
                if self.early.len() < EARLY {
                    self.early.push((way, BytesMut::from(packet)));
                }
                return;
            }
            Kind::Stun => {
                if let Some(request) = demux::request(packet) {
                    if self.asking.len() < ASKING {
                        self.asking.push((way, request.nominates));
                    }
                    if request.nominates && self.way != Some(way) {
                        self.takes = Some((way, BytesMut::from(packet)));
                    }
                } else {
                    self.heard = Some(now);
                }
            }
            Kind::Dtls | Kind::Media => self.heard = Some(now),
            Kind::Other => return,
        }
        self.feed(way, BytesMut::from(packet), now);
        if demux::is_success(packet)
            && let Some((way, request)) = self.takes.take_if(|(taken, _)| *taken == way)
        {
            // Now the library has looked at the way; the request that took it is answered.
            self.asking.push((way, true));
            self.feed(way, request, now);
        }
    }

    fn feed(&mut self, way: Way, packet: BytesMut, now: Instant) {
        let (local_addr, peer_addr, transport_protocol) = (way.here, way.there, TransportProtocol::UDP);
        let transport = TransportContext { local_addr, peer_addr, transport_protocol, ecn: None };
        // What cannot be read is lost, as in a network.
        self.connection.handle_read(TaggedBytesMut { now, transport, message: packet }).ok();
    }

    /// Gives it a packet for the browser; it leaves with [`Self::flush`].
    pub(super) fn give(&mut self, packet: rtp::Packet, now: Instant) -> bool {
        let message = RTCMessage::RtpPacket(String::new(), packet);
        self.connection.handle_write(TaggedRTCMessage { now, message }).is_ok()
    }

    /// Says something about streams to the browser.
    pub(super) fn say(&mut self, packets: Vec<Box<dyn rtcp::Packet>>, now: Instant) {
        let message = RTCMessage::RtcpPacket(String::new(), packets);
        self.connection.handle_write(TaggedRTCMessage { now, message }).ok();
    }

    /// Sends what waits, at most so many packets.
    pub(super) fn flush(&mut self, most: usize, sockets: &mut Sockets, turn: &mut Turn) {
        for _ in 0..most {
            let Some(out) = self.connection.poll_write() else { return };
            let mut way = Way { here: out.transport.local_addr, there: out.transport.peer_addr };
            if demux::kind(&out.message) == Kind::Stun {
                self.prove(way, &out.message, turn);
            } else if let Some(taken) = self.way {
                way = taken;
            }
            sockets.send(way.here, way.there, out.message);
        }
    }

    /// Only who knows the password is answered or asked back.
    fn prove(&mut self, way: Way, packet: &[u8], turn: &mut Turn) {
        if !demux::is_acceptance(packet) {
            return;
        }
        let asked = self.asking.iter().filter(|(asking, _)| *asking == way);
        let (some, takes) = asked.fold((false, false), |(_, any), (_, takes)| (true, any | takes));
        if some {
            turn.proven.push(way.there);
            if takes && demux::is_success(packet) {
                self.way = Some(way);
            }
        }
    }

    /// Lets time pass where it is due, and carries out what the library wants.
    pub(super) fn turn(&mut self, now: Instant, sockets: &mut Sockets) -> Turn {
        let mut turn = Turn::default();
        if self.due.is_some_and(|due| due <= now) {
            self.connection.handle_timeout(now).ok();
        }
        // What an event sets free may lead to the next.
        while self.events(now, &mut turn) {}
        while self.connection.poll_read().is_some() {}
        self.flush(usize::MAX, sockets, &mut turn);
        if !turn.proven.is_empty() {
            self.heard = Some(now);
        }
        self.asking.clear();
        // A moment that has passed already would come again and again.
        turn.next = self.connection.poll_timeout().map(|next| next.max(now + LEAST));
        turn
    }

    fn events(&mut self, now: Instant, turn: &mut Turn) -> bool {
        let mut again = false;
        while let Some(event) = self.connection.poll_event() {
            match event {
                RTCPeerConnectionEvent::OnIceConnectionStateChangeEvent(RTCIceConnectionState::Connected) => {
                    self.found = true;
                    for (way, packet) in std::mem::take(&mut self.early) {
                        self.feed(way, packet, now);
                        again = true;
                    }
                }
                RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) => match state {
                    RTCPeerConnectionState::Connected if !self.connected => {
                        self.connected = true;
                        turn.connected = true;
                    }
                    RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed => {
                        self.connected = false;
                        turn.ended = true;
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        again
    }

    /// Ends it, and tells the browser.
    pub(super) fn close(&mut self, sockets: &mut Sockets) {
        self.connection.close().ok();
        self.flush(EARLY, sockets, &mut Turn::default());
    }
}

/// Our name for a connection, by which browsers ask for it.
pub(super) fn name(description: &str) -> Option<String> {
    let name = description.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:"))?;
    Some(name.trim().to_owned())
}
