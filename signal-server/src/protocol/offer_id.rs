//! The id of an offer of files, which says by itself whose it is and in which room: nobody else can announce it as theirs,
//! also after a restart of this server, which remembers no offer.

use aws_lc_rs::digest::{SHA256, digest};
use membership::{PersonId, RoomId};
use serde::{Deserialize, Serialize};
use ulid::Ulid;
use utoipa::ToSchema;

/// The last bits of an id are its sender's mark.
const MARK_BITS: u32 = 48;

/// An offer of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct OfferId(pub Ulid);

impl OfferId {
    /// An id for an offer of this person in this room, with the time and the first random bits of `id`.
    pub fn of(person: PersonId, room: RoomId, id: Ulid) -> Self {
        let free = id.0 >> MARK_BITS << MARK_BITS;
        Self(Ulid(free | mark(person, room, free)))
    }

    /// Whether it was made for this person in this room. It needs no secret: an id that is known cannot be bent to the mark of
    /// somebody else, because the mark is made from all the rest of it.
    pub fn is_of(self, person: PersonId, room: RoomId) -> bool {
        Self::of(person, room, self.0) == self
    }
}

fn mark(person: PersonId, room: RoomId, free: u128) -> u128 {
    let hash = digest(&SHA256, format!("{person} {room} {free}").as_bytes());
    hash.as_ref()[..6].iter().fold(0, |mark, byte| mark << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_of_who_was_given_it_and_of_nobody_else() {
        let (ann, eve) = (PersonId::new(1, 1), PersonId::new(1, 2));
        let (room, other) = (RoomId::new(1, 1), RoomId::new(1, 2));
        let drawn = Ulid::from_parts(1_800_000_000_000, 0x0123_4567_89ab_cdef_0123);
        let id = OfferId::of(ann, room, drawn);
        assert_eq!(id.0.timestamp_ms(), drawn.timestamp_ms());
        assert!(id.is_of(ann, room));
        assert!(!id.is_of(eve, room) && !id.is_of(ann, other));
        assert!(!OfferId(drawn).is_of(ann, room), "nor is one that somebody made up");
    }
}
