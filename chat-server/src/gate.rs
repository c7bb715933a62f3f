//! The gate: checks room tokens with the bridge's public keys, and asks for the keys anew when a token names one it lacks.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use membership::RoomId;
use membership::token::{Audience, Claims, KeySet, Refused, Verifier};
use service::bridge_link::BridgeLink;
use service::clock::Clock;
use service::health::{Colour, Health};
use tokio::sync::Mutex;

/// Keys are not asked for more often than so.
const PAUSE_MS: u64 = 2000;

/// Checks tokens.
#[derive(Debug)]
pub struct Gate {
    link: BridgeLink,
    clock: Clock,
    health: Health,
    verifier: RwLock<Arc<Verifier>>,
    asked_ms: Mutex<Option<u64>>,
}

impl Gate {
    /// With no keys yet.
    pub fn new(link: BridgeLink, clock: Clock, health: Health) -> Self {
        let verifier = RwLock::new(Arc::new(Verifier::new(Audience::Chat, &KeySet { keys: Vec::new() })));
        Self { link, clock, health, verifier, asked_ms: Mutex::new(None) }
    }

    /// The claims of a token that lets its holder into this room now.
    ///
    /// # Errors
    /// A stable code.
    pub async fn check(&self, token: &str, room: RoomId) -> Result<Claims, &'static str> {
        if !self.verifier().knows_key_of(token) && !self.fetch_keys().await {
            return Err("bridge_unavailable");
        }
        self.verifier().verify(token, room, self.clock.now_s()).map_err(Refused::code)
    }

    /// Asks the bridge for its keys, but not too often; false when it does not answer and there are no keys at all.
    pub async fn fetch_keys(&self) -> bool {
        let mut asked_ms = self.asked_ms.lock().await;
        let now = self.clock.now_ms();
        if asked_ms.is_some_and(|asked| now.saturating_sub(asked) < PAUSE_MS) {
            return true;
        }
        let keys = tokio::time::timeout(Duration::from_secs(3), self.link.keys()).await;
        let Ok(Ok(keys)) = keys else {
            self.health.set("keys", Colour::Amber, "The bridge's keys cannot be read; nobody new can enter.");
            return false;
        };
        *asked_ms = Some(now);
        *self.verifier.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Verifier::new(Audience::Chat, &keys));
        self.health.set("keys", Colour::Green, "The bridge's keys are here.");
        true
    }

    fn verifier(&self) -> Arc<Verifier> {
        self.verifier.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
