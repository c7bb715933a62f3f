//! Randomness: the only place that asks for random bytes. Tests may fix the sequence.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use membership::{PersonId, RoomId, SessionId};

/// Where random bytes come from.
#[derive(Debug, Clone, Default)]
pub enum Dice {
    /// The crypto provider's generator.
    #[default]
    System,
    /// The same sequence each time, for tests that compare ids.
    Seeded(Arc<AtomicU64>),
}

impl Dice {
    /// A fixed sequence.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(AtomicU64::new(seed)))
    }

    /// 32 random bytes.
    ///
    /// # Panics
    /// When the operating system has no randomness: nothing safe can be done then.
    pub fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        match self {
            Self::System => aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives random bytes"),
            Self::Seeded(counter) => {
                let turn = counter.fetch_add(1, Ordering::SeqCst);
                bytes.copy_from_slice(digest(&SHA256, &turn.to_be_bytes()).as_ref());
            }
        }
        bytes
    }

    /// 128 random bits.
    pub fn bits(&self) -> u128 {
        let bytes = self.bytes();
        let mut half = [0; 16];
        half.copy_from_slice(&bytes[..16]);
        u128::from_be_bytes(half)
    }

    /// A secret of 256 bits as text that fits a cookie, a URL and a header.
    pub fn secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// A new person's id.
    pub fn person_id(&self, now_ms: u64) -> PersonId {
        PersonId::new(now_ms, self.bits())
    }

    /// A new room's id.
    pub fn room_id(&self, now_ms: u64) -> RoomId {
        RoomId::new(now_ms, self.bits())
    }

    /// A new session's id.
    pub fn session_id(&self, now_ms: u64) -> SessionId {
        SessionId::new(now_ms, self.bits())
    }
}
