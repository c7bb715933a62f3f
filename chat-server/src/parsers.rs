//! The parsers of foreign input as plain functions with their laws, for fuzzing and for replaying what it found.

use service::notes::Notes;

use crate::commands::{sound_emoji, sound_nonce};
use crate::notes::is_sound;
use crate::protocol::{Command, Frame};

/// Frames of a client: what is a command is written and read as the same command.
pub fn command(text: &str) -> Option<String> {
    let command: Command = serde_json::from_str(text).ok()?;
    match &command {
        Command::Say { nonce, .. } => drop(sound_nonce(nonce)),
        Command::React { emoji, .. } if sound_emoji(emoji).is_ok() => {
            assert!(!emoji.contains(['<', '>', '&', '"']), "a reaction is a second text");
        }
        _ => {}
    }
    let written = serde_json::to_string(&command).ok()?;
    let again: Command = serde_json::from_str(&written).ok()?;
    assert_eq!(serde_json::to_string(&again).ok().as_ref(), Some(&written), "a command is itself");
    Some(written)
}

/// A frame as a client of ours hears it; what is not known is not understood.
pub fn frame(text: &str) -> Option<String> {
    let frame: Frame = serde_json::from_str(text).ok()?;
    let written = serde_json::to_string(&frame).ok()?;
    assert!(serde_json::from_str::<Frame>(&written).is_ok(), "{written}");
    Some(written)
}

/// What signal-server tells: what is sound is written and read as the same.
pub fn notes(text: &str) -> Option<String> {
    let notes: Notes = serde_json::from_str(text).ok()?;
    if !notes.notes.iter().all(is_sound) {
        return None;
    }
    let written = serde_json::to_string(&notes).ok()?;
    assert_eq!(serde_json::from_str::<Notes>(&written).ok().as_ref(), Some(&notes), "notes are themselves");
    Some(written)
}
