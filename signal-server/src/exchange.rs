//! The exchange: who is here, who calls whom, who offers what, and what passes between them. It decides everything about
//! calls and transfers and touches nothing: what happens and the time go in, what to tell and to whom comes out.
//!
//! Invariants, tested as properties in `tests/exchange.rs`:
//! * nobody takes part in two calls;
//! * nothing passes between two sockets but on a link that both want, and only between the two that accepted;
//! * whoever was told of a link or an offer is told once that it is over, and nothing of it afterwards;
//! * whoever may not call or send in a room any more is on no link there.

mod call;
mod calls;
mod offer;
mod offers;
mod seats;

use membership::{Grant, Grants, PersonId, RoomId};
use service::notes::Note;

use self::calls::Calls;
pub use self::offer::Sheet;
use self::offers::Offers;
use self::seats::Seats;
pub use self::seats::{Holder, SocketId};
use crate::protocol::{Closed, Frame, LinkId, Media, OfferId, Signal};

/// How long it rings, in milliseconds.
pub const RING_MS: u64 = 45_000;
/// How long somebody who was cut off is waited for, in milliseconds.
pub const AWAY_MS: u64 = 15_000;
/// Most offers of a person at once.
pub const OFFERS: usize = 20;
/// Most live offers in a room: all of them are told at once to whoever enters.
pub const OFFERS_OF_ROOM: usize = 100;
/// Most pulls of a person at once.
pub const PULLS: usize = 20;

/// What happens.
#[derive(Debug, Clone)]
pub enum Input {
    /// A socket has a seat in a room.
    Enter(SocketId, RoomId, Holder),
    /// A person may do something else in a room.
    Regrant(RoomId, PersonId, Grants),
    /// A person has another name in a room.
    Rename(RoomId, PersonId, String),
    /// A person is out of a room.
    Out(RoomId, PersonId),
    /// A socket gives up its seat in a room.
    Leave(SocketId, RoomId),
    /// A socket was cut off; who it was may come back by another.
    Gone(SocketId),
    /// Call somebody. The id is chosen by the server.
    Ring(SocketId, Ring),
    /// Answer a call; with `true` by relays alone.
    Accept(SocketId, LinkId, bool),
    /// Do not want to.
    Decline(SocketId, LinkId),
    /// End a call or a pull.
    HangUp(SocketId, LinkId),
    /// Tell the other one's browser something.
    Signal(SocketId, LinkId, Signal),
    /// Take part again in a call with somebody, after one was cut off or the server was started anew.
    Return(SocketId, Back),
    /// Offer files, or announce the offer of this id anew.
    Offer(SocketId, RoomId, OfferId, Sheet),
    /// End an own offer.
    Close(SocketId, OfferId, Closed),
    /// Fetch what is offered; with `true` by relays alone. The id of the link is chosen by the server.
    Pull(SocketId, OfferId, LinkId, bool),
    /// Do not want what is offered.
    Refuse(SocketId, OfferId),
    /// Time has passed.
    Time,
}

/// A call to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ring {
    /// In which room.
    pub room: RoomId,
    /// To whom.
    pub to: PersonId,
    /// With what.
    pub media: Media,
    /// By relays alone.
    pub relay_only: bool,
    /// The id it has.
    pub id: LinkId,
}

/// A call to which somebody comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Back {
    /// In which room.
    pub room: RoomId,
    /// Which call.
    pub call: LinkId,
    /// With whom.
    pub with: PersonId,
    /// Whether they are the one who called.
    pub called: bool,
    /// With what it began.
    pub media: Media,
    /// By relays alone.
    pub relay_only: bool,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Tell a socket.
    Tell(SocketId, Frame),
    /// Tell chat-server, for the history of the room.
    Note(Note),
}

/// What to tell, or the stable code why nothing happens.
pub type Outcome = Result<Vec<Output>, &'static str>;

/// Everybody who is here, all calls and all offers.
#[derive(Debug, Default)]
pub struct Exchange {
    seats: Seats,
    calls: Calls,
    offers: Offers,
}

