//! The places of one room, and whose voices are heard in it.

use super::PlaceId;
use super::level::Levels;

/// A room.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Its places, in the order in which they were taken.
    pub(super) places: Vec<PlaceId>,
    pub(super) levels: Levels,
    /// Sources have begun or ended: what each receives is to be looked at.
    pub(super) changed: bool,
    /// What was told last.
    pub(super) told: Vec<(PlaceId, u8)>,
}
