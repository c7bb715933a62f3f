//! The exchange: who is here, who calls whom, who offers what, and what passes between them. It decides everything about
//! calls and transfers and touches nothing: what happens and the time go in, what to tell and to whom comes out.
//!
//! Invariants, tested as properties in `tests/exchange.rs`:
//! * nobody takes part in two calls;
//! * nothing passes between two sockets but on a link that both want, and only between the two that accepted;
//! * whoever was told of a link or an offer is told once that it is over, and nothing of it afterwards;
//! * whoever may not call or send in a room any more is on no link there;
//! * and of conferences, in `tests/conference.rs`: everybody in one knows the same people in it.

mod call;
mod calls;
mod conference;
mod conferences;
mod offer;
mod offers;
mod seats;

use membership::{Grant, Grants, PersonId, RoomId};
use service::notes::Note;

use self::calls::Calls;
use self::conferences::Conferences;
pub use self::conferences::Doing;
pub use self::offer::Sheet;
use self::offers::Offers;
use self::seats::Seats;
pub use self::seats::{Holder, SocketId, Trait};
use crate::media::{Order, Report};
use crate::protocol::conference::Out;
use crate::protocol::{Closed, End, Frame, LinkId, Media, OfferId, Signal};

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
    /// A person is known as something else in a room.
    Know(RoomId, PersonId, Trait),
    /// A person is out of a room.
    Out(RoomId, PersonId),
    /// A socket gives up its seat in a room.
    Leave(SocketId, RoomId),
    /// A socket's token for a room ended: whether it still has its seat cannot be known.
    Lapse(SocketId, RoomId),
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
    /// Do something in the conference of a room.
    Conference(Doing),
    /// The media plane says something.
    Media(Report),
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
    /// Tell several sockets the same, which is written once.
    TellAll(Vec<SocketId>, Frame),
    /// Tell the media plane.
    Media(Order),
    /// Tell chat-server, for the history of the room.
    Note(Note),
}

/// What to tell, or the stable code why nothing happens.
pub type Outcome = Result<Vec<Output>, &'static str>;

/// Everybody who is here, all calls, conferences and offers.
#[derive(Debug)]
pub struct Exchange {
    seats: Seats,
    calls: Calls,
    conferences: Conferences,
    offers: Offers,
}

impl Default for Exchange {
    /// Without conferences.
    fn default() -> Self {
        Self::new(0)
    }
}

impl Exchange {
    /// Nobody is here yet. In a conference will be at most `capacity` people; without any, there are none.
    pub fn new(capacity: usize) -> Self {
        let (seats, calls, offers) = (Seats::default(), Calls::default(), Offers::default());
        Self { seats, calls, conferences: Conferences::new(capacity), offers }
    }

    /// Takes what happens. `now` is in milliseconds since 1970 and never goes back.
    ///
    /// # Errors
    /// A stable code; then nothing has changed.
    pub fn handle(&mut self, input: Input, now: u64) -> Outcome {
        let (seats, calls, offers) = (&self.seats, &mut self.calls, &mut self.offers);
        let engages = |person| self.conferences.engages(person);
        let confers = |socket| seats.of_socket(socket).is_some_and(|(person, _)| engages(person));
        match input {
            Input::Enter(socket, room, holder) => Ok(self.enter(socket, room, holder, now)),
            Input::Regrant(room, person, grants) => Ok(self.regrant(room, person, grants, now)),
            Input::Know(room, person, known) => {
                let mut told = self.restand(room, person, |holder| holder.with(known.clone()));
                if let Trait::Name(name) = &known {
                    told.extend(self.conferences.rename(&self.seats, room, person, name, now));
                }
                Ok(told)
            }
            Input::Out(room, person) => Ok(self.out(room, person, now)),
            Input::Leave(socket, room) => Ok(self.leave(socket, room, [End::NotAllowed, End::HungUp], Out::Left, now)),
            Input::Lapse(socket, room) => Ok(self.leave(socket, room, [End::Unconfirmed; 2], Out::Unconfirmed, now)),
            Input::Gone(socket) => Ok(self.gone(socket, now)),
            Input::Ring(socket, _) | Input::Accept(socket, ..) | Input::Return(socket, _) if confers(socket) => {
                Err("in_a_call")
            }
            Input::Ring(socket, ring) => calls.ring(seats, socket, ring, engages(ring.to), now),
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
            Input::Conference(doing) => {
                let talks = seats.of_socket(doing.socket).is_some_and(|(person, _)| calls.takes_part(person));
                self.conferences.act(seats, doing, talks, now)
            }
            Input::Media(report) => Ok(self.conferences.hear(seats, report, now)),
            Input::Time => {
                let mut told = calls.time(now);
                told.extend(self.conferences.time(seats, now));
                told.extend(offers.time(seats, now));
                Ok(told)
            }
        }
    }

