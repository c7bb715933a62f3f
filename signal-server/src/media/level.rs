//! Who is heard: those who speak, and those who spoke last. How loud somebody is falls slowly, so that nobody is cut off
//! between two words, and nobody takes another's turn by a breath.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::PlaceId;

/// How much louder than the quietest of those who are heard one must be to take that one's turn.
const LEAD: f32 = 6.0;
/// How fast loudness falls, per second.
const FALL: f32 = 18.0;
/// Loudness of somebody whose browser does not tell it: like speech that is not loud.
const UNTOLD: u8 = 45;
/// Silence.
const SILENT: u8 = 127;
/// Who is this quiet is not told of.
const QUIET: f32 = 67.0;
/// Who sent nothing for so long is not told of.
const GONE: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy)]
struct Voice {
    loudness: f32,
    at: Instant,
}

impl Voice {
    fn at(self, now: Instant) -> f32 {
        (self.loudness - FALL * now.saturating_duration_since(self.at).as_secs_f32()).max(0.0)
    }
}

/// The voices of a room.
#[derive(Debug, Default)]
pub(super) struct Levels {
    voices: HashMap<PlaceId, Voice>,
    heard: Vec<PlaceId>,
}

impl Levels {
    /// A packet of a voice came, so many decibels below the loudest that is possible; whether it is passed on, where `most`
    /// are heard at a time.
    pub(super) fn came(&mut self, place: PlaceId, level: Option<u8>, most: usize, now: Instant) -> bool {
        let loudness = f32::from(SILENT - level.unwrap_or(UNTOLD).min(SILENT));
        let voice = self.voices.entry(place).or_insert(Voice { loudness: 0.0, at: now });
        *voice = Voice { loudness: loudness.max(voice.at(now)), at: now };
        let loudness = voice.loudness;
        if self.heard.contains(&place) {
            return true;
        }
        if self.heard.len() < most {
            self.heard.push(place);
            return true;
        }
        let loud = |place: &PlaceId| self.voices.get(place).map_or(0.0, |voice| voice.at(now));
        let quietest =
            (0..self.heard.len()).min_by(|one, other| loud(&self.heard[*one]).total_cmp(&loud(&self.heard[*other])));
        let Some(quietest) = quietest.filter(|quietest| loud(&self.heard[*quietest]) + LEAD < loudness) else {
            return false;
        };
        self.heard[quietest] = place;
        true
    }

    /// Somebody is gone, or silenced.
    pub(super) fn forget(&mut self, place: PlaceId) {
        self.voices.remove(&place);
        self.heard.retain(|other| *other != place);
    }

    /// Who is heard now, the loudest first.
    pub(super) fn told(&self, now: Instant) -> Vec<(PlaceId, u8)> {
        let loud = |place: &PlaceId| {
            let voice = self.voices.get(place)?;
            let loudness = voice.at(now);
            let tells = loudness > QUIET && now.saturating_duration_since(voice.at) < GONE;
            tells.then_some((*place, loudness))
        };
        let mut all: Vec<(PlaceId, f32)> = self.heard.iter().filter_map(loud).collect();
        all.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let level = |loudness: f32| (0..=SILENT).rev().find(|level| f32::from(SILENT - level) >= loudness).unwrap_or(0);
        all.into_iter().map(|(place, loudness)| (place, level(loudness))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(begun: Instant, ms: u64) -> Instant {
        begun + Duration::from_millis(ms)
    }

    #[test]
    fn who_speaks_takes_the_turn_of_who_spoke_longest_ago() {
        let (mut levels, begun) = (Levels::default(), Instant::now());
        let place = |number| PlaceId(number);
        assert!(levels.came(place(1), Some(30), 2, begun) && levels.came(place(2), Some(30), 2, begun));
        assert!(!levels.came(place(3), Some(60), 2, begun), "a breath");
        assert!(levels.came(place(2), Some(30), 2, at(begun, 900)));
        assert!(levels.came(place(3), Some(30), 2, at(begun, 1000)), "somebody else speaks");
        assert!(!levels.came(place(1), Some(80), 2, at(begun, 1020)), "and has the turn of the first");
        assert!(levels.came(place(2), Some(80), 2, at(begun, 1040)));
        let told: Vec<PlaceId> = levels.told(at(begun, 1050)).into_iter().map(|(place, _)| place).collect();
        assert_eq!(told, [place(3), place(2)]);
    }

    #[test]
    fn silence_is_not_told_and_who_is_gone_takes_no_turn() {
        let (mut levels, begun) = (Levels::default(), Instant::now());
        assert!(levels.came(PlaceId(1), Some(127), 1, begun));
        assert_eq!(levels.told(begun), []);
        assert!(levels.came(PlaceId(2), None, 1, begun), "who does not tell is heard");
        assert_eq!(levels.told(begun), [(PlaceId(2), UNTOLD)]);
        assert_eq!(levels.told(at(begun, 1500)), []);
        levels.forget(PlaceId(2));
        assert!(levels.came(PlaceId(1), Some(127), 1, begun));
    }
}
