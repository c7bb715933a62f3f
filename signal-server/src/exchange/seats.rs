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

    /// Changes how a person stands in a room.
    pub(super) fn change(&mut self, room: RoomId, person: PersonId, change: impl Fn(&mut Holder)) {
        let all = (room, person, SocketId(0))..=(room, person, SocketId(u64::MAX));
        self.seats.range_mut(all).for_each(|(_, holder)| change(holder));
    }

    /// Who sits there, if they may do this in this room.
    pub(super) fn who_may(&self, room: RoomId, socket: SocketId, any_of: &[Grant]) -> Option<&Holder> {
        let (person, _) = self.sockets.get(&socket)?;
        let holder = self.seats.get(&(room, *person, socket))?;
        any_of.iter().any(|grant| holder.grants.may(*grant)).then_some(holder)
    }

    /// The sockets by which a person can be called in this room.
    pub(super) fn bells(&self, room: RoomId, person: PersonId) -> Vec<SocketId> {
        self.of(room, person).filter(|(_, holder)| holder.grants.may(Grant::Call)).map(|(socket, _)| socket).collect()
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
