//! A survey of Sympa's database for the administrator: what the bridge's account may read, which robots there are, and
//! whether the clocks agree.

use membership::Email;

use super::question::Question;
use super::{Away, Sympa, cell, number};

/// The questions the bridge will ask, each in its smallest form: what they are for, and what is asked.
const QUESTIONS: [(&str, &str); 5] = [
    ("list_table", "SELECT name_list, robot_list, status_list, searchkey_list FROM list_table WHERE name_list = "),
    (
        "subscriber_table",
        "SELECT user_subscriber, list_subscriber, robot_subscriber, visibility_subscriber, comment_subscriber \
         FROM subscriber_table WHERE user_subscriber = ",
    ),
    (
        "admin_table",
        "SELECT user_admin, list_admin, robot_admin, role_admin, profile_admin, visibility_admin, comment_admin \
         FROM admin_table WHERE user_admin = ",
    ),
    (
        "user_table",
        "SELECT email_user, gecos_user, lang_user, password_user, wrong_login_count_user FROM user_table WHERE email_user = ",
    ),
    (
        "session_table",
        "SELECT id_session, prev_id_session, date_session, email_session, data_session FROM session_table WHERE id_session = ",
    ),
];

impl Sympa {
    /// The tables that cannot be read as the bridge needs, alone and together.
    pub(crate) async fn unreadable(&self) -> Vec<&'static str> {
        let mut unreadable = Vec::new();
        for (table, sql) in QUESTIONS {
            if self.rows(&Question::new(sql).text("-")).await.is_err() {
                unreadable.push(table);
            }
        }
        // What each can be read for alone may not go together: tables of an old Sympa can have several character sets.
        let nobody = "nobody@example.org".parse::<Email>().ok();
        if unreadable.is_empty() && self.rows_of_people(&nobody.iter().collect::<Vec<_>>()).await.is_err() {
            unreadable.push("subscriber_table together with admin_table and user_table");
        }
        unreadable
    }

    /// The robots of open lists, and how many each has.
    pub(crate) async fn robots(&self) -> Result<Vec<(String, i64)>, Away> {
        let question = Question::new(
            "SELECT robot_list, COUNT(*) FROM list_table WHERE status_list = 'open' GROUP BY robot_list ORDER BY robot_list",
        );
        let rows = self.rows(&question).await?;
        Ok(rows.into_iter().filter_map(|mut row| Some((cell(&mut row, 0)?, number(&row, 1)?))).collect())
    }

    /// When somebody last used Sympa's web pages, in seconds since 1970.
    pub(crate) async fn last_seen_s(&self) -> Result<Option<i64>, Away> {
        let rows = self.rows(&Question::new("SELECT MAX(date_session) FROM session_table")).await?;
        Ok(rows.first().and_then(|row| number(row, 0)))
    }
}
