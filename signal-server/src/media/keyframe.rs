//! When a sender is asked for a key frame: at once when somebody needs one, but not more often than it can make them, and
//! again when it did not come.

use std::time::{Duration, Instant};

/// The least time between two requests.
const PAUSE: Duration = Duration::from_millis(300);
/// When a request that was not answered is said again.
const AGAIN: Duration = Duration::from_millis(700);
/// How often it is said before nobody is thought to listen, and for how long that is believed.
const TIMES: u8 = 5;
const REST: Duration = Duration::from_secs(5);

/// The requests for one layer.
#[derive(Debug, Default)]
pub(super) struct Keyframe {
    wanted: bool,
    asked: Option<Instant>,
    times: u8,
}

impl Keyframe {
    /// Somebody needs one.
    pub(super) fn want(&mut self) {
        if !self.wanted {
            (self.wanted, self.times) = (true, 0);
        }
    }

    /// One came.
    pub(super) fn came(&mut self) {
        self.wanted = false;
    }

    /// Whether to ask now.
    pub(super) fn ask(&mut self, now: Instant) -> bool {
        let pause = match self.times {
            0 => PAUSE,
            TIMES => REST,
            _ => AGAIN,
        };
        if !self.wanted || self.asked.is_some_and(|asked| now.saturating_duration_since(asked) < pause) {
            return false;
        }
        (self.asked, self.times) = (Some(now), self.times % TIMES + 1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_for_at_once_but_not_by_each() {
        let (mut keyframe, begun) = (Keyframe::default(), Instant::now());
        let at = |ms| begun + Duration::from_millis(ms);
        assert!(!keyframe.ask(at(0)), "nobody needs one");
        keyframe.want();
        assert!(keyframe.ask(at(0)));
        keyframe.want();
        assert!(!keyframe.ask(at(300)), "the one that is under way is for both");
        assert!(keyframe.ask(at(700)), "it did not come");
        keyframe.came();
        keyframe.want();
        assert!(!keyframe.ask(at(900)) && keyframe.ask(at(1000)), "a sender has time to breathe");
        keyframe.came();
        assert!(!keyframe.ask(at(9000)));
    }

    #[test]
    fn who_does_not_answer_is_asked_less_often() {
        let (mut keyframe, begun) = (Keyframe::default(), Instant::now());
        let asked = (0..100).filter(|second| {
            keyframe.want();
            keyframe.ask(begun + Duration::from_secs(*second))
        });
        assert_eq!(asked.count(), 56, "five in nine seconds, that is");
    }
}
