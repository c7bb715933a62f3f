//! Which packets of a stream have come: each passes once. Browsers send packets again without being asked, to find out how
//! fast they may send; who got them twice would take the second for lost, because it cannot be read.

/// How far back it is known.
const KNOWN: u16 = 512;

/// The last packets of a stream.
#[derive(Debug, Default)]
pub(super) struct Seen {
    last: Option<u16>,
    came: [u64; KNOWN as usize / 64],
}

impl Seen {
    /// Whether a packet comes for the first time. What is too old to tell is of no use either.
    pub(super) fn is_new(&mut self, number: u16) -> bool {
        let last = *self.last.get_or_insert(number.wrapping_sub(1));
        let ahead = number.wrapping_sub(last);
        if (1..0x8000).contains(&ahead) {
            for skipped in 1..=ahead.min(KNOWN) {
                self.mark(number.wrapping_sub(ahead.min(KNOWN)).wrapping_add(skipped), false);
            }
            self.last = Some(number);
        } else if last.wrapping_sub(number) >= KNOWN {
            return false;
        }
        !self.mark(number, true)
    }

    /// Notes whether a packet has come; what was noted before.
    fn mark(&mut self, number: u16, came: bool) -> bool {
        let at = usize::from(number % KNOWN);
        let (word, bit) = (&mut self.came[at / 64], 1_u64 << (at % 64));
        let before = *word & bit != 0;
        *word = if came { *word | bit } else { *word & !bit };
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn what_browsers_send_again_unasked_passes_once() {
        let mut seen = Seen::default();
        let new: Vec<u16> = [65_534, 65_535, 1, 0, 1, 65_535, 2].into_iter().filter(|one| seen.is_new(*one)).collect();
        assert_eq!(new, [65_534, 65_535, 1, 0, 2]);
        assert!(seen.is_new(600) && !seen.is_new(2), "too old to tell");
        assert!(seen.is_new(599) && !seen.is_new(599));
    }

    proptest! {
        #[test]
        fn each_passes_once_and_none_is_kept_back(begin: u16, steps in proptest::collection::vec(-100_i32..120, 1..500)) {
            let (mut seen, mut there, mut at) = (Seen::default(), HashSet::new(), 0_i32);
            let mut most = 0;
            for step in steps {
                at += step;
                let number = begin.wrapping_add(u16::try_from(at.rem_euclid(65_536)).expect("masked"));
                if there.is_empty() { most = at; }
                if most - at >= i32::from(KNOWN) || at - most >= 0x8000 { break; }
                prop_assert_eq!(seen.is_new(number), there.insert(at));
                most = most.max(at);
            }
        }
    }
}