impl Exchange {
    /// Takes what happens. `now` is in milliseconds since 1970 and never goes back.
    ///
    /// # Errors
    /// A stable code; then nothing has changed.
    pub fn handle(&mut self, input: Input, now: u64) -> Outcome {
        let (seats, calls, offers) = (&self.seats, &mut self.calls, &mut self.offers);
        match input {
            Input::Enter(socket, room, holder) => Ok(self.enter(socket, room, holder, now)),
            Input::Regrant(room, person, grants) => Ok(self.regrant(room, person, grants, now)),
            Input::Rename(room, person, name) => {
                self.seats.change(room, person, |holder| holder.name.clone_from(&name));
                Ok(Vec::new())
            }
            Input::Out(room, person) => Ok(self.out(room, person, now)),
            Input::Leave(socket, room) => Ok(self.leave(socket, room, now)),
            Input::Gone(socket) => Ok(self.gone(socket, now)),
            Input::Ring(socket, ring) => calls.ring(seats, socket, ring, now),
            Input::Accept(socket, id, relay_only) => calls.accept(seats, socket, id, relay_only, now),
            Input::Decline(socket, id) => calls.decline(seats, socket, id, now),
            Input::HangUp(socket, id) if calls.has(id) => calls.hang_up(socket, id, now),
            Input::HangUp(socket, id) => offers.hang_up(socket, id),
            Input::Signal(socket, id, signal) if calls.has(id) => calls.signal(socket, id, signal),
            Input::Signal(socket, id, signal) => offers.signal(socket, id, signal),
            Input::Return(socket, back) => calls.come_back(seats, socket, back, now),
            Input::Offer(socket, room, id, sheet) => offers.offer(seats, (socket, room), id, sheet, now),
            Input::Close(socket, id, why) => offers.close(seats, socket, id, why),
            Input::Pull(socket, offer, id, relay_only) => offers.pull(seats, socket, offer, id, relay_only),
            Input::Refuse(socket, id) => offers.refuse(seats, socket, id),
            Input::Time => {
                let mut told = calls.time(now);
                told.extend(offers.time(seats, now));
                Ok(told)
            }
        }
    }

    /// Whether somebody who is here may make a link in a room.
    pub fn may_connect(&self, room: RoomId, person: PersonId) -> bool {
        self.seats.may(room, person, may_fetch)
    }

    fn enter(&mut self, socket: SocketId, room: RoomId, holder: Holder, now: u64) -> Vec<Output> {
        let (person, grants) = (holder.person, holder.grants);
        let mut told = self.stand(socket, room, holder);
        told.extend(self.curtail(room, person, grants, now));
        told
    }

    fn regrant(&mut self, room: RoomId, person: PersonId, grants: Grants, now: u64) -> Vec<Output> {
        let mut told: Vec<Output> = Vec::new();
        for (socket, holder) in self.seats.held_by(room, person) {
            told.extend(self.stand(socket, room, Holder { grants, ..holder }));
        }
        told.extend(self.curtail(room, person, grants, now));
        told
    }

    /// A seat is taken, or is worth something else now. What goes on already is told to who may take part since now.
    fn stand(&mut self, socket: SocketId, room: RoomId, holder: Holder) -> Vec<Output> {
        let (person, grants) = (holder.person, holder.grants);
        let stood = self.seats.take(room, socket, holder).map(|before| before.grants);
        let gains = |may: fn(Grants) -> bool| may(grants) && !stood.is_some_and(may);
        let mut told = Vec::new();
        if stood != Some(grants) {
            told.push(Output::Tell(socket, Frame::Stands { room, grants }));
        }
        if gains(|grants| grants.may(Grant::Call)) {
            told.extend(self.calls.ring_on(&self.seats, socket, room, person));
        }
        if gains(may_fetch) {
            told.extend(self.offers.live_in(room).map(|frame| Output::Tell(socket, frame)));
        }
        told
    }

    /// Ends what a person may not do any more.
    fn curtail(&mut self, room: RoomId, person: PersonId, grants: Grants, now: u64) -> Vec<Output> {
        let mut told = Vec::new();
        if !grants.may(Grant::Call) {
            told.extend(self.calls.end_in(room, person, now));
        }
        if !grants.may(Grant::SendFiles) {
            told.extend(self.offers.end_offers(&self.seats, |offer| offer.room == room && offer.by == person));
        }
        if !may_fetch(grants) {
            told.extend(self.offers.end_pulls_in(room, person));
        }
        told
    }

    fn out(&mut self, room: RoomId, person: PersonId, now: u64) -> Vec<Output> {
        let told = self.curtail(room, person, Grants::NONE, now);
        for (socket, _) in self.seats.held_by(room, person) {
            self.seats.give_up(room, socket);
        }
        told
    }

    fn leave(&mut self, socket: SocketId, room: RoomId, now: u64) -> Vec<Output> {
        let mut told = self.calls.leave(socket, room, now);
        told.extend(self.offers.leave(&self.seats, socket, room));
        self.seats.give_up(room, socket);
        told
    }

    fn gone(&mut self, socket: SocketId, now: u64) -> Vec<Output> {
        let Some((person, rooms)) = self.seats.of_socket(socket) else { return Vec::new() };
        for room in rooms {
            self.seats.give_up(room, socket);
        }
        let mut told = self.calls.gone(person, socket, now);
        told.extend(self.offers.gone(socket, now));
        told
    }
}

/// Files are fetched by who may call or send files: a link is made for them as for a call.
pub(crate) const fn may_fetch(grants: Grants) -> bool {
    grants.may(Grant::Call) || grants.may(Grant::SendFiles)
}
