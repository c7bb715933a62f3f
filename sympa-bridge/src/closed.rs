//! Lists that closed: their rooms stay theirs for `closed_keep_days`, so that a list that opens again has its history. After
//! that the room is nobody's, and a week later chat-server deletes what was said there.

use service::Problem;

use crate::app::App;

/// How often it is looked which lists are closed.
pub(crate) const EVERY_MS: u64 = 3600 * 1000;

impl App {
    /// Marks the rooms of lists that are closed or gone, and parts with those that were closed too long ago.
    pub(crate) async fn look_at_closed(&self) -> Result<(), Problem> {
        let known = self.store.all_lists().await?;
        let rooms = self.store.rooms_of(&known).await?;
        let rows = self.sympa.lists(&known).await?;
        let is_open = |list| rows.get(list).is_some_and(|row| row.is_open);
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        for (list, room) in &rooms {
            if is_open(list) { open.push(*room) } else { closed.push(*room) }
        }
        self.store.mark_closed(&open, &closed).await?;
        let keep_ms = u64::from(self.config.closed_keep_days) * 24 * 3600 * 1000;
        let parted = self.store.part_closed(self.context.clock.now_ms().saturating_sub(keep_ms)).await?;
        for (room, list) in parted {
            tracing::info!(%room, %list, "The list {list} was closed for long: {room} is no longer its room");
        }
        Ok(())
    }
}
