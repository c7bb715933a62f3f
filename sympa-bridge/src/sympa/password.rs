//! Passwords as Sympa stores them: unsalted MD5 or bcrypt. Anything else is unusable, and Sympa refuses it too.
//!
//! Every check costs one bcrypt of the site's cost, also for unknown people, empty and MD5 passwords and locked accounts, so
//! that the time tells nothing.

use md5::{Digest, Md5};

use crate::config::PasswordCase;

/// The highest cost of a stored hash that is checked: above it one attempt would take minutes.
const MOST_COST: u32 = 16;

/// A stored password as far as it can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stored {
    Md5(String),
    Bcrypt(String),
    Unusable,
}

impl Stored {
    /// Understands a value of `password_user`.
    pub(crate) fn parse(value: Option<&str>) -> Self {
        let Some(value) = value else { return Self::Unusable };
        if value.len() == 32 && value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Self::Md5(value.to_owned());
        }
        // `$2$` is how very old hashes of the same algorithm begin.
        let modern = value.strip_prefix("$2$").map_or_else(|| value.to_owned(), |rest| format!("$2a${rest}"));
        let cost = cost_of(&modern);
        let is_bcrypt = modern.len() == 60 && modern.starts_with("$2") && modern.as_bytes()[6] == b'$';
        match cost {
            Some(cost) if is_bcrypt && cost <= MOST_COST => Self::Bcrypt(modern),
            _ => Self::Unusable,
        }
    }
}

/// The bytes Sympa hashes: with `password_case insensitive` only A-Z are lower-cased.
pub(crate) fn hashed_text(password: &str, case: PasswordCase) -> String {
    match case {
        PasswordCase::Insensitive => password.to_ascii_lowercase(),
        PasswordCase::Sensitive => password.to_owned(),
    }
}

/// Checks a password at the price of one bcrypt of the site's cost.
pub(crate) fn check(text: &str, stored: &Stored, may_enter: bool, cost: u32) -> bool {
    let right = match stored {
        Stored::Bcrypt(hash) => verify(text, hash, cost),
        Stored::Md5(hash) => {
            spend(text, cost);
            let given = hex(&Md5::digest(text.as_bytes()));
            aws_lc_rs::constant_time::verify_slices_are_equal(given.as_bytes(), hash.as_bytes()).is_ok()
        }
        Stored::Unusable => {
            spend(text, cost);
            false
        }
    };
    right && may_enter && !text.is_empty()
}

fn verify(text: &str, hash: &str, cost: u32) -> bool {
    // What only looks like a hash is refused before anything is computed, which would tell that the person exists.
    let Ok(right) = bcrypt::verify(text, hash) else {
        spend(text, cost);
        return false;
    };
    let computed = cost_of(hash).unwrap_or_default();
    count(computed);
    // So would a hash from cheaper days. Each cost is twice the one before: with those between, all is one of the site's cost.
    (computed..cost).for_each(|cheaper| spend(text, cheaper));
    right
}

fn cost_of(hash: &str) -> Option<u32> {
    hash.get(4..6)?.parse().ok()
}

/// The time of one bcrypt.
fn spend(text: &str, cost: u32) {
    let spent = bcrypt::hash_with_salt(text, cost, [0; 16]);
    std::hint::black_box(spent.is_ok());
    count(cost);
}

/// Counts a bcrypt that was computed, where it was: one too many shows, and one that is missing.
fn count(cost: u32) {
    metrics::counter!("bridge_password_hashes_total", "cost" => cost.to_string()).increment(1);
}

/// Bytes as lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens(password: &str, stored: &str, case: PasswordCase) -> bool {
        check(&hashed_text(password, case), &Stored::parse(Some(stored)), true, 4)
    }

    #[test]
    fn md5_is_checked_as_sympa_does() {
        let stored = hex(&Md5::digest(b"secret"));
        assert!(opens("SECRET", &stored, PasswordCase::Insensitive));
        assert!(!opens("SECRET", &stored, PasswordCase::Sensitive));
        assert!(!opens("other", &stored, PasswordCase::Insensitive));
    }

    #[test]
    fn bcrypt_counts_72_bytes_and_takes_the_old_prefix() {
        let long = "a".repeat(72);
        let stored =
            bcrypt::hash_with_salt(&long, 4, [7; 16]).expect("hashed").format_for_version(bcrypt::Version::TwoA);
        assert!(opens(&format!("{long}and more"), &stored, PasswordCase::Insensitive));
        assert!(opens(&long, &stored.replacen("$2a$", "$2$", 1), PasswordCase::Insensitive));
        assert!(!opens("b", &stored, PasswordCase::Insensitive));
    }

    #[test]
    fn letters_that_are_not_ascii_keep_their_case() {
        assert_eq!(hashed_text("PÄSS", PasswordCase::Insensitive), "pÄss");
    }

    #[test]
    fn what_sympa_refuses_is_refused() {
        for stored in ["", "INIT", "init1234", "crypt.abc", "secret", "$2a$31$aaaaaaaaaaaaaaaaaaaaaa", "$2a$04$short"] {
            assert_eq!(Stored::parse(Some(stored)), Stored::Unusable, "{stored}");
        }
        assert_eq!(Stored::parse(None), Stored::Unusable);
        assert!(!opens("", &hex(&Md5::digest(b"")), PasswordCase::Insensitive), "an empty password opens nothing");
    }
}
