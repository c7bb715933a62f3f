//! What two browsers tell each other to connect. The server reads its shape and which way a candidate leads, never more.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest description of a session (SDP), in bytes. Browsers write 2 to 10 kB for a few lines of media.
pub const SDP: usize = 32 * 1024;
/// Longest candidate line, in bytes.
pub const CANDIDATE: usize = 1024;
/// Longest `mid`, in bytes.
pub const MID: usize = 32;

/// What two browsers tell each other to connect (RFC 8829).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
                let shape = candidate.is_empty() || (candidate.starts_with("candidate:") && is_one_line(candidate));
                shape && candidate.len() <= CANDIDATE && mid.len() <= MID && plain(candidate) && plain(mid)
            }
        }
    }

    /// What is left of it where only relays may be used; nothing of a candidate that leads elsewhere.
    pub fn relayed(self) -> Option<Self> {
        match self {
            Self::Offer { sdp } => Some(Self::Offer { sdp: relayed_lines(&sdp) }),
            Self::Answer { sdp } => Some(Self::Answer { sdp: relayed_lines(&sdp) }),
            Self::Candidate { candidate, mid } if candidate.is_empty() => Some(Self::Candidate { candidate, mid }),
            Self::Candidate { candidate, mid } => {
                relayed_candidate(&candidate).map(|candidate| Self::Candidate { candidate, mid })
            }
        }
    }
}

fn is_one_line(text: &str) -> bool {
    !text.contains(['\r', '\n'])
}

/// A candidate of a relay, without the address behind it, which some browsers tell and nobody needs:
/// `candidate:foundation component transport priority address port typ relay raddr address rport port ...` (RFC 8839, 5.1).
fn relayed_candidate(line: &str) -> Option<String> {
    let mut words: Vec<&str> = line.split_ascii_whitespace().collect();
    if words.get(6..8) != Some(&["typ", "relay"]) {
        return None;
    }
    for at in 8..words.len() {
        match words[at - 1] {
            "raddr" => words[at] = "0.0.0.0",
            "rport" => words[at] = "0",
            _ => {}
        }
    }
    Some(words.join(" "))
}

fn relayed_lines(sdp: &str) -> String {
    let mut lines = String::with_capacity(sdp.len());
    for line in sdp.split_inclusive('\n') {
        match line.strip_prefix("a=").filter(|rest| rest.starts_with("candidate:")) {
            None => lines.push_str(line),
            Some(candidate) => {
                if let Some(candidate) = relayed_candidate(candidate) {
                    lines.extend(["a=", &candidate, "\r\n"]);
                }
            }
        }
    }
    lines
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
            r#"{"kind":"candidate","candidate":"candidate:1\r\na=x","mid":"0"}"#,
            r#"{"kind":"chat","text":"v=0"}"#,
        ] {
            assert!(!sound(json), "{}", &json[..json.len().min(60)]);
        }
    }

    #[test]
    fn where_only_relays_may_be_used_no_other_address_passes() {
        let candidate = |line: &str| Signal::Candidate { candidate: line.to_owned(), mid: "0".to_owned() };
        for line in ["", "candidate:1 1 udp 9 198.51.100.1 9 typ relay raddr 0.0.0.0 rport 0 generation 0"] {
            assert_eq!(candidate(line).relayed(), Some(candidate(line)));
        }
        let told = candidate("candidate:1 1 udp 9 198.51.100.1 9 typ relay raddr 192.0.2.1 rport 5 ufrag x");
        let kept = candidate("candidate:1 1 udp 9 198.51.100.1 9 typ relay raddr 0.0.0.0 rport 0 ufrag x");
        assert_eq!(told.relayed(), Some(kept));
        for line in [
            "candidate:1 1 udp 9 192.0.2.1 9 typ host",
            "candidate:1 1 udp 9 192.0.2.1 9 typ srflx raddr 10.0.0.1 rport 1",
            "candidate:1 1 udp 9 192.0.2.1 9 typ host typ relay",
        ] {
            assert_eq!(candidate(line).relayed(), None, "{line}");
        }
        let sdp = "v=0\r\na=candidate:1 1 udp 9 192.0.2.1 9 typ host\r\na=mid:0\r\n".to_owned();
        assert_eq!(Signal::Offer { sdp }.relayed(), Some(Signal::Offer { sdp: "v=0\r\na=mid:0\r\n".to_owned() }));
    }
}
