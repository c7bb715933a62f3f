//! Everything Sympa says of some people, in one statement: their places on lists, and their accounts.

use std::collections::HashMap;

use membership::{Email, ListAddress, Role};

use super::accounts::Account;
use super::places::{Places, admin_role};
use super::question::Question;
use super::{Away, Sympa, cell};
use crate::sql::packed::{Packed, Row};

/// What is asked of `subscriber_table`, of `admin_table` and of `user_table`, in one form: an account is on no list, and its
/// language stands where the others say whether they are hidden.
const SUBSCRIBER: [&str; 7] = [
    "user_subscriber",
    "list_subscriber",
    "robot_subscriber",
    "visibility_subscriber",
    "comment_subscriber",
    "'subscriber'",
    "''",
];
const ADMIN: [&str; 7] =
    ["user_admin", "list_admin", "robot_admin", "visibility_admin", "comment_admin", "role_admin", "profile_admin"];
const ACCOUNT: [&str; 7] = ["email_user", "''", "''", "lang_user", "gecos_user", "'account'", "''"];

/// What Sympa says of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// On lists of any state.
    pub(crate) places: Places,
    /// Members need not have one.
    pub(crate) account: Account,
}

impl Sympa {
    /// The rows of these people, at most a few hundred.
    pub(crate) async fn rows_of_people(&self, emails: &[&Email]) -> Result<Packed, Away> {
        if emails.is_empty() {
            return Ok(Packed::none(SUBSCRIBER.len()));
        }
        let part = |columns, from| Question::packed(columns, from).among(emails.iter().map(|email| email.as_str()));
        let subscribers = part(&SUBSCRIBER, " FROM subscriber_table WHERE user_subscriber");
        let admins = part(&ADMIN, " FROM admin_table WHERE user_admin");
        let accounts = part(&ACCOUNT, " FROM user_table WHERE email_user");
        self.packed(&subscribers.and(admins).and(accounts)).await
    }
}

/// Those of these people whom Sympa knows. MySQL returns rows of others, too, whose addresses it holds to be the same.
pub(crate) fn known(of: &[&Email], rows: &Packed) -> HashMap<Email, Known> {
    let asked: HashMap<&str, &Email> = of.iter().map(|email| (email.as_str(), *email)).collect();
    let mut known: HashMap<Email, Known> = HashMap::new();
    for mut row in rows.rows() {
        let returned = cell(&mut row, 0).unwrap_or_default().to_ascii_lowercase();
        if let (Some(email), Some(said)) = (asked.get(returned.as_str()), said(row)) {
            let known = known.entry((*email).clone()).or_default();
            match said {
                Said::Account(account) => known.account = account,
                Said::Place(list, role, concealed, comment) => {
                    known.places.entry(list).or_default().add(role, concealed, comment);
                }
            }
        }
    }
    known
}

/// What a row says.
enum Said {
    Account(Account),
    Place(ListAddress, Role, bool, Option<String>),
}

/// What a row says, when it says anything: a list that Sympa itself would not accept is none, and nobody is known by it.
fn said(mut row: Row) -> Option<Said> {
    let (name, robot) = (cell(&mut row, 1).unwrap_or_default(), cell(&mut row, 2).unwrap_or_default());
    let (shown, comment, role, profile) = (cell(&mut row, 3), cell(&mut row, 4), cell(&mut row, 5), cell(&mut row, 6));
    let role = match role.as_deref() {
        Some("account") => return Some(Said::Account(Account { name: comment, language: shown })),
        Some("subscriber") => Some(Role::Subscriber),
        role => admin_role(role, profile.as_deref()),
    };
    Some(Said::Place(ListAddress::new(&name, &robot).ok()?, role?, shown.as_deref() == Some("conceal"), comment))
}
