//! The gate: what a room token is worth now. Its signature is checked with the bridge's public keys, its word against what
//! the bridge has said since.

use std::sync::{Arc, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use membership::ledger::{Ledger, Worth};
use membership::token::{Audience, Claims, KeySet, Refused, Verifier};
use membership::{Hold, Removal, RoomId};
use tokio::sync::Mutex;

use crate::bridge_link::BridgeLink;
use crate::clock::Clock;
use crate::doubt::Doubts;
use crate::health::{Colour, Health};

/// Keys are not asked for more often than so.
const PAUSE_MS: u64 = 2000;
/// The same, after the bridge did not answer.
const PAUSE_FAILED_MS: u64 = 500;

/// Checks tokens.
#[derive(Debug)]
pub struct Gate {
    audience: Audience,
    link: BridgeLink,
    clock: Clock,
    health: Health,
    verifier: RwLock<Arc<Verifier>>,
    asked: Mutex<Option<(u64, bool)>>,
    ledger: std::sync::Mutex<Ledger>,
    doubts: Doubts,
}

impl Gate {
    /// With no keys yet, for the tokens of one service.
    pub fn new(audience: Audience, link: BridgeLink, clock: Clock, health: Health, doubts: Doubts) -> Self {
        let verifier = RwLock::new(Arc::new(Verifier::new(audience, &KeySet { keys: Vec::new() })));
        let ledger = std::sync::Mutex::default();
        Self { audience, link, clock, health, verifier, asked: Mutex::new(None), ledger, doubts }
    }

    /// The claims of a token that lets its holder into this room now.
    ///
    /// # Errors
    /// A stable code.
    pub async fn check(&self, token: &str, room: RoomId) -> Result<Claims, &'static str> {
        if !self.verifier().knows_key_of(token) && !self.fetch_keys().await {
            return Err("bridge_unavailable");
        }
        let claims = self.verifier().verify(token, room, self.clock.now_s()).map_err(Refused::code)?;
        self.worth(claims).await
    }

    /// What genuine claims are worth now: to be asked again after anything that took time.
    ///
    /// # Errors
    /// A stable code.
    pub async fn worth(&self, claims: Claims) -> Result<Claims, &'static str> {
        let worth = self.ledger().worth(claims);
        match worth {
            Worth::Claims(claims) => Ok(*claims),
            Worth::Nothing(code) => Err(code.code()),
            Worth::Unknown(claims) => {
                let asked_s = self.clock.now_s();
                let claims = self.doubt(*claims).await?;
                // What was told since the question is newer than the answer may be.
                self.ledger().after(claims, asked_s).map_err(Removal::code)
            }
        }
    }

    /// What was heard of the bridge.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bridge's own word on a token that is older than what was heard.
    async fn doubt(&self, mut claims: Claims) -> Result<Claims, &'static str> {
        let hold = Hold { person: claims.sub, room: claims.room, sid: claims.sid };
        let verdict = self.doubts.ask(hold).await.ok_or("bridge_unavailable")?;
        let Some(standing) = verdict.standing else { return Err(verdict.code.map_or("not_a_member", Removal::code)) };
        (claims.roles, claims.grants, claims.concealed) = (standing.roles, standing.grants, standing.concealed);
        (claims.name, claims.relay_only) = (standing.name, standing.relay_only);
        Ok(claims)
    }

    /// Whether there is any key at all.
    pub fn has_keys(&self) -> bool {
        !self.verifier().is_empty()
    }

    /// Asks the bridge for its keys, but not too often; false when it did not answer. Who waited while somebody else asked
    /// gets that answer, so that a bridge that hangs is not waited for by one after the other.
    pub async fn fetch_keys(&self) -> bool {
        let mut asked = self.asked.lock().await;
        if let Some((at_ms, answered)) = *asked {
            let pause_ms = if answered { PAUSE_MS } else { PAUSE_FAILED_MS };
            if self.clock.now_ms().saturating_sub(at_ms) < pause_ms {
                return answered;
            }
        }
        let keys = tokio::time::timeout(Duration::from_secs(3), self.link.keys()).await;
        *asked = Some((self.clock.now_ms(), matches!(keys, Ok(Ok(_)))));
        let Ok(Ok(keys)) = keys else {
            self.health.set(
                self.health_name(),
                Colour::Amber,
                "The bridge's keys cannot be read; nobody new can enter.",
            );
            return false;
        };
        *self.verifier.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Verifier::new(self.audience, &keys));
        self.health.set(self.health_name(), Colour::Green, "The bridge's keys are here.");
        true
    }

    const fn health_name(&self) -> &'static str {
        match self.audience {
            Audience::Chat => "keys",
            Audience::Signal => "keys of signal-server",
        }
    }

    fn verifier(&self) -> Arc<Verifier> {
        self.verifier.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
