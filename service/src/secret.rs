//! Secrets: read from the environment variable `NAME`, or from the file that `NAME_FILE` names; never from the
//! configuration, never shown.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context as _, Result, bail};

/// A secret text. Its debug output shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret made here.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether a text is this secret, in a time that does not depend on where they differ.
    pub fn is(&self, text: &str) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(self.0.as_bytes(), text.as_bytes()).is_ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Secrets a process made for itself; all others come from the environment.
#[derive(Debug, Clone, Default)]
pub struct Secrets(BTreeMap<&'static str, Secret>);

impl Secrets {
    /// With one more that need not be in the environment.
    #[must_use]
    pub fn with(mut self, name: &'static str, secret: Secret) -> Self {
        self.0.insert(name, secret);
        self
    }

    /// As [`find`].
    ///
    /// # Errors
    /// As [`find`].
    pub fn find(&self, name: &str) -> Result<Option<Secret>> {
        self.0.get(name).map_or_else(|| find(name), |secret| Ok(Some(secret.clone())))
    }

    /// As [`need`].
    ///
    /// # Errors
    /// As [`need`].
    pub fn need(&self, name: &str) -> Result<Secret> {
        self.0.get(name).map_or_else(|| need(name), |secret| Ok(secret.clone()))
    }
}

/// The secret of this name, or nothing when neither `NAME` nor `NAME_FILE` is set.
///
/// # Errors
/// When both are set, the file cannot be read, or the secret is empty.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub fn find(name: &str) -> Result<Option<Secret>> {
    let file = format!("{name}_FILE");
    let text = match (std::env::var(name), std::env::var(&file)) {
        (Ok(_), Ok(_)) => bail!("{name} and {file} are both set; keep one of them"),
        (Ok(text), Err(_)) => text,
        (Err(_), Ok(path)) => std::fs::read_to_string(&path).with_context(|| format!("cannot read {file} = {path}"))?,
        (Err(_), Err(_)) => return Ok(None),
    };
    let text = text.trim_end_matches(['\r', '\n']).to_owned();
    if text.is_empty() {
        bail!("{name} is empty");
    }
    Ok(Some(Secret(text)))
}

/// The secret of this name.
///
/// # Errors
/// As [`find`], and when it is not set.
pub fn need(name: &str) -> Result<Secret> {
    find(name)?.with_context(|| format!("set {name}, or {name}_FILE to a file that holds it"))
}
