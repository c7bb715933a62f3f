//! How packets of several layers become one stream for one receiver: numbers without gaps of our making, time that goes on,
//! and a change of layer only where a picture begins that leans on nothing before it.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::vp8;

/// The number of the first packet a receiver gets.
const FIRST: u16 = 1;

/// A packet of a source.
#[derive(Debug, Clone)]
pub(super) struct Packet {
    /// Which of the layers, by its number in the packets.
    pub(super) layer: u32,
    /// Its number in the layer.
    pub(super) number: u16,
    /// Its time, in the clock of the layer.
    pub(super) time: u32,
    /// The end of a picture, or the begin of speech.
    pub(super) marker: bool,
    /// What is in it.
    pub(super) payload: Bytes,
    /// What it says of its picture, if it is one.
    pub(super) head: Option<vp8::Head>,
}

/// A packet as one receiver gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passed {
    pub(super) number: u16,
    pub(super) time: u32,
    pub(super) shift: vp8::Shift,
}

/// Where a receiver is in a stream.
#[derive(Debug, Default)]
pub(super) struct Forward {
    /// Ticks of the stream's clock in a second.
    rate: u32,
    sound: bool,
    /// The layer that passes.
    layer: Option<u32>,
    /// Nothing passes until a new beginning.
    paused: bool,
    /// The last packet: its number and time as the receiver saw it, and when it passed.
    last: Option<(u16, u32, Instant)>,
    /// What is added to the numbers and times of the layer.
    shift: (u16, u32),
    /// The first number of the layer that may pass.
    first: u16,
    counters: vp8::Counters,
}

impl Forward {
    /// Of sound.
    pub(super) fn sound() -> Self {
        Self { rate: 48_000, sound: true, paused: true, ..Self::default() }
    }

    /// Of pictures.
    pub(super) fn picture() -> Self {
        Self { rate: 90_000, paused: true, ..Self::default() }
    }

    /// Another source begins at this receiver's line: nothing of the last one's layers is known of it.
    pub(super) fn renew(&mut self) {
        self.paused = true;
        self.layer = None;
    }

    /// Nothing passes for a while.
    pub(super) fn pause(&mut self) {
        self.paused = true;
    }

    /// The layer that passes now.
    pub(super) fn layer(&self) -> Option<u32> {
        self.layer.filter(|_| !self.paused)
    }

    /// Whether, and as what, a packet passes to this receiver, who is to get the layer `wanted`.
    pub(super) fn pass(&mut self, packet: &Packet, wanted: u32, now: Instant) -> Option<Passed> {
        let begins = self.sound || packet.head.is_some_and(|head| head.key.is_some());
        if self.layer() != Some(packet.layer) {
            if packet.layer != wanted || !begins {
                return None;
            }
            self.begin(packet, now);
        } else if packet.number.wrapping_sub(self.first) > 0x7fff {
            // From before the change.
            return None;
        }
        let (number, time) = (packet.number.wrapping_add(self.shift.0), packet.time.wrapping_add(self.shift.1));
        if self.last.is_none_or(|(last, _, _)| number.wrapping_sub(last) < 0x8000) {
            self.last = Some((number, time, now));
            // What lies half the range back cannot be told from what is to come.
            if packet.number.wrapping_sub(self.first) > 0x3fff {
                self.first = packet.number.wrapping_sub(0x1000);
            }
        }
        let shift = packet.head.map(|head| self.counters.pass(head)).unwrap_or_default();
        Some(Passed { number, time, shift })
    }

    fn begin(&mut self, packet: &Packet, now: Instant) {
        if let Some((number, time, at)) = self.last {
            // As much time passes for the receiver as has passed here; at least a little, so that pictures differ.
            let passed = now.saturating_duration_since(at).clamp(Duration::from_millis(1), Duration::from_hours(1));
            let ticks = u64::from(self.rate) * u64::try_from(passed.as_millis()).unwrap_or(0) / 1000;
            let time = time.wrapping_add(u32::try_from(ticks & 0xffff_ffff).unwrap_or(0));
            self.shift = (number.wrapping_add(1).wrapping_sub(packet.number), time.wrapping_sub(packet.time));
        }
        if self.last.is_none() {
            // Not where the sender is: were the first packets lost just before its numbers begin anew at zero, the receiver
            // could never again tell how often they have, and read nothing (RFC 3711, 3.3.1).
            self.shift.0 = FIRST.wrapping_sub(packet.number);
        }
        if let Some(head) = packet.head {
            self.counters.begin(head);
        }
        (self.layer, self.first, self.paused) = (Some(packet.layer), packet.number, false);
    }

