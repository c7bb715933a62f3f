//! What the media plane is told, and how it is carried out.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use membership::RoomId;

use super::leg::{Leg, name};
use super::names::Shared;
use super::place::{LegId, Place, Sending, Side};
use super::worker::{Worker, guarded};
use super::{Order, PlaceId, Report, Shows, Source, Want, engine, sdp};

impl Worker {
    /// Carries out an order.
    pub(super) fn obey(&mut self, order: Order, now: Instant) {
        match order {
            Order::Open { place, room } => self.open(place, room, now),
            Order::Publish { place, sdp, sources } => {
                let answered = guarded(|| self.publish(place, &sdp, &sources, now)).unwrap_or(Err("bad_sdp"));
                let report = match answered {
                    Ok(sdp) => Report::Answer { place, sdp },
                    Err(code) => Report::Refused { place, code },
                };
                self.reports.send(report).ok();
            }
            Order::Take { place, number, sdp } => {
                if let Err(code) = guarded(|| self.take(place, number, &sdp, now)).unwrap_or(Err("bad_sdp")) {
                    self.reports.send(Report::Refused { place, code }).ok();
                }
            }
            Order::Want { place, want } => self.want(place, want, now),
            Order::Show { place, shows } => self.show(place, shows),
            Order::Close { place } => self.close(place),
        }
    }

    fn open(&mut self, id: PlaceId, room: RoomId, now: Instant) {
        if self.places.contains_key(&id) {
            return;
        }
        self.places.insert(id, Place::new(room, now));
        self.rooms.entry(room).or_default().places.push(id);
        self.settling.insert(id, now);
    }

    fn close(&mut self, id: PlaceId) {
        for side in [Side::Send, Side::Receive] {
            self.end(LegId { place: id, side });
        }
        self.settling.remove(&id);
        let Some(place) = self.places.remove(&id) else { return };
        if let Some(room) = self.rooms.get_mut(&place.room) {
            room.places.retain(|other| *other != id);
            room.levels.forget(id);
            if room.places.is_empty() {
                self.rooms.remove(&place.room);
            }
        }
    }

    fn publish(
        &mut self,
        id: PlaceId,
        text: &str,
        sources: &BTreeMap<String, Source>,
        now: Instant,
    ) -> Result<String, &'static str> {
        let mut offer = sdp::offer(text, sources)?;
        let leg = LegId { place: id, side: Side::Send };
        let place = self.places.get_mut(&id).ok_or("no_place")?;
        if place.send.as_ref().is_some_and(|send| send.print != offer.print) {
            // Another certificate: the browser began anew.
            self.end(leg);
        }
        let place = self.places.get_mut(&id).ok_or("no_place")?;
        let room = place.room;
        if place.send.is_none() {
            let shared = Shared::default();
            let connection = engine::sending(now, &shared).map_err(|_| "unavailable")?;
            let (leg, print, streams) = (Leg::new(connection), offer.print.clone(), BTreeMap::new());
            place.send = Some(Sending { leg, shared, print, streams, cut: false });
        }
        let send = place.send.as_mut().ok_or("unavailable")?;
        let text = std::mem::take(&mut offer.text);
        send.streams.retain(|source, _| offer.lines.iter().any(|line| line.source == *source));
        send.shared.describe(offer);
        let answer = send.leg.answer(text, &self.settings.told, now);
        let Some((answer, name)) =
            answer.ok().and_then(|answer| Some((name(&answer)?, answer))).map(|(name, answer)| (answer, name))
        else {
            // Half taken, it would take no other.
            self.end(leg);
            return Err("bad_sdp");
        };
        self.routes.name(name, leg);
        self.touched.insert(leg);
        self.changed(room);
        Ok(answer)
    }

    fn take(&mut self, id: PlaceId, number: u32, text: &str, now: Instant) -> Result<(), &'static str> {
        let place = self.places.get_mut(&id).ok_or("no_place")?;
        let waits = place.receive.as_mut().filter(|receive| receive.waits && receive.number == number);
        // The answer to an offer that is no more.
        let Some(receive) = waits else { return Ok(()) };
        let (text, taken) = sdp::answer(text)?;
        if receive.leg.take(text, now).is_err() {
            self.end(LegId { place: id, side: Side::Receive });
            return Err("bad_sdp");
        }
        receive.waits = false;
        let connection = &mut receive.leg.connection;
        let by_name: HashMap<usize, sdp::Taken> = receive
            .outlets
            .iter()
            .enumerate()
            .filter_map(|(at, outlet)| Some((at, *taken.get(&outlet.mid(connection)?)?)))
            .collect();
        for (at, outlet) in receive.outlets.iter_mut().enumerate().filter(|(_, outlet)| outlet.of.is_some()) {
            if let Some(taken) = by_name.get(&at) {
                outlet.taken = *taken;
                outlet.live = true;
            }
        }
        self.touched.insert(LegId { place: id, side: Side::Receive });
        self.choosing.insert(id);
        // What came up meanwhile.
        self.settling.insert(id, now);
        Ok(())
    }

    fn want(&mut self, id: PlaceId, want: Want, now: Instant) {
        let Some(place) = self.places.get_mut(&id) else { return };
        place.want = want;
        self.choosing.insert(id);
        self.settling.insert(id, now);
    }

    fn show(&mut self, id: PlaceId, shows: Shows) {
        let Some(place) = self.places.get_mut(&id) else { return };
        place.on = shows;
        if let Some(room) = self.rooms.get_mut(&place.room).filter(|_| !shows.microphone) {
            room.levels.forget(id);
        }
    }
}
