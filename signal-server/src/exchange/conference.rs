//! One conference: who has a place in it, and what each of them is told.

mod place;
mod speakers;

use std::collections::{BTreeMap, BTreeSet};

use membership::{PersonId, RoomId};
use service::notes::{Note, What};

use self::place::{Line, Place};
use self::speakers::Speakers;
use super::seats::SocketId;
use super::{AWAY_MS, Output};
use crate::media::{self, Order, PlaceId};
use crate::protocol::Frame;
use crate::protocol::conference::{ConferenceId, NAMED, Named, News, Out, Shows, Tile, Want};

/// How often the room is told at most who is in it, in milliseconds.
const LIVE_MS: u64 = 1_000;
/// For how long somebody who was sent out may not come back, in milliseconds.
const BARRED_MS: u64 = 600_000;

/// A conference. Invariant: it has at least one place.
#[derive(Debug, Clone)]
pub(super) struct Conference {
    pub(super) id: ConferenceId,
    room: RoomId,
    /// Since when it goes on, in milliseconds since 1970.
    since: u64,
    pub(super) locked: bool,
    places: BTreeMap<PersonId, Place>,
    /// Who was sent out, and until when they stay out (milliseconds since 1970).
    barred: BTreeMap<PersonId, u64>,
    /// Who began it, under which name.
    by: (PersonId, String),
    /// Everybody who was in it.
    been: BTreeSet<PersonId>,
    speakers: Speakers,
    /// When the room was last told of it, and whether it has changed since.
    told: Option<u64>,
    changed: bool,
}

/// Who comes.
#[derive(Debug, Clone)]
pub(super) struct Comer {
    pub(super) person: PersonId,
    pub(super) name: String,
    pub(super) leads: bool,
    pub(super) socket: SocketId,
    pub(super) shows: Shows,
}

