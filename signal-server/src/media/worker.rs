//! All places of one thread: whose turn it is, and what comes in and goes out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use membership::RoomId;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use service::clock::Clock;
use service::dice::Dice;
use tokio::sync::mpsc::UnboundedSender;

use super::demux::{self, Routes};
use super::leg::{Leg, Turn, Way};
use super::names::Came;
use super::place::{LegId, Place, Side};
use super::room::Room;
use super::sockets::Sockets;
use super::stream::packet;
use super::tally::{Counts, Tally};
use super::{PlaceId, Report, Source};

/// How often it is looked what is to be chosen, told and asked for anew.
const TICK: Duration = Duration::from_millis(200);
/// To whom nothing is sent: nothing was heard from there for so long. Browsers say something every few seconds.
const QUIET: Duration = Duration::from_secs(10);
/// How often in one turn something that was said may lead to something else.
const ROUNDS: usize = 4;

/// The settings a worker needs.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// The addresses browsers are told.
    pub(super) told: Vec<SocketAddr>,
    /// How many are heard at a time.
    pub(super) speakers: usize,
    pub(super) clock: Clock,
    pub(super) dice: Dice,
}

/// All places.
pub(super) struct Worker {
    pub(super) settings: Settings,
    pub(super) sockets: Sockets,
    pub(super) reports: UnboundedSender<Report>,
    pub(super) places: BTreeMap<PlaceId, Place>,
    pub(super) rooms: HashMap<RoomId, Room>,
    pub(super) routes: Routes,
    /// Connections that something happened to.
    pub(super) touched: BTreeSet<LegId>,
    /// When which connection wants a turn.
    due: BTreeSet<(Instant, LegId)>,
    /// Places that are to be offered what is new, and when.
    pub(super) settling: BTreeMap<PlaceId, Instant>,
    /// What came from places, and is to be passed on.
    came: Vec<(PlaceId, Came)>,
    /// Places whose layers are to be chosen.
    pub(super) choosing: BTreeSet<PlaceId>,
    pub(super) ticked: Instant,
    pub(super) ticks: u64,
    pub(super) counts: Counts,
    pub(super) tally: Tally,
}

impl Worker {
    pub(super) fn new(settings: Settings, sockets: Sockets, reports: UnboundedSender<Report>, now: Instant) -> Self {
        Self {
            settings,
            sockets,
            reports,
            places: BTreeMap::new(),
            rooms: HashMap::new(),
            routes: Routes::default(),
            touched: BTreeSet::new(),
            due: BTreeSet::new(),
            settling: BTreeMap::new(),
            came: Vec::new(),
            choosing: BTreeSet::new(),
            ticked: now,
            ticks: 0,
            counts: Counts::default(),
            tally: Tally::new(),
        }
    }

    /// When something is to be done next.
    pub(super) fn next(&self) -> Instant {
        let tick = self.ticked + TICK;
        let settle = self.settling.values().min().copied();
        let due = self.due.first().map(|(due, _)| *due);
        [settle, due].into_iter().flatten().fold(tick, Instant::min)
    }

    /// Reads what has come; whether there may be more.
    pub(super) fn receive(&mut self, now: Instant) -> bool {
        let Self { sockets, routes, places, touched, counts, .. } = self;
        let mut broken = Vec::new();
        let more = sockets.receive(|here, there, packet| {
            counts.received += 1;
            let named = demux::request(packet).and_then(|request| routes.named(request.name));
            let Some(id) = named.or_else(|| routes.at(there)) else {
                counts.strange += 1;
                return;
            };
            let Some(place) = places.get_mut(&id.place) else { return };
            if !may_come(place, id.side, packet) {
                counts.strange += 1;
                return;
            }
            let Some(leg) = place.leg(id.side) else { return };
            touched.insert(id);
            if guarded(|| leg.hear(Way { here, there }, packet, now)).is_none() {
                broken.push(id);
            }
        });
        self.give_up(&broken);
        more
    }

