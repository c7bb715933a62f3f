//! A person's place: the connection in which the browser sends, and the one in which it receives.

use std::collections::BTreeMap;
use std::time::Instant;

use membership::RoomId;

use super::ears::Ears;
use super::leg::Leg;
use super::names::Shared;
use super::outlet::Outlet;
use super::stream::Stream;
use super::{PlaceId, Quality, Shows, Source, Want};

/// Which of the two connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Side {
    /// The browser sends.
    Send,
    /// The browser receives.
    Receive,
}

/// A connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct LegId {
    pub(super) place: PlaceId,
    pub(super) side: Side,
}

/// The connection in which a browser sends.
pub(super) struct Sending {
    pub(super) leg: Leg,
    pub(super) shared: Shared,
    /// The print of its certificate: another one is another connection.
    pub(super) print: String,
    /// What it sends, once something of it has come.
    pub(super) streams: BTreeMap<Source, Stream>,
    /// The voice was not passed on; where it begins again, it begins anew.
    pub(super) cut: bool,
}

/// The connection in which a browser receives.
pub(super) struct Receiving {
    pub(super) leg: Leg,
    pub(super) ears: Ears,
    pub(super) outlets: Vec<Outlet>,
    /// The number of the last offer.
    pub(super) number: u32,
    /// It waits for its answer.
    pub(super) waits: bool,
    /// How fast one may send, in bits per second.
    pub(super) rate: u64,
    /// The part of packets that is lost, of 256.
    pub(super) lost: u8,
}

impl Receiving {
    /// Where a source comes out, once it does.
    pub(super) fn outlet(&mut self, of: PlaceId, source: Source) -> Option<&mut Outlet> {
        self.outlets.iter_mut().find(|outlet| outlet.of == Some(of) && outlet.source == source)
    }
}

/// A place.
pub(super) struct Place {
    pub(super) room: RoomId,
    pub(super) send: Option<Sending>,
    pub(super) receive: Option<Receiving>,
    pub(super) want: Want,
    /// What is on there.
    pub(super) on: Shows,
    /// When it was taken.
    pub(super) since: Instant,
    /// It was told that nothing comes any more.
    pub(super) lost: bool,
    /// What was told last about its lines.
    pub(super) line: (Quality, Quality),
    /// How well its pictures can be shown.
    pub(super) shows: Quality,
}

impl Place {
    pub(super) fn new(room: RoomId, now: Instant) -> Self {
        Self {
            room,
            send: None,
            receive: None,
            want: Want::default(),
            on: Shows { microphone: true, camera: true, screen: true },
            since: now,
            lost: false,
            line: (Quality::Good, Quality::Good),
            shows: Quality::Good,
        }
    }

    /// One of its connections.
    pub(super) fn leg(&mut self, side: Side) -> Option<&mut Leg> {
        match side {
            Side::Send => self.send.as_mut().map(|send| &mut send.leg),
            Side::Receive => self.receive.as_mut().map(|receive| &mut receive.leg),
        }
    }

    /// When something came from it the last time.
    pub(super) fn heard(&self) -> Instant {
        let send = self.send.as_ref().and_then(|send| send.leg.heard());
        let receive = self.receive.as_ref().and_then(|receive| receive.leg.heard());
        [send, receive].into_iter().flatten().fold(self.since, Instant::max)
    }
}
