//! Whose a packet from a browser is: which source, and which of its layers. Browsers say it in the first packets of a layer
//! and then no more, so it is remembered; packets that are sent again are put back into the stream they belong to.
//!
//! The library remembers, too, but forgets with each new offer, and not at all of repetitions of a layer. So it is only asked
//! to decrypt; `names` looks at what came before its other parts do, and `tap` takes it after them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rtc::interceptor::{Attribute, Interceptor, Packet, TaggedPacket};
use rtc::rtp;

use super::Source;
use super::reader::Reader;
use super::sdp::Offer;

/// The most streams of one connection: four sources with up to three layers, each with its repetitions, and some in reserve
/// for a browser that begins one anew.
const STREAMS: usize = 32;
/// The most packets that wait to be taken; they are after each turn.
const WAITING: usize = 4096;

/// A layer of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Layer {
    pub(super) source: Source,
    /// Its place among the layers; the smallest has zero.
    pub(super) rank: u8,
}

/// A packet that came.
#[derive(Debug)]
pub(super) struct Came {
    pub(super) layer: Layer,
    pub(super) packet: rtp::Packet,
}

/// What a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// A layer.
    Layer(Layer),
    /// Repetitions of a layer.
    Repeats(Layer),
}

/// What is known of the streams of one connection.
#[derive(Debug, Default)]
struct Naming {
    offer: Offer,
    streams: HashMap<u32, Known>,
    came: Vec<Came>,
}

impl Naming {
    /// What a stream is, by what is known or by what the packet says itself.
    fn of(&mut self, header: &rtp::Header) -> Option<Known> {
        if let Some(known) = self.streams.get(&header.ssrc) {
            return Some(*known);
        }
        let says = |number: u8| if number == 0 { None } else { header.get_extension(number) };
        let mid = says(self.offer.extensions.mid)?;
        let line = self.offer.lines.iter().find(|line| line.mid.as_bytes() == mid)?;
        let rank = |name: &[u8]| {
            let place = line.layers.iter().position(|layer| layer.as_bytes() == name)?;
            Some(Layer { source: line.source, rank: u8::try_from(place).ok()? })
        };
        let known = if let Some(name) = says(self.offer.extensions.repaired) {
            Known::Repeats(rank(&name)?)
        } else if let Some(name) = says(self.offer.extensions.rid) {
            Known::Layer(rank(&name)?)
        } else if line.layers.is_empty() {
            Known::Layer(Layer { source: line.source, rank: 0 })
        } else {
            return None;
        };
        (self.streams.len() < STREAMS).then(|| {
            self.streams.insert(header.ssrc, known);
            known
        })
    }

    /// The stream of a layer.
    fn stream(&self, layer: Layer) -> Option<u32> {
        self.streams.iter().find(|(_, known)| **known == Known::Layer(layer)).map(|(stream, _)| *stream)
    }

    /// Puts a packet that was sent again back into its stream.
    fn restore(&self, packet: &mut rtp::Packet, layer: Layer) -> Option<()> {
        let stream = self.stream(layer)?;
        let codec = *self.offer.repeats.get(&packet.header.payload_type)?;
        // One without its old number only fills the line.
        let number = u16::from_be_bytes([*packet.payload.first()?, *packet.payload.get(1)?]);
        packet.payload = packet.payload.slice(2..);
        (packet.header.ssrc, packet.header.payload_type, packet.header.sequence_number) = (stream, codec, number);
        Some(())
    }
}

/// What a connection and its interceptors know together.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared(Arc<Mutex<Naming>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Naming> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new description of the connection. What was learned stays as far as it is still true.
    pub(super) fn describe(&self, offer: Offer) {
        let mut naming = self.lock();
        let before = std::mem::take(&mut naming.streams);
        for line in &offer.lines {
            let layer = Layer { source: line.source, rank: 0 };
            let declared = [(line.stream, Known::Layer(layer)), (line.repeats, Known::Repeats(layer))];
            naming.streams.extend(declared.into_iter().filter_map(|(stream, known)| Some((stream?, known))));
            let same = |before: &Offer| before.lines.iter().any(|old| old.mid == line.mid && old.source == line.source);
            if same(&naming.offer) {
                let of_line =
                    |known: &Known| matches!(known, Known::Layer(of) | Known::Repeats(of) if of.source == line.source);
                let kept = before.iter().filter(|(_, known)| of_line(known)).take(STREAMS / 4);
                naming.streams.extend(kept.map(|(stream, known)| (*stream, *known)));
            }
        }
        naming.offer = offer;
    }

    /// The number of the extension that tells how loud sound is; zero is none.
    pub(super) fn level(&self) -> u8 {
        self.lock().offer.extensions.level
    }

    /// Whether a packet of this stream may be looked at: it is known, or there is room for one more.
    pub(super) fn may_come(&self, stream: u32) -> bool {
        let naming = self.lock();
        naming.streams.len() < STREAMS || naming.streams.contains_key(&stream)
    }

    /// The layer of a packet, which is put back into its stream if it was sent again.
    fn look(&self, message: &mut TaggedPacket) -> Option<Layer> {
        let Packet::Rtp(packet) = &mut message.message.packet else { return None };
        let mut naming = self.lock();
        match naming.of(&packet.header)? {
            Known::Layer(layer) => Some(layer),
            // What cannot be put back passes all the same: that it came counts for how fast a browser may send.
            Known::Repeats(layer) => naming.restore(packet, layer).map(|()| layer),
        }
    }

    fn keep(&self, message: TaggedPacket) {
        let layer = message.message.custom::<Layer>().copied();
        if let (Some(layer), Packet::Rtp(packet)) = (layer, message.message.packet) {
            let mut naming = self.lock();
            if naming.came.len() < WAITING {
                naming.came.push(Came { layer, packet });
            }
        }
    }

    /// What came since the last time.
    pub(super) fn take(&self) -> Vec<Came> {
        std::mem::take(&mut self.lock().came)
    }
}

