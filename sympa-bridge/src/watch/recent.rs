//! What was told lately. Who reads how people stand in order to sign it has to know what was told meanwhile: that is newer.
//! Pure: no clock, no database.

use std::collections::HashMap;
use std::mem;

use membership::token::LIFE_S;
use membership::{Change, Hold, PersonId, RoomId, SessionId};

/// How long it is known at least: no token that is older is in force.
const KNOWN_MS: u64 = LIFE_S * 1000;

/// When what was told last, counted in turns of telling.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    turn: u64,
    turns: Turns,
    /// Those of the time before, which are forgotten next.
    before: Turns,
    forget_ms: u64,
}

#[derive(Debug, Default)]
struct Turns {
    pairs: HashMap<(RoomId, PersonId), u64>,
    rooms: HashMap<RoomId, u64>,
    ended: HashMap<SessionId, u64>,
}

/// Why what was read must not be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overtaken {
    /// Something else was told since: it has to be read anew.
    ByNews,
    /// The session has ended.
    BySignOut,
}

impl Recent {
    /// The turn of now: to be asked before reading.
    pub(crate) const fn turn(&self) -> u64 {
        self.turn
    }

    /// Forgets what is old enough.
    pub(crate) fn forget(&mut self, now_ms: u64) {
        if now_ms >= self.forget_ms {
            self.forget_ms = now_ms + KNOWN_MS;
            self.before = mem::take(&mut self.turns);
        }
    }

    /// Notes what is told now.
    pub(crate) fn note(&mut self, changes: &[Change]) {
        self.turn += 1;
        for change in changes {
            match change {
                Change::Joined { room, person, .. }
                | Change::Removed { room, person, .. }
                | Change::GrantsChanged { room, person, .. }
                | Change::VisibilityChanged { room, person, .. }
                | Change::RelayOnlyChanged { room, person, .. }
                | Change::PersonRenamed { room, person, .. } => {
                    self.turns.pairs.insert((*room, *person), self.turn);
                }
                Change::RoomOpened { room, .. } | Change::RoomChanged { room, .. } | Change::RoomClosed { room } => {
                    self.turns.rooms.insert(*room, self.turn);
                }
                Change::SignedOut { sid } => {
                    self.turns.ended.insert(*sid, self.turn);
                }
            }
        }
    }

    /// Whether it was told that this session has ended.
    pub(crate) fn has_ended(&self, sid: SessionId) -> bool {
        [&self.turns, &self.before].iter().any(|turns| turns.ended.contains_key(&sid))
    }

    /// Whether what was read of this hold after `began` still counts.
    pub(crate) fn check(&self, hold: &Hold, began: u64) -> Result<(), Overtaken> {
        if self.has_ended(hold.sid) {
            return Err(Overtaken::BySignOut);
        }
        let all = [&self.turns, &self.before];
        let of_pair = all.iter().filter_map(|turns| turns.pairs.get(&(hold.room, hold.person)));
        let of_room = all.iter().filter_map(|turns| turns.rooms.get(&hold.room));
        if of_pair.chain(of_room).any(|turn| *turn > began) { Err(Overtaken::ByNews) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use membership::Removal;

    use super::*;

    const ROOM: RoomId = RoomId::new(1, 1);
    const BOB: PersonId = PersonId::new(1, 2);
    const HOLD: Hold = Hold { person: BOB, room: ROOM, sid: SessionId::new(1, 3) };

    #[test]
    fn a_session_ends_once() {
        let (mut recent, sid) = (Recent::default(), SessionId::new(1, 1));
        assert!(!recent.has_ended(sid));
        recent.note(&[Change::SignedOut { sid }]);
        recent.forget(1);
        assert!(recent.has_ended(sid), "it is known for a while");
    }

    fn removed() -> Change {
        Change::Removed { room: ROOM, person: BOB, code: Removal::NotAMember }
    }

    #[test]
    fn what_was_read_before_something_was_told_is_overtaken() {
        for change in [removed(), Change::RoomClosed { room: ROOM }] {
            let mut recent = Recent::default();
            let began = recent.turn();
            assert_eq!(recent.check(&HOLD, began), Ok(()));
            recent.note(&[change]);
            assert_eq!(recent.check(&HOLD, began), Err(Overtaken::ByNews));
            assert_eq!(recent.check(&HOLD, recent.turn()), Ok(()));
            assert_eq!(recent.check(&Hold { room: RoomId::new(1, 9), ..HOLD }, began), Ok(()));
        }
    }

    #[test]
    fn a_session_that_ended_gets_nothing_more() {
        let mut recent = Recent::default();
        recent.note(&[Change::SignedOut { sid: HOLD.sid }]);
        assert_eq!(recent.check(&HOLD, recent.turn()), Err(Overtaken::BySignOut));
    }

    #[test]
    fn it_is_known_for_the_life_of_a_token_and_forgotten_later() {
        let mut recent = Recent::default();
        recent.note(&[removed()]);
        for (now_ms, known) in [(1000, true), (300_999, true), (301_000, false)] {
            recent.forget(now_ms);
            assert_eq!(recent.check(&HOLD, 0).is_err(), known, "{now_ms}");
        }
    }
}
