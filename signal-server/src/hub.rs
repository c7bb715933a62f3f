//! The hub: every socket and the exchange between them, under one lock. What the exchange says is carried out here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use membership::permission::sees_concealed;
use membership::token::Claims;
use membership::{Hold, PersonId, Removal, RoomId, SessionId};
use service::clock::Clock;
use service::socket::outbox::Outbox;

use crate::exchange::{Exchange, Holder, Input, Output, SocketId, may_fetch};
use crate::ice::Ice;
use crate::media::{Plane, Report};
use crate::notebook::Notebook;
use crate::protocol::{Frame, IceServer, LinkId};
use crate::turn::LIFE_S;

/// Everybody who is connected.
#[derive(Debug)]
pub struct Hub {
    clock: Clock,
    notebook: Notebook,
    ice: Ice,
    /// Where there are conferences.
    plane: Option<Plane>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    exchange: Exchange,
    sockets: BTreeMap<SocketId, Wire>,
    people: BTreeMap<PersonId, BTreeSet<SocketId>>,
    /// Who was given credentials of the relay, and when they were last seen where they may connect (seconds since 1970).
    relayed: BTreeMap<PersonId, u64>,
    last: u64,
}

/// One socket.
#[derive(Debug)]
struct Wire {
    person: PersonId,
    sid: SessionId,
    outbox: Arc<Outbox>,
    /// The rooms it has entered, and until when it may stay (seconds since 1970).
    rooms: BTreeMap<RoomId, u64>,
}

impl Hub {
    /// Nobody is here yet. In a conference will be at most `capacity` people.
    pub fn new(clock: Clock, notebook: Notebook, ice: Ice, plane: Option<Plane>, capacity: usize) -> Self {
        let exchange = Exchange::new(if plane.is_some() { capacity } else { 0 });
        let (sockets, people, relayed) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let inner = Mutex::new(Inner { exchange, sockets, people, relayed, last: 0 });
        Self { clock, notebook, ice, plane, inner }
    }

    /// Whether there are conferences.
    pub(crate) const fn confers(&self) -> bool {
        self.plane.is_some()
    }

    /// The media plane says something.
    pub(crate) fn hear(&self, report: Report) {
        let mut inner = self.lock();
        self.act_in(&mut inner, Input::Media(report));
    }

    /// Adds a socket of somebody who has at most `most` others; none when there are too many.
    pub fn connect(&self, person: PersonId, sid: SessionId, outbox: Arc<Outbox>, most: usize) -> Option<SocketId> {
        let mut inner = self.lock();
        if inner.people.get(&person).is_some_and(|sockets| sockets.len() >= most) {
            return None;
        }
        inner.last += 1;
        let socket = SocketId(inner.last);
        inner.sockets.insert(socket, Wire { person, sid, outbox, rooms: BTreeMap::new() });
        inner.people.entry(person).or_default().insert(socket);
        Some(socket)
    }

    /// Removes a socket that was cut off.
    pub fn disconnect(&self, socket: SocketId) {
        let mut inner = self.lock();
        if let Some(wire) = inner.sockets.remove(&socket)
            && let Some(sockets) = inner.people.get_mut(&wire.person)
        {
            sockets.remove(&socket);
            if sockets.is_empty() {
                inner.people.remove(&wire.person);
            }
        }
        self.act_in(&mut inner, Input::Gone(socket));
    }

    /// How many rooms a socket has entered, and whether this is one of them.
    pub fn rooms(&self, socket: SocketId, room: RoomId) -> (usize, bool) {
        let inner = self.lock();
        inner.sockets.get(&socket).map_or((0, false), |wire| (wire.rooms.len(), wire.rooms.contains_key(&room)))
    }

    /// Gives a seat by these claims, or stands otherwise in one that is held. `first` goes out before what comes of it.
    pub fn seat(&self, socket: SocketId, claims: &Claims, first: Option<&Frame>) {
        let mut inner = self.lock();
        let Some(wire) = inner.sockets.get_mut(&socket) else { return };
        let exp = wire.rooms.entry(claims.room).or_default();
        *exp = claims.exp.max(*exp);
        if let Some(first) = first {
            wire.outbox.put(text(first));
        }
        let holder = Holder {
            person: claims.sub,
            name: claims.name.clone(),
            grants: claims.grants,
            relay_only: claims.relay_only,
            concealed: claims.concealed,
            sees_concealed: sees_concealed(claims.roles),
        };
        self.act_in(&mut inner, Input::Enter(socket, claims.room, holder));
    }

