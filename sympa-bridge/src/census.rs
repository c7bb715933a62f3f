//! The census: everything that decides how some people stand in some rooms, read at once; and the decision, which is pure.
//!
//! Tokens, room lists, verdicts and the watch all decide here, so that they can never disagree.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use membership::permission::{RoomState, direct_grants, grants, sees_roster};
use membership::{
    Grant, Grants, ListAddress, Mode, PersonId, Removal, Role, Roles, RoomId, Roster, Sanction, SanctionKind, Standing,
    name,
};
use service::Problem;

use crate::app::App;
use crate::store::people::Person;
use crate::store::rooms::Room;
use crate::sympa::accounts::Account;
use crate::sympa::list_files::Derived;
use crate::sympa::listmasters::Listmasters;
use crate::sympa::lists::ListRow;
use crate::sympa::places::{Place, Places};

/// A list and the settings of its room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) room: RoomId,
    pub(crate) is_open: bool,
    pub(crate) subject: String,
    pub(crate) has_editor: bool,
    pub(crate) mode: Mode,
    pub(crate) roster: Roster,
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

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Census {
    pub(crate) now_ms: u64,
    pub(crate) people: HashMap<PersonId, Person>,
    pub(crate) rooms: HashMap<RoomId, Room>,
    pub(crate) lists: HashMap<ListAddress, List>,
    places: HashMap<PersonId, Places>,
    accounts: HashMap<PersonId, Account>,
    sanctions: HashMap<(RoomId, PersonId), Vec<Sanction>>,
    blocks: HashSet<(RoomId, PersonId)>,
    listmasters: Listmasters,
}

impl App {
    /// Reads everything about these people, about all lists they are on, and about these rooms.
    pub(crate) async fn census(&self, of: &BTreeSet<PersonId>, rooms: &BTreeSet<RoomId>) -> Result<Census, Problem> {
        let mut census = Census { now_ms: self.context.clock.now_ms(), ..Census::default() };
        census.listmasters = self.listmasters.clone();
        census.rooms = self.store.rooms(rooms).await?;
        let mut everyone = of.clone();
        for room in census.rooms.values() {
            if let Room::Direct(a, b) = room {
                everyone.extend([*a, *b]);
            }
        }
        census.people = self.store.people(&everyone).await?;
        self.read_people(&mut census).await?;
        self.read_lists(&mut census).await?;
        census.sanctions = self.store.sanctions_of(of).await?;
        let direct = census.rooms.iter().filter(|(_, room)| matches!(room, Room::Direct(..))).map(|(id, _)| *id);
        census.blocks = self.store.blocks(&direct.collect::<Vec<_>>()).await?;
        Ok(census)
    }

    async fn read_people(&self, census: &mut Census) -> Result<(), Problem> {
        let emails: Vec<_> = census.people.values().map(|person| &person.email).collect();
        let mut places = self.sympa.places(&emails).await?;
        let mut accounts = self.sympa.accounts(&emails).await?;
        for person in census.people.values() {
            census.places.insert(person.id, places.remove(&person.email).unwrap_or_default());
            census.accounts.insert(person.id, accounts.remove(&person.email).unwrap_or_default());
        }
        Ok(())
    }

    async fn read_lists(&self, census: &mut Census) -> Result<(), Problem> {
        let distinct: HashSet<&ListAddress> = census.places.values().flat_map(BTreeMap::keys).collect();
        let mut lists: BTreeSet<ListAddress> = distinct.into_iter().cloned().collect();
        lists.extend(census.rooms.values().filter_map(|room| match room {
            Room::List(list) => Some(list.clone()),
            Room::Direct(..) => None,
        }));
        census.lists = self.lists(&lists).await?;
        let rooms = census.lists.iter().map(|(address, list)| (list.room, Room::List(address.clone())));
        census.rooms.extend(rooms);
        Ok(())
    }

