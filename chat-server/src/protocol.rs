//! The whole language of the chat socket on one page: commands from a client, frames from the server, events of a room.
//! `docs/PROTOCOL.md` section 3 says it in words; a test holds both together.

use membership::{Grants, PersonId, Roles, RoomId};
use serde::{Deserialize, Serialize};
use service::notes::{Closed, File, Media, Outcome};
use ulid::Ulid;
use utoipa::ToSchema;

/// What a client may send.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Enter a room, or resume it after `from`.
    Enter {
        /// Repeated in the answer.
        r#ref: String,
        /// Which room.
        room: RoomId,
        /// A room token for chat.
        token: String,
        /// How many of the newest messages to give.
        lines: u16,
        /// The last event this client knows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<u64>,
    },
    /// A newer token for a room already entered.
    Renew {
        /// Repeated in the answer.
        r#ref: String,
        /// Which room.
        room: RoomId,
        /// A room token for chat.
        token: String,
    },
    /// Stop hearing a room.
    Leave {
        /// Repeated in the answer.
        r#ref: String,
        /// Which room.
        room: RoomId,
    },
    /// Say something.
    Say {
        /// Repeated in the answer.
        r#ref: String,
        /// Which room.
        room: RoomId,
        /// Chosen once per message; the same nonce twice is one message.
        nonce: String,
        /// The text.
        body: String,
        /// The message this answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<u64>,
        /// The people addressed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<PersonId>,
        /// Everybody is addressed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        mention_all: bool,
    },
    /// Change an own message.
    Edit {
        /// Repeated in the answer.
        r#ref: String,
        /// Which room.
        room: RoomId,
        /// Which message.
        target: u64,
        /// The new text.
        body: String,
        /// The people addressed now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<PersonId>,
    },
    /// Take a message away, or an offer.
    Delete {
        /// Repeated in the answer.
        r#ref: String,
        /// Which room.
        room: RoomId,
        /// Which message.
        target: u64,
    },
    /// Set or take back a reaction.
    React {
        /// Repeated in the answer.
        r#ref: String,
        /// Which room.
        room: RoomId,
        /// To which message.
        target: u64,
        /// With what.
        emoji: String,
        /// Set it, or take it back.
        on: bool,
    },
    /// Move the read mark forward.
    Read {
        /// Which room.
        room: RoomId,
        /// Read up to here.
        seq: u64,
    },
    /// Say that one is typing.
    Typing {
        /// Which room.
        room: RoomId,
        /// Typing, or stopped.
        on: bool,
    },
    /// Ask for a sign of life.
    Ping {},
}

/// What the server sends.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Frame {
    /// The first frame of every socket.
    Welcome {
        /// What may be sent.
        limits: Limits,
        /// The server's time.
        at: u64,
    },
    /// A room was entered.
    Entered(Box<Entered>),
    /// A room was resumed.
    Resumed(Box<Resumed>),
    /// Something happened in a room.
    Event {
        /// Which room.
        room: RoomId,
        /// What.
        event: Event,
    },
    /// A command was carried out.
    Ok {
        /// Of which command.
        r#ref: String,
        /// In which room.
        room: RoomId,
        /// The event it made, when it made one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
    },
    /// A command was not carried out.
    Refused {
        /// Of which command; absent when the frame was not understood.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        r#ref: Option<String>,
        /// In which room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomId>,
        /// Why: a stable code.
        code: String,
        /// When waiting helps: how long, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// Who is here changed.
    Presence {
        /// In which room.
        room: RoomId,
        /// Who is here now.
        presence: Presence,
    },
    /// Somebody types.
    Typing {
        /// In which room.
        room: RoomId,
        /// Who.
        person: PersonId,
        /// Under which name.
        name: String,
        /// Typing, or stopped.
        on: bool,
    },
    /// The own read mark moved.
    Read {
        /// In which room.
        room: RoomId,
        /// Where it stands.
        seq: u64,
        /// Unread messages of others.
        unread: u64,
        /// Those of them that address this person.
        mentions: u64,
    },
    /// What one may do has changed.
    Grants {
        /// In which room.
        room: RoomId,
        /// What one may do now.
        grants: Grants,
        /// What one is now.
        roles: Roles,
    },
    /// The list of members is another now: ask the bridge again.
    Roster {
        /// Of which room.
        room: RoomId,
    },
    /// Somebody has another name.
    Renamed {
        /// Who.
        person: PersonId,
        /// The new name.
        name: String,
    },
    /// This person may enter another room now: ask the bridge again.
    Rooms,
    /// The token ended and was not renewed.
    Waiting {
        /// In which room.
        room: RoomId,
        /// Why: a stable code.
        code: String,
    },
    /// Out of a room; nothing of it follows.
    Removed {
        /// Out of which.
        room: RoomId,
        /// Why: a stable code.
        code: String,
    },
    /// Reconnect and enter with `from`.
    Resume {
        /// After how long, in milliseconds.
        after_ms: u64,
    },
    /// The answer to a ping.
    Pong,
}

