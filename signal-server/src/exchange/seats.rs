//! Who is here: the sockets in each room and what their holders may do there.

use std::collections::{BTreeMap, BTreeSet};

use membership::{Grant, Grants, PersonId, RoomId};

/// The number of a socket in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub u64);

/// Who holds a seat, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub person: PersonId,
    /// The name others see.
    pub name: String,
    /// What they may do.
    pub grants: Grants,
    /// The room demands relays alone, as this seat was told.
    pub relay_only: bool,
    /// They are hidden from plain members.
    pub concealed: bool,
    /// They are shown who is hidden.
    pub sees_concealed: bool,
}

/// How somebody is known in a room, beside what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trait {
    /// The name others see.
    Name(String),
    /// Whether the room demands relays alone.
    RelayOnly(bool),
    /// Whether they are hidden from plain members.
    Concealed(bool),
    /// Whether they are shown who is hidden.
    SeesConcealed(bool),
}

impl Holder {
    /// The same, known as something else.
    pub(super) fn with(mut self, known: Trait) -> Self {
        match known {
            Trait::Name(name) => self.name = name,
            Trait::RelayOnly(relay_only) => self.relay_only = relay_only,
            Trait::Concealed(concealed) => self.concealed = concealed,
            Trait::SeesConcealed(sees_concealed) => self.sees_concealed = sees_concealed,
        }
        self
    }

    /// Whether somebody may know that these are here: the rule of the presence that the chat tells.
    const fn sees(&self, other: &Self) -> bool {
        !other.concealed || self.sees_concealed
    }
}

/// All seats. Invariant: a socket belongs to one person.
#[derive(Debug, Default)]
pub(super) struct Seats {
    seats: BTreeMap<(RoomId, PersonId, SocketId), Holder>,
    sockets: BTreeMap<SocketId, (PersonId, BTreeSet<RoomId>)>,
}

impl Seats {
    /// A socket has a seat, or another standing. Answers how it stood before.
    pub(super) fn take(&mut self, room: RoomId, socket: SocketId, holder: Holder) -> Option<Holder> {
        self.sockets.entry(socket).or_insert_with(|| (holder.person, BTreeSet::new())).1.insert(room);
        self.seats.insert((room, holder.person, socket), holder)
    }

    /// A socket gives up its seat in a room.
    pub(super) fn give_up(&mut self, room: RoomId, socket: SocketId) {
        let Some((person, rooms)) = self.sockets.get_mut(&socket) else { return };
        self.seats.remove(&(room, *person, socket));
        rooms.remove(&room);
        if rooms.is_empty() {
            self.sockets.remove(&socket);
        }
    }

    /// Whose socket it is, and the rooms it is in.
    pub(super) fn of_socket(&self, socket: SocketId) -> Option<(PersonId, Vec<RoomId>)> {
        self.sockets.get(&socket).map(|(person, rooms)| (*person, rooms.iter().copied().collect()))
    }

    /// The seats of a person in a room.
    pub(super) fn held_by(&self, room: RoomId, person: PersonId) -> Vec<(SocketId, Holder)> {
        self.of(room, person).map(|(socket, holder)| (socket, holder.clone())).collect()
    }

    /// Whether somebody who is here may do this in a room, by one of their seats.
    pub(super) fn may(&self, room: RoomId, person: PersonId, may: fn(Grants) -> bool) -> bool {
        self.of(room, person).any(|(_, holder)| may(holder.grants))
    }

    /// Whether the room demands relays alone: enough that one of the two was told so, the other's token may be older.
    pub(super) fn demands_relays(&self, room: RoomId, two: [PersonId; 2]) -> bool {
        two.into_iter().any(|person| self.of(room, person).any(|(_, holder)| holder.relay_only))
    }

    /// Who sits there, if they may do this in this room.
    pub(super) fn who_may(&self, room: RoomId, socket: SocketId, any_of: &[Grant]) -> Option<&Holder> {
        let (person, _) = self.sockets.get(&socket)?;
        let holder = self.seats.get(&(room, *person, socket))?;
        any_of.iter().any(|grant| holder.grants.may(*grant)).then_some(holder)
    }

    /// The sockets by which a person can be called in this room by somebody; none when the caller may not know that they are
    /// here.
    pub(super) fn bells(&self, room: RoomId, person: PersonId, caller: &Holder) -> Vec<SocketId> {
        let rings = |holder: &Holder| holder.grants.may(Grant::Call) && caller.sees(holder);
        self.of(room, person).filter(|(_, holder)| rings(holder)).map(|(socket, _)| socket).collect()
    }

    /// Everybody in a room.
    pub(super) fn everybody(&self, room: RoomId) -> impl Iterator<Item = (SocketId, &Holder)> {
        let (first, last) = (PersonId::new(0, 0), PersonId::new(u64::MAX, u128::MAX));
        let all = (room, first, SocketId(0))..=(room, last, SocketId(u64::MAX));
        self.seats.range(all).map(|((_, _, socket), holder)| (*socket, holder))
    }

    fn of(&self, room: RoomId, person: PersonId) -> impl Iterator<Item = (SocketId, &Holder)> {
        let all = (room, person, SocketId(0))..=(room, person, SocketId(u64::MAX));
        self.seats.range(all).map(|((_, _, socket), holder)| (*socket, holder))
    }
}
