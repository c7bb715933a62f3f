//! Web sessions of Sympa: which person a cookie stands for. The one correct condition is in SYMPA.md section 3: the current
//! and the previous id of a session are valid, a superseded row is not, and the row of a logged-out session says `nobody`.

use std::collections::HashMap;

use membership::Email;

use super::question::Question;
use super::{Away, Sympa, cell, number};
use crate::sql::packed::{Packed, Row};

/// The key under which Sympa keeps the listmaster who acts as somebody else.
const RESTORE: &str = "restore_email";

/// What a session id of Sympa stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// A person who is logged in, and the newest id of their session.
    Person { email: Email, id: String },
    /// Logged out, or never logged in.
    Nobody,
    /// A listmaster who acts as somebody else.
    Impersonated,
    /// Older than Sympa's own limit.
    Expired,
    /// No such session, or more than one.
    Unknown,
}

/// A row that the query found for an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionRow {
    pub(crate) id: String,
    pub(crate) previous: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) used_at_s: Option<i64>,
    pub(crate) data: Option<String>,
}

/// The session id in a cookie's value: 14 to 16 digits, after the prefix of old versions.
pub(crate) fn id_in_cookie(value: &str) -> Option<&str> {
    let digits = value.strip_prefix("5e55").filter(|rest| is_id(rest)).unwrap_or(value);
    is_id(digits).then_some(digits)
}

fn is_id(text: &str) -> bool {
    (14..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Decides what the rows found for one id mean. `oldest_s`: a session not used since is expired.
pub(crate) fn judge(rows: &[SessionRow], oldest_s: Option<i64>) -> Resolved {
    let [row] = rows else { return Resolved::Unknown };
    let email = match row.email.as_deref() {
        None | Some("" | "nobody") => return Resolved::Nobody,
        Some(email) => email,
    };
    if oldest_s.is_some_and(|oldest| row.used_at_s.unwrap_or(0) < oldest) {
        return Resolved::Expired;
    }
    if row.data.as_deref().is_some_and(is_acting) {
        return Resolved::Impersonated;
    }
    match email.parse() {
        Ok(email) => Resolved::Person { email, id: row.id.clone() },
        Err(_) => Resolved::Nobody,
    }
}

/// Whether a listmaster acts as somebody else. Data that cannot be read to their end are searched as they stand: what is
/// not understood lets nobody in as somebody else.
fn is_acting(data: &str) -> bool {
    match read(data) {
        Some(pairs) => pairs.iter().any(|(key, value)| *key == RESTORE && !value.is_empty()),
        None => data.split("restore_email=\"").skip(1).any(|value| !value.starts_with('"')),
    }
}

/// The pairs of `data_session`, if it can be read to its end: `;key="value"`, with `\"` and `\\` escaped.
fn read(data: &str) -> Option<Vec<(&str, String)>> {
    let between = |c: char| c == ';' || c.is_whitespace();
    let (mut pairs, mut rest) = (Vec::new(), data.trim_start_matches(between));
    while !rest.is_empty() {
        let (key, after) = rest.split_once("=\"").filter(|(key, _)| is_key(key))?;
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next()? {
                (_, '\\') => value.push(chars.next()?.1),
                (at, '"') => break at + 1,
                (_, c) => value.push(c),
            }
        };
        pairs.push((key, value));
        rest = after[end..].trim_start_matches(between);
    }
    Some(pairs)
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The listmaster who acts, in data that can be read to their end.
pub(crate) fn restore_email(data: &str) -> Option<String> {
    read(data)?.into_iter().find(|(key, _)| *key == RESTORE).map(|(_, value)| value)
}

/// What is asked of `session_table`. Of the data only those count that may name who acts as somebody else; the others change
/// with every page that is looked at. `LIKE` would not do: on SQLite it reads no further than a zero byte.
const COLUMNS: [&str; 4] = [
    "id_session",
    "prev_id_session",
    "email_session",
    "CASE WHEN REPLACE(data_session, 'restore_email', '') <> data_session THEN data_session END",
];
/// The same, and when it was used.
const WITH_TIME: [&str; 5] = {
    let [id, previous, email, data] = COLUMNS;
    [id, previous, email, data, "CAST(date_session AS CHAR(20))"]
};

impl Sympa {
    /// What one id stands for at an exchange, where Sympa's own time limit counts.
    pub(crate) async fn session(&self, id: &str, oldest_s: i64) -> Result<Resolved, Away> {
        let found = self.rows_of_sessions(&WITH_TIME, &[id]).await?;
        Ok(judge(&by_id(&found).remove(id).unwrap_or_default(), Some(oldest_s)))
    }

    /// The rows of these ids, at most a few hundred.
    pub(crate) async fn session_rows(&self, ids: &[&str]) -> Result<Packed, Away> {
        self.rows_of_sessions(&COLUMNS, ids).await
    }

    /// One statement, so that a session whose id changes meanwhile is seen before or after, never as two. Two halves, because
    /// MariaDB uses no index for an OR over two columns; a session whose id never changed is its own predecessor.
    async fn rows_of_sessions(&self, columns: &'static [&'static str], ids: &[&str]) -> Result<Packed, Away> {
        if ids.is_empty() {
            return Ok(Packed::none(columns.len()));
        }
        let current = " FROM session_table WHERE prev_id_session IS NOT NULL AND id_session";
        let previous = " FROM session_table WHERE prev_id_session <> id_session AND prev_id_session";
        let half = |from| Question::packed(columns, from).among(ids.iter().copied());
        self.packed(&half(current).and(half(previous))).await
    }
}

/// What these ids stand for, long after their exchange.
pub(crate) fn resolved<'a>(ids: impl IntoIterator<Item = &'a str>, rows: &Packed) -> HashMap<&'a str, Resolved> {
    let found = by_id(rows);
    ids.into_iter().map(|id| (id, judge(found.get(id).map_or(&[], Vec::as_slice), None))).collect()
}

