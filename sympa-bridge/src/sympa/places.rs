//! The places people have on lists: rows of `subscriber_table` and `admin_table`, joined into roles.

use std::collections::{BTreeMap, HashMap};

use membership::{Email, ListAddress, Role, Roles};

use super::pool::{CHUNK, Question, Row};
use super::{Away, Sympa, cell};

/// What Sympa says of one person on one list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// All roles.
    pub(crate) roles: Roles,
    /// The roles that are not concealed.
    pub(crate) visible: Roles,
    /// The name they gave for this list.
    pub(crate) comment: Option<String>,
}

impl Place {
    /// Whether the person is hidden from plain members of the list.
    pub(crate) fn is_concealed(&self) -> bool {
        self.visible.is_empty()
    }

    pub(crate) fn add(&mut self, role: Role, concealed: bool, comment: Option<String>) {
        self.roles = self.roles.with(role);
        if !concealed {
            self.visible = self.visible.with(role);
        }
        if self.comment.is_none() {
            self.comment = comment;
        }
    }
}

/// The places of one person.
pub(crate) type Places = BTreeMap<ListAddress, Place>;

/// The role of a row of `admin_table`.
pub(crate) fn admin_role(role: Option<&str>, profile: Option<&str>) -> Option<Role> {
    match (role?, profile) {
        ("owner", Some("privileged")) => Some(Role::PrivilegedOwner),
        ("owner", _) => Some(Role::Owner),
        ("editor", _) => Some(Role::Editor),
        _ => None,
    }
}

impl Sympa {
    /// The places of these people, on lists of any state.
    pub(crate) async fn places(&self, emails: &[&Email]) -> Result<HashMap<Email, Places>, Away> {
        let mut places = HashMap::new();
        for chunk in emails.chunks(CHUNK) {
            let asked: HashMap<&str, &Email> = chunk.iter().map(|email| (email.as_str(), *email)).collect();
            let subscribers = Question::new(
                "SELECT user_subscriber, list_subscriber, robot_subscriber, visibility_subscriber, comment_subscriber \
                 FROM subscriber_table WHERE user_subscriber IN ",
            )
            .list(asked.keys().copied());
            for row in self.rows(&subscribers).await? {
                take(&mut places, &asked, row, |_| Some(Role::Subscriber));
            }
            let admins = Question::new(
                "SELECT user_admin, list_admin, robot_admin, visibility_admin, comment_admin, role_admin, profile_admin \
                 FROM admin_table WHERE user_admin IN ",
            )
            .list(asked.keys().copied());
            for row in self.rows(&admins).await? {
                take(&mut places, &asked, row, |row| {
                    admin_role(row.get(5)?.as_deref(), row.get(6).and_then(Option::as_deref))
                });
            }
        }
        Ok(places)
    }
}

fn take(
    places: &mut HashMap<Email, Places>,
    asked: &HashMap<&str, &Email>,
    mut row: Row,
    role: impl FnOnce(&Row) -> Option<Role>,
) {
    let mut returned = cell(&mut row, 0).unwrap_or_default();
    returned.make_ascii_lowercase();
    let (name, robot) = (cell(&mut row, 1).unwrap_or_default(), cell(&mut row, 2).unwrap_or_default());
    // An address that only MySQL holds to be the same, or a list that Sympa itself would not accept, is left out.
    let (Some(email), Ok(list), Some(role)) =
        (asked.get(returned.as_str()), ListAddress::new(&name, &robot), role(&row))
    else {
        return;
    };
    let concealed = row.get(3).and_then(Option::as_deref) == Some("conceal");
    let comment = cell(&mut row, 4);
    if !places.contains_key(*email) {
        places.insert((*email).clone(), Places::new());
    }
    if let Some(of_person) = places.get_mut(*email) {
        of_person.entry(list).or_default().add(role, concealed, comment);
    }
}
