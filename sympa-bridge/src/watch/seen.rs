//! What a look has seen: how those people stand whom it judged. Pure.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use membership::{Mode, PersonId, RoomId, SessionId};

use super::told::Held;
use crate::census::{Census, Outcome};
use crate::store::rooms::Room;

/// What a look has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Who was judged, in all their rooms.
    pub(crate) people: HashSet<PersonId>,
    /// Those rooms; one that is closed or off has no mode.
    pub(crate) rooms: BTreeMap<RoomId, Option<Mode>>,
    pub(crate) outcomes: BTreeMap<(RoomId, PersonId), Outcome>,
    pub(crate) ended: BTreeSet<SessionId>,
}

impl Seen {
    /// Judges these people in the rooms they hold tokens for, and in those of their lists.
    pub(crate) fn of(people: HashSet<PersonId>, held: &Held, census: &Census, ended: BTreeSet<SessionId>) -> Self {
        let mut outcomes = BTreeMap::new();
        for person in &people {
            let of_lists = census.rooms_of(*person).map(|(_, list)| list.room);
            for room in held.people.get(person).into_iter().flatten().copied().chain(of_lists) {
                outcomes.entry((room, *person)).or_insert_with(|| census.outcome(*person, room));
            }
        }
        let mode = |room: &RoomId| match census.rooms.get(room)? {
            Room::List(list) => census.lists.get(list).filter(|list| list.has_room()).map(|list| list.mode),
            Room::Direct(..) => Some(Mode::Open),
        };
        let rooms = outcomes.keys().map(|(room, _)| (*room, mode(room))).collect();
        Self { people, rooms, outcomes, ended }
    }
}
