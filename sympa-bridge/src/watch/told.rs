//! What the services were told, and what a new look at Sympa adds to it. Pure: no clock, no database.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use membership::change::{Snapshot, diff};
use membership::{Change, Hold, Mode, PersonId, RoomId, SessionId, Standing};

use super::UNKNOWN;
use super::recent::{Overtaken, Recent};
use crate::census::Outcome;
use crate::store::live::LiveRow;

/// Standings that are to be kept anew; `None` is out of the room.
pub(crate) type Changed = BTreeMap<(RoomId, PersonId), Option<Standing>>;

/// What was told so far.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Live tokens, and until when.
    holds: HashMap<Hold, u64>,
    snapshot: Snapshot,
    /// People whose rooms were all looked at: a room that is new for them is news.
    known: HashSet<PersonId>,
    /// Rooms that were told to be closed.
    closed: HashSet<RoomId>,
    /// What was told lately, for those who read meanwhile.
    recent: Recent,
    /// Told since the look began that is on its way: it is newer than what that look has read.
    touched: HashSet<(RoomId, PersonId)>,
}

/// What has to be looked at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    pub(crate) people: BTreeSet<PersonId>,
    pub(crate) rooms: BTreeSet<RoomId>,
    pub(crate) pairs: BTreeSet<(RoomId, PersonId)>,
    pub(crate) sids: BTreeSet<SessionId>,
}

/// What a look has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) people: BTreeSet<PersonId>,
    /// The rooms looked at; one that is closed or off has no mode.
    pub(crate) rooms: BTreeMap<RoomId, Option<Mode>>,
    pub(crate) outcomes: BTreeMap<(RoomId, PersonId), Outcome>,
    pub(crate) ended: BTreeSet<SessionId>,
}

/// What there is to tell and to keep.
#[derive(Debug, Default)]
pub(crate) struct News {
    pub(crate) changes: Vec<Change>,
    pub(crate) kept: Changed,
    pub(crate) ended: Vec<SessionId>,
}

impl Told {
    /// From what was kept before a restart.
    pub(crate) fn load(rows: Vec<LiveRow>) -> Self {
        let mut told = Self::default();
        for row in rows {
            told.holds.insert(row.hold, row.exp);
            told.snapshot.sessions.insert(row.hold.sid);
            told.snapshot.standings.insert((row.hold.room, row.hold.person), row.standing);
        }
        told
    }

    /// Begins a look: forgets holds that are over, and says what to look at.
    pub(crate) fn begin(&mut self, now_ms: u64) -> Held {
        self.holds.retain(|_, exp| now_ms < *exp);
        self.touched.clear();
        self.recent.forget(now_ms);
        // Collected: a set is made of many at once much faster than by inserting one after the other.
        let held = Held {
            people: self.holds.keys().map(|hold| hold.person).collect(),
            rooms: self.holds.keys().map(|hold| hold.room).collect(),
            pairs: self.holds.keys().map(|hold| (hold.room, hold.person)).collect(),
            sids: self.holds.keys().map(|hold| hold.sid).collect(),
        };
        self.known.retain(|person| held.people.contains(person));
        self.snapshot.standings.retain(|(_, person), _| held.people.contains(person));
        self.snapshot.sessions.retain(|sid| held.sids.contains(sid));
        let rooms: HashSet<RoomId> = self.snapshot.standings.keys().map(|(room, _)| *room).collect();
        self.snapshot.rooms.retain(|room, _| rooms.contains(room));
        held
    }

    /// The turn of telling.
    pub(crate) const fn turn(&self) -> u64 {
        self.recent.turn()
    }

    /// Takes in tokens that are given out. What they say that was not told yet is told now.
    ///
    /// # Errors
    /// When something newer was told since the turn in which they were read: then none of them counts.
    pub(crate) fn issue(
        &mut self,
        rows: &[LiveRow],
        modes: &HashMap<RoomId, Mode>,
        began: u64,
    ) -> Result<(Vec<Change>, Changed), Overtaken> {
        rows.iter().try_for_each(|row| self.recent.check(&row.hold, began))?;
        let (mut changes, mut kept) = (Vec::new(), Changed::new());
        for row in rows {
            let (pair, mode) = ((row.hold.room, row.hold.person), modes.get(&row.hold.room).copied());
            let mode = mode.unwrap_or(Mode::Open);
            if self.closed.remove(&row.hold.room) {
                changes.push(Change::RoomOpened { room: row.hold.room, mode });
            }
            self.snapshot.rooms.entry(row.hold.room).or_insert(mode);
            let before = self.snapshot.standings.insert(pair, row.standing.clone());
            if let Some(before) = before.filter(|before| *before != row.standing) {
                changes.extend(diff(&only(pair, before), &only(pair, row.standing.clone())));
                kept.insert(pair, Some(row.standing.clone()));
            }
            self.snapshot.sessions.insert(row.hold.sid);
            self.holds.insert(row.hold, row.exp);
            self.touched.insert(pair);
        }
        self.recent.note(&changes);
        Ok((changes, kept))
    }

    /// Forgets what belongs to a session that has ended.
    pub(crate) fn end(&mut self, sid: SessionId) {
        self.holds.retain(|hold, _| hold.sid != sid);
        self.snapshot.sessions.remove(&sid);
        self.recent.note(&[Change::SignedOut { sid }]);
    }