/// The rows that Sympa's own condition finds for each id, by their current and their previous one.
fn by_id(rows: &Packed) -> HashMap<String, Vec<SessionRow>> {
    let rows: HashMap<String, SessionRow> =
        rows.rows().filter_map(session_row).map(|row| (row.id.clone(), row)).collect();
    let mut by_id: HashMap<String, Vec<SessionRow>> = HashMap::new();
    for row in rows.into_values() {
        let Some(previous) = row.previous.clone() else { continue };
        if previous != row.id {
            by_id.entry(previous).or_default().push(row.clone());
        }
        by_id.entry(row.id.clone()).or_default().push(row);
    }
    by_id
}

fn session_row(mut row: Row) -> Option<SessionRow> {
    let used_at_s = number(&row, 4);
    Some(SessionRow {
        id: cell(&mut row, 0)?,
        previous: cell(&mut row, 1),
        email: cell(&mut row, 2),
        used_at_s,
        data: cell(&mut row, 3),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, email: Option<&str>, data: &str) -> SessionRow {
        SessionRow {
            id: id.into(),
            previous: Some(id.into()),
            email: email.map(Into::into),
            used_at_s: Some(1000),
            data: Some(data.into()),
        }
    }

    #[test]
    fn a_cookie_is_14_to_16_digits_after_the_prefix_of_old_versions() {
        assert_eq!(id_in_cookie("01234567890123"), Some("01234567890123"));
        assert_eq!(id_in_cookie("5e5501234567890123"), Some("01234567890123"));
        for garbage in ["", "nobody", "1234567890123", "12345678901234567", "5e551", "0123456789012x", "' OR 1=1 --"] {
            assert_eq!(id_in_cookie(garbage), None, "{garbage}");
        }
    }

    #[test]
    fn exactly_one_row_with_an_address_is_a_person() {
        let alice = row("1", Some("Alice@example.org"), "");
        let person = Resolved::Person { email: "alice@example.org".parse().expect("an address"), id: "1".into() };
        assert_eq!(judge(std::slice::from_ref(&alice), Some(1000)), person);
        assert_eq!(judge(std::slice::from_ref(&alice), Some(1001)), Resolved::Expired);
        assert_eq!(judge(&[], None), Resolved::Unknown);
        assert_eq!(judge(&[alice.clone(), alice], None), Resolved::Unknown);
        for email in [None, Some(""), Some("nobody"), Some("garbage")] {
            assert_eq!(judge(&[row("1", email, "")], None), Resolved::Nobody, "{email:?}");
        }
    }

    #[test]
    fn a_listmaster_who_acts_as_somebody_else_is_told_apart() {
        let acting = ";auth=\"classic\";restore_email=\"listmaster@example.org\"";
        assert_eq!(judge(&[row("1", Some("a@example.org"), acting)], None), Resolved::Impersonated);
        let quoted = ";page=\"x\\\";restore_email=\\\"y\";restore_email=\"\"";
        assert!(matches!(judge(&[row("1", Some("a@example.org"), quoted)], None), Resolved::Person { .. }));
    }

    #[test]
    fn data_that_cannot_be_read_to_their_end_let_no_impersonation_through() {
        let judged = |data: &str| judge(&[row("1", Some("a@example.org"), data)], None);
        for broken in [
            ";a=\"x;restore_email=\"listmaster@example.org\"",
            "garbage;restore_email=\"listmaster@example.org\"",
            ";restore_email=\"listmaster@exam",
            ";restore_email=\"",
            ";restore_email=\"\";a=\"x\"y\";restore_email=\"l@example.org\"",
        ] {
            assert_eq!(judged(broken), Resolved::Impersonated, "{broken}");
        }
        for harmless in ["", ";", "garbage", ";a=\"x", "x;restore_email=\"\"", ";restore_email=\"\";a=\"x"] {
            assert!(matches!(judged(harmless), Resolved::Person { .. }), "{harmless}");
        }
    }

    #[tokio::test]
    async fn an_impersonation_is_found_behind_bytes_that_are_no_text() {
        let name = format!("symposium-sessions-{:032x}.sqlite", service::dice::Dice::System.bits());
        let file = std::env::temp_dir().join(name);
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let made = sqlx::SqlitePool::connect_with(options).await.expect("a database");
        let table =
            "CREATE TABLE session_table (id_session TEXT, prev_id_session TEXT, email_session TEXT, data_session TEXT)";
        sqlx::query(table).execute(&made).await.expect("a table");
        for (id, data) in [
            ("1", &b"\xff\0;restore_email=\"l@example.org\""[..]),
            ("2", b"\xff\0;restore_email=\"\""),
            ("3", b"\xff\x1f"),
            ("4", b""),
        ] {
            let sql = "INSERT INTO session_table VALUES ($1, $1, 'a@example.org', $2)";
            sqlx::query(sql).bind(id).bind(data).execute(&made).await.expect("a row");
            let text = "INSERT INTO session_table SELECT $1 || 't', $1 || 't', email_session, CAST(data_session AS TEXT) \
                        FROM session_table WHERE id_session = $1";
            sqlx::query(text).bind(id).execute(&made).await.expect("the same as a text");
        }
        let sympa = Sympa::new(&format!("sqlite:{}", file.display()), None, service::health::Health::default())
            .expect("a reader");
        let ids = ["1", "1t", "2", "2t", "3", "3t", "4", "4t"];
        let rows = sympa.session_rows(&ids).await.expect("rows");
        for (id, of) in resolved(ids, &rows) {
            assert_eq!(of == Resolved::Impersonated, id.starts_with('1'), "{id}: {of:?}");
        }
        let _ = std::fs::remove_file(file);
    }

    #[test]
    fn escaped_values_are_read_and_garbage_is_not() {
        let pairs = read(";a=\"x\\\"y\\\\\";b=\"2\"").expect("whole");
        assert_eq!(pairs, [("a", "x\"y\\".to_owned()), ("b", "2".to_owned())]);
        for garbage in ["a", ";a=\"", ";a=\"x\\", ";=\"x\"", ";a b=\"x\"", ";a=\"x\"y"] {
            assert_eq!(read(garbage), None, "{garbage}");
        }
    }
}
