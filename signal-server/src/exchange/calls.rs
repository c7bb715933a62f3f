//! All calls between two: ringing, answering, coming back, ending.

use std::collections::{BTreeMap, BTreeSet};

use membership::{Grant, PersonId, RoomId};

use super::call::{Call, Line, Side};
use super::seats::{Seats, SocketId};
use super::{AWAY_MS, Back, Outcome, Output, RING_MS, Ring};
use crate::protocol::{End, Frame, LinkId, Signal};

const CALL: &[Grant] = &[Grant::Call];

/// Calls, found by their id and by who is in them.
#[derive(Debug, Default)]
pub(super) struct Calls {
    by_id: BTreeMap<LinkId, Call>,
    of: BTreeMap<PersonId, BTreeSet<LinkId>>,
    /// Calls that ended a moment ago, and when (milliseconds since 1970): nobody comes back to them.
    over: BTreeMap<LinkId, u64>,
}

impl Calls {
    /// Whether there is such a call.
    pub(super) fn has(&self, id: LinkId) -> bool {
        self.by_id.contains_key(&id)
    }

    /// Whether a socket takes part in a call that was answered.
    pub(super) fn is_on(&self, socket: SocketId, id: LinkId) -> bool {
        self.by_id.get(&id).is_some_and(|call| !call.is_ringing() && call.side_by(socket).is_some())
    }

    /// Lets what rings at a person's other windows ring at a new one.
    pub(super) fn ring_on(&mut self, seats: &Seats, socket: SocketId, room: RoomId, person: PersonId) -> Vec<Output> {
        let is_rung = |call: &&Call| call.room == room && call.is_ringing() && call.sides[1].person == person;
        let rung: Vec<LinkId> = self.of(person).filter(is_rung).map(|call| call.id).collect();
        let calls = &mut self.by_id;
        rung.iter().filter_map(|id| ring_at(calls.get_mut(id)?, seats, socket)).collect()
    }

    /// `confers`: whom it would ring at is in a conference.
    pub(super) fn ring(&mut self, seats: &Seats, socket: SocketId, ring: Ring, confers: bool, now: u64) -> Outcome {
        let Ring { room, to, media, relay_only, id } = ring;
        let holder = seats.who_may(room, socket, CALL).ok_or("not_allowed")?;
        let person = holder.person;
        if person == to {
            return Err("bad_frame");
        }
        let crosses = |call: &&Call| {
            call.room == room && call.is_ringing() && call.sides[0].person == to && call.sides[1].person == person
        };
        let theirs = self.of(person).find(crosses).map(|call| call.id);
        if let Some(theirs) = theirs {
            // Both called at once: they want to talk.
            return self.accept(seats, socket, theirs, relay_only, now);
        }
        if self.takes_part(person) {
            return Err("in_a_call");
        }
        // Only of those one meets here is told that they are busy elsewhere.
        let bells = seats.bells(room, to, holder);
        if bells.is_empty() {
            return Err("absent");
        }
        if confers || self.engaged(to) {
            return Err("busy");
        }
        let relay_only = relay_only || seats.demands_relays(room, [person, to]);
        let me = Side { person, name: holder.name.clone(), line: Line::Here(socket), relay_only };
        let other = Side { person: to, name: String::new(), line: Line::Rung, relay_only: false };
        let mut call = Call { id, room, media, sides: [me, other], since: now, rung: Vec::new() };
        let told = bells.into_iter().filter_map(|bell| ring_at(&mut call, seats, bell)).collect();
        self.put(call);
        Ok(told)
    }

    pub(super) fn accept(
        &mut self,
        seats: &Seats,
        socket: SocketId,
        id: LinkId,
        relay_only: bool,
        now: u64,
    ) -> Outcome {
        let person = self.answerable(seats, socket, id)?.0.sides[1].person;
        // Who was rung may have called somebody else meanwhile.
        if self.takes_part(person) {
            return Err("in_a_call");
        }
        let (call, name) = self.answerable(seats, socket, id)?;
        let relay_only = relay_only || seats.demands_relays(call.room, [call.sides[0].person, person]);
        let side = &mut call.sides[1];
        (side.name, side.line, side.relay_only) = (name, Line::Here(socket), relay_only);
        call.since = now;
        let others = std::mem::take(&mut call.rung).into_iter().filter(|other| *other != socket);
        let mut told: Vec<Output> = others.map(|other| elsewhere(other, id)).collect();
        told.extend(call.connected());
        Ok(told)
    }

