//! Read marks on their way to the store: moved at once in memory, stored together a few times per second. A crash may lose
//! the last moment of them, never a message.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use membership::{PersonId, RoomId};

use crate::store::{Store, marks};

/// Marks that were moved and are not stored yet.
#[derive(Debug, Default)]
pub struct Marks(Mutex<HashMap<(RoomId, PersonId), u64>>);

impl Marks {
    /// Where a person's mark stands; somebody who was never here has read everything up to `head`.
    pub async fn of(&self, store: &Store, room: RoomId, person: PersonId, head: u64) -> sqlx::Result<u64> {
        let moved = self.moved().get(&(room, person)).copied();
        let stored = store.mark(room, person).await?;
        // None is less than any place.
        if let Some(seq) = moved.max(stored) {
            return Ok(seq);
        }
        self.forward(room, person, head);
        Ok(head)
    }

    /// Moves a mark forward.
    pub fn forward(&self, room: RoomId, person: PersonId, seq: u64) {
        let mut moved = self.moved();
        let mark = moved.entry((room, person)).or_default();
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

    fn moved(&self) -> std::sync::MutexGuard<'_, HashMap<(RoomId, PersonId), u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
