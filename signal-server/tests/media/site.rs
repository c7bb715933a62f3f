//! A media plane on a real port, and people with browsers in its rooms.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use membership::RoomId;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::rtp;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RTCRtpRtxParameters, RtpCodecKind,
};
use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};
use service::clock::Clock;
use service::dice::Dice;
use service::stop::Stop;
use signal_server::media::{Config, Order, PlaceId, Plane, Receive, Report, Source, Stream, Surroundings, Tile, Want};
use tokio::sync::watch;

use super::peer::{Peer, candidate};

/// The room of most stories.
pub(crate) const ROOM: RoomId = RoomId::new(1, 1);

/// A running media plane, and all it reported.
pub(crate) struct Site {
    pub(crate) plane: Plane,
    pub(crate) stop: Stop,
    reports: Arc<Mutex<Vec<Report>>>,
    changes: watch::Receiver<usize>,
    next: AtomicU64,
}

impl Site {
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    pub(crate) fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config { listen: vec!["127.0.0.1:0".parse().expect("an address")], ..Config::default() };
        configure(&mut config);
        let stop = Stop::new();
        let around = Surroundings { clock: Clock::System, dice: Dice::System, stop: stop.clone() };
        let (plane, mut reported) = Plane::start(&config, around).expect("it starts");
        let (reports, (tells, changes)) = (Arc::<Mutex<Vec<Report>>>::default(), watch::channel(0));
        let kept = Arc::clone(&reports);
        tokio::spawn(async move {
            while let Some(report) = reported.recv().await {
                kept.lock().expect("no panic").push(report);
                tells.send_modify(|changes| *changes += 1);
            }
        });
        Self { plane, stop, reports, changes, next: AtomicU64::new(1) }
    }

    /// Waits for a report; the last one counts.
    pub(crate) async fn told<T>(&self, what: &str, mut is: impl FnMut(&Report) -> Option<T>) -> T {
        self.until(what, |reports| reports.iter().rev().find_map(&mut is)).await
    }

    /// Waits for something about all reports.
    pub(crate) async fn until<T>(&self, what: &str, mut is: impl FnMut(&[Report]) -> Option<T>) -> T {
        let mut changes = self.changes.clone();
        let waiting = async {
            loop {
                changes.borrow_and_update();
                let found = is(&self.reports.lock().expect("no panic"));
                if let Some(found) = found {
                    return found;
                }
                changes.changed().await.expect("it runs");
            }
        };
        tokio::time::timeout(Duration::from_secs(40), waiting).await.unwrap_or_else(|_| panic!("{what}"))
    }

    /// Somebody takes a place.
    pub(crate) async fn enters(&self) -> Person {
        self.enters_room(ROOM).await
    }

    pub(crate) async fn enters_room(&self, room: RoomId) -> Person {
        let place = PlaceId(self.next.fetch_add(1, Ordering::SeqCst));
        self.plane.give(Order::Open { place, room });
        let receive = Peer::new().await;
        let send = Peer::new().await;
        Person {
            place,
            send,
            receive,
            answered: 0,
            published: 0,
            sources: BTreeMap::new(),
            streams: Vec::new(),
            numbers: BTreeMap::new(),
            ids: BTreeMap::new(),
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.give();
    }
}

/// Somebody with a browser.
pub(crate) struct Person {
    pub(crate) place: PlaceId,
    pub(crate) send: Peer,
    pub(crate) receive: Peer,
    answered: u32,
    published: usize,
    sources: BTreeMap<String, Source>,
    /// What comes in which line.
    pub(crate) streams: Vec<Stream>,
    /// The streams of each line, as the offer says.
    numbers: BTreeMap<String, Vec<u32>>,
    /// The numbers of extensions in what is sent.
    pub(crate) ids: BTreeMap<String, u8>,
}

