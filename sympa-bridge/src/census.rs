//! The census: everything that decides how some people stand in some rooms, read at once; and the decision, which is pure.
//!
//! Tokens, room lists, verdicts and the watch all read and decide here, so that they can never disagree.

mod lists;
pub(crate) mod reading;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use membership::permission::{RoomState, direct_grants, grants, sees_roster};
use membership::{
    Email, Grant, Grants, ListAddress, Mode, PersonId, Removal, Role, Roles, RoomId, Roster, Sanction, SanctionKind,
    Standing, name,
};

use crate::store::people::Named;
use crate::store::rooms::Room;
use crate::store::sanctions::Sanctions;
use crate::sympa::listmasters::Listmasters;
use crate::sympa::people::Known;
use crate::sympa::places::Place;

/// A list and the settings of its room.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct List {
    pub(crate) room: RoomId,
    pub(crate) is_open: bool,
    pub(crate) subject: String,
    pub(crate) has_editor: bool,
    pub(crate) mode: Mode,
    pub(crate) roster: Roster,
    /// Whether calls and files of the room go through relays alone.
    pub(crate) relay_only: bool,
    /// Whether mode and roster come from Sympa, not from an owner's choice.
    pub(crate) derived: bool,
}

impl List {
    /// Whether there is a room to be in.
    pub(crate) fn has_room(&self) -> bool {
        self.is_open && self.mode != Mode::Off
    }
}

/// How a person stands in a room, or why they are out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    In(Standing),
    Out(Removal),
}

/// All that was read of one person.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) person: Named,
    pub(crate) known: Known,
    sanctions: Sanctions,
}

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Census {
    pub(crate) now_ms: u64,
    pub(crate) people: HashMap<PersonId, Arc<Record>>,
    pub(crate) rooms: HashMap<RoomId, Room>,
    pub(crate) lists: HashMap<ListAddress, List>,
    pub(crate) blocks: HashSet<(RoomId, PersonId)>,
    pub(crate) listmasters: Listmasters,
}

impl Census {
    /// How the person stands in the room.
    pub(crate) fn outcome(&self, person: PersonId, room: RoomId) -> Outcome {
        match self.rooms.get(&room) {
            Some(Room::List(list)) => self.in_list(person, room, list),
            Some(direct) => match direct.other(person) {
                Some(other) if self.people.contains_key(&person) => Outcome::In(self.in_direct(person, other, room)),
                _ => Outcome::Out(Removal::NotAMember),
            },
            None => Outcome::Out(Removal::NotAMember),
        }
    }

    fn in_list(&self, person: PersonId, room: RoomId, address: &ListAddress) -> Outcome {
        let Some(list) = self.lists.get(address).filter(|list| list.has_room()) else {
            return Outcome::Out(Removal::RoomClosed);
        };
        let roles = self.roles(person, address);
        if roles.is_empty() {
            return Outcome::Out(Removal::NotAMember);
        }
        let grants = self.grants(person, room, list, roles);
        if grants.is_empty() {
            return Outcome::Out(Removal::Banned);
        }
        let concealed = self.is_concealed(person, address);
        let (name, relay_only) = (self.name_on(person, Some(address)), list.relay_only);
        Outcome::In(Standing { name, roles, grants, concealed, relay_only })
    }

    fn in_direct(&self, person: PersonId, other: PersonId, room: RoomId) -> Standing {
        let blocked = self.blocks.contains(&(room, person)) || self.blocks.contains(&(room, other));
        let grants = direct_grants(self.share_an_open_list(person, other), blocked);
        // Nobody owns it who could demand anything of the other.
        let (name, roles, concealed, relay_only) = (self.name_on(person, None), Roles::NONE, false, false);
        Standing { name, roles, grants, concealed, relay_only }
    }

    /// Whether this is the address of the person.
    pub(crate) fn is(&self, person: PersonId, email: &Email) -> bool {
        self.people.get(&person).is_some_and(|record| record.person.email == *email)
    }

    /// What Sympa says the person is on the list, listmasters included.
    pub(crate) fn roles(&self, person: PersonId, list: &ListAddress) -> Roles {
        let roles = self.place(person, list).map_or(Roles::NONE, |place| place.roles);
        let email = self.people.get(&person).map(|record| &record.person.email);
        let is_listmaster = email.is_some_and(|email| self.listmasters.rule(email, list.robot()));
        if is_listmaster { roles.with(Role::Listmaster) } else { roles }
    }

