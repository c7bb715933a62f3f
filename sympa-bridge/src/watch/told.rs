//! What the services were told, and what a new look at Sympa adds to it. Pure: no clock, no database.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use membership::change::{Snapshot, diff};
use membership::{Change, Mode, PersonId, RoomId, SessionId, Standing};

use super::UNKNOWN;
use super::recent::{Overtaken, Recent};
use super::seen::Seen;
use crate::census::Outcome;
use crate::store::live::LiveRow;

/// Standings that are to be kept anew; `None` is out of the room.
pub(crate) type Changed = BTreeMap<(RoomId, PersonId), Option<Standing>>;

/// What was told so far.
#[derive(Debug, Default)]
pub(crate) struct Told {
    people: BTreeMap<PersonId, Member>,
    /// Rooms in which somebody stands.
    rooms: HashMap<RoomId, Mode>,
    sessions: BTreeSet<SessionId>,
    /// Rooms that were told to be closed.
    closed: HashSet<RoomId>,
    /// What was told lately, for those who read meanwhile.
    recent: Recent,
    /// Told since the look began that is on its way: it is newer than what that look has read.
    touched: HashSet<(RoomId, PersonId)>,
    /// Whose tokens or standings became others since then, by more than a look: the next look judges them, whatever it reads.
    due: HashSet<PersonId>,
    /// The same, for the look that is on its way; a look that fails leaves them to the next.
    looking: HashSet<PersonId>,
}

/// How a person stands in their rooms.
type Standings = BTreeMap<RoomId, Standing>;

/// What was told of one person.
#[derive(Debug, Default)]
struct Member {
    /// Live tokens, and until when.
    holds: BTreeMap<(RoomId, SessionId), u64>,
    standings: Standings,
    /// Whether all their rooms were looked at: then a room that is new for them is news.
    known: bool,
}

