//! The only place where a right is decided: one pure function from roles, the room's mode and sanctions to grants.
//!
//! The table, with each deviation from Sympa beside it:
//!
//! | grant         | open room                | announce room            | remark |
//! |---------------|--------------------------|--------------------------|--------|
//! | `read`        | everyone with a role     | everyone with a role     | owners and editors too when not subscribed: Sympa gives them the archive |
//! | `post`        | everyone with a role     | editors, owners, listmasters | Sympa's `send` scenarios are richer; the two modes are their common denominator |
//! | `mention_all` | editors, owners, listmasters | the same             | no counterpart in Sympa: a mention of all is as loud as a mail to all |
//! | `call`        | everyone with a role     | everyone with a role     | enter a call and speak |
//! | `present`     | everyone with a role     | editors, owners, listmasters | share a screen |
//! | `send_files`  | everyone with a role     | editors, owners, listmasters | |
//! | `moderate`    | editors; owners and listmasters when the list has no editor | the same | exactly Sympa's rule for held mails |
//! | `manage`      | owners, listmasters      | the same, also when `off`| Sympa reserves some settings for privileged owners; a room has none of these |
//!
//! In a direct room: `read post call send_files`, or only `read` when the two no longer share an open list.
//! A *mute* takes everything but `read`, a *ban* takes everything; neither reaches someone with `manage`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Role, Roles, Sanction, SanctionKind};

/// One thing a member may do in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// See messages, history and who is here.
    Read,
    /// Write, react, edit and delete one's own.
    Post,
    /// Call for everybody's attention.
    MentionAll,
    /// Enter a call and speak.
    Call,
    /// Share a screen in a call.
    Present,
    /// Offer files.
    SendFiles,
    /// Delete others' messages, mute, ban; see also [`leads_conference`].
    Moderate,
    /// Choose the settings of the room.
    Manage,
}

impl Grant {
    /// All grants.
    pub const ALL: [Self; 8] = [
        Self::Read,
        Self::Post,
        Self::MentionAll,
        Self::Call,
        Self::Present,
        Self::SendFiles,
        Self::Moderate,
        Self::Manage,
    ];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of grants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grants(u8);

impl Grants {
    /// Nothing is allowed.
    pub const NONE: Self = Self(0);

    /// Whether this may be done.
    pub const fn may(self, grant: Grant) -> bool {
        self.0 & grant.bit() != 0
    }

    /// The set with one more grant.
    #[must_use]
    pub const fn with(self, grant: Grant) -> Self {
        Self(self.0 | grant.bit())
    }

    /// Whether every grant of the other set is in this one.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether nothing is allowed.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The grants in order.
    pub fn iter(self) -> impl Iterator<Item = Grant> {
        Grant::ALL.into_iter().filter(move |grant| self.may(*grant))
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        grants.into_iter().fold(Self::NONE, Self::with)
    }
}

impl utoipa::PartialSchema for Grants {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        Vec::<Grant>::schema()
    }
}

impl utoipa::ToSchema for Grants {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        schemas.push((<Grant as utoipa::ToSchema>::name().into_owned(), <Grant as utoipa::PartialSchema>::schema()));
    }
}

impl Serialize for Grants {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Grants {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Grant>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// Who may post in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// All members post.
    Open,
    /// Editors and owners post.
    Announce,
    /// No room; its history is kept.
    Off,
}

/// Who may see the list of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Roster {
    /// Every member, without the concealed ones.
    Members,
    /// Owners, editors and listmasters only.
    Owners,
}

/// What kind of room it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// The conversation of a list.
    List,
    /// The conversation of two people.
    Direct,
}

/// What of a list's room decides grants, beside the roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomState {
    /// Who may post.
    pub mode: Mode,
    /// Whether the list has an editor; if not, its owners moderate.
    pub has_editor: bool,
}

/// What a person with these roles may do in the room of a list.
pub fn grants(roles: Roles, room: RoomState, sanctions: &[Sanction], now_ms: u64) -> Grants {
    let full = unsanctioned(roles, room);
    if full.may(Grant::Manage) {
        return full;
    }
    let in_force = |kind| sanctions.iter().any(|s| s.kind == kind && s.is_in_force(now_ms));
    if in_force(SanctionKind::Ban) {
        Grants::NONE
    } else if in_force(SanctionKind::Mute) {
        full.iter().filter(|grant| *grant == Grant::Read).collect()
    } else {
        full
    }
}

fn unsanctioned(roles: Roles, room: RoomState) -> Grants {
    let member = !roles.is_empty();
    let runs = roles.has(Role::Owner) || roles.has(Role::PrivilegedOwner) || roles.has(Role::Listmaster);
    let leads = runs || roles.has(Role::Editor);
    let speaks = match room.mode {
        Mode::Open => member,
        Mode::Announce => leads,
        Mode::Off => return if runs { Grants::NONE.with(Grant::Manage) } else { Grants::NONE },
    };
    let allowed = |grant| match grant {
        Grant::Read | Grant::Call => member,
        Grant::Post | Grant::Present | Grant::SendFiles => speaks,
        Grant::MentionAll => leads,
        Grant::Moderate => roles.has(Role::Editor) || (runs && !room.has_editor),
        Grant::Manage => runs,
    };
    Grant::ALL.into_iter().filter(|grant| allowed(*grant)).collect()
}

