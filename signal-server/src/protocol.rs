//! The whole language of the signalling socket on one page: commands from a client, frames from the server.
//! `docs/PROTOCOL.md` section 4 says it in words; a test holds both together.

pub mod conference;
mod offer_id;

use membership::{Grants, PersonId, RoomId};
use serde::{Deserialize, Serialize};
pub use service::notes::{Closed, File, Media};
use ulid::Ulid;
use utoipa::ToSchema;

use self::conference::{Act, News};
pub use self::offer_id::OfferId;
pub use crate::signal::Signal;

/// Two browsers that may connect: a call, or a pull of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct LinkId(pub Ulid);

/// What a client may send.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Enter a room.
    Enter {
        /// Repeated in the answer.
        r#ref: String,
        /// Which room.
        room: RoomId,
        /// A room token for signal.
        token: String,
    },
    /// A newer token for a room already entered.
    Renew {
        /// Repeated in the answer.
        r#ref: String,
        /// Which room.
        room: RoomId,
        /// A room token for signal.
        token: String,
    },
    /// Give up the seat in a room.
    Leave {
        /// Repeated in the answer.
        r#ref: String,
        /// Which room.
        room: RoomId,
    },
    /// Which servers help browsers to connect.
    Servers {
        /// Repeated in the answer.
        r#ref: String,
    },
    /// Call somebody.
    Ring {
        /// Repeated in the answer.
        r#ref: String,
        /// In which room.
        room: RoomId,
        /// Whom.
        person: PersonId,
        /// With what it begins.
        media: Media,
        /// No direct way.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        relay_only: bool,
    },
    /// Answer a call.
    Accept {
        /// Repeated in the answer.
        r#ref: String,
        /// Which call.
        link: LinkId,
        /// No direct way.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        relay_only: bool,
    },
    /// Do not want to talk.
    Decline {
        /// Repeated in the answer.
        r#ref: String,
        /// Which call.
        link: LinkId,
    },
    /// End a call or a pull.
    HangUp {
        /// Repeated in the answer.
        r#ref: String,
        /// Which one.
        link: LinkId,
    },
    /// Take part again in a call, after the line was cut or the server was started anew.
    Return {
        /// Repeated in the answer.
        r#ref: String,
        /// In which room.
        room: RoomId,
        /// Which call.
        link: LinkId,
        /// With whom.
        with: PersonId,
        /// Whether oneself had called.
        called: bool,
        /// With what it began.
        media: Media,
        /// No direct way.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        relay_only: bool,
    },
    /// Tell the other one's browser something.
    Signal {
        /// On which link.
        link: LinkId,
        /// What.
        signal: Signal,
    },
    /// Say how good the line is.
    Quality {
        /// Of which link.
        link: LinkId,
        /// There and back, in milliseconds.
        rtt_ms: u32,
        /// Lost packets of a thousand.
        lost_permille: u16,
        /// On which way.
        path: Path,
    },
    /// Offer files to everybody in a room.
    Offer {
        /// Repeated in the answer.
        r#ref: String,
        /// In which room.
        room: RoomId,
        /// The same offer again, after the line was cut or the server was started anew.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offer: Option<OfferId>,
        /// The first of them.
        files: Vec<File>,
        /// How many there are.
        count: u64,
        /// How large they are together, in bytes.
        size: u64,
        /// No direct way.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        relay_only: bool,
    },
    /// End an own offer.
    Close {
        /// Repeated in the answer.
        r#ref: String,
        /// Which offer.
        offer: OfferId,
        /// Why.
        why: Closed,
    },
    /// Fetch the files of an offer.
    Pull {
        /// Repeated in the answer.
        r#ref: String,
        /// Which offer.
        offer: OfferId,
        /// No direct way.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        relay_only: bool,
    },
    /// Do not want the files of an offer.
    Refuse {
        /// Repeated in the answer.
        r#ref: String,
        /// Which offer.
        offer: OfferId,
    },
    /// Do something in the conference of a room.
    Conference {
        /// Repeated in the answer.
        r#ref: String,
        /// Which room.
        room: RoomId,
        /// What.
        act: Act,
    },
    /// Ask for a sign of life.
    Ping {},
}

/// The way between two browsers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// From one to the other.
    Direct,
    /// Through a TURN server.
    Relayed,
}