    /// Gives up a seat.
    pub fn leave(&self, socket: SocketId, room: RoomId) {
        let mut inner = self.lock();
        if let Some(wire) = inner.sockets.get_mut(&socket) {
            wire.rooms.remove(&room);
        }
        self.act_in(&mut inner, Input::Leave(socket, room));
    }

    /// Takes a seat away that turned out to be worth nothing.
    pub(crate) fn unseat(&self, socket: SocketId, room: RoomId, code: &str) {
        let mut inner = self.lock();
        self.act_in(&mut inner, Input::Leave(socket, room));
        inner.part(socket, room, code);
    }

    /// Takes what a client does; `done` is said before what comes of it.
    ///
    /// # Errors
    /// A stable code; then nothing has happened.
    pub fn act(&self, socket: SocketId, input: Input, done: Option<Frame>) -> Result<(), &'static str> {
        let mut inner = self.lock();
        let outputs = inner.exchange.handle(input, self.clock.now_ms())?;
        if let (Some(done), Some(wire)) = (done, inner.sockets.get(&socket)) {
            wire.outbox.put(text(&truly(done, socket, &outputs)));
        }
        self.carry_out(&inner, outputs);
        Ok(())
    }

    /// Whether a socket is at one end of a link that both accepted.
    pub(crate) fn is_on(&self, socket: SocketId, link: LinkId) -> bool {
        self.lock().exchange.is_on(socket, link)
    }

    /// What the bridge says of a person in a room.
    pub(crate) fn change(&self, person: PersonId, input: Input) {
        let mut inner = self.lock();
        let loses = matches!(input, Input::Regrant(_, _, grants) if !may_fetch(grants));
        self.act_in(&mut inner, input);
        if loses {
            self.withdraw(&inner, person);
        }
    }

    /// A person is out of a room: nothing of it is told to them any more but this.
    pub(crate) fn remove(&self, room: RoomId, person: PersonId, code: Removal) {
        let mut inner = self.lock();
        self.act_in(&mut inner, Input::Out(room, person));
        for socket in inner.of(person) {
            inner.part(socket, room, code.code());
        }
        self.withdraw(&inner, person);
    }

    /// Everybody is out of a room.
    pub(crate) fn close(&self, room: RoomId) {
        let here: BTreeSet<PersonId> = {
            let inner = self.lock();
            inner.sockets.values().filter(|wire| wire.rooms.contains_key(&room)).map(|wire| wire.person).collect()
        };
        for person in here {
            self.remove(room, person, Removal::RoomClosed);
        }
    }

    /// A session has ended: its sockets are out of everything.
    pub(crate) fn sign_out(&self, sid: SessionId) {
        let mut inner = self.lock();
        let theirs = inner.sockets.iter().filter(|(_, wire)| wire.sid == sid);
        let theirs: Vec<(SocketId, PersonId)> = theirs.map(|(socket, wire)| (*socket, wire.person)).collect();
        for (socket, person) in theirs {
            for room in inner.rooms_of(socket) {
                self.act_in(&mut inner, Input::Leave(socket, room));
                inner.part(socket, room, Removal::SignedOut.code());
            }
            if let Some(wire) = inner.sockets.get(&socket) {
                wire.outbox.close();
            }
            self.withdraw(&inner, person);
        }
    }

    /// Time has passed: what waited too long ends, and so do seats whose token was not renewed.
    pub fn tick(&self) {
        let mut inner = self.lock();
        self.act_in(&mut inner, Input::Time);
        let now_s = self.clock.now_s();
        let ended = |wire: &Wire| {
            wire.rooms.iter().filter(|(_, exp)| **exp <= now_s).map(|(room, _)| *room).collect::<Vec<_>>()
        };
        let ended: Vec<_> =
            inner.sockets.iter().flat_map(|(id, wire)| ended(wire).into_iter().map(|room| (*id, room))).collect();
        self.forget_relayed(&mut inner, now_s);
        for (socket, room) in ended {
            self.act_in(&mut inner, Input::Lapse(socket, room));
            let Some(wire) = inner.sockets.get_mut(&socket) else { continue };
            wire.rooms.remove(&room);
            wire.outbox.put(text(&Frame::Waiting { room, code: "token_expired".to_owned() }));
        }
    }

    /// What is held of whom: every seat of every socket.
    pub(crate) fn all_holds(&self) -> Vec<Hold> {
        let inner = self.lock();
        let of = |wire: &Wire| {
            let (person, sid) = (wire.person, wire.sid);
            wire.rooms.keys().map(|room| Hold { person, room: *room, sid }).collect::<Vec<_>>()
        };
        let holds: BTreeSet<Hold> = inner.sockets.values().flat_map(of).collect();
        holds.into_iter().collect()
    }

    /// The servers for whoever may make a link in any room they have entered, and until when (seconds since 1970).
    pub(crate) fn servers(&self, socket: SocketId) -> Option<(Vec<IceServer>, u64)> {
        let mut inner = self.lock();
        let person = inner.sockets.get(&socket)?.person;
        if !inner.may_connect(person) {
            return None;
        }
        let now_s = self.clock.now_s();
        inner.relayed.insert(person, now_s);
        Some(self.ice.servers(person, now_s))
    }

    /// Ends what is relayed for people who have been nowhere for so long that no credentials of theirs are good.
    fn forget_relayed(&self, inner: &mut Inner, now_s: u64) {
        let mut relayed = std::mem::take(&mut inner.relayed);
        relayed.retain(|person, seen| {
            if inner.may_connect(*person) {
                *seen = now_s;
            }
            let stays = now_s <= *seen + LIFE_S;
            if !stays {
                self.ice.revoke(*person);
            }
            stays
        });
        inner.relayed = relayed;
    }

    /// Who may make no link any more uses no server for it either.
    fn withdraw(&self, inner: &Inner, person: PersonId) {
        if !inner.may_connect(person) {
            self.ice.revoke(person);
        }
    }

    fn act_in(&self, inner: &mut Inner, input: Input) {
        let outputs = inner.exchange.handle(input, self.clock.now_ms()).unwrap_or_default();
        self.carry_out(inner, outputs);
    }

    fn carry_out(&self, inner: &Inner, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Tell(socket, frame) => {
                    if let Some(wire) = inner.sockets.get(&socket) {
                        wire.outbox.put(text(&frame));
                    }
                }
                Output::TellAll(sockets, frame) => {
                    let said = text(&frame);
                    for wire in sockets.iter().filter_map(|socket| inner.sockets.get(socket)) {
                        wire.outbox.put(said.clone());
                    }
                }
                Output::Media(order) => {
                    if let Some(plane) = &self.plane {
                        plane.give(order);
                    }
                }
                Output::Note(note) => self.notebook.write(note),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Whether a person may make a link in any room they have entered.
    fn may_connect(&self, person: PersonId) -> bool {
        let mut rooms = self.of(person).into_iter().flat_map(|socket| self.rooms_of(socket));
        rooms.any(|room| self.exchange.may_connect(room, person))
    }

    /// The sockets of a person.
    fn of(&self, person: PersonId) -> Vec<SocketId> {
        self.people.get(&person).into_iter().flatten().copied().collect()
    }

    fn rooms_of(&self, socket: SocketId) -> Vec<RoomId> {
        self.sockets.get(&socket).map(|wire| wire.rooms.keys().copied().collect()).unwrap_or_default()
    }

    fn part(&mut self, socket: SocketId, room: RoomId, code: &str) {
        let Some(wire) = self.sockets.get_mut(&socket) else { return };
        if wire.rooms.remove(&room).is_some() {
            wire.outbox.put(text(&Frame::Removed { room, code: code.to_owned() }));
        }
    }
}

/// Where two rang each other, the link that counts is the one on which they are connected.
fn truly(mut done: Frame, socket: SocketId, outputs: &[Output]) -> Frame {
    let connected = outputs.iter().find_map(|output| match output {
        Output::Tell(to, Frame::Connected { link, .. }) if *to == socket => Some(*link),
        _ => None,
    });
    if let (Frame::Ok { link, .. }, Some(connected)) = (&mut done, connected) {
        *link = Some(connected);
    }
    done
}

/// A frame as it goes over the wire.
///
/// # Panics
/// Never: every frame can be written as JSON.
pub(crate) fn text(frame: &Frame) -> Utf8Bytes {
    serde_json::to_string(frame).expect("frames are plain data").into()
}
