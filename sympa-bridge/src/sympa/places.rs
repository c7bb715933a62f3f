//! The places people have on lists: rows of `subscriber_table` and `admin_table`, joined into roles.

use std::collections::BTreeMap;

use membership::{ListAddress, Role, Roles};

/// What Sympa says of one person on one list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// All roles.
    pub(crate) roles: Roles,
    /// The roles that are not concealed.
    pub(crate) visible: Roles,
    /// The name they gave for this list, in the least of their roles that has one: rows come in any order.
    pub(crate) comment: Option<String>,
    comment_as: Option<Role>,
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
        if comment.is_some() && self.comment_as.is_none_or(|before| role < before) {
            (self.comment, self.comment_as) = (comment, Some(role));
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
