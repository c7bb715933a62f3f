//! What one source sends: its layers, how large each is, what it takes, and whether it is still there.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::Source;
use super::forward::Packet;
use super::keyframe::Keyframe;
use super::seen::Seen;
use super::select::Offered;

/// Without a packet for so long a layer is not there: browsers leave out the large ones when they cannot make or send them.
const GONE: Duration = Duration::from_millis(1500);
/// How long the rate of a layer is measured.
const WINDOW: Duration = Duration::from_millis(500);
/// What the layers are taken for before they are known: height and rate.
const UNKNOWN: [(u16, u64); 3] = [(180, 150_000), (360, 500_000), (720, 1_500_000)];

/// A layer.
#[derive(Debug)]
struct Layer {
    stream: u32,
    height: Option<u16>,
    rate: Option<u64>,
    bytes: u64,
    since: Instant,
    came: Instant,
    keyframe: Keyframe,
    seen: Seen,
}

/// A source.
#[derive(Debug, Default)]
pub(super) struct Stream {
    layers: BTreeMap<u8, Layer>,
}

impl Stream {
    /// A packet came; whether for the first time.
    pub(super) fn came(&mut self, rank: u8, packet: &Packet, now: Instant) -> bool {
        let fresh = Layer {
            stream: packet.layer,
            height: None,
            rate: None,
            bytes: 0,
            since: now,
            came: now,
            keyframe: Keyframe::default(),
            seen: Seen::default(),
        };
        let layer = self.layers.entry(rank).or_insert(fresh);
        if layer.stream != packet.layer {
            layer.seen = Seen::default();
        }
        if !layer.seen.is_new(packet.number) {
            return false;
        }
        if let Some((_, height)) = packet.head.and_then(|head| head.key) {
            layer.height = Some(height);
            layer.keyframe.came();
        }
        if now.saturating_duration_since(layer.came) > GONE {
            // Measured anew: it was not there.
            (layer.rate, layer.bytes, layer.since) = (None, 0, now);
        }
        (layer.stream, layer.came) = (packet.layer, now);
        layer.bytes += u64::try_from(packet.payload.len()).unwrap_or(0) + 40;
        let measured = now.saturating_duration_since(layer.since);
        if measured >= WINDOW {
            let millis = u64::try_from(measured.as_millis()).unwrap_or(u64::MAX).max(1);
            let rate = layer.bytes * 8000 / millis;
            // Pictures come in bursts; what it took lately counts, too.
            layer.rate = Some(layer.rate.map_or(rate, |before| rate.midpoint(before)));
            (layer.bytes, layer.since) = (0, now);
        }
        true
    }

    /// The layers that are there, the smallest first.
    pub(super) fn offered(&self, now: Instant) -> Vec<Offered> {
        let there = self.layers.iter().filter(|(_, layer)| now.saturating_duration_since(layer.came) < GONE);
        let offered = |(rank, layer): (&u8, &Layer)| {
            let (height, rate) = UNKNOWN[usize::from(*rank).min(UNKNOWN.len() - 1)];
            let (height, rate) = (layer.height.unwrap_or(height), layer.rate.unwrap_or(rate));
            Offered { rank: *rank, height, rate }
        };
        there.map(offered).collect()
    }

    /// The stream of a layer, by its number in the packets.
    pub(super) fn number(&self, rank: u8) -> Option<u32> {
        self.layers.get(&rank).map(|layer| layer.stream)
    }

    /// Somebody needs a key frame of a layer.
    pub(super) fn want(&mut self, rank: u8) {
        if let Some(layer) = self.layers.get_mut(&rank) {
            layer.keyframe.want();
        }
    }

    /// The streams that are to be asked for a key frame now.
    pub(super) fn ask(&mut self, now: Instant) -> Vec<u32> {
        self.layers.values_mut().filter_map(|layer| layer.keyframe.ask(now).then_some(layer.stream)).collect()
    }
}

/// How a packet from a browser is seen here.
pub(super) fn packet(source: Source, packet: rtc::rtp::Packet) -> Packet {
    let head = if source.is_sound() { None } else { super::vp8::head(&packet.payload) };
    Packet {
        layer: packet.header.ssrc,
        number: packet.header.sequence_number,
        time: packet.header.timestamp,
        marker: packet.header.marker,
        payload: packet.payload,
        head,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn a_layer_is_there_as_long_as_it_sends() {
        let (mut stream, begun) = (Stream::default(), Instant::now());
        let packet = |layer, number, payload: Vec<u8>| {
            let head = super::super::vp8::head(&payload);
            Packet { layer, number, time: 0, marker: true, payload: Bytes::from(payload), head }
        };
        let key = vec![0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00];
        stream.came(0, &packet(5, 0, key), begun);
        assert_eq!(stream.offered(begun), [Offered { rank: 0, height: 180, rate: 150_000 }]);
        for turn in 1..=100_u16 {
            let now = begun + Duration::from_millis(10) * u32::from(turn);
            stream.came(0, &packet(5, turn, vec![0x10; 960]), now);
            stream.came(2, &packet(7, turn, vec![0x10; 960]), now);
        }
        let now = begun + Duration::from_secs(1);
        let rates: Vec<(u8, u64)> = stream.offered(now).iter().map(|one| (one.rank, one.rate / 100_000)).collect();
        assert_eq!(rates, [(0, 8), (2, 8)]);
        assert_eq!((stream.number(2), stream.number(1)), (Some(7), None));
        assert_eq!(stream.offered(now + GONE), []);
        stream.want(2);
        assert_eq!((stream.ask(now), stream.ask(now)), (vec![7], vec![]));
    }
}
