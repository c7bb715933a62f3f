//! One call between two: its sides, and what is told when it begins and ends.

use membership::{PersonId, RoomId};
use service::notes::{Note, Outcome, What};

use super::Output;
use super::seats::SocketId;
use crate::protocol::{End, Frame, LinkId, Media};

/// How somebody takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// By this socket.
    Here(SocketId),
    /// It rings at theirs.
    Rung,
    /// Cut off since then, in milliseconds since 1970.
    Away(u64),
    /// The other one says so, who came back after the server was started anew; not heard of since then.
    Awaited(u64),
}

/// Somebody in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) person: PersonId,
    /// The name others see; empty as long as they did not take part.
    pub(super) name: String,
    pub(super) line: Line,
    /// They want relays alone.
    pub(super) relay_only: bool,
}

/// A call.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) id: LinkId,
    pub(super) room: RoomId,
    pub(super) media: Media,
    /// Who called, and who was called.
    pub(super) sides: [Side; 2],
    /// When it began to ring, and since they talk when both have come, in milliseconds since 1970.
    pub(super) since: u64,
    /// Sockets that were told that it rings.
    pub(super) rung: Vec<SocketId>,
}

impl Side {
    /// The socket by which they take part now.
    pub(super) const fn socket(&self) -> Option<SocketId> {
        match self.line {
            Line::Here(socket) => Some(socket),
            Line::Rung | Line::Away(_) | Line::Awaited(_) => None,
        }
    }
}

impl Call {
    /// It rings and is not answered.
    pub(super) fn is_ringing(&self) -> bool {
        self.sides[1].line == Line::Rung
    }

    /// One of the two wants relays alone.
    pub(super) const fn is_relay_only(&self) -> bool {
        self.sides[0].relay_only || self.sides[1].relay_only
    }

    /// Which side a person is.
    pub(super) fn side_of(&self, person: PersonId) -> Option<usize> {
        self.sides.iter().position(|side| side.person == person)
    }

    /// Which side takes part by a socket.
    pub(super) fn side_by(&self, socket: SocketId) -> Option<usize> {
        self.sides.iter().position(|side| side.socket() == Some(socket))
    }

    /// Whether a person cannot be called because of it. The word of somebody else does not make anybody busy.
    pub(super) fn engages(&self, person: PersonId) -> bool {
        self.side_of(person).is_some_and(|side| !matches!(self.sides[side].line, Line::Awaited(_)))
    }

    /// Whether it rings at a person's and they have not answered.
    pub(super) fn rings_at(&self, person: PersonId) -> bool {
        self.is_ringing() && self.sides[1].person == person
    }

    /// Both are there: told to each of them.
    pub(super) fn connected(&self) -> Vec<Output> {
        let [one, other] = &self.sides;
        let (Some(first), Some(second)) = (one.socket(), other.socket()) else { return Vec::new() };
        let relay_only = self.is_relay_only();
        let told = |socket, me: PersonId, person: PersonId| {
            Output::Tell(socket, Frame::Connected { link: self.id, person, polite: me > person, relay_only })
        };
        vec![told(first, one.person, other.person), told(second, other.person, one.person)]
    }

    /// It is over: told to everybody who knows of it. `whys` are those of who called and of who was called.
    pub(super) fn ended(&self, whys: [End; 2], now: u64) -> Vec<Output> {
        let ended = |socket, why| Output::Tell(socket, Frame::Ended { link: self.id, why });
        let sides = self.sides.iter().zip(whys).filter_map(|(side, why)| Some(ended(side.socket()?, why)));
        let rung = self.rung.iter().map(|socket| ended(*socket, whys[1]));
        let mut told: Vec<Output> = sides.chain(rung).collect();
        // Of what only one says there is nothing to remember.
        if !self.sides.iter().any(|side| matches!(side.line, Line::Awaited(_))) {
            told.push(Output::Note(self.note(whys[0], now)));
        }
        told
    }

    fn note(&self, why: End, now: u64) -> Note {
        let [by, to] = &self.sides;
        let (outcome, lasted_ms) = match (self.is_ringing(), why) {
            (true, End::Declined) => (Outcome::Declined, 0),
            (true, _) => (Outcome::Missed, 0),
            (false, _) => (Outcome::Ended, now.saturating_sub(self.since)),
        };
        let what = What::Called { call: self.id.0, to: to.person, media: self.media, outcome, lasted_ms };
        Note { room: self.room, by: by.person, name: by.name.clone(), what }
    }
}
