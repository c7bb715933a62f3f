//! What a receiver may ask for again: the last packets of one stream, as they were given to that receiver. The bytes are
//! those of the sender, shared by all receivers.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::vp8;

/// How many packets are kept: more than half a second of a large picture.
const KEPT: usize = 512;
/// The least time between two answers to the same request: about a round trip.
const PAUSE: Duration = Duration::from_millis(20);

/// A packet that was given.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) number: u16,
    pub(super) time: u32,
    pub(super) marker: bool,
    pub(super) payload: Bytes,
    pub(super) head: Option<vp8::Head>,
    pub(super) shift: vp8::Shift,
    again: Option<Instant>,
}

impl Given {
    /// A packet that is given now.
    pub(super) fn new(number: u16, time: u32, marker: bool, payload: Bytes) -> Self {
        Self { number, time, marker, payload, head: None, shift: vp8::Shift::default(), again: None }
    }

    /// What the receiver got.
    pub(super) fn bytes(&self) -> Bytes {
        self.head.map_or_else(|| self.payload.clone(), |head| vp8::shifted(&self.payload, head, self.shift))
    }
}

/// How many packets may be sent again at once, and how many new ones allow one more: a line that loses much must not be
/// given twice as much.
const CREDIT: usize = 128;
const EARNED_BY: usize = 2;

/// The last packets of a stream.
#[derive(Debug, Default)]
pub(super) struct Resend {
    ring: Vec<Option<Given>>,
    /// The new packets since, as far as they count.
    earned: usize,
}

impl Resend {
    /// Keeps a packet.
    pub(super) fn keep(&mut self, given: Given) {
        if self.ring.is_empty() {
            self.ring.resize(KEPT, None);
        }
        let at = usize::from(given.number) % KEPT;
        self.ring[at] = Some(given);
        self.earned = (self.earned + 1).min(CREDIT * EARNED_BY);
    }

    /// A packet that is asked for again; not if it was just sent again.
    pub(super) fn again(&mut self, number: u16, now: Instant) -> Option<&Given> {
        let given = self.ring.get_mut(usize::from(number) % KEPT)?.as_mut()?;
        let just = given.again.is_some_and(|again| now.saturating_duration_since(again) < PAUSE);
        if given.number != number || just || self.earned < EARNED_BY {
            return None;
        }
        self.earned -= EARNED_BY;
        given.again = Some(now);
        Some(given)
    }

    /// Nothing is asked for any more.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_there_until_half_a_thousand_have_followed() {
        let (mut resend, now) = (Resend::default(), Instant::now());
        assert!(resend.again(7, now).is_none());
        for number in 65_000..66_000_u32 {
            let number = u16::try_from(number & 0xffff).expect("masked");
            resend.keep(Given::new(number, 0, false, Bytes::from_static(b"x")));
        }
        assert!(resend.again(65_000, now).is_none(), "too long ago");
        assert_eq!(resend.again(65_535, now).map(|given| given.number), Some(65_535));
        assert!(resend.again(65_535, now + PAUSE / 2).is_none(), "it was just sent");
        assert!(resend.again(65_535, now + PAUSE).is_some());
        assert!(resend.ring.len() == KEPT);
        resend.forget();
        assert!(resend.again(65_535, now + PAUSE * 2).is_none());
    }

    #[test]
    fn who_asks_for_everything_again_and_again_gets_no_more_than_was_sent() {
        let (mut resend, begun) = (Resend::default(), Instant::now());
        for number in 0..500 {
            resend.keep(Given::new(number, 0, false, Bytes::new()));
        }
        let asks = (0..10).flat_map(|turn| (0..500).map(move |number| (number, begun + PAUSE * turn)));
        let again = asks.filter(|(number, now)| resend.again(*number, *now).is_some()).count();
        assert_eq!(again, CREDIT);
    }
}
