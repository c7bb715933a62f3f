//! One offer of files, and one pull of it.

use membership::{PersonId, RoomId};
use service::notes::{FILES, File, LARGEST};

use super::seats::SocketId;
use crate::protocol::{Frame, LinkId, OfferId};

/// Most bytes of the files that are named in an offer, as JSON.
const NAMES_BYTES: usize = 8 * 1024;

/// What is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The first of the files.
    pub files: Vec<File>,
    /// How many there are.
    pub count: u64,
    /// How large they are together, in bytes.
    pub size: u64,
    /// By relays alone.
    pub relay_only: bool,
}

/// Who takes part in a pull is here, or cut off since then (milliseconds since 1970).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Here {
    By(SocketId),
    Away(u64),
}

/// Files that somebody offers to a room.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) id: OfferId,
    pub(super) room: RoomId,
    pub(super) by: PersonId,
    pub(super) name: String,
    pub(super) line: Here,
    pub(super) sheet: Sheet,
    /// Since when, in milliseconds since 1970.
    pub(super) at: u64,
}

/// Somebody who fetches them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pull {
    pub(super) id: LinkId,
    pub(super) offer: OfferId,
    pub(super) room: RoomId,
    pub(super) to: PersonId,
    pub(super) line: Here,
    pub(super) relay_only: bool,
}

impl Sheet {
    /// Whether it keeps its limits, and its numbers can be true.
    pub fn is_sound(&self) -> bool {
        let named: u64 = self.files.iter().map(|file| file.size.min(LARGEST)).sum();
        let count = self.files.len() as u64;
        let all = if count < FILES as u64 { self.count == count } else { self.count >= count };
        let sizes = if self.count == count { self.size == named } else { self.size >= named };
        (1..=FILES as u64).contains(&count)
            && all
            && sizes
            && self.size < LARGEST
            && self.count < LARGEST
            && self.files.iter().all(File::is_sound)
    }
}

impl Sheet {
    /// Names no more files than is good: whoever enters a room is told of all its offers at once.
    pub(super) fn shortened(mut self) -> Self {
        let mut bytes = 0;
        let fits = |file: &&File| {
            bytes += serde_json::to_string(file).map_or(NAMES_BYTES, |text| text.len());
            bytes <= NAMES_BYTES
        };
        let named = self.files.iter().take_while(fits).count();
        self.files.truncate(named.max(1));
        self
    }
}

impl Here {
    /// The socket, if they are here.
    pub(super) const fn socket(self) -> Option<SocketId> {
        match self {
            Self::By(socket) => Some(socket),
            Self::Away(_) => None,
        }
    }
}

impl Offer {
    /// What the room is told of it.
    pub(super) fn frame(&self) -> Frame {
        let (Sheet { files, count, size, .. }, name) = (self.sheet.clone(), self.name.clone());
        Frame::Offered { room: self.room, offer: self.id, person: self.by, name, files, count, size, at: self.at }
    }
}