/// What may be sent on a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    /// Largest frame, in bytes.
    pub frame_bytes: usize,
    /// Longest message, in characters.
    pub body_chars: usize,
    /// Most rooms on one socket.
    pub rooms: usize,
}

/// A room as it stands, for somebody who enters.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Entered {
    /// Of the `enter`.
    pub r#ref: String,
    /// Which room.
    pub room: RoomId,
    /// The last event of the room.
    pub seq: u64,
    /// The newest messages, oldest first.
    pub items: Vec<Item>,
    /// There are no older ones.
    pub first: bool,
    /// How the entering person stands.
    #[serde(flatten)]
    pub place: Place,
}

/// What happened in a room while a client was away.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Resumed {
    /// Of the `enter`.
    pub r#ref: String,
    /// Which room.
    pub room: RoomId,
    /// The last event of the room.
    pub seq: u64,
    /// All after `from`.
    pub events: Vec<Event>,
    /// How the entering person stands.
    #[serde(flatten)]
    pub place: Place,
}

/// How a person stands in a room they enter.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Place {
    /// The read mark.
    pub read: u64,
    /// Unread messages of others.
    pub unread: u64,
    /// Those of them that address this person.
    pub mentions: u64,
    /// What they may do.
    pub grants: Grants,
    /// Who is here.
    pub presence: Presence,
}

/// Who is in a room now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Presence {
    /// How many people.
    pub count: usize,
    /// Who; absent in big rooms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<Vec<Named>>,
}

/// A person and the name they are shown by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Named {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: String,
}

/// Something that happened in a room, with its place in the room's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A message.
    Said {
        /// Its place.
        seq: u64,
        /// When, in milliseconds since 1970.
        at: u64,
        /// Who.
        by: PersonId,
        /// Under which name.
        name: String,
        /// The client's own mark of it.
        nonce: String,
        /// The text.
        body: String,
        /// The message it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<u64>,
        /// The people addressed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<PersonId>,
        /// Everybody is addressed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        mention_all: bool,
    },
    /// A message has another text.
    Edited {
        /// Its place.
        seq: u64,
        /// When.
        at: u64,
        /// Who.
        by: PersonId,
        /// Which message.
        target: u64,
        /// The new text.
        body: String,
        /// The people addressed now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<PersonId>,
    },
    /// A message is gone, or an offer.
    Deleted {
        /// Its place.
        seq: u64,
        /// When.
        at: u64,
        /// Who.
        by: PersonId,
        /// Which one.
        target: u64,
        /// Taken away by a moderator.
        moderated: bool,
    },
    /// A reaction was set or taken back.
    Reacted {
        /// Its place.
        seq: u64,
        /// When.
        at: u64,
        /// Who.
        by: PersonId,
        /// Under which name.
        name: String,
        /// To which message.
        target: u64,
        /// With what.
        emoji: String,
        /// Set, or taken back.
        on: bool,
    },
    /// A call between two is over.
    Called {
        /// Its place.
        seq: u64,
        /// When it was over.
        at: u64,
        /// Who called.
        by: PersonId,
        /// Under which name.
        name: String,
        /// The call.
        #[schema(value_type = String)]
        call: Ulid,
        /// Who was called.
        to: PersonId,
        /// With what it began.
        media: Media,
        /// How it went.
        outcome: Outcome,
        /// For how long they talked, in milliseconds.
        lasted_ms: u64,
    },
    /// A conference is over.
    Conferred {
        /// Its place.
        seq: u64,
        /// When it was over.
        at: u64,
        /// Who began it.
        by: PersonId,
        /// Under which name.
        name: String,
        /// The conference.
        #[schema(value_type = String)]
        call: Ulid,
        /// How many people were in it.
        people: u32,
        /// For how long it went on, in milliseconds.
        lasted_ms: u64,
    },
    /// Files are offered.
    Offered {
        /// Its place.
        seq: u64,
        /// When.
        at: u64,
        /// Who offers.
        by: PersonId,
        /// Under which name.
        name: String,
        /// The offer.
        #[schema(value_type = String)]
        offer: Ulid,
        /// The first of them; none once deleted.
        files: Vec<File>,
        /// How many there are.
        count: u64,
        /// How large they are together, in bytes.
        size: u64,
    },
    /// An offer of files is over.
    Closed {
        /// Its place.
        seq: u64,
        /// When.
        at: u64,
        /// Who offered.
        by: PersonId,
        /// Which offer: its place.
        target: u64,
        /// Why.
        why: Closed,
    },
}

