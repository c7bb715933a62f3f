//! All conferences: at most one in a room, and everybody in at most one. Who may do what in them is decided here.

use std::collections::BTreeMap;

use membership::permission::leads_conference;
use membership::{Grant, Grants, PersonId, RoomId};

use super::conference::{Comer, Conference};
use super::seats::{Seats, SocketId};
use super::{AWAY_MS, Outcome, Output};
use crate::media::{self, Order, PlaceId, Report};
use crate::protocol::Frame;
use crate::protocol::conference::{ANSWER, Act, Back, ConferenceId, News, Out, SDP, Shows, Source, Stream, TILES};

/// A conference that is said to be older is taken to be new, in milliseconds.
const OLDEST_MS: u64 = 24 * 3_600_000;

/// Most sections of a description: one of each source.
const SOURCES: usize = 4;

/// Conferences, found by their room and by who is in them.
#[derive(Debug)]
pub(super) struct Conferences {
    by_room: BTreeMap<RoomId, Conference>,
    of: BTreeMap<PersonId, RoomId>,
    /// Whose place it is, and where.
    places: BTreeMap<PlaceId, (RoomId, PersonId)>,
    /// Conferences that were ended for all a moment ago, and when (milliseconds since 1970): nobody comes back to them.
    over: BTreeMap<ConferenceId, u64>,
    last: u64,
    /// Most people in one; none where there is no media plane.
    most: usize,
}

/// Somebody does something by a socket that has a seat in the room.
#[derive(Debug, Clone)]
pub struct Doing {
    /// By which socket.
    pub socket: SocketId,
    /// In which room.
    pub room: RoomId,
    /// What.
    pub act: Act,
    /// The id of the conference, if this begins one.
    pub id: ConferenceId,
}

impl Conferences {
    pub(super) fn new(most: usize) -> Self {
        let (by_room, of, places, over) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { by_room, of, places, over, last: 0, most }
    }

    /// Whether somebody is in a conference.
    pub(super) fn engages(&self, person: PersonId) -> bool {
        self.of.contains_key(&person)
    }

    /// What goes on in a room, for a socket that comes in.
    pub(super) fn live_in(&self, room: RoomId, socket: SocketId) -> Option<Output> {
        let news = self.by_room.get(&room)?.as_seen();
        Some(Output::Tell(socket, Frame::Conference { room, news }))
    }

    /// `engaged`: they are in a call between two.
    pub(super) fn act(&mut self, seats: &Seats, doing: Doing, engaged: bool, now: u64) -> Outcome {
        let Doing { socket, room, act, id } = doing;
        let holder = seats.who_may(room, socket, &[Grant::Call]).ok_or("not_allowed")?;
        let (person, grants, leads) = (holder.person, holder.grants, leads_conference(holder.grants));
        if let Act::Join { shows, back, here } = act {
            let comer = Comer { person, name: holder.name.clone(), leads, socket, shows: allowed(shows, grants) };
            return self.join(seats, room, comer, &Entry { id, back, here, engaged }, now);
        }
        let conference = self.by_room.get_mut(&room).ok_or("no_such_call")?;
        let place = conference.seat(person, socket).ok_or("no_such_call")?;
        if act.is_of_who_leads() && !leads {
            return Err("not_allowed");
        }
        if act.whom().is_some_and(|whom| !conference.has(whom)) {
            return Err("absent");
        }
        Ok(match act {
            Act::Join { .. } => Vec::new(),
            Act::Leave {} => self.part(seats, room, person, Out::Left, now),
            Act::Publish { sdp, sources } => {
                may_publish(&sdp, &sources, grants)?;
                vec![Output::Media(Order::Publish { place, sdp, sources })]
            }
            Act::Take { sdp, .. } if sdp.len() > ANSWER => return Err("too_large"),
            Act::Take { number, sdp } => vec![Output::Media(Order::Take { place, number, sdp })],
            Act::Shows { shows } => conference.show(person, allowed(shows, grants)),
            Act::Want { want } if want.tiles.len() > TILES => return Err("too_large"),
            Act::Want { want } => conference.want(person, want),
            Act::Hand { up } => conference.raise(person, up, now),
            Act::React { emoji } => vec![conference.to_all(News::Reaction { person, emoji })],
            Act::Mute { person: whom } => conference.mute(whom, &holder.name),
            Act::Ask { person: whom } => {
                conference.to(whom, News::Asked { by: holder.name.clone() }).into_iter().collect()
            }
            Act::Lower { person: whom } => conference.raise(whom, false, now),
            Act::Remove { person: whom } => {
                conference.bar(whom, now);
                self.part(seats, room, whom, Out::Removed, now)
            }
            Act::Lock { locked } => {
                let told = conference.lock(locked);
                self.after(seats, room, told, now)
            }
            Act::End {} => self.end(seats, room, now),
        })
    }

