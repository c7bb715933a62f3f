//! `user_table`: the names and languages people have at Sympa, and their password.

use membership::Email;

use super::question::Question;
use super::{Away, Sympa, cell, is_same, number};

/// What Sympa knows of a person besides their lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: Option<String>,
    pub(crate) language: Option<String>,
}

/// What is needed to check a password.
#[derive(Debug, Clone, Default)]
pub(crate) struct Credentials {
    pub(crate) password: Option<String>,
    pub(crate) wrong_logins: i64,
}

impl Sympa {
    /// What is needed to check a person's password; nothing when they have no account.
    pub(crate) async fn credentials(&self, email: &Email) -> Result<Option<Credentials>, Away> {
        let question = Question::new(
            "SELECT email_user, password_user, wrong_login_count_user FROM user_table WHERE email_user = ",
        )
        .text(email.as_str());
        for mut row in self.rows(&question).await? {
            if cell(&mut row, 0).is_some_and(|returned| is_same(&returned, email)) {
                let wrong_logins = number(&row, 2).unwrap_or(0);
                return Ok(Some(Credentials { password: cell(&mut row, 1), wrong_logins }));
            }
        }
        Ok(None)
    }
}
