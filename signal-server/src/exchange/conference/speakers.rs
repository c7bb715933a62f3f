//! Who speaks: chosen from the loudness of all, so that a cough takes the word from nobody.

use crate::media::PlaceId;

/// As quiet as this, in -dBov (RFC 6464: 0 is loudest, 127 is silence), is not speech.
const QUIET: u8 = 50;
/// How much louder than who speaks somebody must be to take the word, in dB.
const MARGIN: u8 = 6;
/// For how long, in milliseconds.
const HOLD_MS: u64 = 600;
/// Who has been quiet for so long speaks no more, in milliseconds.
const PAUSE_MS: u64 = 2_000;

/// Who speaks, and who is about to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Speakers {
    speaks: Option<Speaker>,
    /// Who is louder, and since when.
    rises: Option<(PlaceId, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Speaker {
    place: PlaceId,
    /// When they were last heard, in milliseconds since 1970.
    heard: u64,
}

impl Speakers {
    /// Who speaks.
    pub(super) fn now(&self) -> Option<PlaceId> {
        self.speaks.map(|speaker| speaker.place)
    }

    /// How loud everybody is. Answers whether somebody else speaks now, or nobody any more.
    pub(super) fn hear(&mut self, levels: &[(PlaceId, u8)], now: u64) -> bool {
        let before = self.now();
        let level_of = |place| levels.iter().find(|(of, _)| *of == place).map_or(127, |(_, level)| *level);
        let loudest = levels.iter().filter(|(_, level)| *level < QUIET).min_by_key(|(_, level)| *level).copied();
        if let Some(speaker) = &mut self.speaks
            && level_of(speaker.place) < QUIET
        {
            speaker.heard = now;
        }
        self.speaks = self.speaks.filter(|speaker| now < speaker.heard + PAUSE_MS);
        let taken = self.speaks.map(|speaker| level_of(speaker.place));
        match (loudest, taken) {
            (Some((place, _)), None) => self.give(place, now),
            (Some((place, level)), Some(current)) if Some(place) != self.now() && level + MARGIN <= current => {
                let since = self.rises.filter(|(rising, _)| *rising == place).map_or(now, |(_, since)| since);
                self.rises = Some((place, since));
                if now >= since + HOLD_MS {
                    self.give(place, now);
                }
            }
            _ => self.rises = None,
        }
        self.now() != before
    }

    /// Somebody is gone. Answers whether it was they who spoke.
    pub(super) fn forget(&mut self, place: PlaceId) -> bool {
        let spoke = self.now() == Some(place);
        self.speaks = self.speaks.filter(|_| !spoke);
        self.rises = self.rises.filter(|(rising, _)| *rising != place);
        spoke
    }

    fn give(&mut self, place: PlaceId, now: u64) {
        self.speaks = Some(Speaker { place, heard: now });
        self.rises = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: PlaceId = PlaceId(1);
    const BOB: PlaceId = PlaceId(2);

    #[test]
    fn the_first_who_is_heard_speaks_until_a_pause() {
        let mut speakers = Speakers::default();
        assert!(!speakers.hear(&[(ANN, 90), (BOB, 70)], 0), "that is not speech");
        assert!(speakers.hear(&[(ANN, 30), (BOB, 70)], 200));
        assert_eq!(speakers.now(), Some(ANN));
        assert!(!speakers.hear(&[(ANN, 80)], 2_199), "everybody takes a breath");
        assert!(speakers.hear(&[(ANN, 80)], 2_200));
        assert_eq!(speakers.now(), None);
    }

    #[test]
    fn a_cough_takes_the_word_from_nobody_but_a_louder_voice_does() {
        let mut speakers = Speakers::default();
        speakers.hear(&[(ANN, 30)], 0);
        assert!(!speakers.hear(&[(ANN, 32), (BOB, 10)], 200));
        assert!(!speakers.hear(&[(ANN, 32), (BOB, 80)], 400), "it was a cough");
        assert!(!speakers.hear(&[(ANN, 32), (BOB, 20)], 600));
        assert!(!speakers.hear(&[(ANN, 32), (BOB, 20)], 1_000));
        assert!(speakers.hear(&[(ANN, 32), (BOB, 20)], 1_200));
        assert_eq!(speakers.now(), Some(BOB));
        assert!(!speakers.hear(&[(ANN, 18), (BOB, 20)], 3_000), "hardly louder is not louder");
    }

    #[test]
    fn who_is_gone_speaks_no_more() {
        let mut speakers = Speakers::default();
        speakers.hear(&[(ANN, 30)], 0);
        assert!(!speakers.forget(BOB));
        assert!(speakers.forget(ANN));
        assert_eq!(speakers.now(), None);
    }
}