/// Why a link is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// One of the two hung up.
    HungUp,
    /// The other did not want to.
    Declined,
    /// Nobody answered in time.
    Missed,
    /// Another window of the same person has it.
    Elsewhere,
    /// One of the two was gone for too long.
    Lost,
    /// One of the two may not any more.
    NotAllowed,
    /// A token ended, and the bridge, which knows whether one of the two still may, was away.
    Unconfirmed,
    /// The offer is over.
    Closed,
}

/// What the server sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Frame {
    /// The first frame of every socket.
    Welcome {
        /// What may be sent.
        limits: Limits,
        /// The server's time.
        at: u64,
    },
    /// A command was carried out.
    Ok {
        /// Of which command.
        r#ref: String,
        /// In which room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomId>,
        /// The link it made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<LinkId>,
        /// The offer it made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offer: Option<OfferId>,
    },
    /// A command was not carried out.
    Refused {
        /// Of which command; absent when it has none, or was not understood.
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
    /// What one may do in a room that was entered; told again when it changes.
    Stands {
        /// Which room.
        room: RoomId,
        /// What one may do there.
        grants: Grants,
        /// The room allows no direct way.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        relay_only: bool,
    },
    /// Which servers help browsers to connect.
    Servers {
        /// Of the `servers`.
        r#ref: String,
        /// As an `RTCPeerConnection` takes them.
        servers: Vec<IceServer>,
        /// To be asked anew before, in milliseconds since 1970.
        until: u64,
        /// This site allows no direct way.
        relay_only: bool,
    },
    /// Somebody calls.
    Ringing {
        /// The call.
        link: LinkId,
        /// In which room.
        room: RoomId,
        /// Who.
        person: PersonId,
        /// Their name.
        name: String,
        /// With what.
        media: Media,
        /// Until when it rings, in milliseconds since 1970.
        until: u64,
    },
    /// Both are there: the browsers may connect now, or begin anew.
    Connected {
        /// The link.
        link: LinkId,
        /// With whom.
        person: PersonId,
        /// Who gives way when both offer at once (perfect negotiation, W3C WebRTC 10.7).
        polite: bool,
        /// One of the two, the room or the site wants no direct way.
        relay_only: bool,
    },
    /// The other one's line is cut; they may come back.
    Away {
        /// The link.
        link: LinkId,
    },
    /// From the other one.
    Signal {
        /// On which link.
        link: LinkId,
        /// What.
        signal: Signal,
    },
    /// A link is over.
    Ended {
        /// Which one.
        link: LinkId,
        /// Why.
        why: End,
    },
    /// Somebody offers files.
    Offered {
        /// In which room.
        room: RoomId,
        /// The offer.
        offer: OfferId,
        /// Who.
        person: PersonId,
        /// Their name.
        name: String,
        /// The first of them.
        files: Vec<File>,
        /// How many there are.
        count: u64,
        /// How large they are together, in bytes.
        size: u64,
        /// Since when, in milliseconds since 1970.
        at: u64,
    },
    /// Somebody fetches what one offers.
    Pulled {
        /// What.
        offer: OfferId,
        /// The link.
        link: LinkId,
        /// Who.
        person: PersonId,
        /// Their name.
        name: String,
    },
    /// Somebody does not want what one offers.
    RefusedOffer {
        /// What.
        offer: OfferId,
        /// Who.
        person: PersonId,
        /// Their name.
        name: String,
    },
    /// An offer is over.
    Closed {
        /// In which room.
        room: RoomId,
        /// Which one.
        offer: OfferId,
        /// Why.
        why: Closed,
    },
    /// Something of the conference of a room.
    Conference {
        /// Which room.
        room: RoomId,
        /// What.
        news: News,
    },
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
    /// Reconnect and enter again.
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
    /// Most rooms on one socket.
    pub rooms: usize,
    /// Most offers of a person at once.
    pub offers: usize,
    /// Most files that are named in an offer.
    pub files: usize,
    /// Most people in a conference; none where there are no conferences.
    pub conference: usize,
}

/// A server that helps browsers to connect (W3C WebRTC 4.2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IceServer {
    /// Where it is.
    pub urls: Vec<String>,
    /// Until when and for whom it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// That this is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}
