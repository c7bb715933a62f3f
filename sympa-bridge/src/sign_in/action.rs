//! Tickets of the custom action: Sympa itself vouches for somebody who is logged in, by whatever means. Pure.
//!
//! `BODY.MAC`: BODY is base64url of the claims, MAC the hex HMAC-SHA256 of BODY under the shared secret.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use membership::{Email, ListAddress};
use serde::Deserialize;
use service::secret::Secret;

use crate::sympa::password::hex;

/// Longest life of a ticket, in seconds.
const LIFE_S: u64 = 60;
/// How far the clocks of Sympa and of the bridge may differ, in seconds.
const SKEW_S: u64 = 5;
/// Longest ticket that is looked at, in bytes.
const TICKET_BYTES: usize = 2048;
/// Shortest nonce that cannot be guessed, in hex digits.
const NONCE_DIGITS: usize = 16;

/// What a genuine ticket says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vouched {
    pub(crate) email: Email,
    pub(crate) list: Option<ListAddress>,
    pub(crate) nonce: String,
    /// When the nonce may be forgotten.
    pub(crate) forget_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    v: u64,
    exp: u64,
    nonce: String,
    email: Email,
    list: String,
}

/// Whether a ticket looks like one of the custom action: only these have two parts.
pub(crate) fn is_action(ticket: &str) -> bool {
    ticket.contains('.')
}

/// What the ticket says, when it is genuine and in time.
pub(crate) fn verify(ticket: &str, secret: &Secret, now_s: u64) -> Option<Vouched> {
    if ticket.len() > TICKET_BYTES {
        return None;
    }
    let (body, mac) = ticket.split_once('.')?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    hmac::verify(&key, body.as_bytes(), &bytes(mac)?).ok()?;
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
    let in_time = now_s < claims.exp.saturating_add(SKEW_S) && claims.exp <= now_s + LIFE_S + SKEW_S;
    if !in_time {
        return None;
    }
    let list = match claims.list.as_str() {
        "" => None,
        list => Some(list.parse().ok()?),
    };
    let sound = claims.v == 1 && claims.nonce.len() >= NONCE_DIGITS;
    let forget_ms = (claims.exp + SKEW_S) * 1000;
    sound.then_some(Vouched { email: claims.email, list, nonce: claims.nonce, forget_ms })
}

/// A ticket as Sympa signs it, for tests.
pub(crate) fn signed(claims: &str, secret: &Secret) -> String {
    let body = URL_SAFE_NO_PAD.encode(claims);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let mac = hex(hmac::sign(&key, body.as_bytes()).as_ref());
    format!("{body}.{mac}")
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn ticket(claims: &str, secret: &str) -> String {
        signed(claims, &Secret::new(secret))
    }

    fn claims(exp: u64, email: &str, list: &str) -> String {
        format!(r#"{{"email":"{email}","exp":{exp},"list":"{list}","nonce":"0123456789abcdef","v":1}}"#)
    }

    fn opened(ticket: &str) -> Option<Vouched> {
        verify(ticket, &Secret::new("s"), NOW)
    }

    #[test]
    fn a_genuine_ticket_in_time_vouches() {
        let vouched = opened(&ticket(&claims(NOW + 60, "A@b.org", "x@b.org"), "s")).expect("genuine");
        assert_eq!(vouched.email.as_str(), "a@b.org");
        assert_eq!(vouched.list.map(|list| list.to_string()).as_deref(), Some("x@b.org"));
        assert!(opened(&ticket(&claims(NOW - 4, "a@b.org", ""), "s")).is_some_and(|v| v.list.is_none()));
    }

    #[test]
    fn a_forged_late_early_or_strange_ticket_does_not() {
        let good = ticket(&claims(NOW + 60, "a@b.org", ""), "s");
        assert_eq!(opened(&good.replace('.', "x.")), None);
        for (claims, secret) in [
            (claims(NOW + 60, "a@b.org", ""), "other"),
            (claims(NOW - 5, "a@b.org", ""), "s"),
            (claims(NOW + 66, "a@b.org", ""), "s"),
            (claims(u64::MAX, "a@b.org", ""), "s"),
            (claims(NOW + 60, "nobody", ""), "s"),
            (claims(NOW + 60, "a@b.org", "../x"), "s"),
            (claims(NOW + 60, "a@b.org", "").replace("\"v\":1", "\"v\":2"), "s"),
            (claims(NOW + 60, "a@b.org", "").replace("0123456789abcdef", "1"), "s"),
        ] {
            assert_eq!(opened(&ticket(&claims, secret)), None, "{claims}");
        }
        for garbage in ["", ".", "a.b", "é.é", &"x".repeat(5000)] {
            assert_eq!(opened(garbage), None);
        }
    }
}
