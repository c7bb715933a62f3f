//! What a stranger is asked to show again: made from a key, the stranger's address and the hour, and kept nowhere, so
//! that no number of strangers fills the memory and nobody can answer from an address that is not theirs.

use std::net::SocketAddr;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How long one is asked for, in seconds. The one before still counts.
const SLOT_S: u64 = 3600;

/// The nonces of one relay.
#[derive(Debug)]
pub(crate) struct Nonces(Key);

impl Nonces {
    /// Nonces of this key.
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(Key::new(HMAC_SHA256, key))
    }

    /// What to ask a client for now.
    pub(crate) fn ask(&self, client: SocketAddr, now_s: u64) -> String {
        self.of(client, now_s / SLOT_S)
    }

    /// Whether a client shows what it was asked for.
    pub(crate) fn is(&self, shown: &str, client: SocketAddr, now_s: u64) -> bool {
        let slot = now_s / SLOT_S;
        [slot, slot.saturating_sub(1)]
            .iter()
            .any(|slot| verify_slices_are_equal(self.of(client, *slot).as_bytes(), shown.as_bytes()).is_ok())
    }

    fn of(&self, client: SocketAddr, slot: u64) -> String {
        let tag = sign(&self.0, format!("{slot} {client}").as_bytes());
        URL_SAFE_NO_PAD.encode(&tag.as_ref()[..15])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_one_address_and_up_to_two_hours() {
        let nonces = Nonces::new(&[7; 32]);
        let (one, other) = (SocketAddr::from(([192, 0, 2, 1], 5)), SocketAddr::from(([192, 0, 2, 1], 6)));
        let asked = nonces.ask(one, 10_000);
        assert!(nonces.is(&asked, one, 10_000) && nonces.is(&asked, one, 12_000));
        assert!(!nonces.is(&asked, one, 20_000));
        assert!(!nonces.is(&asked, other, 10_000));
        assert!(!Nonces::new(&[8; 32]).is(&asked, one, 10_000));
    }
}