    /// Whether a socket is at one end of a link that both accepted.
    pub fn is_on(&self, socket: SocketId, link: LinkId) -> bool {
        self.calls.is_on(socket, link) || self.offers.is_on(socket, link)
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
        let mut told = self.restand(room, person, |holder| Holder { grants, ..holder });
        told.extend(self.curtail(room, person, grants, now));
        told
    }

    /// A person stands otherwise in a room, by all their seats.
    fn restand(&mut self, room: RoomId, person: PersonId, now: impl Fn(Holder) -> Holder) -> Vec<Output> {
        let seats = self.seats.held_by(room, person).into_iter();
        seats.flat_map(|(socket, holder)| self.stand(socket, room, now(holder))).collect()
    }

    /// A seat is taken, or is worth something else now. What goes on already is told to who may take part since now.
    fn stand(&mut self, socket: SocketId, room: RoomId, holder: Holder) -> Vec<Output> {
        let (person, grants, relay_only) = (holder.person, holder.grants, holder.relay_only);
        let stood = self.seats.take(room, socket, holder).map(|before| (before.grants, before.relay_only));
        let gains = |may: fn(Grants) -> bool| may(grants) && !stood.is_some_and(|(before, _)| may(before));
        let mut told = Vec::new();
        if stood != Some((grants, relay_only)) {
            told.push(Output::Tell(socket, Frame::Stands { room, grants, relay_only }));
        }
        if gains(|grants| grants.may(Grant::Call)) {
            told.extend(self.calls.ring_on(&self.seats, socket, room, person));
        }
        if gains(|grants| grants.may(Grant::Read)) {
            told.extend(self.conferences.live_in(room, socket));
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
        told.extend(self.conferences.regrant(&self.seats, room, person, grants, now));
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

    /// A socket has its seat no more; why its call ends, what it fetches, and its part in a conference.
    fn leave(&mut self, socket: SocketId, room: RoomId, [call, pull]: [End; 2], why: Out, now: u64) -> Vec<Output> {
        let person = self.seats.of_socket(socket).map(|(person, _)| person);
        let part = person.map(|person| self.conferences.leave(&self.seats, (socket, room), person, why, now));
        let mut told = self.calls.leave(socket, room, call, now);
        told.extend(self.offers.leave(&self.seats, socket, room, pull));
        told.extend(part.unwrap_or_default());
        self.seats.give_up(room, socket);
        told
    }

    fn gone(&mut self, socket: SocketId, now: u64) -> Vec<Output> {
        let Some((person, rooms)) = self.seats.of_socket(socket) else { return Vec::new() };
        for room in rooms {
            self.seats.give_up(room, socket);
        }
        let mut told = self.calls.gone(person, socket, now);
        told.extend(self.conferences.gone(person, socket, now));
        told.extend(self.offers.gone(socket, now));
        told
    }
}

/// Files are fetched by who may call or send files: a link is made for them as for a call.
pub(crate) const fn may_fetch(grants: Grants) -> bool {
    grants.may(Grant::Call) || grants.may(Grant::SendFiles)
}