    pub(super) fn decline(&mut self, seats: &Seats, socket: SocketId, id: LinkId, now: u64) -> Outcome {
        let (call, _) = self.answerable(seats, socket, id)?;
        let others = std::mem::replace(&mut call.rung, vec![socket]).into_iter().filter(|other| *other != socket);
        let mut told: Vec<Output> = others.map(|other| elsewhere(other, id)).collect();
        told.extend(self.end(id, [End::Declined; 2], now));
        Ok(told)
    }

    pub(super) fn hang_up(&mut self, socket: SocketId, id: LinkId, now: u64) -> Outcome {
        let call = self.by_id.get(&id).filter(|call| call.side_by(socket).is_some()).ok_or("no_such_link")?;
        let whys = if call.is_ringing() { [End::HungUp, End::Missed] } else { [End::HungUp; 2] };
        Ok(self.end(id, whys, now))
    }

    pub(super) fn signal(&self, socket: SocketId, id: LinkId, signal: Signal) -> Outcome {
        let call = self.by_id.get(&id).filter(|call| !call.is_ringing()).ok_or("no_such_link")?;
        let side = call.side_by(socket).ok_or("no_such_link")?;
        // Whoever is away learns nothing: when they are back the browsers begin anew.
        Ok(pass_on(call.sides[1 - side].socket(), id, signal, call.is_relay_only()))
    }

    pub(super) fn come_back(&mut self, seats: &Seats, socket: SocketId, back: Back, now: u64) -> Outcome {
        let Back { room, call: id, with, called, media, relay_only } = back;
        let holder = seats.who_may(room, socket, CALL).ok_or("not_allowed")?;
        let person = holder.person;
        if person == with {
            return Err("bad_frame");
        }
        let takes_part = self.takes_part(person);
        let relay_only = relay_only || seats.demands_relays(room, [person, with]);
        let me = Side { person, name: holder.name.clone(), line: Line::Here(socket), relay_only };
        if let Some(call) = self.by_id.get_mut(&id) {
            let side = call.side_of(person).filter(|side| call.room == room && call.sides[1 - side].person == with);
            let side = side.filter(|_| !call.is_ringing()).ok_or("no_such_link")?;
            let mut told = Vec::new();
            match call.sides[side].line {
                Line::Away(_) => {}
                // The way changed, and the end of the old one was not noticed here yet.
                Line::Here(old) if old != socket => told.push(elsewhere(old, id)),
                Line::Awaited(_) if !takes_part => call.since = now,
                Line::Here(_) | Line::Rung | Line::Awaited(_) => return Err("in_a_call"),
            }
            call.sides[side] = me;
            told.extend(call.connected());
            return Ok(told);
        }
        if self.over.contains_key(&id) {
            return Err("no_such_link");
        }
        if takes_part {
            return Err("in_a_call");
        }
        let other = Side { person: with, name: String::new(), line: Line::Awaited(now), relay_only: false };
        let sides = if called { [me, other] } else { [other, me] };
        self.put(Call { id, room, media, sides, since: now, rung: Vec::new() });
        Ok(Vec::new())
    }

    /// A socket gives up its seat in a room.
    pub(super) fn leave(&mut self, socket: SocketId, room: RoomId, why: End, now: u64) -> Vec<Output> {
        let mut told = Vec::new();
        let mut ended = Vec::new();
        for call in self.by_id.values_mut().filter(|call| call.room == room) {
            told.extend(no_longer_rung(call, socket, why));
            if call.side_by(socket).is_some() {
                ended.push(call.id);
            }
        }
        told.extend(ended.into_iter().flat_map(|id| self.end(id, [why; 2], now)));
        told
    }

    /// A socket of a person was cut off.
    pub(super) fn gone(&mut self, person: PersonId, socket: SocketId, now: u64) -> Vec<Output> {
        let (mut told, mut left) = (Vec::new(), Vec::new());
        for id in self.of.get(&person).into_iter().flatten() {
            let Some(call) = self.by_id.get_mut(id) else { continue };
            call.rung.retain(|other| *other != socket);
            let Some(side) = call.side_by(socket) else { continue };
            call.sides[side].line = Line::Away(now);
            if call.is_ringing() {
                // Who calls and is gone does not call any more.
                left.push(*id);
                continue;
            }
            let other = call.sides[1 - side].socket();
            told.extend(other.map(|other| Output::Tell(other, Frame::Away { link: *id })));
        }
        told.extend(left.into_iter().flat_map(|id| self.end(id, [End::Lost, End::Missed], now)));
        told
    }

