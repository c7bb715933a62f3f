//! What stands before the picture data in a packet of VP8 (RFC 7741): whether a key frame begins, how large it is, and the
//! two counters that must go on without a jump when a receiver is given another layer of the same picture.

use bytes::Bytes;

/// What a packet says of its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Head {
    /// The number of the picture, and whether it has fifteen bits rather than seven.
    pub(super) picture: Option<(u16, bool)>,
    /// The number of the base layer's last frame.
    pub(super) base: Option<u8>,
    /// Where the two stand.
    picture_at: u8,
    base_at: u8,
    /// Width and height, in the first packet of a key frame.
    pub(super) key: Option<(u16, u16)>,
}

/// Reads the head of a packet.
pub(super) fn head(payload: &[u8]) -> Option<Head> {
    let (first, mut at) = (*payload.first()?, 1_u8);
    let mut head = Head::default();
    if first & 0x80 != 0 {
        let extension = *payload.get(usize::from(at))?;
        at += 1;
        if extension & 0x80 != 0 {
            let high = *payload.get(usize::from(at))?;
            head.picture_at = at;
            if high & 0x80 == 0 {
                head.picture = Some((u16::from(high), false));
                at += 1;
            } else {
                head.picture = Some((u16::from_be_bytes([high & 0x7f, *payload.get(usize::from(at) + 1)?]), true));
                at += 2;
            }
        }
        if extension & 0x40 != 0 {
            head.base = Some(*payload.get(usize::from(at))?);
            head.base_at = at;
            at += 1;
        }
        // The temporal layer and the key index share a byte.
        if extension & 0x30 != 0 {
            at += 1;
        }
    }
    let frame = payload.get(usize::from(at)..)?;
    // The start of the first partition, whose first bit says whether the frame leans on others.
    if first & 0x17 == 0x10 && *frame.first()? & 1 == 0 {
        let [_, _, _, 0x9d, 0x01, 0x2a, width_low, width_high, height_low, height_high, ..] = frame else {
            return None;
        };
        let size = |low: &u8, high: &u8| u16::from_le_bytes([*low, *high]) & 0x3fff;
        head.key = Some((size(width_low, width_high), size(height_low, height_high)));
    }
    Some(head)
}

/// How far the counters of one layer are from those a receiver has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Shift {
    picture: u16,
    base: u8,
}

/// The counters as a receiver sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counters {
    last: Option<(u16, u8)>,
    shift: Shift,
}

impl Counters {
    /// Another layer begins, or the same one after a pause: its counters go on where those before ended.
    pub(super) fn begin(&mut self, head: Head) {
        if let (Some((last_picture, last_base)), Some((picture, _))) = (self.last, head.picture) {
            self.shift = Shift {
                picture: last_picture.wrapping_add(1).wrapping_sub(picture),
                base: last_base.wrapping_add(1).wrapping_sub(head.base.unwrap_or(0)),
            };
        }
    }

    /// What must be done to a packet.
    pub(super) fn pass(&mut self, head: Head) -> Shift {
        if let Some((picture, _)) = head.picture {
            let now = (
                picture.wrapping_add(self.shift.picture) & 0x7fff,
                head.base.unwrap_or(0).wrapping_add(self.shift.base),
            );
            // A packet that was late does not turn the counters back.
            if self.last.is_none_or(|(last, _)| now.0.wrapping_sub(last) & 0x7fff < 0x4000) {
                self.last = Some(now);
            }
        }
        self.shift
    }
}

/// The packet as a receiver gets it; the same bytes where nothing changes.
pub(super) fn shifted(payload: &Bytes, head: Head, shift: Shift) -> Bytes {
    if shift == Shift::default() || head.picture.is_none() {
        return payload.clone();
    }
    let mut changed = payload.to_vec();
    if let Some((picture, long)) = head.picture {
        let picture = picture.wrapping_add(shift.picture);
        let [high, low] = picture.to_be_bytes();
        if long {
            changed[usize::from(head.picture_at)] = high | 0x80;
            changed[usize::from(head.picture_at) + 1] = low;
        } else {
            changed[usize::from(head.picture_at)] = low & 0x7f;
        }
    }
    if let Some(base) = head.base {
        changed[usize::from(head.base_at)] = base.wrapping_add(shift.base);
    }
    changed.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A packet as browsers write them: long picture number, base layer, temporal layer.
    fn packet(picture: u16, base: u8, key: bool) -> Bytes {
        let [high, low] = picture.to_be_bytes();
        let mut packet = vec![0x90, 0xe0, high | 0x80, low, base, 0x20];
        packet.extend(if key { [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01] } else { [0x11; 10] });
        packet.into()
    }

    #[test]
    fn a_key_frame_tells_its_size() {
        let head = head(&packet(7, 3, true)).expect("a head");
        assert_eq!((head.picture, head.base, head.key), (Some((7, true)), Some(3), Some((640, 360))));
        assert_eq!(super::head(&packet(8, 3, false)).expect("a head").key, None);
        let short = [0x90, 0x80, 0x05, 0x11, 0, 0];
        assert_eq!(super::head(&short).expect("a head").picture, Some((5, false)));
        let bare = [0x10, 0x11, 0, 0];
        assert_eq!(super::head(&bare).expect("a head").picture, None);
    }

    #[test]
    fn the_counters_go_on_when_the_layer_changes() {
        let mut counters = Counters::default();
        let mut seen = Vec::new();
        let mut pass = |counters: &mut Counters, packet: Bytes, begins: bool| {
            let head = head(&packet).expect("a head");
            if begins {
                counters.begin(head);
            }
            let shift = counters.pass(head);
            let passed = super::head(&shifted(&packet, head, shift)).expect("a head");
            seen.push((passed.picture.expect("a number").0, passed.base.expect("a number")));
        };
        pass(&mut counters, packet(0x7ffe, 255, true), true);
        pass(&mut counters, packet(0x7fff, 255, false), false);
        pass(&mut counters, packet(500, 9, true), true);
        pass(&mut counters, packet(501, 10, false), false);
        // One that was late.
        pass(&mut counters, packet(500, 9, false), false);
        pass(&mut counters, packet(40, 77, true), true);
        assert_eq!(seen, [(0x7ffe, 255), (0x7fff, 255), (0, 0), (1, 1), (0, 0), (2, 2)]);
    }

    #[test]
    fn nothing_is_copied_where_nothing_changes() {
        let packet = packet(7, 3, true);
        let head = head(&packet).expect("a head");
        assert_eq!(shifted(&packet, head, Shift::default()).as_ptr(), packet.as_ptr());
    }

    proptest! {
        #[test]
        fn no_payload_breaks_it(payload in proptest::collection::vec(any::<u8>(), 0..40), picture: u16, base: u8) {
            let payload = Bytes::from(payload);
            if let Some(head) = head(&payload) {
                prop_assert_eq!(shifted(&payload, head, Shift { picture, base }).len(), payload.len());
            }
        }
    }
}