    /// The last packet's time, and when it passed: from it the time of any moment follows.
    pub(super) fn time_at(&self, now: Instant) -> Option<u32> {
        let (_, time, at) = self.last?;
        let micros = u64::try_from(now.saturating_duration_since(at).as_micros()).unwrap_or(0);
        Some(time.wrapping_add(u32::try_from((micros * u64::from(self.rate) / 1_000_000) & 0xffff_ffff).unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LOW: u32 = 1;
    const HIGH: u32 = 2;

    fn picture(layer: u32, number: u16, time: u32, key: bool) -> Packet {
        let mut payload = vec![0x90, 0x80, 0x80, 0x01];
        payload.extend(if key { [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01] } else { [0x11; 10] });
        let head = vp8::head(&payload);
        Packet { layer, number, time, marker: true, payload: payload.into(), head }
    }

    #[test]
    fn a_receiver_sees_one_stream_through_changes_of_layer() {
        let (mut forward, begun) = (Forward::picture(), Instant::now());
        let at = |ms| begun + Duration::from_millis(ms);
        let seen = |passed: Option<Passed>| passed.map(|passed| (passed.number, passed.time));
        assert_eq!(forward.pass(&picture(LOW, 10, 1000, false), LOW, at(0)), None, "it waits for a key frame");
        assert_eq!(seen(forward.pass(&picture(LOW, 11, 4000, true), LOW, at(33))), Some((1, 4000)));
        assert_eq!(seen(forward.pass(&picture(LOW, 13, 10_000, false), LOW, at(99))), Some((3, 10_000)));
        // The higher one is wanted; until its key frame the lower one goes on.
        assert_eq!(forward.pass(&picture(HIGH, 700, 5, false), HIGH, at(100)), None);
        assert_eq!(seen(forward.pass(&picture(LOW, 14, 13_000, false), HIGH, at(133))), Some((4, 13_000)));
        assert_eq!(seen(forward.pass(&picture(HIGH, 701, 3005, true), HIGH, at(143))), Some((5, 13_900)));
        assert_eq!(forward.layer(), Some(HIGH));
        // What was late of either.
        assert_eq!(forward.pass(&picture(LOW, 15, 16_000, false), HIGH, at(150)), None);
        assert_eq!(forward.pass(&picture(HIGH, 699, 5, false), HIGH, at(150)), None);
        assert_eq!(seen(forward.pass(&picture(HIGH, 703, 6005, false), HIGH, at(176))), Some((7, 16_900)));
        assert_eq!(
            seen(forward.pass(&picture(HIGH, 702, 6005, false), HIGH, at(177))),
            Some((6, 16_900)),
            "sent again"
        );
    }

    #[test]
    fn after_a_pause_it_goes_on_where_it_was() {
        let (mut forward, begun) = (Forward::sound(), Instant::now());
        let sound = |number, time| Packet { layer: 5, number, time, marker: false, payload: Bytes::new(), head: None };
        assert!(forward.pass(&sound(1, 960), 5, begun).is_some());
        forward.pause();
        let later = begun + Duration::from_secs(1);
        let passed = forward.pass(&sound(51, 48_960), 5, later).expect("it passes");
        assert_eq!((passed.number, passed.time), (2, 48_960));
        assert_eq!(forward.time_at(later + Duration::from_millis(20)), Some(48_960 + 960));
    }

    proptest! {
        #[test]
        fn numbers_never_jump_by_our_doing(moves in proptest::collection::vec((0_u32..3, 1_u16..3, any::<bool>()), 1..200)) {
            let (mut forward, begun) = (Forward::picture(), Instant::now());
            let mut numbers = [65_530_u16, 100, 40_000];
            let (mut last, mut wanted) = (None::<u16>, 0);
            for (turn, (layer, step, key)) in (0_u64..).zip(moves) {
                let at = begun + Duration::from_millis(33 * turn);
                let number = &mut numbers[layer as usize];
                *number = number.wrapping_add(step);
                if key { wanted = layer; }
                let was = forward.layer();
                if let Some(passed) = forward.pass(&picture(layer, *number, 0, key), wanted, at) {
                    if let Some(last) = last {
                        let expected = if was == Some(layer) { step } else { 1 };
                        prop_assert!(passed.number.wrapping_sub(last) >= expected.min(1) && passed.number.wrapping_sub(last) < 500);
                        if was != Some(layer) { prop_assert_eq!(passed.number, last.wrapping_add(1)); }
                    }
                    last = Some(passed.number);
                }
            }
        }
    }
}
