//! Holds: what a service believes of the people in its rooms, and the bridge's word on each; and on rooms as a whole.

use serde::{Deserialize, Serialize};

use crate::{PersonId, Removal, RoomId, SessionId, Standing};

/// A person in a room by a token of a session, as a service holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Hold {
    /// Who.
    pub person: PersonId,
    /// In which room.
    pub room: RoomId,
    /// By which session.
    pub sid: SessionId,
}

/// What the bridge says of a hold now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Verdict {
    /// Of what.
    #[serde(flatten)]
    pub hold: Hold,
    /// How the person stands in the room; absent when out of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Why out of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Removal>,
}

/// A question about many holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Holds {
    /// At most 1000 at once.
    pub holds: Vec<Hold>,
}

/// The answer, in the order of the question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Verdicts {
    /// One for each hold.
    pub verdicts: Vec<Verdict>,
}

/// Rooms: of a question, those that a service keeps something of; of its answer, those of them that the bridge has parted with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomIds {
    /// At most 1000 at once.
    pub rooms: Vec<RoomId>,
}