/// What has to be looked at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    /// Who holds tokens, and for which rooms.
    pub(crate) people: BTreeMap<PersonId, Vec<RoomId>>,
    /// The rooms in which somebody stands; those are among them.
    pub(crate) rooms: BTreeSet<RoomId>,
    pub(crate) sids: BTreeSet<SessionId>,
    /// Who has to be judged, whatever is read.
    pub(crate) due: HashSet<PersonId>,
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
        for LiveRow { hold, exp, standing } in rows {
            let member = told.people.entry(hold.person).or_default();
            member.holds.insert((hold.room, hold.sid), exp);
            member.standings.insert(hold.room, standing);
            told.sessions.insert(hold.sid);
        }
        told
    }

    /// Begins a look: forgets holds that are over, and says what to look at.
    pub(crate) fn begin(&mut self, now_ms: u64) -> Held {
        self.touched.clear();
        self.recent.forget(now_ms);
        let fewer = self.keep_holds(|_, _, exp| now_ms < exp);
        self.due.extend(fewer);
        self.people.retain(|_, member| !member.holds.is_empty());
        self.looking.extend(self.due.drain());
        self.looking.extend(self.people.iter().filter(|(_, member)| !member.known).map(|(person, _)| *person));
        let rooms: BTreeSet<RoomId> =
            distinct(self.people.values().flat_map(|member| member.standings.keys().copied()));
        self.rooms.retain(|room, _| rooms.contains(room));
        let sids = |member: &Member| distinct::<_, Vec<_>>(member.holds.keys().map(|(_, sid)| *sid));
        self.sessions = distinct(self.people.values().flat_map(sids));
        let held = |member: &Member| distinct(member.holds.keys().map(|(room, _)| *room));
        Held {
            people: self.people.iter().map(|(person, member)| (*person, held(member))).collect(),
            rooms,
            sids: self.sessions.clone(),
            due: self.looking.clone(),
        }
    }

    /// Keeps the holds that are still good. Who has fewer now?
    fn keep_holds(&mut self, is_good: impl Fn(&Standings, (RoomId, SessionId), u64) -> bool) -> Vec<PersonId> {
        let mut fewer = Vec::new();
        for (person, Member { holds, standings, .. }) in &mut self.people {
            let before = holds.len();
            holds.retain(|hold, exp| is_good(standings, *hold, *exp));
            if holds.len() < before {
                fewer.push(*person);
            }
        }
        fewer
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
        for LiveRow { hold, exp, standing } in rows {
            let (pair, mode) = ((hold.room, hold.person), modes.get(&hold.room).copied().unwrap_or(Mode::Open));
            if self.closed.remove(&hold.room) {
                changes.push(Change::RoomOpened { room: hold.room, mode });
            }
            self.rooms.entry(hold.room).or_insert(mode);
            let member = self.people.entry(hold.person).or_default();
            let before = member.standings.insert(hold.room, standing.clone());
            if let Some(before) = before.filter(|before| before != standing) {
                changes.extend(diff(&only(pair, before), &only(pair, standing.clone())));
                kept.insert(pair, Some(standing.clone()));
            }
            member.holds.insert((hold.room, hold.sid), *exp);
            self.sessions.insert(hold.sid);
            self.touched.insert(pair);
            self.due.insert(hold.person);
        }
        self.recent.note(&changes);
        Ok((changes, kept))
    }

    /// Forgets what belongs to a session that has ended. False when that was told already, by a look that found it gone.
    pub(crate) fn end(&mut self, sid: SessionId) -> bool {
        if self.recent.has_ended(sid) {
            return false;
        }
        let fewer = self.keep_holds(|_, (_, of), _| of != sid);
        self.due.extend(fewer);
        self.sessions.remove(&sid);
        self.recent.note(&[Change::SignedOut { sid }]);
        true
    }

    /// Takes in what a look has seen. Who was not judged stays as they are.
    pub(crate) fn take(&mut self, seen: &Seen) -> News {
        let old = self.before(seen);
        let new = self.after(&old, seen);
        let mut changes = diff(&old, &new);
        for change in &mut changes {
            if let Change::Removed { room, person, code } = change {
                *code = match seen.outcomes.get(&(*room, *person)) {
                    Some(Outcome::Out(reason)) => *reason,
                    _ => UNKNOWN,
                };
            }
        }
        self.recent.note(&changes);
        let kept = self.changed(&old, &new);
        self.put(&old, new, seen);
        self.looking.clear();
        News { changes, kept, ended: old.sessions.into_iter().collect() }
    }

    /// What was told of those who were judged. What is seen for the first time is no news.
    fn before(&self, seen: &Seen) -> Snapshot {
        let sessions = seen.ended.intersection(&self.sessions).copied().collect();
        let mut old = Snapshot { sessions, ..Snapshot::default() };
        for (room, mode) in &seen.rooms {
            let unheard = mode.filter(|_| !self.closed.contains(room));
            old.rooms.extend(self.rooms.get(room).copied().or(unheard).map(|mode| (*room, mode)));
        }
        for (person, member) in seen.people.iter().filter_map(|person| Some((person, self.people.get(person)?))) {
            for (room, standing) in &member.standings {
                // After a restart a room that closed meanwhile is in nobody's memory but in the standings.
                old.rooms.entry(*room).or_insert_with(|| self.rooms.get(room).copied().unwrap_or(Mode::Open));
                old.standings.insert((*room, *person), standing.clone());
            }
        }
        // A room that closes takes everybody along, also who came since the look began.
        for room in seen.rooms.iter().filter(|(_, mode)| mode.is_none()).map(|(room, _)| room) {
            let standing =
                |(person, member): (&PersonId, &Member)| Some(((*room, *person), member.standings.get(room)?.clone()));
            old.standings.extend(self.people.iter().filter_map(standing));
        }
        let is_new = |person| self.people.get(person).is_none_or(|member| !member.known);
        for (pair, outcome) in &seen.outcomes {
            if let Outcome::In(standing) = outcome
                && is_new(&pair.1)
                && old.rooms.contains_key(&pair.0)
            {
                old.standings.entry(*pair).or_insert_with(|| standing.clone());
            }
        }
        old
    }

    /// The same after the look.
    fn after(&self, old: &Snapshot, seen: &Seen) -> Snapshot {
        let mut new = Snapshot { rooms: old.rooms.clone(), ..Snapshot::default() };
        for (room, mode) in &seen.rooms {
            match mode {
                Some(mode) => drop(new.rooms.insert(*room, *mode)),
                None => drop(new.rooms.remove(room)),
            }
        }
        let touched = old.standings.iter().filter(|(pair, _)| self.touched.contains(pair));
        new.standings = touched.map(|(pair, standing)| (*pair, standing.clone())).collect();
        for (pair, outcome) in &seen.outcomes {
            if let Outcome::In(standing) = outcome
                && !self.touched.contains(pair)
            {
                new.standings.insert(*pair, standing.clone());
            }
        }
        new.standings.retain(|(room, _), _| new.rooms.contains_key(room));
        new
    }

    /// Of the standings that differ now those by which somebody holds a token.
    fn changed(&self, old: &Snapshot, new: &Snapshot) -> Changed {
        let held = |(room, person): &(RoomId, PersonId)| {
            self.people.get(person).is_some_and(|member| member.holds.keys().any(|(of, _)| of == room))
        };
        let pairs: BTreeSet<_> = old.standings.keys().chain(new.standings.keys()).copied().collect();
        let differs = |pair: &(RoomId, PersonId)| old.standings.get(pair) != new.standings.get(pair);
        let changed = pairs.into_iter().filter(differs).filter(held);
        changed.map(|pair| (pair, new.standings.get(&pair).cloned())).collect()
    }

    fn put(&mut self, old: &Snapshot, new: Snapshot, seen: &Seen) {
        let closed: HashSet<RoomId> = old.rooms.keys().filter(|room| !new.rooms.contains_key(room)).copied().collect();
        let is_same = closed.is_empty() && seen.ended.is_empty() && old.standings == new.standings;
        self.closed.retain(|room| !new.rooms.contains_key(room));
        self.rooms.retain(|room, _| !closed.contains(room));
        self.rooms.extend(new.rooms);
        for person in &seen.people {
            let member = self.people.entry(*person).or_default();
            member.standings.clear();
            member.known = true;
        }
        for ((room, person), standing) in new.standings {
            self.people.entry(person).or_default().standings.insert(room, standing);
        }
        if !closed.is_empty() {
            self.people.values_mut().for_each(|member| member.standings.retain(|room, _| !closed.contains(room)));
        }
        self.closed.extend(closed);
        self.sessions.retain(|sid| !seen.ended.contains(sid));
        // Whoever loses a standing is told so: without news all holds stay.
        if !is_same {
            let fewer = self
                .keep_holds(|standings, (room, sid), _| standings.contains_key(&room) && !seen.ended.contains(&sid));
            self.due.extend(fewer);
        }
    }
}

