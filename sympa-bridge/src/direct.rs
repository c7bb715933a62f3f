//! Direct rooms: made at first need between two who share an open list; either may block the other.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use membership::{Change, PersonId, RoomId};
use serde::Deserialize;
use service::Problem;
use service::extract::{Json, Path};
use utoipa::ToSchema;

use crate::app::{App, Shared};
use crate::caller::Caller;
use crate::census::Outcome;
use crate::rooms::{Room, direct_room};

/// With whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct With {
    person: PersonId,
}

/// The direct room with a person, made at first need.
#[utoipa::path(post, path = "/api/bridge/direct", request_body = With, responses((status = 200, body = Room)))]
pub(crate) async fn open(
    State(app): State<Shared>,
    caller: Caller,
    Json(With { person }): Json<With>,
) -> Result<axum::Json<Room>, Problem> {
    let me = caller.person.id;
    if person == me {
        return Err(Problem::bad_request());
    }
    let both = BTreeSet::from([me, person]);
    // Who shares no list is answered like who does not exist.
    if !app.census(&both, &BTreeSet::new()).await?.share_an_open_list(me, person) {
        return Err(Problem::not_found("no_such_person"));
    }
    let (room, is_new) = app.store.direct_room(me, person).await?;
    let census = app.census(&both, &BTreeSet::from([room])).await?;
    if let Outcome::In(standing) = census.outcome(person, room)
        && is_new
    {
        // Their app asks for its rooms at once.
        app.watch.feed.tell(&[Change::Joined { room, person, standing }]);
    }
    direct_room(&census, me, room).map(axum::Json).ok_or(Problem::not_found("no_such_room"))
}

/// Blocks the other.
#[utoipa::path(put, path = "/api/bridge/direct/{room}/block", params(("room" = String, Path)), responses((status = 204)))]
pub(crate) async fn block(
    State(app): State<Shared>,
    caller: Caller,
    Path(room): Path<String>,
) -> Result<StatusCode, Problem> {
    app.set_block(&caller, &room, true).await
}

/// Blocks the other no longer.
#[utoipa::path(delete, path = "/api/bridge/direct/{room}/block", params(("room" = String, Path)), responses((status = 204)))]
pub(crate) async fn unblock(
    State(app): State<Shared>,
    caller: Caller,
    Path(room): Path<String>,
) -> Result<StatusCode, Problem> {
    app.set_block(&caller, &room, false).await
}

impl App {
    async fn set_block(&self, caller: &Caller, room: &str, on: bool) -> Result<StatusCode, Problem> {
        let none = Problem::not_found("no_such_room");
        let Ok(room) = room.parse::<RoomId>() else { return Err(none) };
        let found = self.store.rooms(&BTreeSet::from([room])).await?.remove(&room);
        if found.is_none_or(|found| found.other(caller.person.id).is_none()) {
            return Err(none);
        }
        self.store.set_block(room, caller.person.id, on).await?;
        self.watch.poke();
        Ok(StatusCode::NO_CONTENT)
    }
}
