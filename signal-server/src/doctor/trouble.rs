//! What can be wrong with a relay, and how an administrator is told: what it is, and what to do.

use std::fmt;
use std::io;

use turn_server_proto::stun::types::attribute::ErrorCode;

use super::unsecured::Unsecured;

/// What was asked of a relay when it refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A place of one's own.
    Place,
    /// Leave to reach the other side.
    Peer,
}

/// Why an address of a relay does not work.
#[derive(Debug)]
pub(super) enum Trouble {
    NoAddress,
    NoBrowserDoesThat,
    NoName { host: String },
    Closed,
    Silent,
    NoRoute,
    Unsecured(Unsecured),
    NoAnswer,
    NoRelay,
    OpenToAll,
    AnotherRelay,
    Cut(String),
    Credentials,
    Clock { minutes: u64 },
    Full,
    Forbidden,
    Refused { step: Step, code: u16 },
    NothingPasses,
    NoCall(String),
}

impl Trouble {
    /// A line that could not be opened, or was cut.
    pub(super) fn cut(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Closed,
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::Unsupported => Self::NoRoute,
            io::ErrorKind::InvalidData => Self::NoRelay,
            io::ErrorKind::TimedOut => Self::Silent,
            _ => Self::Cut(error.to_string()),
        }
    }

    /// A refusal by the relay.
    pub(super) const fn refused(step: Step, code: u16) -> Self {
        match (step, code) {
            (_, ErrorCode::UNAUTHORIZED) => Self::Credentials,
            (_, ErrorCode::ALLOCATION_QUOTA_REACHED | ErrorCode::INSUFFICIENT_CAPACITY) => Self::Full,
            (Step::Peer, ErrorCode::FORBIDDEN) => Self::Forbidden,
            _ => Self::Refused { step, code },
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::NoAddress => "this is no address of a relay; write it as turn:turn.example.org:3478?transport=udp.",
            Self::NoBrowserDoesThat => "browsers reach no relay by TLS over UDP; write transport=tcp.",
            Self::NoName { host } => {
                return write!(f, "the name {host} is not found. Correct it, or add it to the DNS.");
            }
            Self::Closed => "nothing listens on this port. Is the relay running, and is this the port it listens on?",
            Self::Silent => "there is no connection within ten seconds. A firewall drops it: open this port.",
            Self::NoRoute => {
                "this machine has no way to that address. Where it has no IPv6 and members do, try from another machine."
            }
            Self::Unsecured(why) => return why.fmt(f),
            Self::NoAnswer => {
                "no answer comes. Either a firewall drops packets: open this port; or what listens there is no relay."
            }
            Self::NoRelay => "what answers is no relay (TURN). Is it the right port?",
            Self::OpenToAll => {
                "this relay asks for no credentials, so that everybody can use it. Set use-auth-secret in coturn."
            }
            Self::AnotherRelay => {
                "another relay answers there. Does the name lead to this machine, and does nothing else use the port?"
            }
            Self::Cut(why) => return write!(f, "the line was cut ({why}). Look into the logs of the relay."),
            Self::Credentials => {
                "it refuses our credentials. TURN_SECRET and its static-auth-secret must be the same text."
            }
            Self::Clock { minutes } => {
                return write!(
                    f,
                    "its clock is more than {minutes} minutes ahead of this machine's, so that all credentials have \
                     expired there. Set both by NTP."
                );
            }
            Self::Full => "it has no free place. Raise its quotas (user-quota, total-quota), or see who fills it.",
            Self::Forbidden => {
                "it lets nobody reach its own places, where two browsers meet. Set its public address as \
                 allowed-peer-ip in turnserver.conf."
            }
            Self::Refused { step: Step::Place, code } => {
                return write!(f, "it gives no place (error {code}). Look into its logs.");
            }
            Self::Refused { step: Step::Peer, code } => {
                return write!(f, "it does not let two browsers meet (error {code}). Look into its logs.");
            }
            Self::NothingPasses => {
                "it gives places, but no packets pass between them. Open the UDP ports it relays on (min-port to \
                 max-port of coturn), set external-ip behind a translating router, and see that its limit of bytes is not too low."
            }
            Self::NoCall(why) => return write!(f, "packets pass, but two browsers cannot call through it: {why}."),
        };
        f.write_str(words)
    }
}