/// What is many times the same, once and in order: sorted before it is made a set, which takes a fraction of the time.
fn distinct<T: Ord, S: FromIterator<T>>(all: impl Iterator<Item = T>) -> S {
    let mut all: Vec<T> = all.collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter().collect()
}

fn only(pair: (RoomId, PersonId), standing: Standing) -> Snapshot {
    Snapshot { standings: BTreeMap::from([(pair, standing)]), ..Snapshot::default() }
}

#[cfg(test)]
mod tests {
    use membership::{Grants, Hold, Removal, Roles};

    use super::*;

    const ROOM: RoomId = RoomId::new(1, 1);
    const BOB: PersonId = PersonId::new(1, 2);
    const HOLD: Hold = Hold { person: BOB, room: ROOM, sid: SessionId::new(1, 3) };

    fn row() -> LiveRow {
        let standing = Standing {
            name: "Bob".to_owned(),
            roles: Roles::NONE,
            grants: Grants::NONE,
            concealed: false,
            relay_only: false,
        };
        LiveRow { hold: HOLD, exp: 1000, standing }
    }

    fn seen(outcome: Outcome) -> Seen {
        Seen {
            people: HashSet::from([BOB]),
            rooms: BTreeMap::from([(ROOM, Some(Mode::Open))]),
            outcomes: BTreeMap::from([((ROOM, BOB), outcome)]),
            ended: BTreeSet::new(),
        }
    }

