//! The secrets of the bridge, each from `NAME` or `NAME_FILE`; tests and the demo give their own.

use anyhow::Result;
use service::secret::{Secret, find};

/// The secrets of the bridge.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// `BRIDGE_DATABASE_PASSWORD`: of the bridge's own database.
    pub database: Option<Secret>,
    /// `SYMPA_DATABASE_PASSWORD`: of Sympa's database.
    pub sympa_database: Option<Secret>,
    /// `BRIDGE_KEY_SEED`: of the key that signs room tokens, 64 hex digits. Without it a key is made once and kept.
    pub key_seed: Option<Secret>,
    /// `BRIDGE_KEY_SEED_OLD`: of the key that signed before.
    pub key_seed_old: Option<Secret>,
    /// `ACTION_SECRET`: shared with the custom action in Sympa.
    pub action: Option<Secret>,
    /// `MAIL_PASSWORD`: of the mail server.
    pub mail: Option<Secret>,
}

impl Secrets {
    /// From the environment.
    ///
    /// # Errors
    /// When one is given twice or its file cannot be read.
    pub fn read() -> Result<Self> {
        Ok(Self {
            database: find("BRIDGE_DATABASE_PASSWORD")?,
            sympa_database: find("SYMPA_DATABASE_PASSWORD")?,
            key_seed: find("BRIDGE_KEY_SEED")?,
            key_seed_old: find("BRIDGE_KEY_SEED_OLD")?,
            action: find("ACTION_SECRET")?,
            mail: find("MAIL_PASSWORD")?,
        })
    }
}
