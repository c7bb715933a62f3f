//! Roles: what Sympa says a person is on a list. Services never look at them to decide; they check grants.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a person is on a list, in Sympa's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Has a row in `subscriber_table`, whatever its columns say.
    Subscriber,
    /// Moderates the list's mail.
    Editor,
    /// Runs the list.
    Owner,
    /// Runs the list and may change what normal owners may not.
    PrivilegedOwner,
    /// Runs the server or the robot; has owner rights on its lists.
    Listmaster,
}

impl Role {
    /// All roles, from the least to the most.
    pub const ALL: [Self; 5] = [Self::Subscriber, Self::Editor, Self::Owner, Self::PrivilegedOwner, Self::Listmaster];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of roles. A person may be subscriber, editor and owner at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Roles(u8);

impl Roles {
    /// Nobody.
    pub const NONE: Self = Self(0);

    /// Whether the role is in the set.
    pub const fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// The set with one more role.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | role.bit())
    }

    /// Whether there is no role at all: not a member.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether every role of the other set is in this one.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The roles in order.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        roles.into_iter().fold(Self::NONE, Self::with)
    }
}

impl utoipa::PartialSchema for Roles {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        Vec::<Role>::schema()
    }
}

impl utoipa::ToSchema for Roles {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        schemas.push((<Role as utoipa::ToSchema>::name().into_owned(), <Role as utoipa::PartialSchema>::schema()));
    }
}

impl Serialize for Roles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Roles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Role>::deserialize(deserializer)?.into_iter().collect())
    }
}
