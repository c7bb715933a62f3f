//! All offers of files and their pulls. A file itself never comes here: it goes from browser to browser.

use std::collections::BTreeMap;

use membership::{Grant, PersonId, RoomId};
use service::notes::{Note, What};

use super::calls::pass_on;
use super::offer::{Here, Offer, Pull, Sheet};
use super::seats::{Seats, SocketId};
use super::{AWAY_MS, OFFERS, OFFERS_OF_ROOM, Outcome, Output, PULLS, may_fetch};
use crate::protocol::{Closed, End, Frame, LinkId, OfferId, Signal};

const FETCH: &[Grant] = &[Grant::Call, Grant::SendFiles];

/// Offers and pulls.
#[derive(Debug, Default)]
pub(super) struct Offers {
    offers: BTreeMap<OfferId, Offer>,
    pulls: BTreeMap<LinkId, Pull>,
}

impl Offers {
    /// What is live in a room.
    pub(super) fn live_in(&self, room: RoomId) -> impl Iterator<Item = Frame> {
        self.offers.values().filter(move |offer| offer.room == room).map(Offer::frame)
    }

    pub(super) fn offer(
        &mut self,
        seats: &Seats,
        (socket, room): (SocketId, RoomId),
        id: OfferId,
        sheet: Sheet,
        now: u64,
    ) -> Outcome {
        let holder = seats.who_may(room, socket, &[Grant::SendFiles]).ok_or("not_allowed")?;
        if !sheet.is_sound() {
            return Err("bad_frame");
        }
        if let Some(offer) = self.offers.get(&id) {
            if (offer.by, offer.room) != (holder.person, room) {
                return Err("no_such_offer");
            }
            return Ok(self.announce_anew(seats, id, socket, sheet.relay_only));
        }
        // After a restart nothing else says whose it was.
        if !id.is_of(holder.person, room) {
            return Err("no_such_offer");
        }
        let many = |which: &dyn Fn(&Offer) -> bool| self.offers.values().filter(|offer| which(offer)).count();
        if many(&|offer| offer.by == holder.person) >= OFFERS || many(&|offer| offer.room == room) >= OFFERS_OF_ROOM {
            return Err("too_many");
        }
        let (by, name, line) = (holder.person, holder.name.clone(), Here::By(socket));
        let sheet = sheet.shortened();
        let offer = Offer { id, room, by, name: name.clone(), line, sheet, at: now };
        let mut told = tell_room(seats, room, &offer.frame());
        let Sheet { files, count, size, .. } = offer.sheet.clone();
        told.push(Output::Note(Note { room, by, name, what: What::Offered { offer: id.0, files, count, size } }));
        self.offers.insert(id, offer);
        Ok(told)
    }

    /// Its sender is there by another socket. Who fetches asks again: the browsers begin anew.
    fn announce_anew(&mut self, seats: &Seats, id: OfferId, socket: SocketId, relay_only: bool) -> Vec<Output> {
        let mut told = self.end_pulls(|pull| pull.offer == id, [Some(End::Lost); 2]);
        if let Some(offer) = self.offers.get_mut(&id) {
            (offer.line, offer.sheet.relay_only) = (Here::By(socket), relay_only);
            told.extend(tell_room(seats, offer.room, &offer.frame()));
        }
        told
    }

    pub(super) fn close(&mut self, seats: &Seats, socket: SocketId, id: OfferId, why: Closed) -> Outcome {
        let (person, _) = seats.of_socket(socket).ok_or("no_such_offer")?;
        let is_own = self.offers.get(&id).is_some_and(|offer| offer.by == person);
        // That somebody is gone the server says.
        if !is_own || why == Closed::Gone {
            return Err(if is_own { "bad_frame" } else { "no_such_offer" });
        }
        Ok(self.end_offer(seats, id, why))
    }

    pub(super) fn pull(
        &mut self,
        seats: &Seats,
        socket: SocketId,
        id: OfferId,
        link: LinkId,
        relay_only: bool,
    ) -> Outcome {
        let offer = self.offers.get(&id).ok_or("no_such_offer")?;
        let holder = seats.who_may(offer.room, socket, FETCH).ok_or("no_such_offer")?;
        let (room, to, by) = (offer.room, holder.person, offer.by);
        let sender = offer.line.socket().ok_or("absent")?;
        if sender == socket {
            return Err("bad_frame");
        }
        let relay_only = relay_only || offer.sheet.relay_only || seats.demands_relays(room, [to, by]);
        let is_mine = |pull: &Pull| pull.to == to;
        if self.pulls.values().filter(|pull| is_mine(pull) && pull.offer != id).count() >= PULLS {
            return Err("too_many");
        }
        // Asked for again, by this window or another one: what was begun is over.
        let mut told = self.end_pulls(|pull| is_mine(pull) && pull.offer == id, [Some(End::Elsewhere); 2]);
        let name = holder.name.clone();
        told.push(Output::Tell(sender, Frame::Pulled { offer: id, link, person: to, name }));
        let connected = |person, polite| Frame::Connected { link, person, polite, relay_only };
        told.push(Output::Tell(sender, connected(to, false)));
        told.push(Output::Tell(socket, connected(by, true)));
        self.pulls.insert(link, Pull { id: link, offer: id, room, to, line: Here::By(socket), relay_only });
        Ok(told)
    }

    pub(super) fn refuse(&self, seats: &Seats, socket: SocketId, id: OfferId) -> Outcome {
        let offer = self.offers.get(&id).ok_or("no_such_offer")?;
        let holder = seats.who_may(offer.room, socket, FETCH).ok_or("no_such_offer")?;
        let frame = Frame::RefusedOffer { offer: id, person: holder.person, name: holder.name.clone() };
        Ok(offer.line.socket().map(|sender| Output::Tell(sender, frame)).into_iter().collect())
    }

