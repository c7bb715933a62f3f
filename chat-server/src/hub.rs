//! The hub: rooms that somebody is in, and the sockets of each person.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use membership::{Hold, PersonId, RoomId, SessionId};

use crate::protocol::Frame;
use crate::room::Room;
use crate::seat::{Seat, Socket};

/// Everybody who is connected.
#[derive(Debug, Default)]
pub struct Hub {
    rooms: Mutex<HashMap<RoomId, Arc<Room>>>,
    people: Mutex<HashMap<PersonId, Vec<Arc<Socket>>>>,
    stirred: Mutex<HashSet<RoomId>>,
    next_socket: AtomicU64,
}

impl Hub {
    /// A number for a new socket.
    pub fn number(&self) -> u64 {
        self.next_socket.fetch_add(1, Ordering::Relaxed)
    }

    /// A room, made when it is not here yet.
    pub fn room(&self, id: RoomId) -> Arc<Room> {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        rooms.entry(id).or_insert_with(|| Arc::new(Room::new(id))).clone()
    }

    /// A room that somebody is in.
    pub fn open_room(&self, id: RoomId) -> Option<Arc<Room>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Adds a socket.
    pub fn connect(&self, socket: &Arc<Socket>) {
        self.people
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(socket.person)
            .or_default()
            .push(socket.clone());
    }

    /// Removes a socket and all its seats.
    pub fn disconnect(&self, socket: &Socket) {
        for seat in socket.seats() {
            self.leave(socket, seat.room.id);
        }
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sockets) = people.get_mut(&socket.person) {
            sockets.retain(|other| other.id != socket.id);
            if sockets.is_empty() {
                people.remove(&socket.person);
            }
        }
    }

    /// Gives up a seat: nothing of the room is told to the socket any more.
    pub fn leave(&self, socket: &Socket, room: RoomId) -> Option<Arc<Seat>> {
        let seat = socket.give_up(room)?;
        seat.room.leave(&seat);
        self.stir(room);
        Some(seat)
    }

    /// The sockets of a person.
    pub fn sockets_of(&self, person: PersonId) -> Vec<Arc<Socket>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner).get(&person).cloned().unwrap_or_default()
    }

    /// All sockets.
    pub fn sockets(&self) -> Vec<Arc<Socket>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner).values().flatten().cloned().collect()
    }

    /// The sockets of a session.
    pub fn sockets_by(&self, sid: SessionId) -> Vec<Arc<Socket>> {
        self.sockets().into_iter().filter(|socket| socket.sid == sid).collect()
    }

    /// Sends a frame to all sockets of a person.
    pub fn send(&self, person: PersonId, frame: &Frame) {
        for socket in self.sockets_of(person) {
            socket.send(frame);
        }
    }

    /// What is held of whom: every seat of every socket.
    pub fn all_holds(&self) -> Vec<Hold> {
        let hold =
            |socket: &Arc<Socket>, seat: Arc<Seat>| Hold { person: socket.person, room: seat.room.id, sid: socket.sid };
        let mut holds: Vec<Hold> = self
            .sockets()
            .iter()
            .flat_map(|socket| socket.seats().into_iter().map(|seat| hold(socket, seat)).collect::<Vec<_>>())
            .collect();
        holds.sort_unstable();
        holds.dedup();
        holds
    }

    /// Remembers that who is in a room changed.
    pub fn stir(&self, room: RoomId) {
        self.stirred.lock().unwrap_or_else(PoisonError::into_inner).insert(room);
    }

    /// Tells in every stirred room who is here now, and forgets rooms that nobody is in.
    pub fn settle(&self) {
        let stirred = std::mem::take(&mut *self.stirred.lock().unwrap_or_else(PoisonError::into_inner));
        for id in stirred {
            let Some(room) = self.open_room(id) else { continue };
            if room.is_empty() {
                let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
                // Two hands hold it: the map's and ours. A third is somebody who is just entering.
                if Arc::strong_count(&room) == 2 {
                    rooms.remove(&id);
                } else {
                    self.stir(id);
                }
            } else {
                room.tell_presence();
            }
        }
    }
}
