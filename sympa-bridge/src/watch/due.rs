//! Who has to be judged again: those of whom something is read that was not read by the look before. Pure.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use membership::{ListAddress, PersonId, RoomId};

use super::told::Held;
use crate::census::Census;
use crate::store::rooms::Room;

/// Who of the people online has to be judged.
pub(crate) fn due(held: &Held, before: &Census, now: &Census) -> HashSet<PersonId> {
    let people = differing(&before.people, &now.people, Arc::ptr_eq);
    let lists: HashSet<&ListAddress> = differing(&before.lists, &now.lists, PartialEq::eq).collect();
    let people: HashSet<&PersonId> = people.collect();
    let rooms = differing_rooms(before, now, &people, &lists);
    let is_due = |(person, in_rooms): &(&PersonId, &Vec<RoomId>)| {
        held.due.contains(*person)
            || people.contains(*person)
            || (!rooms.is_empty() && in_rooms.iter().any(|room| rooms.contains(room)))
            || (!lists.is_empty()
                && now.people.get(*person).is_some_and(|r| r.known.places.keys().any(|list| lists.contains(list))))
    };
    held.people.iter().filter(is_due).map(|(person, _)| *person).collect()
}

/// The rooms in which something else may hold for those who are there: in a direct room the places of both decide.
fn differing_rooms(
    before: &Census,
    now: &Census,
    people: &HashSet<&PersonId>,
    lists: &HashSet<&ListAddress>,
) -> HashSet<RoomId> {
    let of_lists = lists.iter().flat_map(|list| [before.lists.get(*list), now.lists.get(*list)]).flatten();
    let of_two = now.rooms.iter().filter(|(_, room)| match room {
        Room::Direct(a, b) => people.contains(a) || people.contains(b),
        Room::List(list) => lists.contains(list),
    });
    let blocked = before.blocks.symmetric_difference(&now.blocks).map(|(room, _)| *room);
    let others = differing(&before.rooms, &now.rooms, PartialEq::eq).copied();
    of_lists.map(|list| list.room).chain(of_two.map(|(room, _)| *room)).chain(blocked).chain(others).collect()
}

/// The keys under which something else stands now, or nothing any more.
fn differing<'a, K: Eq + Hash, V>(
    before: &'a HashMap<K, V>,
    now: &'a HashMap<K, V>,
    is_same: impl Fn(&V, &V) -> bool,
) -> impl Iterator<Item = &'a K> {
    let is_new = move |(key, value): &(&K, &V)| !before.get(*key).is_some_and(|before| is_same(before, value));
    let gone = before.keys().filter(|key| !now.contains_key(*key));
    now.iter().filter(is_new).map(|(key, _)| key).chain(gone)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use membership::{Mode, Roster};

    use super::*;
    use crate::census::{List, Record};

    const ROOM: RoomId = RoomId::new(1, 1);
    const PAIR: RoomId = RoomId::new(1, 2);
    const ALICE: PersonId = PersonId::new(1, 3);
    const BOB: PersonId = PersonId::new(1, 4);
    const EVE: PersonId = PersonId::new(1, 5);

    fn list() -> ListAddress {
        "open-talk@lists.example.org".parse().expect("a list")
    }

    /// Alice and Bob are in the room of a list, Alice and Eve in a direct one; only Alice and Bob are online.
    fn held() -> Held {
        Held { people: BTreeMap::from([(ALICE, vec![ROOM, PAIR]), (BOB, vec![ROOM])]), ..Held::default() }
    }

    fn census(of: &Census) -> Census {
        let subject = "open talk".to_owned();
        let (mode, roster) = (Mode::Open, Roster::Members);
        let (is_open, has_editor, relay_only, derived) = (true, false, false, true);
        let open = List { room: ROOM, is_open, subject, has_editor, mode, roster, relay_only, derived };
        Census {
            people: of.people.clone(),
            rooms: HashMap::from([(ROOM, Room::List(list())), (PAIR, Room::Direct(ALICE, EVE))]),
            lists: HashMap::from([(list(), open)]),
            ..Census::default()
        }
    }

    fn everybody() -> Census {
        let person = |id: PersonId| (id, Arc::new(Record::nameless(id, &list())));
        Census { people: [ALICE, BOB, EVE].into_iter().map(person).collect(), ..Census::default() }
    }

    #[test]
    fn nobody_is_due_when_all_is_read_as_before_and_everybody_at_first() {
        let before = census(&everybody());
        assert_eq!(due(&held(), &before, &census(&before)), HashSet::new());
        assert_eq!(due(&held(), &Census::default(), &before), HashSet::from([ALICE, BOB]));
        let fewer = Held { due: HashSet::from([BOB, EVE]), ..held() };
        assert_eq!(due(&fewer, &before, &census(&before)), HashSet::from([BOB]), "who is not online is not judged");
    }

    #[test]
    fn whose_rows_differ_is_due_and_who_shares_a_direct_room_with_them() {
        let before = census(&everybody());
        for (changed, due_then) in [(BOB, vec![BOB]), (EVE, vec![ALICE]), (ALICE, vec![ALICE])] {
            let mut now = census(&before);
            now.people.insert(changed, Arc::new(Record::nameless(changed, &list())));
            assert_eq!(due(&held(), &before, &now), due_then.into_iter().collect());
        }
        let mut now = census(&before);
        now.people.remove(&EVE);
        assert_eq!(due(&held(), &before, &now), HashSet::from([ALICE]));
    }

    #[test]
    fn everybody_on_a_list_that_differs_is_due() {
        let before = census(&everybody());
        let everybody = HashSet::from([ALICE, BOB]);
        let mut now = census(&before);
        now.lists.values_mut().for_each(|list| list.mode = Mode::Announce);
        assert_eq!(due(&held(), &before, &now), everybody);
        now.lists.clear();
        assert_eq!(due(&held(), &before, &now), everybody);
        let mut now = census(&before);
        now.rooms.remove(&ROOM);
        assert_eq!(due(&held(), &before, &now), everybody, "the room was taken from its list");
    }

    #[test]
    fn a_block_concerns_who_is_in_the_direct_room() {
        let before = census(&everybody());
        let mut now = census(&before);
        now.blocks.insert((PAIR, EVE));
        assert_eq!(due(&held(), &before, &now), HashSet::from([ALICE]));
        assert_eq!(due(&held(), &now, &before), HashSet::from([ALICE]));
    }
}
