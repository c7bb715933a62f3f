//! Who is here: the sockets in each room and what their holders may do there.

use std::collections::BTreeMap;

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

/// All seats.
#[derive(Debug, Default)]
pub(super) struct Seats(BTreeMap<(RoomId, SocketId), Holder>);

impl Seats {
    /// A socket has a seat, or another standing.
    pub(super) fn take(&mut self, room: RoomId, socket: SocketId, holder: Holder) {
        self.0.insert((room, socket), holder);
    }

    /// A socket gives up its seat in a room.
    pub(super) fn give_up(&mut self, room: RoomId, socket: SocketId) -> Option<Holder> {
        self.0.remove(&(room, socket))
    }

    /// The rooms a socket is in.
    pub(super) fn rooms_of(&self, socket: SocketId) -> Vec<RoomId> {
        self.0.keys().filter(|(_, other)| *other == socket).map(|(room, _)| *room).collect()
    }

    /// The seats of a person in a room.
    pub(super) fn of(&mut self, room: RoomId, person: PersonId) -> impl Iterator<Item = (SocketId, &mut Holder)> {
        let all = (room, SocketId(0))..=(room, SocketId(u64::MAX));
        let theirs = self.0.range_mut(all).filter(move |(_, holder)| holder.person == person);
        theirs.map(|((_, socket), holder)| (*socket, holder))
    }

    /// Who sits there, if they may call in this room.
    pub(super) fn caller(&self, room: RoomId, socket: SocketId) -> Option<&Holder> {
        self.0.get(&(room, socket)).filter(|holder| holder.grants.may(Grant::Call))
    }

    /// The sockets by which a person can be called in this room.
    pub(super) fn bells(&self, room: RoomId, person: PersonId) -> Vec<SocketId> {
        let all = (room, SocketId(0))..=(room, SocketId(u64::MAX));
        let may = |holder: &Holder| holder.person == person && holder.grants.may(Grant::Call);
        self.0.range(all).filter(|(_, holder)| may(holder)).map(|((_, socket), _)| *socket).collect()
    }
}
