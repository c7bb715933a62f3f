//! What happens by the clock: which layers pass, who is heard, whose line is how good, and what is told of it.

use std::time::{Duration, Instant};

use rtc::rtcp;

use super::place::{LegId, Receiving, Side};
use super::select::{Offered, Wanted, choose};
use super::worker::Worker;
use super::{PlaceId, Quality, Report, Source, TILES, Tile};

/// The most one voice takes, in bits per second.
const VOICE: u64 = 45_000;
/// Ticks between two reports to browsers about what was sent.
const REPORTS: u64 = 5;
/// When a browser that sends nothing is lost, and when its line is bad.
const LOST: Duration = Duration::from_secs(30);
const SILENT: Duration = Duration::from_secs(8);
/// The part of packets, of 256, whose loss makes a line low, or bad.
const SOME: u8 = 20;
const MANY: u8 = 64;

impl Worker {
    /// One tick.
    pub(super) fn tick(&mut self, now: Instant) {
        self.ticked = now;
        self.ticks += 1;
        for (room, levels) in self.rooms.iter_mut().filter(|(_, room)| !room.places.is_empty()) {
            let told = levels.levels.told(now);
            if told != levels.told {
                levels.told.clone_from(&told);
                self.reports.send(Report::Levels { room: *room, levels: told }).ok();
            }
        }
        let places: Vec<PlaceId> = self.places.keys().copied().collect();
        for id in &places {
            self.choose(*id, now);
            if self.ticks.is_multiple_of(REPORTS) {
                self.tell_browser(*id, now);
            }
            self.tell_line(*id, now);
        }
        for id in &places {
            self.ask(*id, now);
        }
        let streams = self.places.values().filter_map(|place| Some(place.send.as_ref()?.streams.len())).sum();
        self.tally.tell(&std::mem::take(&mut self.counts), places.len(), streams);
    }

    /// Chooses the layers a place gets.
    pub(super) fn choose(&mut self, id: PlaceId, now: Instant) {
        let Some(place) = self.places.get(&id) else { return };
        let Some(receive) = place.receive.as_ref().filter(|receive| receive.leg.is_connected()) else { return };
        let mut tiles: Vec<Tile> = Vec::new();
        for tile in place.want.tiles.iter().take(TILES) {
            if !tile.source.is_sound() && !tiles.iter().any(|one| (one.of, one.source) == (tile.of, tile.source)) {
                tiles.push(*tile);
            }
        }
        let (mut wanted, mut at) = (Vec::new(), Vec::new());
        for (number, outlet) in receive.outlets.iter().enumerate().filter(|(_, outlet)| outlet.live) {
            let tile = tiles.iter().position(|tile| outlet.of == Some(tile.of) && outlet.source == tile.source);
            at.extend(tile.map(|tile| (tile, number)));
        }
        at.sort_unstable();
        for (tile, number) in &at {
            let (tile, outlet) = (&tiles[*tile], &receive.outlets[*number]);
            let layers = self.offered(tile.of, tile.source, now);
            wanted.push(Wanted { height: tile.height, pinned: tile.pinned, layers, current: outlet.chosen });
        }
        let heard = receive.outlets.iter().filter(|outlet| outlet.live && outlet.source.is_sound());
        let takes = |(of, source)| self.offered(of, source, now).first().map_or(0, |layer| layer.rate.min(VOICE));
        let voices: u64 = heard.filter_map(|outlet| Some((outlet.of?, outlet.source))).map(takes).sum();
        let voices = voices.min(VOICE * u64::try_from(self.settings.speakers).unwrap_or(u64::MAX / VOICE));
        let line = receive.rate.saturating_sub(voices);
        let chosen = choose(place.want.receive, &wanted, line);
        let full = choose(place.want.receive, &wanted, u64::MAX / 2);
        let Some(place) = self.places.get_mut(&id) else { return };
        place.shows = shows(&chosen, &full);
        let Some(receive) = &mut place.receive else { return };
        let mut needs = Vec::new();
        let chosen: Vec<(usize, Option<u8>)> = at.iter().map(|(_, number)| *number).zip(chosen).collect();
        for (number, outlet) in receive.outlets.iter_mut().enumerate().filter(|(_, outlet)| !outlet.source.is_sound()) {
            outlet.chosen = chosen.iter().find(|(at, _)| *at == number).and_then(|(_, chosen)| *chosen);
            match (outlet.of, outlet.chosen) {
                (Some(of), Some(rank)) => needs.push((of, outlet.source, rank, outlet.forward.layer())),
                _ => outlet.forward.pause(),
            }
        }
        for (of, source, rank, passes) in needs {
            let send = self.places.get(&of).and_then(|place| place.send.as_ref());
            let number = send.and_then(|send| send.streams.get(&source)?.number(rank));
            if number.is_some() && number != passes {
                self.need(of, source, rank);
                self.ask(of, now);
            }
        }
    }