    /// Everything that is to be done now.
    pub(super) fn turn(&mut self, now: Instant) {
        while let Some((due, id)) = self.due.first().copied().filter(|(due, _)| *due <= now) {
            self.due.remove(&(due, id));
            self.touched.insert(id);
        }
        if now >= self.ticked + TICK {
            self.tick(now);
        }
        self.look(now);
        let settle: Vec<PlaceId> =
            self.settling.iter().filter(|(_, at)| **at <= now).map(|(place, _)| *place).collect();
        for place in settle {
            self.settle(place, now);
        }
        for place in std::mem::take(&mut self.choosing) {
            self.choose(place, now);
        }
        // What one turn sets free may touch other connections, but not without end.
        for _ in 0..ROUNDS {
            // Each has its turn before anything is given to it: what it says must not be mixed with what others say to it.
            for id in std::mem::take(&mut self.touched) {
                self.turn_leg(id, now);
            }
            for (place, came) in std::mem::take(&mut self.came) {
                self.forward(place, came, now);
            }
        }
        self.sockets.flush();
        self.counts.dropped += std::mem::take(&mut self.sockets.dropped);
    }

    fn turn_leg(&mut self, id: LegId, now: Instant) {
        let Some(place) = self.places.get_mut(&id.place) else { return };
        let Some(leg) = place.leg(id.side) else { return };
        let Some(turn) = guarded(|| leg.turn(now, &mut self.sockets)) else {
            self.give_up(&[id]);
            return;
        };
        if let Some(before) = std::mem::replace(&mut leg.due, turn.next) {
            self.due.remove(&(before, id));
        }
        self.due.extend(turn.next.map(|next| (next, id)));
        self.carry_out(id, &turn, now);
    }

    fn carry_out(&mut self, id: LegId, turn: &Turn, now: Instant) {
        for address in &turn.proven {
            self.routes.prove(*address, id);
        }
        if turn.ended {
            self.give_up(&[id]);
            return;
        }
        if turn.connected {
            self.choosing.insert(id.place);
        }
        match id.side {
            Side::Send => {
                let came = self.places.get(&id.place).and_then(|place| Some(place.send.as_ref()?.shared.take()));
                self.came.extend(came.into_iter().flatten().map(|came| (id.place, came)));
            }
            Side::Receive => self.listen(id.place, now),
        }
    }

    /// A packet of a source goes to those who get it.
    fn forward(&mut self, from: PlaceId, came: Came, now: Instant) {
        let Some(place) = self.places.get_mut(&from) else { return };
        let (room, on) = (place.room, place.on);
        let Some(send) = &mut place.send else { return };
        let (source, rank) = (came.layer.source, came.layer.rank);
        let level = send.shared.level();
        let level = (level != 0).then(|| came.packet.header.get_extension(level)).flatten();
        let packet = packet(source, came.packet);
        let fresh = !send.streams.contains_key(&source);
        if !send.streams.entry(source).or_default().came(rank, &packet, now) {
            return;
        }
        let Some(room) = self.rooms.get_mut(&room) else { return };
        if fresh {
            room.changed = true;
        }
        let mut begins = false;
        if source == Source::Microphone {
            let level = level.and_then(|level| level.first().map(|level| level & 0x7f));
            let passes = on.microphone && room.levels.came(from, level, self.settings.speakers, now);
            begins = std::mem::replace(&mut send.cut, !passes);
            if !passes {
                return;
            }
        }
        if !on.has(source) {
            return;
        }
        let mut broken = Vec::new();
        let numbers = [0, 1, 2].map(|rank| send.streams.get(&source).and_then(|stream| stream.number(rank)));
        for other in &room.places {
            let Some(receive) = self.places.get_mut(other).and_then(|place| place.receive.as_mut()) else { continue };
            let quiet = |heard: Instant| now.saturating_duration_since(heard) > QUIET;
            if *other == from || !receive.leg.is_connected() || receive.leg.heard().is_none_or(quiet) {
                continue;
            }
            let Some(outlet) = receive.outlet(from, source).filter(|outlet| outlet.live) else { continue };
            if begins {
                outlet.forward.pause();
            }
            let wanted = if source.is_sound() {
                Some(packet.layer)
            } else {
                outlet.chosen.and_then(|rank| *numbers.get(usize::from(rank))?)
            };
            let Some(passed) = wanted.and_then(|wanted| outlet.pass(&packet, wanted, now)) else { continue };
            let leg = &mut receive.leg;
            let mut turn = Turn::default();
            if guarded(|| leg.give(passed, now).then(|| leg.flush(1, &mut self.sockets, &mut turn))).is_none() {
                broken.push(LegId { place: *other, side: Side::Receive });
            }
            self.counts.sent += 1;
        }
        self.give_up(&broken);
    }

