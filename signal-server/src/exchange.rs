//! The exchange: who is here, who calls whom, and what passes between them. It decides everything about calls between two
//! and touches nothing: what happens and the time go in, what to tell and to whom comes out.
//!
//! Invariants, tested as properties in `tests/exchange.rs`:
//! * nobody takes part in two calls;
//! * nothing passes between two sockets but in a call that both want, and only between the two that answered;
//! * whoever was told of a call is told once that it is over, and nothing of it afterwards;
//! * whoever may not call in a room any more is in no call there.

mod call;
mod seats;

use std::collections::BTreeMap;

use membership::{Grant, Grants, PersonId, RoomId};

use self::call::{Call, Line, Side};
use self::seats::Seats;
pub use self::seats::{Holder, SocketId};
use crate::protocol::{CallId, End, Frame, Media, Signal};

/// How long it rings, in milliseconds.
pub const RING_MS: u64 = 45_000;
/// How long somebody who was cut off is waited for, in milliseconds.
pub const AWAY_MS: u64 = 15_000;

/// What happens.
#[derive(Debug, Clone)]
pub enum Input {
    /// A socket has a seat in a room.
    Enter(SocketId, RoomId, Holder),
    /// A person may do something else in a room.
    Regrant(RoomId, PersonId, Grants),
    /// A person is out of a room.
    Out(RoomId, PersonId),
    /// A socket gives up its seat in a room.
    Leave(SocketId, RoomId),
    /// A socket was cut off; who it was may come back by another.
    Gone(SocketId),
    /// Call somebody. The id is chosen by the server.
    Ring(SocketId, RoomId, PersonId, Media, CallId),
    /// Answer a call.
    Accept(SocketId, CallId),
    /// Do not want to.
    Decline(SocketId, CallId),
    /// End a call.
    HangUp(SocketId, CallId),
    /// Tell the other one's browser something.
    Signal(SocketId, CallId, Signal),
    /// Take part again in a call with somebody, after one was cut off or the server was started anew.
    Return(SocketId, Back),
    /// Time has passed.
    Time,
}

/// A call to which somebody comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Back {
    /// In which room.
    pub room: RoomId,
    /// Which call.
    pub call: CallId,
    /// With whom.
    pub with: PersonId,
    /// Whether they are the one who called.
    pub called: bool,
    /// With what it began.
    pub media: Media,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Tell a socket.
    Tell(SocketId, Frame),
    /// Tell chat-server, for the history of the room.
    Note(RoomId, Note),
}

/// What a room remembers of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are what they are called")]
pub enum Note {
    /// Nobody answered.
    Missed { call: CallId, by: PersonId, to: PersonId, media: Media },
    /// The other one did not want to.
    Declined { call: CallId, by: PersonId, to: PersonId, media: Media },
    /// They talked for so long.
    Ended { call: CallId, by: PersonId, to: PersonId, media: Media, lasted_ms: u64 },
}

/// What to tell, or the stable code why nothing happens.
pub type Outcome = Result<Vec<Output>, &'static str>;

/// Everybody who is here, and all calls.
#[derive(Debug, Default)]
pub struct Exchange {
    seats: Seats,
    calls: BTreeMap<CallId, Call>,
}

impl Exchange {
    /// Takes what happens. `now` is in milliseconds since 1970 and never goes back.
    ///
    /// # Errors
    /// A stable code; then nothing has changed.
    pub fn handle(&mut self, input: Input, now: u64) -> Outcome {
        match input {
            Input::Enter(socket, room, holder) => Ok(self.enter(socket, room, holder, now)),
            Input::Regrant(room, person, grants) => Ok(self.regrant(room, person, grants, now)),
            Input::Out(room, person) => Ok(self.out(room, person, now)),
            Input::Leave(socket, room) => Ok(self.leave(socket, room, now)),
            Input::Gone(socket) => Ok(self.gone(socket, now)),
            Input::Ring(socket, room, to, media, id) => self.ring(socket, room, to, media, id, now),
            Input::Accept(socket, id) => self.accept(socket, id, now),
            Input::Decline(socket, id) => self.decline(socket, id, now),
            Input::HangUp(socket, id) => self.hang_up(socket, id, now),
            Input::Signal(socket, id, signal) => self.signal(socket, id, signal),
            Input::Return(socket, back) => self.come_back(socket, back, now),
            Input::Time => Ok(self.time(now)),
        }
    }

    fn enter(&mut self, socket: SocketId, room: RoomId, holder: Holder, now: u64) -> Vec<Output> {
        let stands = Output::Tell(socket, Frame::Stands { room, grants: holder.grants });
        let mut told = vec![stands];
        if holder.grants.may(Grant::Call) {
            // It may ring already at another window.
            let (seats, person) = (&self.seats, holder.person);
            let ringing = self.calls.values_mut().filter(|call| call.room == room && call.is_ringing());
            for call in ringing.filter(|call| call.sides[1].person == person && !call.rung.contains(&socket)) {
                told.extend(ring_at(call, seats, socket));
            }
        }
        let (person, may) = (holder.person, holder.grants.may(Grant::Call));
        self.seats.take(room, socket, holder);
        if !may {
            told.extend(self.end_in(room, person, now));
        }
        told
    }

