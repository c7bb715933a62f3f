//! What a receiver is offered: a line for each voice of its room and for each picture it wants to see. There is one offer at a
//! time; what comes up meanwhile goes into the next.

use std::time::{Duration, Instant};

use membership::RoomId;
use rtc::shared::error::{Error, Result};

use super::ears::Ears;
use super::engine;
use super::leg::{Leg, name};
use super::outlet::Outlet;
use super::place::{LegId, Receiving, Side};
use super::worker::Worker;
use super::{PlaceId, Receive, Report, Source, Stream, TILES};

/// What comes up within so long goes into one offer: sound and picture of somebody begin one after the other.
const PAUSE: Duration = Duration::from_millis(20);
/// The first guess of what a line carries, in bits per second.
const RATE: u64 = 1_500_000;

impl Worker {
    /// Sources have begun or ended in a room.
    pub(super) fn changed(&mut self, room: RoomId) {
        if let Some(room) = self.rooms.get_mut(&room) {
            room.changed = true;
        }
    }

    /// Everybody in rooms where something changed is looked at, in a moment.
    pub(super) fn look(&mut self, now: Instant) {
        for room in self.rooms.values_mut().filter(|room| room.changed) {
            room.changed = false;
            for place in &room.places {
                self.settling.entry(*place).or_insert(now + PAUSE);
            }
        }
    }

    /// What a place is to receive: whose, and what.
    fn due_to(&self, id: PlaceId) -> Vec<(PlaceId, Source)> {
        let Some(place) = self.places.get(&id) else { return Vec::new() };
        let seen: Vec<(PlaceId, Source)> =
            place.want.tiles.iter().take(TILES).map(|tile| (tile.of, tile.source)).collect();
        let seen = if place.want.receive == Receive::Audio { Vec::new() } else { seen };
        let others = self.rooms.get(&place.room).map(|room| room.places.as_slice()).unwrap_or_default();
        let sources = |of: &PlaceId| {
            let sources = self.places.get(of).and_then(|place| Some(place.send.as_ref()?.streams.keys().copied()));
            let of = *of;
            sources.into_iter().flatten().map(move |source| (of, source)).collect::<Vec<_>>()
        };
        let all = others.iter().filter(|of| **of != id).flat_map(sources);
        all.filter(|one| one.1.is_sound() || seen.contains(one)).collect()
    }

    /// Whether a source is still there.
    fn is_there(&self, of: PlaceId, source: Source) -> bool {
        self.places
            .get(&of)
            .and_then(|place| place.send.as_ref())
            .is_some_and(|send| send.streams.contains_key(&source))
    }

    /// Frees what has ended, and offers what is missing.
    pub(super) fn settle(&mut self, id: PlaceId, now: Instant) {
        self.settling.remove(&id);
        let due = self.due_to(id);
        let assigned: Vec<(PlaceId, Source)> = self
            .places
            .get(&id)
            .and_then(|place| place.receive.as_ref())
            .map(|receive| receive.outlets.iter().filter_map(|outlet| Some((outlet.of?, outlet.source))).collect())
            .unwrap_or_default();
        let ended: Vec<_> = assigned.iter().copied().filter(|(of, source)| !self.is_there(*of, *source)).collect();
        let missing: Vec<_> = due.into_iter().filter(|one| !assigned.contains(one)).collect();
        let Some(place) = self.places.get_mut(&id) else { return };
        if let Some(receive) = &mut place.receive {
            let freed = receive.outlets.iter_mut();
            for outlet in freed.filter(|outlet| outlet.of.is_some_and(|of| ended.contains(&(of, outlet.source)))) {
                outlet.free();
            }
        }
        if missing.is_empty() || place.receive.as_ref().is_some_and(|receive| receive.waits) {
            return;
        }
        if self.offer(id, &missing, now).is_err() {
            self.give_up(&[LegId { place: id, side: Side::Receive }]);
        }
    }

    fn offer(&mut self, id: PlaceId, missing: &[(PlaceId, Source)], now: Instant) -> Result<()> {
        let Some(place) = self.places.get_mut(&id) else { return Ok(()) };
        if place.receive.is_none() {
            let ears = Ears::default();
            let leg = Leg::new(engine::receiving(now, &ears)?);
            let outlets = Vec::new();
            place.receive = Some(Receiving { leg, ears, outlets, number: 0, waits: false, rate: RATE, lost: 0 });
        }
        let Some(receive) = &mut place.receive else { return Ok(()) };
        for (of, source) in missing {
            let seat = receive.seat(*of);
            let free =
                receive.outlets.iter_mut().find(|one| one.seat == seat && one.source == *source && one.of.is_none());
            if let Some(outlet) = free {
                outlet.assign(*of);
                continue;
            }
            let bytes = self.settings.dice.bytes();
            let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte));
            let numbers = (number(&bytes[..4]), number(&bytes[4..8]));
            let mut outlet = Outlet::open(&mut receive.leg.connection, (seat, *source), numbers)?;
            outlet.assign(*of);
            receive.outlets.push(outlet);
        }
        let sdp = receive.leg.offer(&self.settings.told, now)?;
        let name = name(&sdp).ok_or(Error::ErrConnectionClosed)?;
        receive.number += 1;
        receive.waits = true;
        let leg = LegId { place: id, side: Side::Receive };
        self.routes.name(name, leg);
        self.touched.insert(leg);
        let Receiving { leg, outlets, .. } = receive;
        let stream = |outlet: &Outlet| {
            let (of, source) = (outlet.of?, outlet.source);
            Some(Stream { mid: outlet.mid(&mut leg.connection)?, of, source })
        };
        let streams: Vec<Stream> = outlets.iter().filter_map(stream).collect();
        self.reports.send(Report::Offer { place: id, number: receive.number, sdp, streams }).ok();
        Ok(())
    }
}

impl Receiving {
    /// The seat of a person: the one they have, or the first that is free.
    fn seat(&self, of: PlaceId) -> usize {
        let has = self.outlets.iter().find(|outlet| outlet.of == Some(of)).map(|outlet| outlet.seat);
        let taken = |seat: &usize| self.outlets.iter().any(|outlet| outlet.seat == *seat && outlet.of.is_some());
        has.or_else(|| (0..=self.outlets.len()).find(|seat| !taken(seat))).unwrap_or_default()
    }
}
