//! Sanctions: what a moderator takes from a member for a time.

use serde::{Deserialize, Serialize};

/// What a moderator can take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SanctionKind {
    /// Read only: no posting, calling, sending.
    Mute,
    /// Out of the room.
    Ban,
}

/// A sanction against one member of one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sanction {
    /// What is taken away.
    pub kind: SanctionKind,
    /// Until when, in milliseconds since 1970.
    pub until: u64,
}

impl Sanction {
    /// Whether it still counts at this moment.
    pub const fn is_in_force(&self, now_ms: u64) -> bool {
        now_ms < self.until
    }
}
