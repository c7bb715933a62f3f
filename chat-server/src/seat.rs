//! Seats: a socket, and each room it has entered, with what its holder may do there now.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::ws::Utf8Bytes;
use membership::token::Claims;
use membership::{Grant, Grants, PersonId, Roles, RoomId, SessionId};

use crate::protocol::Frame;
use crate::room::Room;
use service::socket::outbox::Outbox;

/// One socket: a tab of one person's session.
#[derive(Debug)]
pub struct Socket {
    /// Its number in this process.
    pub id: u64,
    /// Who.
    pub person: PersonId,
    /// By which session.
    pub sid: SessionId,
    /// Frames to it.
    pub outbox: Arc<Outbox>,
    seats: Mutex<HashMap<RoomId, Arc<Seat>>>,
}

/// A socket in a room.
#[derive(Debug)]
pub struct Seat {
    /// The socket.
    pub socket: u64,
    /// Who.
    pub person: PersonId,
    /// Frames to it.
    pub outbox: Arc<Outbox>,
    /// The room.
    pub room: Arc<Room>,
    standing: Mutex<Held>,
    mark: AtomicU64,
}

/// What the holder of a seat may do, as last said by a token or a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The name others see.
    pub name: String,
    /// What Sympa says they are.
    pub roles: Roles,
    /// What they may do.
    pub grants: Grants,
    /// Hidden from other members.
    pub concealed: bool,
    /// Until when, in seconds since 1970.
    pub exp: u64,
}

impl From<&Claims> for Held {
    fn from(claims: &Claims) -> Self {
        let Claims { name, roles, grants, concealed, exp, .. } = claims;
        Self { name: name.clone(), roles: *roles, grants: *grants, concealed: *concealed, exp: *exp }
    }
}

impl Held {
    /// Whether the concealed are shown to them.
    pub fn sees_concealed(&self) -> bool {
        membership::permission::sees_concealed(self.roles)
    }
}

impl Seat {
    /// A seat by these claims.
    pub fn new(socket: &Socket, room: Arc<Room>, claims: &Claims) -> Self {
        let (outbox, standing) = (socket.outbox.clone(), Mutex::new(Held::from(claims)));
        Self { socket: socket.id, person: socket.person, outbox, room, standing, mark: AtomicU64::new(0) }
    }

    /// Moves the read mark that is known here forward; tells whether it moved.
    pub fn read(&self, seq: u64) -> bool {
        self.mark.fetch_max(seq, Ordering::Relaxed) < seq
    }

    /// What its holder may do now.
    pub fn held(&self) -> Held {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what its holder may do.
    pub fn change(&self, change: impl FnOnce(&mut Held)) {
        change(&mut self.standing.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Takes a newer word on what its holder may do, and tells them when that is something else. A life that is known to
    /// be longer stays.
    pub fn stand(&self, newer: Held) {
        let mut held = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = (held.roles, held.grants) != (newer.roles, newer.grants);
        *held = Held { exp: newer.exp.max(held.exp), ..newer };
        let (roles, grants) = (held.roles, held.grants);
        drop(held);
        if changed {
            self.send(&Frame::Grants { room: self.room.id, grants, roles });
        }
    }

    /// Until when it may be held, in seconds since 1970.
    pub fn exp(&self) -> u64 {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).exp
    }

    /// Whether this may be done now.
    pub fn may(&self, grant: Grant) -> bool {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).grants.may(grant)
    }

    /// Sends a frame to this socket alone.
    pub fn send(&self, frame: &Frame) {
        self.outbox.put(text(frame));
    }
}

impl Socket {
    /// A socket without a room yet.
    pub fn new(id: u64, person: PersonId, sid: SessionId, outbox: Arc<Outbox>) -> Self {
        Self { id, person, sid, outbox, seats: Mutex::default() }
    }

    /// The seat in a room.
    pub fn seat(&self, room: RoomId) -> Option<Arc<Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner).get(&room).cloned()
    }

    /// All seats.
    pub fn seats(&self) -> Vec<Arc<Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// How many rooms it has entered.
    pub fn rooms(&self) -> usize {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Takes a seat; one it had in the same room is given back.
    pub fn take(&self, seat: Arc<Seat>) -> Option<Arc<Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner).insert(seat.room.id, seat)
    }

    /// Gives up the seat in a room.
    pub fn give_up(&self, room: RoomId) -> Option<Arc<Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner).remove(&room)
    }

    /// Sends a frame.
    pub fn send(&self, frame: &Frame) {
        self.outbox.put(text(frame));
    }
}

/// A frame as it goes over the wire.
///
/// # Panics
/// Never: every frame can be written as JSON.
pub fn text(frame: &Frame) -> Utf8Bytes {
    serde_json::to_string(frame).expect("frames are plain data").into()
}