    /// Takes in what a look has seen.
    pub(crate) fn take(&mut self, seen: Seen) -> News {
        self.begin_new(&seen);
        let new = self.after(&seen);
        let mut changes = diff(&self.snapshot, &new);
        for change in &mut changes {
            if let Change::Removed { room, person, code } = change {
                *code = match seen.outcomes.get(&(*room, *person)) {
                    Some(Outcome::Out(reason)) => *reason,
                    _ => UNKNOWN,
                };
            }
        }
        self.recent.note(&changes);
        let kept = self.changed(&new);
        let ended: Vec<SessionId> = seen.ended.intersection(&self.snapshot.sessions).copied().collect();
        self.closed.extend(self.snapshot.rooms.keys().filter(|room| !new.rooms.contains_key(room)));
        self.closed.retain(|room| !new.rooms.contains_key(room));
        self.snapshot = new;
        let standings = &self.snapshot.standings;
        // Whoever loses a standing is told so: without news all holds stay.
        if !changes.is_empty() || !seen.ended.is_empty() {
            self.holds
                .retain(|hold, _| !seen.ended.contains(&hold.sid) && standings.contains_key(&(hold.room, hold.person)));
        }
        self.known.extend(seen.people);
        News { changes, kept, ended }
    }

    /// What is seen for the first time is no news.
    fn begin_new(&mut self, seen: &Seen) {
        for (room, mode) in &seen.rooms {
            if let Some(mode) = mode.filter(|_| !self.closed.contains(room)) {
                self.snapshot.rooms.entry(*room).or_insert(mode);
            }
        }
        // After a restart a room that closed meanwhile is in nobody's memory but in the standings.
        for (room, _) in self.snapshot.standings.keys() {
            self.snapshot.rooms.entry(*room).or_insert(Mode::Open);
        }
        for ((room, person), outcome) in &seen.outcomes {
            if let Outcome::In(standing) = outcome
                && !self.known.contains(person)
                && self.snapshot.rooms.contains_key(room)
            {
                self.snapshot.standings.entry((*room, *person)).or_insert_with(|| standing.clone());
            }
        }
    }

    /// The state after the look. People and rooms that were not looked at stay as they are.
    fn after(&self, seen: &Seen) -> Snapshot {
        let mut new = self.snapshot.clone();
        for (room, mode) in &seen.rooms {
            match mode {
                Some(mode) => drop(new.rooms.insert(*room, *mode)),
                None => drop(new.rooms.remove(room)),
            }
        }
        let gone = |pair: &(RoomId, PersonId)| {
            let looked_at = seen.people.contains(&pair.1) && !self.touched.contains(pair);
            looked_at && !matches!(seen.outcomes.get(pair), Some(Outcome::In(_)))
        };
        new.standings.retain(|pair, _| new.rooms.contains_key(&pair.0) && !gone(pair));
        for (pair, outcome) in &seen.outcomes {
            if let Outcome::In(standing) = outcome
                && !self.touched.contains(pair)
                && new.rooms.contains_key(&pair.0)
            {
                new.standings.insert(*pair, standing.clone());
            }
        }
        new.sessions.retain(|sid| !seen.ended.contains(sid));
        new
    }

    fn changed(&self, new: &Snapshot) -> Changed {
        if self.snapshot.standings == new.standings {
            return Changed::new();
        }
        let pairs: BTreeSet<_> = self.holds.keys().map(|hold| (hold.room, hold.person)).collect();
        let differs = |pair: &(RoomId, PersonId)| self.snapshot.standings.get(pair) != new.standings.get(pair);
        pairs.into_iter().filter(differs).map(|pair| (pair, new.standings.get(&pair).cloned())).collect()
    }
}

fn only(pair: (RoomId, PersonId), standing: Standing) -> Snapshot {
    Snapshot { standings: BTreeMap::from([(pair, standing)]), ..Snapshot::default() }
}

#[cfg(test)]
mod tests {
    use membership::{Grants, Removal, Roles};

    use super::*;

    #[test]
    fn a_token_that_was_read_before_a_removal_is_not_given_out_after_it() {
        let (room, person) = (RoomId::new(1, 1), PersonId::new(1, 2));
        let hold = Hold { person, room, sid: SessionId::new(1, 3) };
        let standing = Standing { name: "Bob".to_owned(), roles: Roles::NONE, grants: Grants::NONE, concealed: false };
        let row = [LiveRow { hold, exp: 1000, standing }];
        let mut told = Told::load(row.to_vec());
        let began = told.turn();
        let people = told.begin(1).people;
        let out = BTreeMap::from([((room, person), Outcome::Out(Removal::NotAMember))]);
        let rooms = BTreeMap::from([(room, Some(Mode::Open))]);
        let news = told.take(Seen { people, rooms, outcomes: out, ended: BTreeSet::new() });
        assert_eq!(news.changes, [Change::Removed { room, person, code: Removal::NotAMember }]);
        assert_eq!(told.issue(&row, &HashMap::new(), began), Err(Overtaken::ByNews));
        assert!(told.begin(2).people.is_empty(), "nobody holds anything");
        assert!(told.issue(&row, &HashMap::new(), told.turn()).is_ok(), "what was read after it counts");
    }
}
