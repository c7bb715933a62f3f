//! Credentials of the relay, made and read: the scheme of coturn's `use-auth-secret`, so that either relay takes them.
//!
//! The name is `<expiry>:<person>`, the password the HMAC-SHA1 of the name: whoever has the secret needs no table.

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use membership::PersonId;

/// How long credentials open a new allocation, in seconds.
pub const LIFE_S: u64 = 600;

/// What a browser shows to a relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The name: until when, and who.
    pub username: String,
    /// The password that proves the name.
    pub password: String,
    /// Until when they open a new allocation, in seconds since 1970.
    pub expires_s: u64,
}

/// Credentials for a person, from now on.
pub fn credentials(secret: &str, person: PersonId, now_s: u64) -> Credentials {
    let expires_s = now_s + LIFE_S;
    let username = format!("{expires_s}:{person}");
    let password = password(secret, &username);
    Credentials { username, password, expires_s }
}

/// The password that belongs to a name.
pub(crate) fn password(secret: &str, username: &str) -> String {
    // The scheme's hash; it proves a name for ten minutes and hides nothing.
    STANDARD.encode(sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes()), username.as_bytes()))
}

/// Until when a name is good, and whose it is.
pub(crate) fn read(username: &str) -> Option<(u64, PersonId)> {
    let (expires, person) = username.split_once(':')?;
    Some((expires.parse().ok()?, person.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_until_when_and_who() {
        let person = PersonId::new(1, 2);
        let made = credentials("secret", person, 1000);
        assert_eq!(made.expires_s, 1600);
        assert_eq!(read(&made.username), Some((1600, person)));
        assert_eq!(made.password, password("secret", &made.username));
        assert_ne!(made.password, credentials("another", person, 1000).password);
    }

    #[test]
    fn the_password_is_that_of_coturn() {
        // printf 1433895918:gorst | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(password("north", "1433895918:gorst"), "Jkoq/bR7DWfoH9c0tHZx2FEf1SM=");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for name in ["", ":", "1600", "1600:", "soon:01ARZ3NDEKTSV4RRFFQ69G5FAV", "1600:somebody", "-1:x"] {
            assert_eq!(read(name), None, "{name}");
        }
    }
}