    /// Ends it for all; nobody comes back to it.
    fn end(&mut self, seats: &Seats, room: RoomId, now: u64) -> Vec<Output> {
        let Some(conference) = self.by_room.get(&room) else { return Vec::new() };
        self.over.insert(conference.id, now);
        let people = conference.people();
        people.into_iter().flat_map(|person| self.part(seats, room, person, Out::Ended, now)).collect()
    }

    fn join(&mut self, seats: &Seats, room: RoomId, comer: Comer, entry: &Entry, now: u64) -> Outcome {
        let Entry { id, back, here, engaged } = *entry;
        let person = comer.person;
        if self.most == 0 {
            return Err("no_conferences");
        }
        if engaged {
            return Err("in_a_call");
        }
        if back.is_some_and(|back| self.over.contains_key(&back.call)) {
            return Err("no_such_call");
        }
        let held = self.of.get(&person).copied();
        let comes_back = held == Some(room) && back.is_some_and(|back| self.is(room, back.call));
        let begins_anew = self.by_room.get(&room).is_some_and(|it| it.socket(person) == Some(comer.socket));
        if held.is_some() && !here && !comes_back && !begins_anew {
            return Err("in_a_call");
        }
        if let Some(conference) = self.by_room.get(&room).filter(|conference| !conference.has(person)) {
            if conference.bars(person, now) && !comer.leads {
                return Err("removed");
            }
            if conference.locked && !comer.leads {
                return Err("locked");
            }
            if conference.count() >= self.most {
                return Err("full");
            }
        }
        let mut told = Vec::new();
        if let Some(other) = held.filter(|other| *other != room) {
            told.extend(self.part(seats, other, person, Out::Elsewhere, now));
        }
        self.last += 1;
        let place = PlaceId(self.last);
        let before = self.by_room.get(&room).and_then(|conference| conference.place(person));
        if let Some(before) = before {
            self.places.remove(&before);
        }
        let begun = |back: Back| back.since.clamp(now.saturating_sub(OLDEST_MS), now);
        let (id, since) = back.map_or((id, now), |back| (back.call, begun(back)));
        let conference = self.by_room.entry(room).or_insert_with(|| Conference::new(id, room, &comer, since));
        told.extend(conference.admit(comer, place, now));
        self.of.insert(person, room);
        self.places.insert(place, (room, person));
        Ok(self.after(seats, room, told, now))
    }

    /// Somebody may do something else in a room.
    pub(super) fn regrant(
        &mut self,
        seats: &Seats,
        room: RoomId,
        person: PersonId,
        grants: Grants,
        now: u64,
    ) -> Vec<Output> {
        if self.of.get(&person) != Some(&room) {
            return Vec::new();
        }
        if !grants.may(Grant::Call) {
            return self.part(seats, room, person, Out::NotAllowed, now);
        }
        let Some(conference) = self.by_room.get_mut(&room) else { return Vec::new() };
        conference.regrant(person, leads_conference(grants), grants.may(Grant::Present))
    }

    /// Somebody has another name in a room.
    pub(super) fn rename(
        &mut self,
        seats: &Seats,
        room: RoomId,
        person: PersonId,
        name: &str,
        now: u64,
    ) -> Vec<Output> {
        let told = self.by_room.get_mut(&room).map(|conference| conference.rename(person, name)).unwrap_or_default();
        self.after(seats, room, told, now)
    }

    /// A socket gives up its seat in a room.
    pub(super) fn leave(
        &mut self,
        seats: &Seats,
        (socket, room): (SocketId, RoomId),
        person: PersonId,
        why: Out,
        now: u64,
    ) -> Vec<Output> {
        match self.by_room.get(&room).and_then(|conference| conference.seat(person, socket)) {
            Some(_) => self.part(seats, room, person, why, now),
            None => Vec::new(),
        }
    }

