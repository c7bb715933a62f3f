//! The parsers of foreign input as plain functions with their laws, for fuzzing and for replaying what it found.

use axum::http::{HeaderMap, HeaderValue, header};
use service::secret::Secret;

use crate::cookies;
use crate::sign_in::action;
use crate::sql::packed::Packed;
use crate::sympa::list_files::{Derived, derive};
use crate::sympa::password::{Stored, hashed_text};
use crate::sympa::sessions::{Resolved, SessionRow, id_in_cookie, judge, restore_email};

/// The key of the tickets in the corpus.
const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// When they are looked at, in seconds since 1970.
const NOW_S: u64 = 1_800_000_000;
/// What ends a cell of a packed answer.
const END: u8 = 0x1f;

/// `Cookie` headers, one per line: the session id of Sympa in them is digits, and no other cookie hides it.
pub fn cookies(bytes: &[u8]) -> Option<String> {
    let lines = bytes.split(|byte| *byte == b'\n').take(50);
    let mut headers: HeaderMap =
        lines.filter_map(|line| Some((header::COOKIE, HeaderValue::from_bytes(line).ok()?))).collect();
    let id = cookies::only(&headers, cookies::SYMPAS).and_then(id_in_cookie).map(str::to_owned);
    if let Some(id) = &id {
        assert!((14..=16).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()), "{id:?} is an id");
    }
    if cookies::all(&headers, cookies::SYMPAS).next().is_none() {
        headers.append(header::COOKIE, HeaderValue::from_static("sympa_session=01234567890123"));
        assert_eq!(cookies::only(&headers, cookies::SYMPAS), Some("01234567890123"), "another cookie hides Sympa's");
    }
    id
}

/// `data_session`: what is written as Sympa writes it is read again, whatever stands before it.
pub fn data_session(text: &str) -> Option<String> {
    let value = restore_email(text);
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    let written = format!(";page=\"{escaped}\";restore_email=\"{escaped}\"");
    assert_eq!(restore_email(&written).as_deref(), Some(text), "what is written is read");
    let row = |email: &str| SessionRow {
        id: "01234567890123".to_owned(),
        previous: Some("01234567890123".to_owned()),
        email: Some(email.to_owned()),
        used_at_s: Some(1),
        data: Some(text.to_owned()),
    };
    let acting = judge(&[row("a@example.org")], None) == Resolved::Impersonated;
    assert!(acting || value.as_ref().is_none_or(String::is_empty), "an impersonation is let through");
    assert!(!acting || text.contains("restore_email=\""), "nobody acts");
    // The address of a row is foreign, too.
    if let Resolved::Person { email, .. } = judge(&[SessionRow { data: None, ..row(text) }], Some(0)) {
        assert_eq!(email.as_str().parse(), Ok(email.clone()));
    }
    value
}

/// Tickets of the custom action: one that is taken names its end, and is altered by no byte without being refused.
pub fn action_ticket(text: &str) -> Option<String> {
    let secret = Secret::new(SECRET);
    let vouched = action::verify(text, &secret, NOW_S)?;
    assert!(action::is_action(text) && vouched.forget_ms > NOW_S * 1000);
    assert_eq!(action::verify(text, &Secret::new("other"), NOW_S), None, "anybody's secret opens it");
    assert_eq!(action::verify(&format!("x{text}"), &secret, NOW_S), None, "an altered ticket is taken");
    Some(vouched.email.as_str().to_owned())
}

/// The claims of a ticket that was signed by Sympa itself, whatever they say.
pub fn action_claims(text: &str) -> Option<String> {
    action_ticket(&action::signed(text, &Secret::new(SECRET)))
}

/// Files of lists: the subject is one line, and reading is the same each time.
pub fn list_config(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let derived = derive(&text);
    assert_eq!(derive(&text), derived);
    // Only what members may do everywhere makes a room open; garbage before it changes nothing.
    let closed = derive(&format!("{text}\nsend closed\nreview owner\n"));
    assert_eq!(
        (closed.mode, closed.roster),
        (Derived::default().mode, Derived::default().roster),
        "the last word counts"
    );
    if let Some(subject) = &derived.subject {
        assert!(!subject.is_empty() && !subject.contains('\n'));
    }
    derived.subject
}

/// Stored passwords, after a line with what somebody typed: what is not known is unusable, and nothing takes long.
pub fn stored_password(text: &str) -> bool {
    let (typed, value) = text.split_once('\n').unwrap_or(("", text));
    let typed = hashed_text(typed, crate::config::PasswordCase::Insensitive);
    assert_eq!(hashed_text(&typed, crate::config::PasswordCase::Insensitive), typed);
    match Stored::parse(Some(value)) {
        Stored::Unusable => false,
        Stored::Md5(digits) => {
            assert!(digits.len() == 32 && digits == value, "MD5 is 32 digits");
            true
        }
        Stored::Bcrypt(hash) => {
            assert!(hash.len() == 60 && hash.starts_with("$2") && hash.is_char_boundary(7), "bcrypt is 60 bytes");
            true
        }
    }
}

/// Packed answers of a database: a byte that says how many columns were asked for, then the text. As many cells come out as
/// rows and columns say, and they are what was packed; an answer that does not have them all is none.
pub fn packed(bytes: &[u8]) -> Option<usize> {
    let (first, text) = bytes.split_first()?;
    let columns = 1 + usize::from(first % 8);
    // A database ends every cell, the last one, too.
    let text = &text[..text.iter().rposition(|byte| *byte == END).map_or(0, |last| last + 1)];
    let ends = text.split(|byte| *byte == END).count() - 1;
    let rows = ends / columns;
    let said = i64::try_from(rows).ok()?;
    for wrong in [-1, said + 1, i64::from(i32::MAX)] {
        assert_eq!(Packed::new(columns, wrong, text.to_vec()), None, "{wrong} rows are not there");
    }
    let whole = Packed::new(columns, said, text.to_vec());
    assert_eq!(whole.is_some(), rows * columns == ends, "a part of a row is no row");
    let found: Vec<_> = whole?.rows().collect();
    assert!(found.len() == rows && found.iter().all(|row| row.len() == columns), "each cell comes out, and no other");
    let cells = found.into_iter().flatten().map(|cell| cell.unwrap_or_default() + "\u{1f}");
    assert_eq!(cells.collect::<String>(), String::from_utf8_lossy(text), "what was packed is read");
    Some(rows)
}