    fn regrant(&mut self, room: RoomId, person: PersonId, grants: Grants, now: u64) -> Vec<Output> {
        let mut told: Vec<Output> = Vec::new();
        for (socket, holder) in self.seats.of(room, person) {
            holder.grants = grants;
            told.push(Output::Tell(socket, Frame::Stands { room, grants }));
        }
        if !grants.may(Grant::Call) {
            told.extend(self.end_in(room, person, now));
        }
        told
    }

    fn out(&mut self, room: RoomId, person: PersonId, now: u64) -> Vec<Output> {
        let told = self.end_in(room, person, now);
        let sockets: Vec<SocketId> = self.seats.of(room, person).map(|(socket, _)| socket).collect();
        for socket in sockets {
            self.seats.give_up(room, socket);
        }
        told
    }

    fn leave(&mut self, socket: SocketId, room: RoomId, now: u64) -> Vec<Output> {
        self.seats.give_up(room, socket);
        let mut told = Vec::new();
        for call in self.calls.values_mut().filter(|call| call.room == room) {
            told.extend(no_longer_rung(call, socket, End::NotAllowed));
        }
        let by = |call: &Call| call.room == room && call.side_by(socket).is_some();
        told.extend(self.end_all(by, [End::NotAllowed; 2], now));
        told
    }

    fn gone(&mut self, socket: SocketId, now: u64) -> Vec<Output> {
        for room in self.seats.rooms_of(socket) {
            self.seats.give_up(room, socket);
        }
        let mut told = Vec::new();
        for call in self.calls.values_mut() {
            call.rung.retain(|other| *other != socket);
            let Some(side) = call.side_by(socket) else { continue };
            call.sides[side].line = Line::Away(now);
            let other = call.sides[1 - side].socket();
            told.extend(other.map(|other| Output::Tell(other, Frame::Away { call: call.id })));
        }
        // Who calls and is gone does not call any more.
        let is_left = |call: &Call| call.is_ringing() && call.sides[0].socket().is_none();
        told.extend(self.end_all(is_left, [End::Lost, End::Missed], now));
        told
    }

    fn ring(&mut self, socket: SocketId, room: RoomId, to: PersonId, media: Media, id: CallId, now: u64) -> Outcome {
        let person = self.seats.caller(room, socket).ok_or("not_allowed")?.person;
        if person == to {
            return Err("bad_frame");
        }
        let crosses =
            |call: &&Call| call.room == room && call.is_ringing() && call.sides.map(|s| s.person) == [to, person];
        if let Some(crossed) = self.calls.values().find(crosses).map(|call| call.id) {
            // Both called at once: they want to talk.
            return self.accept(socket, crossed, now);
        }
        if self.engaged(person) {
            return Err("in_a_call");
        }
        // Only of those one meets here is told that they are busy elsewhere.
        let bells = self.seats.bells(room, to);
        if bells.is_empty() {
            return Err("absent");
        }
        if self.engaged(to) {
            return Err("busy");
        }
        let sides = [Side { person, line: Line::Here(socket) }, Side { person: to, line: Line::Rung }];
        let mut call = Call { id, room, media, sides, since: now, rung: Vec::new() };
        let told = bells.into_iter().filter_map(|bell| ring_at(&mut call, &self.seats, bell)).collect();
        self.calls.insert(id, call);
        Ok(told)
    }

    fn accept(&mut self, socket: SocketId, id: CallId, now: u64) -> Outcome {
        let call = self.answerable(socket, id)?;
        call.sides[1].line = Line::Here(socket);
        call.since = now;
        let others = std::mem::take(&mut call.rung).into_iter().filter(|other| *other != socket);
        let mut told: Vec<Output> = others.map(|other| elsewhere(other, id)).collect();
        told.extend(call.connected());
        Ok(told)
    }

    fn decline(&mut self, socket: SocketId, id: CallId, now: u64) -> Outcome {
        let call = self.answerable(socket, id)?;
        let others = std::mem::replace(&mut call.rung, vec![socket]).into_iter().filter(|other| *other != socket);
        let mut told: Vec<Output> = others.map(|other| elsewhere(other, id)).collect();
        told.extend(self.end_all(|call| call.id == id, [End::Declined; 2], now));
        Ok(told)
    }

    fn hang_up(&mut self, socket: SocketId, id: CallId, now: u64) -> Outcome {
        let call = self.calls.get(&id).filter(|call| call.side_by(socket).is_some()).ok_or("no_such_call")?;
        let reasons = if call.is_ringing() { [End::HungUp, End::Missed] } else { [End::HungUp; 2] };
        Ok(self.end_all(|call| call.id == id, reasons, now))
    }