impl Event {
    /// Its place in the room's order.
    pub const fn seq(&self) -> u64 {
        match self {
            Self::Said { seq, .. }
            | Self::Edited { seq, .. }
            | Self::Deleted { seq, .. }
            | Self::Reacted { seq, .. }
            | Self::Called { seq, .. }
            | Self::Conferred { seq, .. }
            | Self::Offered { seq, .. }
            | Self::Closed { seq, .. } => *seq,
        }
    }
}

/// Something that stands in a room's history now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Item {
    /// A message.
    Message(Message),
    /// A call that is over.
    Call(Call),
    /// A conference that is over.
    Conference(Conference),
    /// Files that are or were offered.
    Offer(Offer),
}

impl Item {
    /// Its place in the room's order.
    pub const fn seq(&self) -> u64 {
        match self {
            Self::Message(message) => message.seq,
            Self::Call(call) => call.seq,
            Self::Conference(conference) => conference.seq,
            Self::Offer(offer) => offer.seq,
        }
    }
}

/// A message as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Its place.
    pub seq: u64,
    /// When it was said.
    pub at: u64,
    /// By whom.
    pub by: PersonId,
    /// Under which name.
    pub name: String,
    /// The client's own mark of it.
    pub nonce: String,
    /// The text; empty once deleted.
    pub body: String,
    /// The message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<u64>,
    /// The people addressed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<PersonId>,
    /// Everybody is addressed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mention_all: bool,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<u64>,
    /// That it was taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Deleted>,
    /// The reactions that stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

/// A call that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Call {
    /// Its place.
    pub seq: u64,
    /// When it was over.
    pub at: u64,
    /// Who called.
    pub by: PersonId,
    /// Under which name.
    pub name: String,
    /// The call.
    #[schema(value_type = String)]
    pub call: Ulid,
    /// Who was called.
    pub to: PersonId,
    /// With what it began.
    pub media: Media,
    /// How it went.
    pub outcome: Outcome,
    /// For how long they talked, in milliseconds.
    pub lasted_ms: u64,
}

/// A conference that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Conference {
    /// Its place.
    pub seq: u64,
    /// When it was over.
    pub at: u64,
    /// Who began it.
    pub by: PersonId,
    /// Under which name.
    pub name: String,
    /// The conference.
    #[schema(value_type = String)]
    pub call: Ulid,
    /// How many people were in it.
    pub people: u32,
    /// For how long it went on, in milliseconds.
    pub lasted_ms: u64,
}

/// Files that are or were offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Offer {
    /// Its place.
    pub seq: u64,
    /// When.
    pub at: u64,
    /// Who offers.
    pub by: PersonId,
    /// Under which name.
    pub name: String,
    /// The offer.
    #[schema(value_type = String)]
    pub offer: Ulid,
    /// The first of them; none once deleted.
    pub files: Vec<File>,
    /// How many there are.
    pub count: u64,
    /// How large they are together, in bytes.
    pub size: u64,
    /// That it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closing>,
    /// That it was taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Deleted>,
}

/// That an offer is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Closing {
    /// When.
    pub at: u64,
    /// Why.
    pub why: Closed,
}

/// That a message or an offer was taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deleted {
    /// When.
    pub at: u64,
    /// By a moderator.
    pub moderated: bool,
}

/// One emoji and those who set it, in the order in which they did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reaction {
    /// With what.
    pub emoji: String,
    /// By whom.
    pub by: Vec<Reactor>,
}

/// Somebody who reacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reactor {
    /// Who.
    pub person: PersonId,
    /// Under which name.
    pub name: String,
    /// The event that set it.
    pub seq: u64,
}
