//! The language of the signalling socket: closed sets of commands, frames and signals, and how large they may be.

use membership::{Grants, PersonId, RoomId};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// Longest description of a session (SDP), in bytes. Browsers write 2 to 10 kB for one audio and one video line.
pub const SDP: usize = 32 * 1024;
/// Longest candidate line, in bytes.
pub const CANDIDATE: usize = 1024;
/// Longest `mid`, in bytes.
pub const MID: usize = 32;

/// A call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub Ulid);

/// With what a call begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// Voice.
    Audio,
    /// Voice and camera.
    Video,
}

/// What two browsers tell each other to connect (RFC 8829). The server reads its shape, never its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Signal {
    /// An offer.
    Offer {
        /// The description.
        sdp: String,
    },
    /// The answer to it.
    Answer {
        /// The description.
        sdp: String,
    },
    /// A way on which one can perhaps be reached; empty when there are no more.
    Candidate {
        /// The candidate line.
        candidate: String,
        /// Of which media.
        mid: String,
    },
}

impl Signal {
    /// Whether it keeps its limits and is of the shape it claims.
    pub fn is_sound(&self) -> bool {
        let plain = |text: &str| !text.contains('\0');
        match self {
            Self::Offer { sdp } | Self::Answer { sdp } => sdp.len() <= SDP && sdp.starts_with("v=0") && plain(sdp),
            Self::Candidate { candidate, mid } => {
                let shape = candidate.is_empty() || candidate.starts_with("candidate:");
                shape && candidate.len() <= CANDIDATE && mid.len() <= MID && plain(candidate) && plain(mid)
            }
        }
    }
}

/// Why a call is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// One of the two hung up.
    HungUp,
    /// The other did not want to.
    Declined,
    /// Nobody answered in time.
    Missed,
    /// Another window of the same person answered, or declined.
    Elsewhere,
    /// One of the two was gone for too long.
    Lost,
    /// One of the two may not call here any more.
    NotAllowed,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Frame {
    /// What one may do in a room that was entered; told again when it changes.
    Stands {
        /// Which room.
        room: RoomId,
        /// What one may do there.
        grants: Grants,
    },
    /// Somebody calls.
    Ringing {
        /// The call.
        call: CallId,
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
    /// Both want to: the browsers may connect now.
    Connected {
        /// The call.
        call: CallId,
        /// With whom.
        person: PersonId,
        /// Who gives way when both offer at once (perfect negotiation, W3C WebRTC 10.7).
        polite: bool,
    },
    /// The other one's line is cut; they may come back.
    Away {
        /// The call.
        call: CallId,
    },
    /// From the other one.
    Signal {
        /// In which call.
        call: CallId,
        /// What.
        signal: Signal,
    },
    /// The call is over.
    Ended {
        /// The call.
        call: CallId,
        /// Why.
        reason: End,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(json: &str) -> bool {
        serde_json::from_str::<Signal>(json).is_ok_and(|signal| signal.is_sound())
    }

    #[test]
    fn a_signal_has_one_of_three_shapes_and_keeps_its_limits() {
        assert!(sound(r#"{"kind":"offer","sdp":"v=0\r\n"}"#));
        assert!(sound(r#"{"kind":"candidate","candidate":"candidate:1 1 udp 1 192.0.2.1 9 typ host","mid":"0"}"#));
        assert!(sound(r#"{"kind":"candidate","candidate":"","mid":""}"#), "there are no more");
        let long = format!(r#"{{"kind":"answer","sdp":"v=0{}"}}"#, "x".repeat(SDP));
        let wide = format!(r#"{{"kind":"candidate","candidate":"candidate:{}","mid":"0"}}"#, "x".repeat(CANDIDATE));
        let many = format!(r#"{{"kind":"candidate","candidate":"candidate:1","mid":"{}"}}"#, "x".repeat(MID + 1));
        for json in [
            long.as_str(),
            wide.as_str(),
            many.as_str(),
            r#"{"kind":"offer","sdp":"hello"}"#,
            r#"{"kind":"offer","sdp":"v=0\u0000"}"#,
            r#"{"kind":"offer","sdp":"v=0","more":1}"#,
            r#"{"kind":"candidate","candidate":"<b>","mid":"0"}"#,
            r#"{"kind":"chat","text":"v=0"}"#,
        ] {
            assert!(!sound(json), "{}", &json[..json.len().min(60)]);
        }
    }
}
