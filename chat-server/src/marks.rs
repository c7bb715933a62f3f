//! Read marks on their way to the store: moved at once in memory, stored together a few times per second. A crash may lose
//! the last moment of them, never a message. The marks of a room that somebody is in are read once, so that a crowd that comes
//! back asks nothing of the store.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use membership::{PersonId, RoomId};

use crate::room::Room;
use crate::store::{Store, marks};

/// Most marks of a room that are kept in memory.
const KNOWN: usize = 1000;

/// Marks that were moved and are not stored yet.
#[derive(Debug, Default)]
pub struct Marks(Mutex<HashMap<(RoomId, PersonId), u64>>);

/// The marks of one room, or nothing when they are too many to be kept.
#[derive(Debug, Default)]
pub struct RoomMarks(Mutex<Option<HashMap<PersonId, u64>>>);

impl RoomMarks {
    fn are_known(&self) -> bool {
        self.known().is_some()
    }

    fn of(&self, person: PersonId) -> Option<u64> {
        self.known().as_ref()?.get(&person).copied()
    }

    fn note(&self, person: PersonId, seq: u64) {
        if let Some(marks) = self.known().as_mut() {
            let mark = marks.entry(person).or_default();
            *mark = seq.max(*mark);
        }
    }

    fn known(&self) -> MutexGuard<'_, Option<HashMap<PersonId, u64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Marks {
    /// The marks of a room as they stand, for as long as somebody is in it.
    pub async fn load(&self, store: &Store, room: RoomId) -> sqlx::Result<RoomMarks> {
        // Asked before the store: what is taken from here meanwhile is stored by then.
        let moved: Vec<(PersonId, u64)> =
            self.moved().iter().filter(|((of, _), _)| *of == room).map(|((_, person), seq)| (*person, *seq)).collect();
        let stored = store.marks(room, KNOWN + 1).await?;
        if stored.len() > KNOWN {
            return Ok(RoomMarks::default());
        }
        let marks = RoomMarks(Mutex::new(Some(stored.into_iter().collect())));
        for (person, seq) in moved {
            marks.note(person, seq);
        }
        Ok(marks)
    }

    /// Where a person's mark stands; somebody who was never here has read everything up to `head`.
    pub async fn of(&self, store: &Store, room: &Room, person: PersonId, head: u64) -> sqlx::Result<u64> {
        let moved = self.moved().get(&(room.id, person)).copied();
        let stored = match room.marks() {
            Some(marks) if marks.are_known() => marks.of(person),
            _ => store.mark(room.id, person).await?,
        };
        // None is less than any place.
        if let Some(seq) = moved.max(stored) {
            return Ok(seq);
        }
        self.forward(room, person, head);
        Ok(head)
    }

    /// Moves a mark forward.
    pub fn forward(&self, room: &Room, person: PersonId, seq: u64) {
        if let Some(marks) = room.marks() {
            marks.note(person, seq);
        }
        let mut moved = self.moved();
        let mark = moved.entry((room.id, person)).or_default();
        *mark = seq.max(*mark);
    }

    /// Stores what was moved.
    pub async fn store(&self, store: &Store) -> sqlx::Result<()> {
        let moved: Vec<(RoomId, PersonId, u64)> =
            self.moved().iter().map(|((room, person), seq)| (*room, *person, *seq)).collect();
        if moved.is_empty() {
            return Ok(());
        }
        let mut tx = store.db().begin().await?;
        marks::move_marks(&mut tx, &moved).await?;
        tx.save().await?;
        // One that moved further meanwhile waits for the next time.
        let mut now = self.moved();
        for (room, person, seq) in moved {
            if now.get(&(room, person)) == Some(&seq) {
                now.remove(&(room, person));
            }
        }
        Ok(())
    }

    fn moved(&self) -> MutexGuard<'_, HashMap<(RoomId, PersonId), u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