impl Conference {
    pub(super) fn new(id: ConferenceId, room: RoomId, by: &Comer, since: u64) -> Self {
        Self {
            id,
            room,
            since,
            locked: false,
            places: BTreeMap::new(),
            barred: BTreeMap::new(),
            by: (by.person, by.name.clone()),
            been: BTreeSet::new(),
            speakers: Speakers::default(),
            told: None,
            changed: true,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    pub(super) fn has(&self, person: PersonId) -> bool {
        self.places.contains_key(&person)
    }

    pub(super) fn people(&self) -> Vec<PersonId> {
        self.places.keys().copied().collect()
    }

    /// The place of somebody who takes part by this socket.
    pub(super) fn seat(&self, person: PersonId, socket: SocketId) -> Option<PlaceId> {
        self.places.get(&person).filter(|place| place.socket() == Some(socket)).map(|place| place.id)
    }

    /// Whose place it is.
    pub(super) fn person(&self, place: PlaceId) -> Option<PersonId> {
        self.places.iter().find(|(_, at)| at.id == place).map(|(person, _)| *person)
    }

    pub(super) fn place(&self, person: PersonId) -> Option<PlaceId> {
        self.places.get(&person).map(|place| place.id)
    }

    pub(super) fn socket(&self, person: PersonId) -> Option<SocketId> {
        self.places.get(&person)?.socket()
    }

    /// Whether somebody was sent out a moment ago.
    pub(super) fn bars(&self, person: PersonId, now: u64) -> bool {
        self.barred.get(&person).is_some_and(|until| now < *until)
    }

    /// Gives a place; who had one by another socket has it here now, with new connections, and keeps their turn to speak.
    pub(super) fn admit(&mut self, comer: Comer, id: PlaceId, now: u64) -> Vec<Output> {
        let Comer { person, name, leads, socket, shows } = comer;
        let mut told = Vec::new();
        let before = self.places.remove(&person);
        self.changed |= before.is_none();
        if let Some(before) = &before {
            told.push(Output::Media(Order::Close { place: before.id }));
            self.speakers.forget(before.id);
            if let Some(elsewhere) = before.socket().filter(|at| *at != socket) {
                told.push(self.news(elsewhere, News::Out { why: Out::Elsewhere }));
            }
        }
        let (since, hand) = before.map_or((now, None), |before| (before.since, before.hand));
        let want = Want::default();
        let place = Place { id, line: Line::Here(socket), name, leads, since, shows, hand, want };
        told.push(self.to_all(News::Person(place.seen(person))));
        self.places.insert(person, place);
        self.been.insert(person);
        self.barred.remove(&person);
        let mut people: Vec<_> = self.places.iter().collect();
        people.sort_by_key(|(_, place)| place.since);
        let people = people.into_iter().map(|(person, place)| place.seen(*person)).collect();
        let (call, since, locked) = (self.id, self.since, self.locked);
        told.push(self.news(socket, News::Joined { call, since, locked, people }));
        if let Some(speaker) = self.speakers.now().and_then(|place| self.person(place)) {
            told.push(self.news(socket, News::Speaking { person: Some(speaker) }));
        }
        told.push(Output::Media(Order::Open { place: id, room: self.room }));
        told.push(Output::Media(Order::Show { place: id, shows }));
        // Who came back sends from another place: whoever looks at them looks there now.
        let look = |place: &&Place| place.want.tiles.iter().any(|tile| tile.person == person);
        told.extend(self.places.values().filter(look).map(|place| Output::Media(self.look(place))));
        told
    }

    /// What somebody wants to see.
    pub(super) fn want(&mut self, person: PersonId, want: Want) -> Vec<Output> {
        let Some(place) = self.places.get_mut(&person) else { return Vec::new() };
        place.want = want;
        let place = &self.places[&person];
        vec![Output::Media(self.look(place))]
    }

    /// What somebody wants to see, where it is now.
    fn look(&self, place: &Place) -> Order {
        let tile = |tile: &Tile| {
            let of = self.place(tile.person)?;
            Some(media::Tile { of, source: tile.source, height: tile.height, pinned: tile.pinned })
        };
        let tiles = place.want.tiles.iter().filter_map(tile).collect();
        Order::Want { place: place.id, want: media::Want { receive: place.want.receive, tiles } }
    }

    /// Somebody is out. They are told why, unless they left themselves or are away.
    pub(super) fn part(&mut self, person: PersonId, why: Out) -> Vec<Output> {
        let Some(place) = self.places.remove(&person) else { return Vec::new() };
        let mut told = vec![Output::Media(Order::Close { place: place.id })];
        if let Some(socket) = place.socket().filter(|_| why != Out::Left) {
            told.push(self.news(socket, News::Out { why }));
        }
        told.push(self.to_all(News::Left { person, why }));
        if self.speakers.forget(place.id) {
            told.push(self.to_all(News::Speaking { person: None }));
        }
        self.changed = true;
        told
    }

    /// Somebody who is sent out does not come back for a while.
    pub(super) fn bar(&mut self, person: PersonId, now: u64) {
        self.barred.insert(person, now + BARRED_MS);
    }

    /// Somebody's line is cut; they are waited for.
    pub(super) fn cut(&mut self, person: PersonId, now: u64) -> Vec<Output> {
        self.alter(person, |place| place.line = Line::Away(now))
    }

    /// Who was away for too long.
    pub(super) fn time(&mut self, now: u64) -> Vec<PersonId> {
        let lost = |place: &Place| matches!(place.line, Line::Away(since) if now >= since + AWAY_MS);
        self.barred.retain(|_, until| now < *until);
        self.places.iter().filter(|(_, place)| lost(place)).map(|(person, _)| *person).collect()
    }

    /// Somebody's place changes; all are told when it shows.
    fn alter(&mut self, person: PersonId, change: impl FnOnce(&mut Place)) -> Vec<Output> {
        let Some(place) = self.places.get_mut(&person) else { return Vec::new() };
        let before = place.clone();
        change(place);
        if *place == before {
            return Vec::new();
        }
        let (seen, id, shows) = (place.seen(person), place.id, place.shows);
        let mut told = vec![self.to_all(News::Person(seen))];
        if shows != before.shows {
            told.push(Output::Media(Order::Show { place: id, shows }));
        }
        told
    }

    pub(super) fn show(&mut self, person: PersonId, shows: Shows) -> Vec<Output> {
        self.alter(person, |place| place.shows = shows)
    }

    pub(super) fn raise(&mut self, person: PersonId, up: bool, now: u64) -> Vec<Output> {
        self.alter(person, |place| place.hand = up.then(|| place.hand.unwrap_or(now)))
    }

    pub(super) fn rename(&mut self, person: PersonId, name: &str) -> Vec<Output> {
        self.changed |= self.has(person);
        self.alter(person, |place| name.clone_into(&mut place.name))
    }

    /// What somebody may do has changed.
    pub(super) fn regrant(&mut self, person: PersonId, leads: bool, may_present: bool) -> Vec<Output> {
        self.alter(person, |place| {
            place.leads = leads;
            place.shows.screen &= may_present;
        })
    }

    /// Switches the microphone of somebody off, or of all who do not lead.
    pub(super) fn mute(&mut self, whom: Option<PersonId>, by: &str) -> Vec<Output> {
        let meant = |person: PersonId, place: &Place| whom.map_or(!place.leads, |whom| whom == person);
        let meant: Vec<PersonId> = (self.places.iter())
            .filter(|(person, place)| place.shows.microphone && meant(**person, place))
            .map(|(person, _)| *person)
            .collect();
        let mut told = Vec::new();
        for person in meant {
            told.extend(self.alter(person, |place| place.shows.microphone = false));
            told.extend(self.to(person, News::Muted { by: by.to_owned() }));
        }
        told
    }

    pub(super) fn lock(&mut self, locked: bool) -> Vec<Output> {
        if self.locked == locked {
            return Vec::new();
        }
        self.locked = locked;
        self.changed = true;
        vec![self.to_all(News::Locked { locked })]
    }

    pub(super) fn hear(&mut self, levels: &[(PlaceId, u8)], now: u64) -> Vec<Output> {
        if !self.speakers.hear(levels, now) {
            return Vec::new();
        }
        let person = self.speakers.now().and_then(|place| self.person(place));
        vec![self.to_all(News::Speaking { person })]
    }

    /// What the whole room is to be told, if it has changed and was not told a moment ago.
    pub(super) fn live(&mut self, now: u64) -> Option<News> {
        let due = self.changed && self.told.is_none_or(|told| now >= told + LIVE_MS);
        due.then(|| {
            (self.told, self.changed) = (Some(now), false);
            self.as_seen()
        })
    }

    /// What somebody is told who comes into the room.
    pub(super) fn as_seen(&self) -> News {
        let mut places: Vec<_> = self.places.iter().collect();
        places.sort_by_key(|(_, place)| place.since);
        let named = |(person, place): (&PersonId, &Place)| Named { person: *person, name: place.name.clone() };
        let people = places.into_iter().take(NAMED).map(named).collect();
        News::Live { call: self.id, since: self.since, count: self.count(), people, locked: self.locked }
    }

    /// What the history of the room keeps of it.
    pub(super) fn note(&self, now: u64) -> Note {
        let (call, people) = (self.id.0, u32::try_from(self.been.len()).unwrap_or(u32::MAX));
        let what = What::Conferred { call, people, lasted_ms: now.saturating_sub(self.since) };
        Note { room: self.room, by: self.by.0, name: self.by.1.clone(), what }
    }

    /// Tells somebody who is here.
    pub(super) fn to(&self, person: PersonId, news: News) -> Option<Output> {
        Some(self.news(self.socket(person)?, news))
    }

    /// Tells everybody who is here.
    pub(super) fn to_all(&self, news: News) -> Output {
        let here = self.places.values().filter_map(Place::socket).collect();
        Output::TellAll(here, Frame::Conference { room: self.room, news })
    }

    fn news(&self, socket: SocketId, news: News) -> Output {
        Output::Tell(socket, Frame::Conference { room: self.room, news })
    }
}