    pub(super) fn time(&mut self, now: u64) -> Vec<Output> {
        let is_lost = |side: &Side| match side.line {
            Line::Away(since) | Line::Awaited(since) => now >= since + AWAY_MS,
            Line::Here(_) | Line::Rung => false,
        };
        let over = |call: &Call| {
            if call.is_ringing() {
                (now >= call.since + RING_MS).then_some((call.id, End::Missed))
            } else {
                call.sides.iter().any(is_lost).then_some((call.id, End::Lost))
            }
        };
        self.over.retain(|_, ended| now < *ended + AWAY_MS);
        let over: Vec<(LinkId, End)> = self.by_id.values().filter_map(over).collect();
        over.into_iter().flat_map(|(id, why)| self.end(id, [why; 2], now)).collect()
    }

    /// Ends what a person takes part in, in a room where they may not call any more.
    pub(super) fn end_in(&mut self, room: RoomId, person: PersonId, now: u64) -> Vec<Output> {
        let ended: Vec<LinkId> = self.of(person).filter(|call| call.room == room).map(|call| call.id).collect();
        ended.into_iter().flat_map(|id| self.end(id, [End::NotAllowed; 2], now)).collect()
    }

    /// The call, if it rings at this socket; and the name of who sits there.
    fn answerable(&mut self, seats: &Seats, socket: SocketId, id: LinkId) -> Result<(&mut Call, String), &'static str> {
        let call = self.by_id.get_mut(&id).filter(|call| call.is_ringing()).ok_or("no_such_link")?;
        let holder = seats.who_may(call.room, socket, CALL).ok_or("not_allowed")?;
        if holder.person == call.sides[1].person { Ok((call, holder.name.clone())) } else { Err("no_such_link") }
    }

    /// Whether a person cannot be called: they talk, call somebody, or it rings at theirs already.
    fn engaged(&self, person: PersonId) -> bool {
        self.of(person).any(|call| call.engages(person))
    }

    /// Whether a person talks or calls somebody. Whom it rings at may still do either.
    pub(super) fn takes_part(&self, person: PersonId) -> bool {
        self.of(person).any(|call| call.engages(person) && !call.rings_at(person))
    }

    fn of(&self, person: PersonId) -> impl Iterator<Item = &Call> {
        self.of.get(&person).into_iter().flatten().filter_map(|id| self.by_id.get(id))
    }

    fn put(&mut self, call: Call) {
        for side in &call.sides {
            self.of.entry(side.person).or_default().insert(call.id);
        }
        self.by_id.insert(call.id, call);
    }

    fn end(&mut self, id: LinkId, whys: [End; 2], now: u64) -> Vec<Output> {
        let Some(call) = self.by_id.remove(&id) else { return Vec::new() };
        self.over.insert(id, now);
        for side in &call.sides {
            if let Some(ids) = self.of.get_mut(&side.person) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.of.remove(&side.person);
                }
            }
        }
        call.ended(whys, now)
    }
}

/// What a browser tells the other one's on a link; only relays where nothing else may be used.
pub(super) fn pass_on(to: Option<SocketId>, link: LinkId, signal: Signal, relay_only: bool) -> Vec<Output> {
    let signal = if relay_only { signal.relayed() } else { Some(signal) };
    let told = to.zip(signal).map(|(to, signal)| Output::Tell(to, Frame::Signal { link, signal }));
    told.into_iter().collect()
}

/// Another window of the same person has the call now, or has answered it.
const fn elsewhere(socket: SocketId, link: LinkId) -> Output {
    Output::Tell(socket, Frame::Ended { link, why: End::Elsewhere })
}

/// Lets it ring at one more socket.
fn ring_at(call: &mut Call, seats: &Seats, socket: SocketId) -> Option<Output> {
    let (room, media, caller) = (call.room, call.media, &call.sides[0]);
    let name = seats.who_may(room, caller.socket()?, CALL)?.name.clone();
    if call.rung.contains(&socket) {
        return None;
    }
    call.rung.push(socket);
    let (link, until, person) = (call.id, call.since + RING_MS, call.sides[0].person);
    Some(Output::Tell(socket, Frame::Ringing { link, room, person, name, media, until }))
}

/// It rings no longer at a socket.
fn no_longer_rung(call: &mut Call, socket: SocketId, why: End) -> Option<Output> {
    let at = call.rung.iter().position(|other| *other == socket)?;
    call.rung.swap_remove(at);
    Some(Output::Tell(socket, Frame::Ended { link: call.id, why }))
}