/// What is sent in one line: the source, its stream, and the streams of its layers by name.
pub(crate) struct Line {
    pub(crate) source: Source,
    pub(crate) layers: Vec<(&'static str, u32)>,
}

pub(crate) fn voice(stream: u32) -> Line {
    Line { source: Source::Microphone, layers: vec![("", stream)] }
}

pub(crate) fn face(stream: u32) -> Line {
    Line { source: Source::Camera, layers: vec![("", stream)] }
}

pub(crate) fn screen(stream: u32) -> Line {
    Line { source: Source::Screen, layers: vec![("", stream)] }
}

pub(crate) fn layers(first: u32) -> Line {
    Line { source: Source::Camera, layers: vec![("q", first), ("h", first + 1), ("f", first + 2)] }
}

impl Person {
    /// Offers the connection for sending; waits until it can be used.
    pub(crate) async fn publishes(&mut self, site: &Site, lines: Vec<Line>) {
        let (offer, sources) = self.offers(lines).await;
        let (place, before) = (self.place, self.published);
        self.published += 1;
        site.plane.give(Order::Publish { place, sdp: offer, sources });
        let of_place = |report: &Report| match report {
            Report::Answer { place: of, sdp } if *of == place => Some(sdp.clone()),
            Report::Refused { place: of, code } if *of == place => panic!("refused: {code}"),
            _ => None,
        };
        let answer = site.until("an answer", |reports| reports.iter().filter_map(of_place).nth(before)).await;
        self.ids = extensions(&answer);
        self.send
            .act(move |connection| {
                let answer = RTCSessionDescription::answer(answer).expect("an answer");
                connection.set_remote_description(Instant::now(), answer).expect("it is good");
            })
            .await;
        self.send.is_connected().await;
    }

    /// Makes an offer of what there was and of new lines, without giving it.
    pub(crate) async fn offers(&mut self, lines: Vec<Line>) -> (String, BTreeMap<String, Source>) {
        let at = self.send.at;
        let (offer, sources) = self
            .send
            .act(move |connection| {
                let mut sources = Vec::new();
                for line in lines {
                    let sound = line.source.is_sound();
                    let (kind, mime, clock_rate, channels) = if sound {
                        (RtpCodecKind::Audio, "audio/opus", 48_000, 2)
                    } else {
                        (RtpCodecKind::Video, "video/VP8", 90_000, 0)
                    };
                    let codec = RTCRtpCodec { mime_type: mime.to_owned(), clock_rate, channels, ..Default::default() };
                    let single = line.layers.len() == 1;
                    let encoding = |(name, stream): &(&str, u32)| RTCRtpEncodingParameters {
                        rtp_coding_parameters: RTCRtpCodingParameters {
                            rid: (*name).to_owned(),
                            ssrc: Some(*stream),
                            rtx: (single && !sound).then_some(RTCRtpRtxParameters { ssrc: *stream + 1000 }),
                            ..Default::default()
                        },
                        codec: codec.clone(),
                        active: true,
                        ..Default::default()
                    };
                    let encodings = line.layers.iter().map(encoding).collect();
                    let name = format!("{:?}", line.source);
                    let track = MediaStreamTrack::new(name.clone(), name.clone(), name, kind, encodings);
                    let direction = RTCRtpTransceiverDirection::Sendonly;
                    let init = RTCRtpTransceiverInit { direction, streams: vec![], send_encodings: vec![] };
                    let id = connection.add_transceiver_from_track(track, Some(init)).expect("a line");
                    sources.push((id, line.source));
                }
                let offer = connection.create_offer(None).expect("an offer");
                connection.set_local_description(Instant::now(), offer).expect("it is good");
                if connection.remote_description().is_none() {
                    connection.add_local_candidate(candidate(at)).expect("an address");
                }
                let mut mid = |id| connection.rtp_transceiver(id).and_then(|one| one.mid().clone()).expect("a name");
                let sources: Vec<_> = sources.into_iter().map(|(id, source)| (mid(id), source)).collect();
                (connection.local_description().expect("described").sdp, sources)
            })
            .await;
        self.sources.extend(sources);
        (offer, self.sources.clone())
    }