    /// The layers of a source that are there.
    fn offered(&self, of: PlaceId, source: Source, now: Instant) -> Vec<Offered> {
        let send = self.places.get(&of).and_then(|place| place.send.as_ref());
        send.and_then(|send| send.streams.get(&source)).map(|stream| stream.offered(now)).unwrap_or_default()
    }

    /// Tells a browser what was sent to it.
    fn tell_browser(&mut self, id: PlaceId, now: Instant) {
        let now_ms = self.settings.clock.now_ms();
        let Some(receive) = self.places.get_mut(&id).and_then(|place| place.receive.as_mut()) else { return };
        if !receive.leg.is_connected() {
            return;
        }
        let live = receive.outlets.iter().filter(|outlet| outlet.live);
        let reports = live.filter_map(|outlet| outlet.report(now, now_ms));
        let reports: Vec<Box<dyn rtcp::Packet>> = reports.map(|one| Box::new(one) as Box<dyn rtcp::Packet>).collect();
        // As many as fit into one packet.
        for reports in reports.chunks(32) {
            receive.leg.say(reports.to_vec(), now);
        }
        self.touched.insert(LegId { place: id, side: Side::Receive });
    }

    /// Tells how good the lines of a place are, and whether it is lost.
    fn tell_line(&mut self, id: PlaceId, now: Instant) {
        let Some(place) = self.places.get_mut(&id) else { return };
        let silent = now.saturating_duration_since(place.heard());
        if (silent > LOST) != place.lost {
            place.lost = !place.lost;
            if place.lost {
                self.reports.send(Report::Lost { place: id }).ok();
            }
        }
        let silent = |heard: Instant| now.saturating_duration_since(heard) > SILENT;
        let of_leg = |heard: Option<Instant>| if heard.is_some_and(silent) { Quality::Bad } else { Quality::Good };
        let send = place.send.as_ref().map_or(Quality::Good, |send| of_leg(send.leg.heard()));
        let receive = place.receive.as_ref().map_or(Quality::Good, |receive| {
            let loses = |receive: &Receiving| match receive.lost {
                MANY.. => Quality::Bad,
                SOME.. => Quality::Low,
                _ => Quality::Good,
            };
            [of_leg(receive.leg.heard()), loses(receive), place.shows].into_iter().fold(Quality::Good, worse)
        });
        if place.line != (send, receive) {
            place.line = (send, receive);
            self.reports.send(Report::Line { place: id, send, receive }).ok();
        }
    }
}

/// How well pictures are shown, beside what they could be.
fn shows(chosen: &[Option<u8>], full: &[Option<u8>]) -> Quality {
    let of = |(chosen, full): (&Option<u8>, &Option<u8>)| match (chosen, full) {
        (None, Some(_)) => Quality::Bad,
        (chosen, full) if chosen < full => Quality::Low,
        _ => Quality::Good,
    };
    chosen.iter().zip(full).map(of).fold(Quality::Good, worse)
}

fn worse(one: Quality, other: Quality) -> Quality {
    match (one, other) {
        (Quality::Bad, _) | (_, Quality::Bad) => Quality::Bad,
        (Quality::Low, _) | (_, Quality::Low) => Quality::Low,
        _ => Quality::Good,
    }
}