    fn signal(&self, socket: SocketId, id: CallId, signal: Signal) -> Outcome {
        let call = self.calls.get(&id).filter(|call| !call.is_ringing()).ok_or("no_such_call")?;
        let side = call.side_by(socket).ok_or("no_such_call")?;
        if !signal.is_sound() {
            return Err("bad_frame");
        }
        // Whoever is away learns nothing: when they are back the browsers begin anew.
        let other = call.sides[1 - side].socket();
        Ok(other.map(|other| Output::Tell(other, Frame::Signal { call: id, signal })).into_iter().collect())
    }

    fn come_back(&mut self, socket: SocketId, back: Back, now: u64) -> Outcome {
        let Back { room, call: id, with, called, media } = back;
        let person = self.seats.caller(room, socket).ok_or("not_allowed")?.person;
        if person == with {
            return Err("bad_frame");
        }
        let engaged = self.engaged(person);
        if let Some(call) = self.calls.get_mut(&id) {
            let side = call.side_of(person).filter(|side| call.room == room && call.sides[1 - side].person == with);
            let side = side.filter(|_| !call.is_ringing()).ok_or("no_such_call")?;
            return match call.sides[side].line {
                Line::Away(_) => Ok(call.take_part(side, socket)),
                // The way changed, and the end of the old one was not noticed here yet.
                Line::Here(old) if old != socket => {
                    let mut told = vec![elsewhere(old, id)];
                    told.extend(call.take_part(side, socket));
                    Ok(told)
                }
                Line::Awaited(_) if !engaged => {
                    call.since = now;
                    Ok(call.take_part(side, socket))
                }
                Line::Here(_) | Line::Rung | Line::Awaited(_) => Err("in_a_call"),
            };
        }
        if engaged {
            return Err("in_a_call");
        }
        let mut sides = [Side { person, line: Line::Here(socket) }, Side { person: with, line: Line::Awaited(now) }];
        if !called {
            sides.reverse();
        }
        self.calls.insert(id, Call { id, room, media, sides, since: now, rung: Vec::new() });
        Ok(Vec::new())
    }

    fn time(&mut self, now: u64) -> Vec<Output> {
        let rings_too_long = |call: &Call| call.is_ringing() && now >= call.since + RING_MS;
        let mut told = self.end_all(rings_too_long, [End::Missed; 2], now);
        let is_lost = |side: &Side| match side.line {
            Line::Away(since) | Line::Awaited(since) => now >= since + AWAY_MS,
            Line::Here(_) | Line::Rung => false,
        };
        told.extend(self.end_all(|call| call.sides.iter().any(is_lost), [End::Lost; 2], now));
        told
    }

    /// The call, if it rings at this socket.
    fn answerable(&mut self, socket: SocketId, id: CallId) -> Result<&mut Call, &'static str> {
        let call = self.calls.get_mut(&id).filter(|call| call.is_ringing()).ok_or("no_such_call")?;
        let holder = self.seats.caller(call.room, socket).ok_or("not_allowed")?;
        if holder.person == call.sides[1].person { Ok(call) } else { Err("no_such_call") }
    }

    fn engaged(&self, person: PersonId) -> bool {
        self.calls.values().any(|call| call.engages(person))
    }

    /// Ends what a person takes part in, in a room where they may not call any more.
    fn end_in(&mut self, room: RoomId, person: PersonId, now: u64) -> Vec<Output> {
        self.end_all(|call| call.room == room && call.side_of(person).is_some(), [End::NotAllowed; 2], now)
    }

    fn end_all(&mut self, which: impl Fn(&Call) -> bool, reasons: [End; 2], now: u64) -> Vec<Output> {
        let ended = self.calls.extract_if(.., |_, call| which(call));
        ended.flat_map(|(_, call)| call.ended(reasons, now)).collect()
    }
}

/// Another window of the same person has the call now, or has answered it.
const fn elsewhere(socket: SocketId, call: CallId) -> Output {
    Output::Tell(socket, Frame::Ended { call, reason: End::Elsewhere })
}

/// Lets it ring at one more socket.
fn ring_at(call: &mut Call, seats: &Seats, socket: SocketId) -> Option<Output> {
    let (room, media, [caller, _]) = (call.room, call.media, call.sides);
    let name = seats.caller(room, caller.socket()?)?.name.clone();
    call.rung.push(socket);
    let until = call.since + RING_MS;
    Some(Output::Tell(socket, Frame::Ringing { call: call.id, room, person: caller.person, name, media, until }))
}

/// It rings no longer at a socket.
fn no_longer_rung(call: &mut Call, socket: SocketId, reason: End) -> Option<Output> {
    let at = call.rung.iter().position(|other| *other == socket)?;
    call.rung.swap_remove(at);
    Some(Output::Tell(socket, Frame::Ended { call: call.id, reason }))
}
