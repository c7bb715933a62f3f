//! Health: what of a service works, in plain words for the administrator.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

/// How well one part works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// Works.
    Green,
    /// Works for those who are in; something needs attention.
    Amber,
    /// Does not work.
    Red,
}

/// One part and how it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// How well it works.
    pub colour: Colour,
    /// A sentence.
    pub words: String,
}

/// The parts of a process, shared by its tasks.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<Mutex<BTreeMap<&'static str, Part>>>);

impl Health {
    /// Sets a part; a change of colour is logged.
    pub fn set(&self, part: &'static str, colour: Colour, words: impl Into<String>) {
        let (mut parts, words) = (self.0.lock().unwrap_or_else(PoisonError::into_inner), words.into());
        let before = parts.insert(part, Part { colour, words: words.clone() });
        if before.is_none_or(|before| before.colour != colour) {
            match colour {
                Colour::Green => tracing::info!(part, "Health of {part}: green. {words}"),
                Colour::Amber | Colour::Red => tracing::warn!(part, ?colour, "Health of {part}: {colour:?}. {words}"),
            }
        }
    }

    /// All parts.
    pub fn parts(&self) -> BTreeMap<&'static str, Part> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The worst colour.
    pub fn colour(&self) -> Colour {
        self.parts().values().map(|part| part.colour).max().unwrap_or(Colour::Green)
    }
}
