//! What is told of a conference, to those who are in it and to the others in the room.

use membership::PersonId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ConferenceId, Emoji, Shows, Source};

/// Somebody in the conference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Participant {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// They may mute, send out, lock and end.
    pub leads: bool,
    /// What is on.
    pub shows: Shows,
    /// Their hand is up since then, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand: Option<u64>,
    /// Their line is cut; they may come back.
    pub away: bool,
}

/// Somebody, to those who are not in the conference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Named {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
}

/// What comes in a section of an offer of the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stream {
    /// The section.
    pub mid: String,
    /// From whom.
    pub person: PersonId,
    /// What.
    pub source: Source,
}

/// What is told of a conference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = ConferenceNews)]
pub enum News {
    /// To everybody in the room: it goes on. At most once a second.
    Live {
        /// Which.
        call: ConferenceId,
        /// Since when, in milliseconds since 1970.
        since: u64,
        /// How many are in it.
        count: usize,
        /// The first of them.
        people: Vec<Named>,
        /// Nobody else may come in.
        locked: bool,
    },
    /// To everybody in the room: it is over.
    Over {
        /// Which.
        call: ConferenceId,
    },
    /// To who joined.
    Joined {
        /// Which.
        call: ConferenceId,
        /// Since when, in milliseconds since 1970.
        since: u64,
        /// Nobody else may come in.
        locked: bool,
        /// Everybody in it, also oneself, in the order of coming.
        people: Vec<Participant>,
    },
    /// Somebody came, or changed.
    Person(Participant),
    /// Somebody is not in it any more.
    Left {
        /// Who.
        person: PersonId,
        /// Why.
        why: Out,
    },
    /// To who sent a `publish`.
    Answer {
        /// A session description.
        sdp: String,
    },
    /// What one is to receive.
    Offer {
        /// Repeated in the `take`.
        number: u32,
        /// A session description.
        sdp: String,
        /// What comes in which of its sections.
        streams: Vec<Stream>,
    },
    /// The server could do nothing with a description.
    Failed {
        /// Why: a stable code.
        code: String,
    },
    /// Who speaks now; nobody when absent.
    Speaking {
        /// Who.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PersonId>,
    },
    /// How somebody feels.
    Reaction {
        /// Who.
        person: PersonId,
        /// How.
        emoji: Emoji,
    },
    /// To who was muted.
    Muted {
        /// By whom: a name.
        by: String,
    },
    /// To who is asked to speak.
    Asked {
        /// By whom: a name.
        by: String,
    },
    /// Whether somebody else may come in.
    Locked {
        /// Nobody.
        locked: bool,
    },
    /// What the server sees of one's own line.
    Line {
        /// What one sends.
        send: Quality,
        /// What one receives.
        receive: Quality,
    },
    /// To who is not in it any more.
    Out {
        /// Why.
        why: Out,
    },
}

/// How good a line is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Everything passes.
    #[default]
    Good,
    /// Pictures are smaller than they could be.
    Low,
    /// Hardly anything passes.
    Bad,
}

/// Why somebody is not in a conference any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConferenceOut)]
pub enum Out {
    /// They left.
    Left,
    /// They were gone for too long.
    Lost,
    /// They have it in another window.
    Elsewhere,
    /// They were sent out.
    Removed,
    /// They may not any more.
    NotAllowed,
    /// Whether they may could not be asked for too long.
    Unconfirmed,
    /// It was ended for all.
    Ended,
}