    /// What a receiver said.
    fn listen(&mut self, place: PlaceId, now: Instant) {
        let Some(receive) = self.places.get_mut(&place).and_then(|place| place.receive.as_mut()) else { return };
        let said = receive.ears.take();
        let mut turn = Turn::default();
        for (stream, number) in said.missing {
            let Some(outlet) = receive.outlets.iter_mut().find(|outlet| outlet.stream == stream) else { continue };
            if let Some(packet) = outlet.again(number, now)
                && receive.leg.give(packet, now)
            {
                receive.leg.flush(1, &mut self.sockets, &mut turn);
                self.counts.sent += 1;
            }
        }
        if let Some(lost) = said.lost {
            receive.lost = lost;
        }
        let needs = receive.outlets.iter().filter(|outlet| said.keyframes.iter().any(|stream| outlet.is(*stream)));
        let needs: Vec<(PlaceId, Source, u8)> =
            needs.filter_map(|outlet| Some((outlet.of?, outlet.source, outlet.chosen?))).collect();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate is positive and below 2^53"
        )]
        if let Some(rate) = said.rate {
            let rate = rate as u64;
            if rate < receive.rate {
                self.choosing.insert(place);
            }
            receive.rate = rate;
        }
        for (of, source, rank) in needs {
            self.need(of, source, rank);
            self.ask(of, now);
        }
    }

    /// Somebody needs a key frame.
    pub(super) fn need(&mut self, of: PlaceId, source: Source, rank: u8) {
        let send = self.places.get_mut(&of).and_then(|place| place.send.as_mut());
        if let Some(stream) = send.and_then(|send| send.streams.get_mut(&source)) {
            stream.want(rank);
        }
    }

    /// Asks a sender for the key frames that are needed.
    pub(super) fn ask(&mut self, of: PlaceId, now: Instant) {
        let Some(send) = self.places.get_mut(&of).and_then(|place| place.send.as_mut()) else { return };
        let streams = send.streams.iter_mut().filter(|(source, _)| !source.is_sound());
        for media_ssrc in streams.flat_map(|(_, stream)| stream.ask(now)).collect::<Vec<u32>>() {
            send.leg.say(vec![Box::new(PictureLossIndication { sender_ssrc: 1, media_ssrc })], now);
            self.touched.insert(LegId { place: of, side: Side::Send });
        }
    }

    /// Ends connections that cannot go on. The place stays; its browser begins anew, or is found to be lost.
    pub(super) fn give_up(&mut self, broken: &[LegId]) {
        for id in broken {
            self.counts.ended += 1;
            self.end(*id);
        }
    }

    /// Ends a connection.
    pub(super) fn end(&mut self, id: LegId) {
        self.routes.forget(id);
        self.touched.remove(&id);
        let Some(place) = self.places.get_mut(&id.place) else { return };
        // Something had come from it; that counts for how long it is missed.
        place.since = place.heard();
        let leg: Option<Leg> = match id.side {
            Side::Send => place.send.take().map(|send| send.leg),
            Side::Receive => place.receive.take().map(|receive| receive.leg),
        };
        let room = place.room;
        if let Some(mut leg) = leg {
            if let Some(due) = leg.due {
                self.due.remove(&(due, id));
            }
            guarded(|| leg.close(&mut self.sockets));
        }
        self.changed(room);
    }
}

/// Whether a packet may be looked at: streams beyond those a browser can have would be remembered by the library for ever.
fn may_come(place: &Place, side: Side, packet: &[u8]) -> bool {
    let (Side::Send, Some(send), demux::Kind::Media) = (side, &place.send, demux::kind(packet)) else { return true };
    let [_, kind, _, _, _, _, _, _, a, b, c, d, ..] = packet else { return false };
    // What is said about streams is no stream (RFC 5761).
    (192..=223).contains(kind) || send.shared.may_come(u32::from_be_bytes([*a, *b, *c, *d]))
}

/// Calls the library, which is young: where it fails, one connection ends and not the conferences of all.
pub(super) fn guarded<T>(act: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(act)).ok()
}