    /// A socket was cut off.
    pub(super) fn gone(&mut self, person: PersonId, socket: SocketId, now: u64) -> Vec<Output> {
        let Some(conference) = self.of.get(&person).and_then(|room| self.by_room.get_mut(room)) else {
            return Vec::new();
        };
        match conference.seat(person, socket) {
            Some(_) => conference.cut(person, now),
            None => Vec::new(),
        }
    }

    /// What the media plane says.
    pub(super) fn hear(&mut self, seats: &Seats, report: Report, now: u64) -> Vec<Output> {
        let (place, news) = match report {
            Report::Levels { room, levels } => {
                return self.by_room.get_mut(&room).map(|it| it.hear(&levels, now)).unwrap_or_default();
            }
            Report::Lost { place } => {
                let Some((room, person)) = self.places.get(&place).copied() else { return Vec::new() };
                return self.part(seats, room, person, Out::Lost, now);
            }
            Report::Answer { place, sdp } => (place, News::Answer { sdp }),
            Report::Refused { place, code } => (place, News::Failed { code: code.to_owned() }),
            Report::Line { place, send, receive } => (place, News::Line { send, receive }),
            Report::Offer { place, number, sdp, streams } => {
                let named = |stream: media::Stream| {
                    let (_, person) = *self.places.get(&stream.of)?;
                    Some(Stream { mid: stream.mid, person, source: stream.source })
                };
                (place, News::Offer { number, sdp, streams: streams.into_iter().filter_map(named).collect() })
            }
        };
        let Some((room, person)) = self.places.get(&place) else { return Vec::new() };
        self.by_room.get(room).and_then(|conference| conference.to(*person, news)).into_iter().collect()
    }

    /// Who was away for too long is out; rooms are told what has changed.
    pub(super) fn time(&mut self, seats: &Seats, now: u64) -> Vec<Output> {
        self.over.retain(|_, ended| now < *ended + 4 * AWAY_MS);
        let rooms: Vec<RoomId> = self.by_room.keys().copied().collect();
        let mut told = Vec::new();
        for room in rooms {
            let lost = self.by_room.get_mut(&room).map(|conference| conference.time(now)).unwrap_or_default();
            told.extend(lost.into_iter().flat_map(|person| self.part(seats, room, person, Out::Lost, now)));
            told.extend(self.after(seats, room, Vec::new(), now));
        }
        told
    }

    fn is(&self, room: RoomId, id: ConferenceId) -> bool {
        self.by_room.get(&room).is_some_and(|conference| conference.id == id)
    }

    fn part(&mut self, seats: &Seats, room: RoomId, person: PersonId, why: Out, now: u64) -> Vec<Output> {
        let Some(conference) = self.by_room.get_mut(&room) else { return Vec::new() };
        if let Some(place) = conference.place(person) {
            self.places.remove(&place);
            self.of.remove(&person);
        }
        let told = conference.part(person, why);
        self.after(seats, room, told, now)
    }

    /// Ends a conference without anybody, and tells the room what has changed.
    fn after(&mut self, seats: &Seats, room: RoomId, mut told: Vec<Output>, now: u64) -> Vec<Output> {
        let Some(conference) = self.by_room.get_mut(&room) else { return told };
        let news = if conference.is_empty() {
            told.push(Output::Note(conference.note(now)));
            let call = conference.id;
            self.by_room.remove(&room);
            Some(News::Over { call })
        } else {
            conference.live(now)
        };
        let Some(news) = news else { return told };
        let here = seats.everybody(room).filter(|(_, holder)| holder.grants.may(Grant::Read));
        told.push(Output::TellAll(here.map(|(socket, _)| socket).collect(), Frame::Conference { room, news }));
        told
    }
}

/// How somebody comes in.
struct Entry {
    /// Which conference, if this begins one.
    id: ConferenceId,
    back: Option<Back>,
    here: bool,
    engaged: bool,
}

/// Whether somebody may offer to send this.
fn may_publish(sdp: &str, sources: &BTreeMap<String, Source>, grants: Grants) -> Result<(), &'static str> {
    if sdp.len() > SDP || sources.len() > SOURCES {
        return Err("too_large");
    }
    let screens = |source: &Source| matches!(source, Source::Screen | Source::ScreenSound);
    if sources.values().any(screens) && !grants.may(Grant::Present) {
        return Err("not_allowed");
    }
    Ok(())
}

/// A screen is only shown by who may.
const fn allowed(shows: Shows, grants: Grants) -> Shows {
    Shows { screen: shows.screen && grants.may(Grant::Present), ..shows }
}
