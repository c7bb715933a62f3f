//! One call between two: its sides, and what is told when it begins and ends.

use membership::{PersonId, RoomId};

use super::seats::SocketId;
use super::{Note, Output};
use crate::protocol::{CallId, End, Frame, Media};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) person: PersonId,
    pub(super) line: Line,
}

/// A call.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) id: CallId,
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

    /// A side takes part by a socket.
    pub(super) fn take_part(&mut self, side: usize, socket: SocketId) -> Vec<Output> {
        self.sides[side].line = Line::Here(socket);
        self.connected()
    }

    /// Both are there: told to each of them.
    pub(super) fn connected(&self) -> Vec<Output> {
        let [one, other] = self.sides;
        let (Some(first), Some(second)) = (one.socket(), other.socket()) else { return Vec::new() };
        let told = |socket, me: PersonId, person: PersonId| {
            Output::Tell(socket, Frame::Connected { call: self.id, person, polite: me > person })
        };
        vec![told(first, one.person, other.person), told(second, other.person, one.person)]
    }

    /// It is over: told to everybody who knows of it. `reasons` are those of who called and of who was called.
    pub(super) fn ended(&self, reasons: [End; 2], now: u64) -> Vec<Output> {
        let ended = |socket, reason| Output::Tell(socket, Frame::Ended { call: self.id, reason });
        let sides = self.sides.iter().zip(reasons).filter_map(|(side, reason)| Some(ended(side.socket()?, reason)));
        let rung = self.rung.iter().map(|socket| ended(*socket, reasons[1]));
        let mut told: Vec<Output> = sides.chain(rung).collect();
        // Of what only one says there is nothing to remember.
        if self.sides.iter().any(|side| matches!(side.line, Line::Awaited(_))) {
            return told;
        }
        let [by, to] = self.sides.map(|side| side.person);
        let (call, media) = (self.id, self.media);
        told.push(Output::Note(
            self.room,
            match (self.is_ringing(), reasons[0]) {
                (true, End::Declined) => Note::Declined { call, by, to, media },
                (true, _) => Note::Missed { call, by, to, media },
                (false, _) => Note::Ended { call, by, to, media, lasted_ms: now.saturating_sub(self.since) },
            },
        ));
        told
    }
}