    /// Those of these lists that exist, with the settings of their rooms.
    pub(crate) async fn lists(&self, asked: &BTreeSet<ListAddress>) -> Result<HashMap<ListAddress, List>, Problem> {
        let rows = self.sympa.lists(asked).await?;
        let known: BTreeSet<ListAddress> = rows.keys().cloned().collect();
        let rooms = self.store.rooms_of(&known).await?;
        let settings = self.store.settings(&rooms.values().copied().collect::<Vec<_>>()).await?;
        let mut derived = self.files.of(known.into_iter().collect()).await;
        let list = |(address, row): (ListAddress, ListRow)| {
            let room = *rooms.get(&address)?;
            let Derived { subject, mode, roster } = derived.remove(&address).unwrap_or_default();
            let chosen = settings.get(&room);
            let subject = subject.or(row.searchkey).unwrap_or_else(|| address.name().to_owned());
            let list = List {
                room,
                is_open: row.is_open,
                subject,
                has_editor: row.has_editor,
                mode: chosen.map_or(mode, |chosen| chosen.mode),
                roster: chosen.map_or(roster, |chosen| chosen.roster),
                derived: chosen.is_none(),
            };
            Some((address, list))
        };
        Ok(rows.into_iter().filter_map(list).collect())
    }
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
        Outcome::In(Standing { name: self.name_on(person, Some(address)), roles, grants, concealed })
    }

    fn in_direct(&self, person: PersonId, other: PersonId, room: RoomId) -> Standing {
        let blocked = self.blocks.contains(&(room, person)) || self.blocks.contains(&(room, other));
        let grants = direct_grants(self.share_an_open_list(person, other), blocked);
        Standing { name: self.name_on(person, None), roles: Roles::NONE, grants, concealed: false }
    }

    /// What Sympa says the person is on the list, listmasters included.
    pub(crate) fn roles(&self, person: PersonId, list: &ListAddress) -> Roles {
        let roles = self.place(person, list).map_or(Roles::NONE, |place| place.roles);
        let is_listmaster = self.people.get(&person).is_some_and(|p| self.listmasters.rule(&p.email, list.robot()));
        if is_listmaster { roles.with(Role::Listmaster) } else { roles }
    }

    /// What the person may do in the room of the list, sanctions counted in.
    pub(crate) fn grants(&self, person: PersonId, room: RoomId, list: &List, roles: Roles) -> Grants {
        let state = RoomState { mode: list.mode, has_editor: list.has_editor };
        grants(roles, state, self.sanctions(room, person), self.now_ms)
    }

    fn sanctions(&self, room: RoomId, person: PersonId) -> &[Sanction] {
        self.sanctions.get(&(room, person)).map_or(&[], Vec::as_slice)
    }

    /// Until when the person is muted in the room, if a mute reaches them.
    pub(crate) fn muted_until(&self, person: PersonId, room: RoomId, grants: Grants) -> Option<u64> {
        let mutes = self.sanctions(room, person).iter().filter(|sanction| sanction.kind == SanctionKind::Mute);
        mutes.map(|sanction| sanction.until).filter(|_| !grants.may(Grant::Manage)).max()
    }

    fn place(&self, person: PersonId, list: &ListAddress) -> Option<&Place> {
        self.places.get(&person)?.get(list)
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
        let account = self.accounts.get(&person).and_then(|account| account.name.as_deref());
        let comment = list.and_then(|list| self.place(person, list)?.comment.as_deref());
        let candidates = [found.chosen_name.as_deref(), comment, account];
        name::display_name(candidates.into_iter().flatten(), &found.email, person)
    }

    /// Whether the two are on the same open list, in whatever role but listmaster.
    pub(crate) fn share_an_open_list(&self, one: PersonId, other: PersonId) -> bool {
        let (Some(mine), Some(theirs)) = (self.places.get(&one), self.places.get(&other)) else { return false };
        let is_open = |list: &ListAddress| self.lists.get(list).is_some_and(|list| list.is_open);
        mine.keys().any(|list| theirs.contains_key(list) && is_open(list))
    }

    /// The rooms of the open lists the person is on.
    pub(crate) fn rooms_of(&self, person: PersonId) -> impl Iterator<Item = (&ListAddress, &List)> {
        let lists = self.places.get(&person).into_iter().flat_map(BTreeMap::keys);
        lists.filter_map(|address| Some((address, self.lists.get(address).filter(|list| list.is_open)?)))
    }

    /// The language Sympa has for the person.
    pub(crate) fn account_language(&self, person: PersonId) -> Option<&str> {
        self.accounts.get(&person)?.language.as_deref()
    }

    /// Whether the person blocks the other in a direct room.
    pub(crate) fn blocks_other(&self, person: PersonId, room: RoomId) -> bool {
        self.blocks.contains(&(room, person))
    }
}
