//! The seed of the signing key, when the environment gives none: made once and kept.

use service::{on, write_on};

use super::{Store, int};
use crate::sympa::password::hex;

impl Store {
    /// The newest seed, as 64 hex digits; made at first need.
    pub(crate) async fn key_seed(&self) -> sqlx::Result<String> {
        const FIND: &str = "SELECT seed FROM signing_key ORDER BY made_at DESC LIMIT 1";
        const ADD: &str =
            "INSERT INTO signing_key (id, seed, made_at) VALUES ('first', $1, $2) ON CONFLICT (id) DO NOTHING";
        let found: Option<String> = on!(&self.db, c => sqlx::query_scalar(FIND).fetch_optional(c).await)?;
        if let Some(seed) = found {
            return Ok(seed);
        }
        let seed = hex(&self.dice.bytes());
        write_on!(&self.db, c => sqlx::query(ADD).bind(&seed).bind(int(self.clock.now_ms())).execute(c).await.map(drop))?;
        on!(&self.db, c => sqlx::query_scalar(FIND).fetch_one(c).await)
    }
}
