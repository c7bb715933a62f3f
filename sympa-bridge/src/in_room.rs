//! What a caller is in the room of a list that a request names: read once, asked by every handler of such requests.

use std::collections::BTreeSet;

use membership::{Grant, Grants, ListAddress, Roles, RoomId};
use service::Problem;

use crate::app::App;
use crate::caller::Caller;
use crate::census::{List, Outcome};
use crate::store::rooms::Room;
use crate::tokens::out;

/// A caller in the room of a list.
#[derive(Debug)]
pub(crate) struct InRoom {
    pub(crate) room: RoomId,
    pub(crate) address: ListAddress,
    pub(crate) list: List,
    pub(crate) roles: Roles,
    pub(crate) grants: Grants,
    /// The caller's name on the list.
    pub(crate) name: String,
    /// Whether Sympa hides the caller from plain members.
    pub(crate) concealed: bool,
}

impl App {
    /// The caller in this room.
    ///
    /// # Errors
    /// `no_such_room`, or why the caller is out of it.
    pub(crate) async fn in_room(&self, caller: &Caller, room: &str) -> Result<InRoom, Problem> {
        let none = Problem::not_found("no_such_room");
        let Ok(room) = room.parse::<RoomId>() else { return Err(none) };
        let me = caller.person.id;
        let census = self.census(&BTreeSet::from([me]), &BTreeSet::from([room])).await?;
        let Some(Room::List(address)) = census.rooms.get(&room).cloned() else { return Err(none) };
        let list = census.lists.get(&address).filter(|list| list.is_open).cloned();
        let roles = census.roles(me, &address);
        let grants = list.as_ref().map(|list| census.grants(me, room, list, roles)).unwrap_or_default();
        match (list, census.outcome(me, room)) {
            (Some(list), _) if !grants.is_empty() => {
                let (name, concealed) = (census.name_on(me, Some(&address)), census.hides(me, &address));
                Ok(InRoom { room, address, list, roles, grants, name, concealed })
            }
            (_, Outcome::Out(reason)) => Err(out(reason)),
            _ => Err(none),
        }
    }
}

impl InRoom {
    /// Refuses a caller without this grant.
    ///
    /// # Errors
    /// `not_allowed`.
    pub(crate) fn need(&self, grant: Grant) -> Result<(), Problem> {
        if self.grants.may(grant) { Ok(()) } else { Err(Problem::forbidden("not_allowed")) }
    }
}