    pub(super) fn hang_up(&mut self, socket: SocketId, id: LinkId) -> Outcome {
        self.other_end(socket, id)?;
        Ok(self.end_pulls(|pull| pull.id == id, [Some(End::HungUp); 2]))
    }

    pub(super) fn signal(&self, socket: SocketId, id: LinkId, signal: Signal) -> Outcome {
        let (pull, other) = self.other_end(socket, id)?;
        Ok(pass_on(other, id, signal, pull.relay_only))
    }

    /// A socket gives up its seat in a room.
    pub(super) fn leave(&mut self, seats: &Seats, socket: SocketId, room: RoomId, why: End) -> Vec<Output> {
        let is_left = |offer: &Offer| offer.room == room && offer.line == Here::By(socket);
        let mut told = self.end_offers(seats, is_left);
        let is_left = |pull: &Pull| pull.room == room && pull.line == Here::By(socket);
        told.extend(self.end_pulls(is_left, [Some(why); 2]));
        told
    }

    /// A socket was cut off. What flows between the browsers may go on meanwhile.
    pub(super) fn gone(&mut self, socket: SocketId, now: u64) -> Vec<Output> {
        let mut told = Vec::new();
        for offer in self.offers.values_mut().filter(|offer| offer.line == Here::By(socket)) {
            offer.line = Here::Away(now);
            let pulls = self.pulls.values().filter(|pull| pull.offer == offer.id);
            told.extend(pulls.filter_map(|pull| Some((pull.line.socket()?, pull.id))).map(away));
        }
        for pull in self.pulls.values_mut().filter(|pull| pull.line == Here::By(socket)) {
            pull.line = Here::Away(now);
            let sender = self.offers.get(&pull.offer).and_then(|offer| offer.line.socket());
            told.extend(sender.map(|sender| away((sender, pull.id))));
        }
        told
    }

    pub(super) fn time(&mut self, seats: &Seats, now: u64) -> Vec<Output> {
        let is_lost = |line: Here| matches!(line, Here::Away(since) if now >= since + AWAY_MS);
        let mut told = self.end_offers(seats, |offer| is_lost(offer.line));
        told.extend(self.end_pulls(|pull| is_lost(pull.line), [Some(End::Lost), None]));
        told
    }

    /// Ends offers whose sender is gone or may not send any more.
    pub(super) fn end_offers(&mut self, seats: &Seats, which: impl Fn(&Offer) -> bool) -> Vec<Output> {
        let ended: Vec<OfferId> = self.offers.values().filter(|offer| which(offer)).map(|offer| offer.id).collect();
        ended.into_iter().flat_map(|id| self.end_offer(seats, id, Closed::Gone)).collect()
    }

    /// Ends what a person fetches in a room where they may not any more.
    pub(super) fn end_pulls_in(&mut self, room: RoomId, person: PersonId) -> Vec<Output> {
        self.end_pulls(|pull| pull.room == room && pull.to == person, [Some(End::NotAllowed); 2])
    }

    fn end_offer(&mut self, seats: &Seats, id: OfferId, why: Closed) -> Vec<Output> {
        let mut told = self.end_pulls(|pull| pull.offer == id, [Some(End::Closed); 2]);
        let Some(offer) = self.offers.remove(&id) else { return told };
        let (room, by, name) = (offer.room, offer.by, offer.name);
        told.extend(tell_room(seats, room, &Frame::Closed { room, offer: id, why }));
        // Who is gone may come back and offer the same: that is no end the room should remember.
        if why != Closed::Gone {
            told.push(Output::Note(Note { room, by, name, what: What::Closed { offer: id.0, why } }));
        }
        told
    }

    /// Ends pulls: what the sender and who fetches is told.
    fn end_pulls(&mut self, which: impl Fn(&Pull) -> bool, [sender, fetcher]: [Option<End>; 2]) -> Vec<Output> {
        let mut told = Vec::new();
        for (link, pull) in self.pulls.extract_if(.., |_, pull| which(pull)) {
            let sender_is = self.offers.get(&pull.offer).and_then(|offer| offer.line.socket());
            let ended = |to: Option<SocketId>, why: Option<End>| {
                to.zip(why).map(|(to, why)| Output::Tell(to, Frame::Ended { link, why }))
            };
            told.extend(ended(sender_is, sender).into_iter().chain(ended(pull.line.socket(), fetcher)));
        }
        told
    }

    /// Whether a socket is at one end of a pull.
    pub(super) fn is_on(&self, socket: SocketId, id: LinkId) -> bool {
        self.other_end(socket, id).is_ok()
    }

    /// A pull in which this socket takes part, and the socket at its other end.
    fn other_end(&self, socket: SocketId, id: LinkId) -> Result<(&Pull, Option<SocketId>), &'static str> {
        let pull = self.pulls.get(&id).ok_or("no_such_link")?;
        let sender = self.offers.get(&pull.offer).and_then(|offer| offer.line.socket());
        match (sender, pull.line.socket()) {
            (Some(sender), fetcher) if sender == socket => Ok((pull, fetcher)),
            (sender, Some(fetcher)) if fetcher == socket => Ok((pull, sender)),
            _ => Err("no_such_link"),
        }
    }
}

const fn away((socket, link): (SocketId, LinkId)) -> Output {
    Output::Tell(socket, Frame::Away { link })
}

/// Told to everybody who may fetch.
fn tell_room(seats: &Seats, room: RoomId, frame: &Frame) -> Vec<Output> {
    let may = seats.everybody(room).filter(|(_, holder)| may_fetch(holder.grants));
    may.map(|(socket, _)| Output::Tell(socket, frame.clone())).collect()
}
