//! The rooms of a person: of the lists they are on, and direct ones. Listmasters enter others by address.

use std::collections::BTreeSet;

use axum::extract::State;
use membership::{Grants, ListAddress, Mode, PersonId, Removal, Roles, RoomId, RoomKind};
use serde::Serialize;
use service::Problem;
use service::extract::Path;
use utoipa::ToSchema;

use crate::app::{App, Shared};
use crate::caller::Caller;
use crate::census::{Census, List, Outcome};
use crate::store::rooms::Room as Kept;
use crate::tokens::out;

/// A room as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Room {
    id: RoomId,
    kind: RoomKind,
    /// The list's address; absent in a direct room.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<ListAddress>,
    /// The list's subject; absent in a direct room.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// The other; only in a direct room.
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<Named>,
    /// Whether I block the other; only in a direct room.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<bool>,
    roles: Roles,
    grants: Grants,
    mode: Mode,
    /// Whether I am hidden from plain members: by my choice in Sympa, or because only owners and editors may see who is on
    /// the list and I am a subscriber.
    concealed: bool,
    /// Until when I am muted.
    muted_until: Option<u64>,
    /// The list's page at Sympa.
    #[serde(skip_serializing_if = "Option::is_none")]
    sympa_url: Option<String>,
}

/// A person and their name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Named {
    pub(crate) person: PersonId,
    pub(crate) name: String,
}

/// All rooms of a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Rooms {
    rooms: Vec<Room>,
}

/// The caller's rooms: of lists by subject, then direct ones by name.
#[utoipa::path(get, path = "/api/bridge/rooms", responses((status = 200, body = Rooms)))]
pub(crate) async fn list(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<Rooms>, Problem> {
    let me = caller.person.id;
    let direct = app.store.direct_rooms(me).await?;
    let census = app.census(&BTreeSet::from([me]), &direct.keys().copied().collect()).await?;
    let of_lists = census.rooms_of(me).filter_map(|(address, list)| app.list_room(&census, me, address, list));
    let mut of_lists: Vec<Room> = of_lists.collect();
    of_lists.sort_by_cached_key(|room| (room.subject.as_deref().map(str::to_lowercase), room.id));
    let mut of_two: Vec<Room> = direct.keys().filter_map(|room| direct_room(&census, me, *room)).collect();
    of_two.sort_by_cached_key(|room| (room.with.as_ref().map(|with| with.name.to_lowercase()), room.id));
    of_lists.extend(of_two);
    Ok(axum::Json(Rooms { rooms: of_lists }))
}

/// The room of a list.
#[utoipa::path(
    get, path = "/api/bridge/rooms/at/{address}", params(("address" = String, Path, description = "the list's address")),
    responses((status = 200, body = Room))
)]
pub(crate) async fn at(
    State(app): State<Shared>,
    caller: Caller,
    Path(address): Path<String>,
) -> Result<axum::Json<Room>, Problem> {
    let address: ListAddress = address.parse().map_err(|_| Problem::not_found("no_such_room"))?;
    let (me, mut asked) = (caller.person.id, BTreeSet::from([address.clone()]));
    let room = app.lists(&asked).await?.remove(&address).ok_or(Problem::not_found("no_such_room"))?.room;
    asked.clear();
    let census = app.census(&BTreeSet::from([me]), &BTreeSet::from([room])).await?;
    // Who has no role on a list does not learn from us that it exists: Sympa may hide it.
    if census.roles(me, &address).is_empty() {
        return Err(Problem::not_found("no_such_room"));
    }
    let found = census.lists.get(&address).and_then(|list| app.list_room(&census, me, &address, list));
    match (found, census.outcome(me, room)) {
        (Some(room), _) => Ok(axum::Json(room)),
        (None, Outcome::Out(Removal::Banned)) => Err(out(Removal::Banned).until(census.banned_until(me, room))),
        (None, Outcome::Out(reason)) => Err(out(reason)),
        (None, Outcome::In(_)) => Err(out(Removal::NotAMember)),
    }
}

impl App {
    /// The room of a list as this person sees it; nothing when they may do nothing there. A room that is off is shown to
    /// those who can switch it on.
    fn list_room(&self, census: &Census, me: PersonId, address: &ListAddress, list: &List) -> Option<Room> {
        let roles = census.roles(me, address);
        let grants = census.grants(me, list.room, list, roles);
        if grants.is_empty() || !list.is_open {
            return None;
        }
        Some(Room {
            id: list.room,
            kind: RoomKind::List,
            address: Some(address.clone()),
            subject: Some(list.subject.clone()),
            with: None,
            blocked: None,
            roles,
            grants,
            mode: list.mode,
            concealed: census.is_concealed(me, address),
            muted_until: census.muted_until(me, list.room, grants),
            sympa_url: self.sympa_url(address),
        })
    }

    fn sympa_url(&self, list: &ListAddress) -> Option<String> {
        let robot = self.config.sympa.robots.iter().find(|robot| robot.robot.eq_ignore_ascii_case(list.robot()))?;
        Some(format!("{}/info/{}", robot.url.as_str().trim_end_matches('/'), list.name()))
    }
}

/// A direct room as one of the two sees it.
pub(crate) fn direct_room(census: &Census, me: PersonId, id: RoomId) -> Option<Room> {
    let other = census.rooms.get(&id).and_then(|room: &Kept| room.other(me))?;
    let Outcome::In(standing) = census.outcome(me, id) else { return None };
    Some(Room {
        id,
        kind: RoomKind::Direct,
        address: None,
        subject: None,
        with: Some(Named { person: other, name: census.name_on(other, None) }),
        blocked: Some(census.blocks_other(me, id)),
        roles: standing.roles,
        grants: standing.grants,
        mode: Mode::Open,
        concealed: false,
        muted_until: None,
        sympa_url: None,
    })
}