    /// What the person may do in the room of the list, sanctions counted in.
    pub(crate) fn grants(&self, person: PersonId, room: RoomId, list: &List, roles: Roles) -> Grants {
        let state = RoomState { mode: list.mode, has_editor: list.has_editor };
        grants(roles, state, self.sanctions(room, person), self.now_ms)
    }

    fn sanctions(&self, room: RoomId, person: PersonId) -> &[Sanction] {
        self.people.get(&person).and_then(|record| record.sanctions.get(&room)).map_or(&[], Vec::as_slice)
    }

    /// Until when the person is muted in the room, if a mute reaches them.
    pub(crate) fn muted_until(&self, person: PersonId, room: RoomId, grants: Grants) -> Option<u64> {
        self.until(SanctionKind::Mute, person, room).filter(|_| !grants.may(Grant::Manage))
    }

    /// Until when the person is banned from the room. That nobody with `manage` is was decided before this is asked.
    pub(crate) fn banned_until(&self, person: PersonId, room: RoomId) -> Option<u64> {
        self.until(SanctionKind::Ban, person, room)
    }

    fn until(&self, kind: SanctionKind, person: PersonId, room: RoomId) -> Option<u64> {
        let of_kind = self.sanctions(room, person).iter().filter(|sanction| sanction.kind == kind);
        of_kind.map(|sanction| sanction.until).max()
    }

    fn place(&self, person: PersonId, list: &ListAddress) -> Option<&Place> {
        self.people.get(&person)?.known.places.get(list)
    }

    /// Whether the person chose in Sympa to be hidden from plain members of the list.
    pub(crate) fn hides(&self, person: PersonId, list: &ListAddress) -> bool {
        self.place(person, list).is_some_and(Place::is_concealed)
    }

    /// Whether the person is hidden from plain members of the list: by their own choice, or as a subscriber where only those
    /// who lead may see who is on it. Who only rules it enters visibly.
    pub(crate) fn is_concealed(&self, person: PersonId, list: &ListAddress) -> bool {
        let roles = self.roles(person, list);
        let roster = self.lists.get(list).map(|list| list.roster);
        let is_secret = roster.is_some_and(|roster| !roles.is_empty() && !sees_roster(roles, roster));
        is_secret || self.hides(person, list)
    }

    /// The name others see, on a list or anywhere: the one they chose here, for this list in Sympa, or in Sympa at all.
    pub(crate) fn name_on(&self, person: PersonId, list: Option<&ListAddress>) -> String {
        let Some(found) = self.people.get(&person) else { return String::new() };
        let comment = list.and_then(|list| found.known.places.get(list)?.comment.as_deref());
        let candidates = [found.person.chosen_name.as_deref(), comment, found.known.account.name.as_deref()];
        name::display_name(candidates.into_iter().flatten(), &found.person.email, person)
    }

    /// Whether the two are on the same open list, in whatever role but listmaster.
    pub(crate) fn share_an_open_list(&self, one: PersonId, other: PersonId) -> bool {
        let (Some(mine), Some(theirs)) = (self.people.get(&one), self.people.get(&other)) else { return false };
        let is_open = |list: &ListAddress| self.lists.get(list).is_some_and(|list| list.is_open);
        mine.known.places.keys().any(|list| theirs.known.places.contains_key(list) && is_open(list))
    }

    /// The rooms of the open lists the person is on.
    pub(crate) fn rooms_of(&self, person: PersonId) -> impl Iterator<Item = (&ListAddress, &List)> {
        let lists = self.people.get(&person).into_iter().flat_map(|record| record.known.places.keys());
        lists.filter_map(|address| Some((address, self.lists.get(address).filter(|list| list.is_open)?)))
    }

    /// The language Sympa has for the person.
    pub(crate) fn account_language(&self, person: PersonId) -> Option<&str> {
        self.people.get(&person)?.known.account.language.as_deref()
    }

    /// Whether the person blocks the other in a direct room.
    pub(crate) fn blocks_other(&self, person: PersonId, room: RoomId) -> bool {
        self.blocks.contains(&(room, person))
    }
}

#[cfg(test)]
impl Record {
    /// Somebody on one list, of whom nothing else is known.
    pub(crate) fn nameless(id: PersonId, list: &ListAddress) -> Self {
        let email = format!("{id}@example.org").parse().expect("an address");
        Self {
            person: Named { id, email, chosen_name: None },
            known: Known { places: [(list.clone(), Place::default())].into(), ..Known::default() },
            sanctions: Sanctions::new(),
        }
    }
}