    /// Waits until an offer holds such streams, and takes each offer on the way.
    pub(crate) async fn is_offered(&mut self, site: &Site, wanted: &[(PlaceId, Source)]) {
        let place = self.place;
        while !wanted.iter().all(|one| self.streams.iter().any(|stream| (stream.of, stream.source) == *one)) {
            let after = self.answered;
            let (number, sdp, streams) = site
                .told("an offer", |report| match report {
                    Report::Offer { place: of, number, sdp, streams } if *of == place && *number > after => {
                        Some((*number, sdp.clone(), streams.clone()))
                    }
                    _ => None,
                })
                .await;
            self.numbers = numbers(&sdp);
            self.streams = streams;
            self.answered = number;
            let at = self.receive.at;
            let answer = self.receive.act(move |connection| {
                let offer = RTCSessionDescription::offer(sdp).expect("an offer");
                connection.set_remote_description(Instant::now(), offer).expect("it is good");
                if connection.local_description().is_none() {
                    connection.add_local_candidate(candidate(at)).expect("an address");
                }
                let answer = connection.create_answer(None).expect("an answer");
                connection.set_local_description(Instant::now(), answer).expect("it is good");
                connection.local_description().expect("described").sdp
            });
            let sdp = answer.await;
            site.plane.give(Order::Take { place, number, sdp });
            self.receive.is_connected().await;
        }
    }

    /// Wants to see somebody's face so large.
    pub(crate) fn wants(&self, site: &Site, tiles: &[(PlaceId, u16)]) {
        let tiles = tiles.iter().map(|(of, height)| (*of, Source::Camera, *height)).collect::<Vec<_>>();
        self.wants_of(site, &tiles);
    }

    /// Wants to see something of somebody so large.
    pub(crate) fn wants_of(&self, site: &Site, tiles: &[(PlaceId, Source, u16)]) {
        let tile = |(of, source, height): &(PlaceId, Source, u16)| Tile {
            of: *of,
            source: *source,
            height: *height,
            pinned: false,
        };
        let want = Want { receive: Receive::All, tiles: tiles.iter().map(tile).collect() };
        site.plane.give(Order::Want { place: self.place, want });
    }

    /// The stream in which a source comes.
    pub(crate) fn number(&self, of: PlaceId, source: Source) -> u32 {
        let stream =
            self.streams.iter().find(|stream| (stream.of, stream.source) == (of, source)).expect("it is offered");
        self.numbers[&stream.mid][0]
    }

    /// Waits for so many packets of a source in all.
    pub(crate) async fn hears(&mut self, of: PlaceId, source: Source, count: usize) -> Vec<rtp::Packet> {
        let number = self.number(of, source);
        let what = format!("{source:?} of {of:?} at {:?}", self.place);
        self.receive
            .until(&what, |heard, _| {
                let of: Vec<rtp::Packet> =
                    heard.iter().filter(|packet| packet.header.ssrc == number).cloned().collect();
                (of.len() >= count).then_some(of)
            })
            .await
    }

    /// What came of a source until now.
    pub(crate) fn heard(&self, of: PlaceId, source: Source) -> Vec<rtp::Packet> {
        let number = self.number(of, source);
        self.receive
            .heard
            .lock()
            .expect("no panic")
            .iter()
            .filter(|packet| packet.header.ssrc == number)
            .cloned()
            .collect()
    }
}

/// The streams of each line of a description.
fn numbers(sdp: &str) -> BTreeMap<String, Vec<u32>> {
    let mut all = BTreeMap::new();
    for section in sdp.split("\r\nm=").skip(1) {
        let mid = section.lines().find_map(|line| line.strip_prefix("a=mid:")).expect("a name").to_owned();
        let number = |line: &str| line.strip_prefix("a=ssrc:")?.split(' ').next()?.parse().ok();
        all.insert(mid, section.lines().filter_map(number).collect());
    }
    all
}

/// The numbers of extensions by the end of their names.
fn extensions(sdp: &str) -> BTreeMap<String, u8> {
    let one = |line: &str| {
        let (number, name) = line.strip_prefix("a=extmap:")?.split_once(' ')?;
        let number = number.split('/').next()?.parse().ok()?;
        Some((name.rsplit([':', '/']).next()?.to_owned(), number))
    };
    sdp.lines().filter_map(one).collect()
}
