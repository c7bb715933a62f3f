//! Web sessions of Sympa: which person a cookie stands for. The one correct condition is in SYMPA.md section 3: the current
//! and the previous id of a session are valid, a superseded row is not, and the row of a logged-out session says `nobody`.

use std::collections::HashMap;

use membership::Email;

use super::pool::{CHUNK, Question, Row};
use super::{Away, Sympa, cell, number};

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
    if row.data.as_deref().and_then(|data| datum(data, "restore_email")).is_some_and(|value| !value.is_empty()) {
        return Resolved::Impersonated;
    }
    match email.parse() {
        Ok(email) => Resolved::Person { email, id: row.id.clone() },
        Err(_) => Resolved::Nobody,
    }
}

/// The value of a key in `data_session`: `;key="value"`, with `\"` and `\\` escaped.
pub(crate) fn datum(data: &str, key: &str) -> Option<String> {
    let mut rest = data;
    loop {
        rest = rest.trim_start_matches(|c: char| c == ';' || c.is_whitespace());
        let (name, after) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next()? {
                (_, '\\') => value.push(chars.next()?.1),
                (at, '"') => break at + 1,
                (_, c) => value.push(c),
            }
        };
        if name == key {
            return Some(value);
        }
        rest = &after[end..];
    }
}

impl Sympa {
    /// What one id stands for at an exchange, where Sympa's own time limit counts.
    pub(crate) async fn session(&self, id: &str, oldest_s: i64) -> Result<Resolved, Away> {
        let found = self.session_rows(&[id.to_owned()]).await?;
        Ok(judge(&matching(&found, id), Some(oldest_s)))
    }

    /// What many ids stand for, long after their exchange.
    pub(crate) async fn sessions(&self, ids: &[String]) -> Result<HashMap<String, Resolved>, Away> {
        let found = self.session_rows(ids).await?;
        let mut by_id: HashMap<&str, Vec<SessionRow>> = HashMap::new();
        for row in &found {
            if row.previous.is_some() {
                by_id.entry(&row.id).or_default().push(row.clone());
            }
            if let Some(previous) = row.previous.as_deref().filter(|previous| *previous != row.id) {
                by_id.entry(previous).or_default().push(row.clone());
            }
        }
        let resolved = |id: &String| judge(by_id.get(id.as_str()).map_or(&[], Vec::as_slice), None);
        Ok(ids.iter().map(|id| (id.clone(), resolved(id))).collect())
    }

    async fn session_rows(&self, ids: &[String]) -> Result<Vec<SessionRow>, Away> {
        let mut found = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            let question = Question::new(
                "SELECT id_session, prev_id_session, email_session, date_session, data_session FROM session_table \
                 WHERE (id_session IN ",
            )
            .list(chunk.iter().map(String::as_str))
            .sql(" AND prev_id_session IS NOT NULL) OR prev_id_session IN ")
            .list(chunk.iter().map(String::as_str));
            found.extend(self.rows(&question).await?.into_iter().filter_map(session_row));
        }
        Ok(found)
    }
}

fn session_row(mut row: Row) -> Option<SessionRow> {
    let used_at_s = number(&row, 3);
    Some(SessionRow {
        id: cell(&mut row, 0)?,
        previous: cell(&mut row, 1),
        email: cell(&mut row, 2),
        used_at_s,
        data: cell(&mut row, 4),
    })
}

/// The rows that Sympa's own condition finds for exactly this id.
fn matching(rows: &[SessionRow], id: &str) -> Vec<SessionRow> {
    let finds = |row: &&SessionRow| (row.id == id && row.previous.is_some()) || row.previous.as_deref() == Some(id);
    rows.iter().filter(finds).cloned().collect()
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
    fn escaped_values_are_read_and_garbage_is_not() {
        assert_eq!(datum(";a=\"x\\\"y\\\\\";b=\"2\"", "a").as_deref(), Some("x\"y\\"));
        assert_eq!(datum(";a=\"x\";b=\"2\"", "b").as_deref(), Some("2"));
        for garbage in ["", ";", "a", ";a=\"", ";a=\"x\\"] {
            assert_eq!(datum(garbage, "a"), None);
        }
    }
}
