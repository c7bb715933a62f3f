//! The language of conferences: what somebody may do in the conference of a room, and what is told of it. It travels in
//! [`Command::Conference`](super::Command::Conference) and [`Frame::Conference`](super::Frame::Conference).

mod news;

use std::collections::BTreeMap;

use membership::PersonId;
use serde::{Deserialize, Serialize};
use ulid::Ulid;
use utoipa::ToSchema;

pub use self::news::{Named, News, Out, Participant, Quality, Stream};

/// Longest session description of what somebody sends, in bytes.
pub const SDP: usize = 32 * 1024;
/// Longest answer to what somebody is to receive, in bytes: some 630 for each picture and each voice of a full conference.
pub const ANSWER: usize = 96 * 1024;
/// Most tiles that somebody can say to see.
pub const TILES: usize = 50;
/// Most people who are named to those who are not in it.
pub const NAMED: usize = 20;

/// A conference, from its first to its last participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct ConferenceId(pub Ulid);

/// Where sound or picture comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A voice.
    Microphone,
    /// A face.
    Camera,
    /// A screen, or a window of it.
    Screen,
    /// The sound of what is shown on the screen.
    ScreenSound,
}

impl Source {
    /// Whether it is heard rather than seen.
    pub const fn is_sound(self) -> bool {
        matches!(self, Self::Microphone | Self::ScreenSound)
    }
}

/// What somebody does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = ConferenceAct)]
pub enum Act {
    /// Take part, or begin.
    Join {
        /// What is on.
        shows: Shows,
        /// The conference one was in before the line was cut or the server was started anew, and since when it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        back: Option<Back>,
        /// From another window, if one is in a conference there.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        here: bool,
    },
    /// Take part no longer.
    Leave {},
    /// The offer of the browser for what it sends.
    Publish {
        /// A session description.
        sdp: String,
        /// What comes in which of its sections, by their `mid`.
        sources: BTreeMap<String, Source>,
    },
    /// The answer of the browser for what it receives.
    Take {
        /// Of which offer.
        number: u32,
        /// A session description.
        sdp: String,
    },
    /// Say what is on.
    Shows {
        /// What.
        shows: Shows,
    },
    /// Say what one sees, and how large.
    Want {
        /// What.
        want: Want,
    },
    /// Put one's hand up, or down.
    Hand {
        /// Up.
        up: bool,
    },
    /// Let everybody see how one feels.
    React {
        /// How.
        emoji: Emoji,
    },
    /// Switch the microphone of somebody off, or of all who do not lead.
    Mute {
        /// Of whom.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PersonId>,
    },
    /// Ask somebody to speak.
    Ask {
        /// Whom.
        person: PersonId,
    },
    /// Put somebody's hand down.
    Lower {
        /// Whose.
        person: PersonId,
    },
    /// Send somebody out; they may not come back for ten minutes.
    Remove {
        /// Whom.
        person: PersonId,
    },
    /// Let nobody else in, or let them in again.
    Lock {
        /// Nobody else.
        locked: bool,
    },
    /// End it for all.
    End {},
}

impl Act {
    /// Whether only who leads may do it.
    pub const fn is_of_who_leads(&self) -> bool {
        matches!(
            self,
            Self::Mute { .. }
                | Self::Ask { .. }
                | Self::Lower { .. }
                | Self::Remove { .. }
                | Self::Lock { .. }
                | Self::End {}
        )
    }

    /// To whom it is done, if to one of the others.
    pub const fn whom(&self) -> Option<PersonId> {
        match self {
            Self::Mute { person } => *person,
            Self::Ask { person } | Self::Lower { person } | Self::Remove { person } => Some(*person),
            _ => None,
        }
    }

    /// Whether others are told of it: what serves one's own media may be done more often.
    pub const fn is_told_others(&self) -> bool {
        !matches!(self, Self::Publish { .. } | Self::Take { .. } | Self::Want { .. } | Self::Leave {})
    }
}

/// A conference to which somebody comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConferenceBack)]
pub struct Back {
    /// Which.
    pub call: ConferenceId,
    /// Since when it was, in milliseconds since 1970.
    pub since: u64,
}

/// What somebody has on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Shows {
    /// Their voice.
    pub microphone: bool,
    /// Their face.
    pub camera: bool,
    /// Their screen.
    pub screen: bool,
}

impl Shows {
    /// Whether this is among it.
    pub const fn has(self, source: Source) -> bool {
        match source {
            Source::Microphone => self.microphone,
            Source::Camera => self.camera,
            Source::Screen | Source::ScreenSound => self.screen,
        }
    }
}

/// What somebody receives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Want {
    /// How much of it.
    pub receive: Receive,
    /// The pictures that are to be seen; no others are sent.
    pub tiles: Vec<Tile>,
}

/// How much somebody receives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Receive {
    /// What the line carries.
    #[default]
    All,
    /// Small pictures.
    Low,
    /// No pictures.
    Audio,
}

/// A picture that is to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tile {
    /// Of whom.
    pub person: PersonId,
    /// Of what: a camera or a screen.
    pub source: Source,
    /// How high it is on the screen, in pixels.
    pub height: u16,
    /// It keeps its quality when the line is narrow.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

/// How somebody feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Emoji {
    /// 👍
    ThumbsUp,
    /// 👎
    ThumbsDown,
    /// 👏
    Applause,
    /// ❤️
    Heart,
    /// 😂
    Laughter,
    /// 😮
    Surprise,
    /// 🎉
    Party,
    /// 🤔
    Thinking,
}