/// What each of two people may do in their direct room.
pub fn direct_grants(share_an_open_list: bool, blocked: bool) -> Grants {
    let read = Grants::NONE.with(Grant::Read);
    if share_an_open_list && !blocked { read.with(Grant::Post).with(Grant::Call).with(Grant::SendFiles) } else { read }
}

/// Whether somebody with these grants leads the conference of a room: mutes, sends out, locks and ends. Whoever moderates the
/// room does, and so do its owners where editors alone moderate: a call cannot wait for an editor who is not there.
pub const fn leads_conference(grants: Grants) -> bool {
    grants.may(Grant::Moderate) || grants.may(Grant::Manage)
}

/// Whether a member with these roles sees the whole roster, concealed members included, as Sympa shows it to
/// owners, editors and listmasters.
pub fn sees_concealed(roles: Roles) -> bool {
    [Role::Editor, Role::Owner, Role::PrivilegedOwner, Role::Listmaster].into_iter().any(|role| roles.has(role))
}

/// Whether a member with these roles sees the roster at all.
pub fn sees_roster(roles: Roles, roster: Roster) -> bool {
    match roster {
        Roster::Members => !roles.is_empty(),
        Roster::Owners => sees_concealed(roles),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: RoomState = RoomState { mode: Mode::Open, has_editor: true };
    const ANNOUNCE: RoomState = RoomState { mode: Mode::Announce, has_editor: true };
    const NO_EDITOR: RoomState = RoomState { mode: Mode::Open, has_editor: false };
    const OFF: RoomState = RoomState { mode: Mode::Off, has_editor: true };

    fn letters(roles: &[Role], room: RoomState) -> String {
        let grants = grants(roles.iter().copied().collect(), room, &[], 0);
        grants
            .iter()
            .map(|grant| match grant {
                Grant::Read => 'r',
                Grant::Post => 'p',
                Grant::MentionAll => 'a',
                Grant::Call => 'c',
                Grant::Present => 's',
                Grant::SendFiles => 'f',
                Grant::Moderate => 'o',
                Grant::Manage => 'm',
            })
            .collect()
    }

    #[test]
    fn the_table_of_grants() {
        use Role::{Editor, Listmaster, Owner, PrivilegedOwner, Subscriber};
        let table: [(&[Role], RoomState, &str); 14] = [
            (&[], OPEN, ""),
            (&[Subscriber], OPEN, "rpcsf"),
            (&[Editor], OPEN, "rpacsfo"),
            (&[Owner], OPEN, "rpacsfm"),
            (&[PrivilegedOwner], OPEN, "rpacsfm"),
            (&[Owner], NO_EDITOR, "rpacsfom"),
            (&[Listmaster], NO_EDITOR, "rpacsfom"),
            (&[Listmaster], OPEN, "rpacsfm"),
            (&[Owner, Editor], OPEN, "rpacsfom"),
            (&[Subscriber], ANNOUNCE, "rc"),
            (&[Editor], ANNOUNCE, "rpacsfo"),
            (&[Subscriber], OFF, ""),
            (&[Editor], OFF, ""),
            (&[Owner], OFF, "m"),
        ];
        for (roles, room, expected) in table {
            assert_eq!(letters(roles, room), expected, "{roles:?} in {room:?}");
        }
    }

    #[test]
    fn a_mute_leaves_reading_and_a_ban_leaves_nothing() {
        let subscriber = Roles::NONE.with(Role::Subscriber);
        let until = |kind| [Sanction { kind, until: 100 }];
        let muted = grants(subscriber, OPEN, &until(SanctionKind::Mute), 99);
        assert_eq!(muted, Grants::NONE.with(Grant::Read));
        assert_eq!(grants(subscriber, OPEN, &until(SanctionKind::Ban), 99), Grants::NONE);
        assert_eq!(grants(subscriber, OPEN, &until(SanctionKind::Ban), 100), grants(subscriber, OPEN, &[], 0));
    }

    #[test]
    fn no_sanction_reaches_someone_who_manages() {
        let owner = Roles::NONE.with(Role::Owner);
        let ban = [Sanction { kind: SanctionKind::Ban, until: 100 }];
        assert_eq!(grants(owner, OPEN, &ban, 0), grants(owner, OPEN, &[], 0));
    }

    #[test]
    fn a_direct_room_is_read_only_once_no_list_is_shared() {
        assert_eq!(direct_grants(false, false), Grants::NONE.with(Grant::Read));
        assert!(direct_grants(true, false).may(Grant::Post));
        assert!(!direct_grants(true, true).may(Grant::Post));
        assert!(!direct_grants(true, false).may(Grant::Moderate));
    }
}
