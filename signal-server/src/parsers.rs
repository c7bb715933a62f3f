//! The parsers of foreign input as plain functions with their laws, for fuzzing and for replaying what it found. Those of the
//! relay are in `turn`.

use crate::exchange::Sheet;
use crate::protocol::{Command, Signal};

/// Frames of a client: what is a command is written and read as the same command, what passes to another browser keeps its
/// limits, and where relays alone are wanted it names no other way.
pub fn signalling(text: &str) -> Option<String> {
    let command: Command = serde_json::from_str(text).ok()?;
    let written = serde_json::to_string(&command).ok()?;
    let again: Command = serde_json::from_str(&written).ok()?;
    assert_eq!(serde_json::to_string(&again).ok().as_ref(), Some(&written), "a command is itself");
    match command {
        Command::Signal { signal, .. } if signal.is_sound() => {
            if let Some(relayed) = signal.relayed() {
                assert!(candidates(&relayed).all(leads_to_a_relay), "{relayed:?}");
                assert_eq!(relayed.clone().relayed(), Some(relayed), "what is left is left as it is");
            }
        }
        Command::Offer { files, count, size, relay_only, .. } => {
            let sheet = Sheet { files, count, size, relay_only };
            if sheet.is_sound() {
                assert!(sheet.files.iter().all(|file| file.size <= sheet.size), "a part is no larger than the whole");
            }
        }
        _ => {}
    }
    Some(written)
}

fn candidates(signal: &Signal) -> impl Iterator<Item = &str> {
    let (lines, prefix) = match signal {
        Signal::Offer { sdp } | Signal::Answer { sdp } => (sdp.as_str(), "a=candidate:"),
        Signal::Candidate { candidate, .. } => (candidate.as_str(), "candidate:"),
    };
    lines.split('\n').filter(move |line| line.starts_with(prefix))
}

fn leads_to_a_relay(line: &str) -> bool {
    line.split_ascii_whitespace().skip(6).take(2).eq(["typ", "relay"])
}