/// Looks at what came before all others do.
pub(super) fn names(shared: Shared) -> impl Interceptor + 'static {
    Reader::new(move |mut message: TaggedPacket| {
        if let Some(layer) = shared.look(&mut message) {
            message.message.add(Attribute::Custom(Arc::new(layer)));
        }
        Some(message)
    })
}

/// Takes what came after all others have seen it.
pub(super) fn tap(shared: Shared) -> impl Interceptor + 'static {
    Reader::new(move |message: TaggedPacket| {
        shared.keep(message);
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::sdp::{Extensions, Line};
    use bytes::Bytes;
    use rtc::interceptor::AttributedPacket;
    use rtc::shared::TransportContext;
    use std::collections::BTreeMap;
    use std::time::Instant;

    fn offer() -> Offer {
        let line = |mid: &str, source, layers: &[&str], stream, repeats| Line {
            mid: mid.to_owned(),
            source,
            layers: layers.iter().map(|layer| (*layer).to_owned()).collect(),
            stream,
            repeats,
        };
        Offer {
            lines: vec![
                line("0", Source::Microphone, &[], Some(7), None),
                line("1", Source::Camera, &["q", "h"], None, None),
                line("2", Source::Screen, &[], Some(20), Some(21)),
            ],
            extensions: Extensions { mid: 1, rid: 2, repaired: 3, level: 4 },
            repeats: BTreeMap::from([(97, 96)]),
            ..Offer::default()
        }
    }

    /// Which layer a packet is of, and what became of it.
    fn look(shared: &Shared, stream: u32, says: &[(u8, &str)]) -> (Option<Layer>, rtp::Packet) {
        let mut header =
            rtp::Header { version: 2, ssrc: stream, payload_type: 97, sequence_number: 9, ..Default::default() };
        for (number, value) in says {
            header.set_extension(*number, Bytes::copy_from_slice(value.as_bytes())).expect("it fits");
        }
        let packet = rtp::Packet { header, payload: Bytes::from_static(&[1, 2, 3, 4]) };
        let message = AttributedPacket::new(Packet::Rtp(packet));
        let mut message = TaggedPacket { now: Instant::now(), transport: TransportContext::default(), message };
        let layer = shared.look(&mut message);
        let Packet::Rtp(packet) = message.message.packet else { panic!("it was one") };
        (layer, packet)
    }

    fn camera(rank: u8) -> Layer {
        Layer { source: Source::Camera, rank }
    }

    #[test]
    fn a_stream_is_known_by_what_was_announced_or_by_what_its_first_packet_says() {
        let shared = Shared::default();
        shared.describe(offer());
        assert_eq!(look(&shared, 7, &[]).0, Some(Layer { source: Source::Microphone, rank: 0 }));
        assert_eq!(look(&shared, 8, &[]).0, None);
        assert_eq!(look(&shared, 8, &[(1, "1"), (2, "x")]).0, None);
        assert_eq!(look(&shared, 8, &[(1, "1"), (2, "h")]).0, Some(camera(1)));
        assert_eq!(look(&shared, 8, &[]).0, Some(camera(1)), "it says it no more");
        shared.describe(offer());
        assert_eq!(look(&shared, 8, &[]).0, Some(camera(1)), "also after a new offer");
        shared.describe(Offer { lines: offer().lines.drain(..1).collect(), ..offer() });
        assert_eq!(look(&shared, 8, &[]).0, None, "unless that takes it away");
    }

    #[test]
    fn what_is_sent_again_is_put_back_into_its_stream() {
        let shared = Shared::default();
        shared.describe(offer());
        assert_eq!(look(&shared, 9, &[(1, "1"), (3, "q")]).0, None, "of a stream that has not begun");
        look(&shared, 8, &[(1, "1"), (2, "q")]);
        for (stream, into, layer) in [(9, 8, camera(0)), (21, 20, Layer { source: Source::Screen, rank: 0 })] {
            let (found, packet) = look(&shared, stream, &[]);
            assert_eq!(found, Some(layer));
            let header = &packet.header;
            assert_eq!((header.ssrc, header.payload_type, header.sequence_number), (into, 96, 0x0102));
            assert_eq!(packet.payload[..], [3, 4]);
        }
    }

    #[test]
    fn who_begins_streams_without_end_is_not_followed() {
        let shared = Shared::default();
        shared.describe(offer());
        let known = (100..10_000).filter(|stream| look(&shared, *stream, &[(1, "1"), (2, "q")]).0.is_some()).count();
        assert_eq!(known, STREAMS - 3);
        assert!(shared.may_come(7) && !shared.may_come(99_999));
    }
}
