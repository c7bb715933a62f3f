//! `user_table`: the names and languages people have at Sympa, and their password.

use std::collections::HashMap;

use membership::Email;

use super::pool::{CHUNK, Question};
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
    /// The accounts of these people; members need not have one.
    pub(crate) async fn accounts(&self, emails: &[&Email]) -> Result<HashMap<Email, Account>, Away> {
        let mut accounts = HashMap::new();
        for chunk in emails.chunks(CHUNK) {
            let asked: HashMap<&str, &Email> = chunk.iter().map(|email| (email.as_str(), *email)).collect();
            let question =
                Question::new("SELECT email_user, gecos_user, lang_user FROM user_table WHERE email_user IN ")
                    .list(asked.keys().copied());
            for mut row in self.rows(&question).await? {
                let returned = cell(&mut row, 0).unwrap_or_default().to_ascii_lowercase();
                if let Some(email) = asked.get(returned.as_str()) {
                    let account = Account { name: cell(&mut row, 1), language: cell(&mut row, 2) };
                    accounts.insert((*email).clone(), account);
                }
            }
        }
        Ok(accounts)
    }

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
