//! Somebody's place in a conference.

use membership::PersonId;

use crate::exchange::SocketId;
use crate::media::PlaceId;
use crate::protocol::conference::{Participant, Shows, Want};

/// A place. There is one for each person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Where the media of this person are.
    pub(super) id: PlaceId,
    pub(super) line: Line,
    pub(super) name: String,
    /// They may mute, send out, lock and end.
    pub(super) leads: bool,
    /// When they came, in milliseconds since 1970.
    pub(super) since: u64,
    pub(super) shows: Shows,
    /// Their hand is up since then, in milliseconds since 1970.
    pub(super) hand: Option<u64>,
    /// What they want to see.
    pub(super) want: Want,
}

/// How somebody takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// By this socket.
    Here(SocketId),
    /// Cut off since then, in milliseconds since 1970.
    Away(u64),
}

impl Place {
    /// The socket by which they take part now.
    pub(super) const fn socket(&self) -> Option<SocketId> {
        match self.line {
            Line::Here(socket) => Some(socket),
            Line::Away(_) => None,
        }
    }

    /// What others see.
    pub(super) fn seen(&self, person: PersonId) -> Participant {
        let Self { name, leads, shows, hand, .. } = self;
        let away = self.socket().is_none();
        Participant { person, name: name.clone(), leads: *leads, shows: *shows, hand: *hand, away }
    }
}
