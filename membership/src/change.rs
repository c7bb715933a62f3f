//! Changes: the bridge's word that a grant, a name or a room changed or ended; and the watched state they lead through.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Grants, Mode, PersonId, Roles, RoomId, SessionId};

/// How a person stands in a room: everything a service needs to know of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Standing {
    /// The name others see.
    pub name: String,
    /// What Sympa says they are; shown, never used to decide.
    pub roles: Roles,
    /// What they may do.
    pub grants: Grants,
    /// Whether they are hidden from other members until they do something in the open.
    pub concealed: bool,
    /// Whether the room demands that their calls and files go through relays alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub relay_only: bool,
}

/// Why somebody is out of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// Not, or no longer, on the list.
    NotAMember,
    /// Shut out by a moderator.
    Banned,
    /// The list is closed, or its room is switched off.
    RoomClosed,
    /// The session has ended.
    SignedOut,
}

impl Removal {
    /// The stable code of this reason on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAMember => "not_a_member",
            Self::Banned => "banned",
            Self::RoomClosed => "room_closed",
            Self::SignedOut => "signed_out",
        }
    }
}

/// One change of the watched state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Change {
    /// A person may now enter a room.
    Joined {
        /// Which room.
        room: RoomId,
        /// Who.
        person: PersonId,
        /// As what.
        standing: Standing,
    },
    /// A person is out of a room: cut everything of theirs in it.
    Removed {
        /// Which room.
        room: RoomId,
        /// Who.
        person: PersonId,
        /// Why.
        code: Removal,
    },
    /// Roles or grants are others now.
    GrantsChanged {
        /// Which room.
        room: RoomId,
        /// Who.
        person: PersonId,
        /// The new roles.
        roles: Roles,
        /// The new grants.
        grants: Grants,
    },
    /// A member is now hidden, or no longer.
    VisibilityChanged {
        /// Which room.
        room: RoomId,
        /// Who.
        person: PersonId,
        /// Hidden now?
        concealed: bool,
    },
    /// The room demands that a member's calls and files go through relays alone, or no longer.
    RelayOnlyChanged {
        /// Which room.
        room: RoomId,
        /// Who.
        person: PersonId,
        /// Demanded now?
        relay_only: bool,
    },
    /// A person has another name in a room (names may differ from list to list in Sympa).
    PersonRenamed {
        /// Which room.
        room: RoomId,
        /// Who.
        person: PersonId,
        /// The new name.
        name: String,
    },
    /// A list has (again) a room.
    RoomOpened {
        /// Which room.
        room: RoomId,
        /// Who may post in it.
        mode: Mode,
    },
    /// A room's settings changed.
    RoomChanged {
        /// Which room.
        room: RoomId,
        /// Who may post in it.
        mode: Mode,
    },
    /// A room is gone: cut everybody in it.
    RoomClosed {
        /// Which room.
        room: RoomId,
    },
    /// A session of the bridge ended: cut what belongs to it and to nothing else.
    SignedOut {
        /// Which session.
        sid: SessionId,
    },
}

/// The part of the state that is watched: rooms, who stands how in them, and live sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Open rooms.
    pub rooms: BTreeMap<RoomId, Mode>,
    /// Who stands how in which of these rooms. Invariant: every room here is in `rooms`.
    pub standings: BTreeMap<(RoomId, PersonId), Standing>,
    /// Sessions that may act.
    pub sessions: BTreeSet<SessionId>,
}

/// What leads from one state to another.
pub fn diff(old: &Snapshot, new: &Snapshot) -> Vec<Change> {
    let mut changes = Vec::new();
    for sid in old.sessions.difference(&new.sessions) {
        changes.push(Change::SignedOut { sid: *sid });
    }
    for (room, mode) in &new.rooms {
        match old.rooms.get(room) {
            None => changes.push(Change::RoomOpened { room: *room, mode: *mode }),
            Some(before) if before != mode => changes.push(Change::RoomChanged { room: *room, mode: *mode }),
            Some(_) => {}
        }
    }
    for room in old.rooms.keys().filter(|room| !new.rooms.contains_key(room)) {
        changes.push(Change::RoomClosed { room: *room });
    }
    // Mostly nothing has changed, and to see that takes one walk.
    if old.standings != new.standings {
        differing(old, new, &mut changes);
    }
    changes
}

fn differing(old: &Snapshot, new: &Snapshot, changes: &mut Vec<Change>) {
    for (&(room, person), before) in &old.standings {
        match new.standings.get(&(room, person)) {
            Some(after) => differences(room, person, before, after, changes),
            None if new.rooms.contains_key(&room) => {
                changes.push(Change::Removed { room, person, code: Removal::NotAMember });
            }
            None => {}
        }
    }
    for (&(room, person), standing) in &new.standings {
        if !old.standings.contains_key(&(room, person)) {
            changes.push(Change::Joined { room, person, standing: standing.clone() });
        }
    }
}

fn differences(room: RoomId, person: PersonId, before: &Standing, after: &Standing, changes: &mut Vec<Change>) {
    if before.name != after.name {
        changes.push(Change::PersonRenamed { room, person, name: after.name.clone() });
    }
    if (before.roles, before.grants) != (after.roles, after.grants) {
        changes.push(Change::GrantsChanged { room, person, roles: after.roles, grants: after.grants });
    }
    if before.concealed != after.concealed {
        changes.push(Change::VisibilityChanged { room, person, concealed: after.concealed });
    }
    if before.relay_only != after.relay_only {
        changes.push(Change::RelayOnlyChanged { room, person, relay_only: after.relay_only });
    }
}

/// Takes one change into the state. Changes about what is not watched do nothing.
pub fn apply(state: &mut Snapshot, change: &Change) {
    match change {
        Change::Joined { room, person, standing } => {
            state.standings.insert((*room, *person), standing.clone());
        }
        Change::Removed { room, person, .. } => {
            state.standings.remove(&(*room, *person));
        }
        Change::GrantsChanged { room, person, roles, grants } => {
            if let Some(standing) = state.standings.get_mut(&(*room, *person)) {
                (standing.roles, standing.grants) = (*roles, *grants);
            }
        }
        Change::VisibilityChanged { room, person, concealed } => {
            if let Some(standing) = state.standings.get_mut(&(*room, *person)) {
                standing.concealed = *concealed;
            }
        }
        Change::RelayOnlyChanged { room, person, relay_only } => {
            if let Some(standing) = state.standings.get_mut(&(*room, *person)) {
                standing.relay_only = *relay_only;
            }
        }
        Change::PersonRenamed { room, person, name } => {
            if let Some(standing) = state.standings.get_mut(&(*room, *person)) {
                standing.name.clone_from(name);
            }
        }
        Change::RoomOpened { room, mode } | Change::RoomChanged { room, mode } => {
            state.rooms.insert(*room, *mode);
        }
        Change::RoomClosed { room } => {
            state.rooms.remove(room);
            state.standings.retain(|(of, _), _| of != room);
        }
        Change::SignedOut { sid } => {
            state.sessions.remove(sid);
        }
    }
}
