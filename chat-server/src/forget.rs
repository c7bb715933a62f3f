//! Rooms of lists that were closed for longer than `closed_keep_days` and a week: what was said there is deleted. Only the
//! bridge's own word deletes anything: a room it never heard of stays.

use std::time::Duration;

use anyhow::Result;
use membership::RoomIds;
use service::bridge_link::BridgeLink;
use service::stop::Stop;

use crate::store::Store;

/// How soon after the start the bridge is asked first, and how often then.
const FIRST: Duration = Duration::from_mins(5);
const EVERY: Duration = Duration::from_hours(1);
/// Rooms of one question.
const ROOMS: usize = 1000;

/// Forgets until the stop signal.
pub(crate) async fn forgetting(store: Store, link: BridgeLink, stop: Stop) {
    let mut pause = FIRST;
    while stop.sleep(pause).await {
        pause = EVERY;
        match forget(&store, &link).await {
            Ok(0) => {}
            Ok(rooms) => tracing::info!(rooms, "Deleted the history of {rooms} rooms whose lists closed long ago"),
            // It is done again later.
            Err(error) => tracing::warn!("Cannot delete the history of lists that closed long ago now: {error:#}"),
        }
    }
}

/// Deletes the rooms that the bridge has parted with; tells how many.
///
/// # Errors
/// When the bridge or the database is away; what was not deleted is deleted the next time.
pub async fn forget(store: &Store, link: &BridgeLink) -> Result<usize> {
    let (mut last, mut forgotten) = (None, 0);
    loop {
        let rooms = store.rooms_after(last, ROOMS).await?;
        if rooms.is_empty() {
            return Ok(forgotten);
        }
        last = rooms.last().copied();
        for room in link.parted(&RoomIds { rooms }).await?.rooms {
            store.forget(room).await?;
            forgotten += 1;
        }
    }
}
