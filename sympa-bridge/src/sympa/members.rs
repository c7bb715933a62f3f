//! All people of one list: its subscribers, owners and editors, with the names Sympa has for them.

use std::collections::BTreeMap;

use membership::{Email, ListAddress, Role};

use super::places::{Place, admin_role};
use super::question::Question;
use super::{Away, Sympa, cell, is_same};
use crate::sql::packed::Row;

/// One person of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MemberRow {
    pub(crate) place: Place,
    /// The name of their account.
    pub(crate) account_name: Option<String>,
}

impl Sympa {
    /// Who owns and edits a list, hidden or not; with its subscribers, if the whole list is asked for.
    pub(crate) async fn members(&self, list: &ListAddress, whole: bool) -> Result<BTreeMap<Email, MemberRow>, Away> {
        let mut members = BTreeMap::new();
        if whole {
            self.subscribers(list, &mut members).await?;
        }
        let admins = Question::new(
            "SELECT a.user_admin, a.visibility_admin, a.comment_admin, u.email_user, u.gecos_user, a.role_admin, \
             a.profile_admin FROM admin_table a LEFT JOIN user_table u ON u.email_user = a.user_admin WHERE a.list_admin = ",
        )
        .text(list.name())
        .sql(" AND a.robot_admin = ")
        .text(list.robot());
        for row in self.rows(&admins).await? {
            add(&mut members, row, |row| admin_role(row.get(5)?.as_deref(), row.get(6).and_then(Option::as_deref)));
        }
        Ok(members)
    }

    async fn subscribers(&self, list: &ListAddress, members: &mut BTreeMap<Email, MemberRow>) -> Result<(), Away> {
        let subscribers = Question::new(
            "SELECT s.user_subscriber, s.visibility_subscriber, s.comment_subscriber, u.email_user, u.gecos_user \
             FROM subscriber_table s LEFT JOIN user_table u ON u.email_user = s.user_subscriber \
             WHERE s.list_subscriber = ",
        )
        .text(list.name())
        .sql(" AND s.robot_subscriber = ")
        .text(list.robot());
        for row in self.rows(&subscribers).await? {
            add(members, row, |_| Some(Role::Subscriber));
        }
        Ok(())
    }
}

fn add(members: &mut BTreeMap<Email, MemberRow>, mut row: Row, role: impl FnOnce(&Row) -> Option<Role>) {
    let (Some(Ok(email)), Some(role)) = (cell(&mut row, 0).map(|text| text.parse::<Email>()), role(&row)) else {
        return;
    };
    let concealed = row.get(1).and_then(Option::as_deref) == Some("conceal");
    // An account that only MySQL holds to be theirs is somebody else's.
    let account_name = cell(&mut row, 4).filter(|_| cell(&mut row, 3).is_some_and(|account| is_same(&account, &email)));
    let member = members.entry(email).or_default();
    member.place.add(role, concealed, cell(&mut row, 2));
    member.account_name = account_name.or(member.account_name.take());
}
