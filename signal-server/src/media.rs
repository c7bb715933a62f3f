//! The media plane of conferences: it takes sound and pictures from each place and gives them to the others of the room,
//! without looking into them. What it does is ordered and reported across this boundary and nowhere else.
//!
//! Code map: `plane` is its thread; `sockets` are its doors, `demux` tells whose a packet is; `leg` is one connection with a
//! browser, `place` the two of a person, `worker` all of them. What is decided without a socket stands alone: `sdp` (what is
//! accepted), `forward` and `vp8` (how a packet is made another's), `resend`, `keyframe`, `level` (who is heard), `select`
//! and `bandwidth` (how much of what).

mod bandwidth;
mod choose;
mod config;
mod demux;
mod ears;
mod engine;
mod forward;
mod keyframe;
mod leg;
mod level;
mod names;
mod offers;
mod orders;
mod outlet;
mod place;
mod plane;
mod reader;
mod resend;
mod room;
mod sdp;
mod seen;
mod select;
mod sockets;
mod stream;
mod tally;
mod vp8;
mod worker;

use std::collections::BTreeMap;

use membership::RoomId;

pub use self::config::Config;
pub use self::plane::{Plane, Surroundings};
pub use crate::protocol::conference::{Quality, Receive, Shows, Source, TILES};

/// A person's place in a conference; never used twice in a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceId(pub u64);

/// A picture that is visible at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// Whose.
    pub of: PlaceId,
    /// Which of theirs.
    pub source: Source,
    /// Its height there, in pixels.
    pub height: u16,
    /// It keeps its quality before all others.
    pub pinned: bool,
}

/// What a place wants to receive; sound comes always.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Want {
    /// How much.
    pub receive: Receive,
    /// The visible pictures, the most important first; at most [`TILES`] are looked at.
    pub tiles: Vec<Tile>,
}

/// What the media plane is told. It never blocks, and is carried out in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// A place is taken: what the open places of a room send goes to the others of the room.
    Open {
        /// The place.
        place: PlaceId,
        /// Where it is.
        room: RoomId,
    },
    /// A browser offers its connection for sending, or changes it. Answered by [`Report::Answer`] or [`Report::Refused`].
    Publish {
        /// From where.
        place: PlaceId,
        /// Its description.
        sdp: String,
        /// What is sent in which of its lines (by `mid`).
        sources: BTreeMap<String, Source>,
    },
    /// A browser's answer to [`Report::Offer`].
    Take {
        /// From where.
        place: PlaceId,
        /// The number of the offer.
        number: u32,
        /// The answer.
        sdp: String,
    },
    /// What is visible at a place.
    Want {
        /// Where.
        place: PlaceId,
        /// What.
        want: Want,
    },
    /// What is on at a place; of what is off nothing more is passed on. At first everything is.
    Show {
        /// Whose.
        place: PlaceId,
        /// What.
        shows: Shows,
    },
    /// A place is free: both its connections are closed.
    Close {
        /// The place.
        place: PlaceId,
    },
}

/// A line of the connection for receiving, and what comes in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// The line.
    pub mid: String,
    /// Whose.
    pub of: PlaceId,
    /// What.
    pub source: Source,
}

/// What the media plane tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// The answer to [`Order::Publish`].
    Answer {
        /// To whom.
        place: PlaceId,
        /// The answer.
        sdp: String,
    },
    /// What a place would receive: to be answered by [`Order::Take`]. There is at most one that waits for its answer.
    Offer {
        /// To whom.
        place: PlaceId,
        /// Its number: the first begins a connection, also where there was one before, and each later one changes it.
        number: u32,
        /// The description.
        sdp: String,
        /// All lines that are in use.
        streams: Vec<Stream>,
    },
    /// A description was not taken.
    Refused {
        /// Whose.
        place: PlaceId,
        /// Why, as a stable code.
        code: &'static str,
    },
    /// Who is heard now, and how loud: 0 is as loud as can be, 127 is silence (RFC 6464). At most five times a second.
    Levels {
        /// Where.
        room: RoomId,
        /// Who and how loud, the loudest first.
        levels: Vec<(PlaceId, u8)>,
    },
    /// How good both lines of a place are, when that changes.
    Line {
        /// Whose.
        place: PlaceId,
        /// From there to here.
        send: Quality,
        /// From here to there.
        receive: Quality,
    },
    /// Nothing has come from a place for half a minute. It stays open until it is closed.
    Lost {
        /// Which.
        place: PlaceId,
    },
}