    #[test]
    fn a_token_that_was_read_before_a_removal_is_not_given_out_after_it() {
        let (mut told, row) = (Told::load(vec![row()]), [row()]);
        let began = told.turn();
        assert!(told.begin(1).due.contains(&BOB));
        let news = told.take(&seen(Outcome::Out(Removal::NotAMember)));
        assert_eq!(news.changes, [Change::Removed { room: ROOM, person: BOB, code: Removal::NotAMember }]);
        assert_eq!(told.issue(&row, &HashMap::new(), began), Err(Overtaken::ByNews));
        assert!(told.begin(2).people.is_empty(), "nobody holds anything");
        assert!(told.issue(&row, &HashMap::new(), told.turn()).is_ok(), "what was read after it counts");
    }

    #[test]
    fn who_gets_a_token_during_a_look_is_judged_by_the_next_one() {
        let mut told = Told::load(vec![row()]);
        told.begin(1);
        told.issue(&[row()], &HashMap::new(), told.turn()).expect("nothing was told");
        let news = told.take(&seen(Outcome::Out(Removal::NotAMember)));
        assert_eq!(news.changes, [], "the token may be newer than what the look has read");
        assert!(told.begin(2).due.contains(&BOB));
        assert_eq!(told.take(&seen(Outcome::Out(Removal::NotAMember))).changes.len(), 1);
    }

    #[test]
    fn who_was_due_in_a_look_that_failed_is_due_in_the_next() {
        let mut told = Told::load(vec![row()]);
        told.begin(1);
        told.take(&seen(Outcome::In(row().standing)));
        assert!(told.begin(2).due.is_empty(), "nothing has changed");
        told.issue(&[row()], &HashMap::new(), told.turn()).expect("nothing was told");
        assert!(told.begin(3).due.contains(&BOB));
        assert!(told.begin(4).due.contains(&BOB), "the look before did not come to its end");
        told.take(&seen(Outcome::In(row().standing)));
        assert!(told.begin(5).due.is_empty());
    }

    #[test]
    fn who_holds_fewer_tokens_is_judged_though_nothing_else_changed() {
        let other = LiveRow { hold: Hold { sid: SessionId::new(1, 4), ..HOLD }, exp: 500, ..row() };
        let mut told = Told::load(vec![row(), other]);
        told.begin(1);
        told.take(&seen(Outcome::In(row().standing)));
        assert!(told.begin(499).due.is_empty());
        told.take(&seen(Outcome::In(row().standing)));
        assert!(told.begin(500).due.contains(&BOB), "one token has expired");
        told.take(&seen(Outcome::In(row().standing)));
        told.end(HOLD.sid);
        assert!(told.due.contains(&BOB), "one session has ended");
    }

    #[test]
    fn a_room_that_closes_takes_along_who_came_meanwhile() {
        let mut told = Told::load(vec![row()]);
        told.begin(1);
        let late = LiveRow { hold: Hold { person: PersonId::new(1, 9), ..HOLD }, ..row() };
        told.issue(&[late], &HashMap::new(), told.turn()).expect("nothing was told");
        let rooms = BTreeMap::from([(ROOM, None)]);
        let news = told.take(&Seen { rooms, ..seen(Outcome::Out(Removal::RoomClosed)) });
        assert_eq!(news.changes, [Change::RoomClosed { room: ROOM }]);
        assert_eq!(news.kept.len(), 2);
        assert!(told.begin(2).people.is_empty());
    }
}
