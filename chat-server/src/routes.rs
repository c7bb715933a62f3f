//! The routes of chat-server: the socket, history, the audit.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use membership::token::Claims;
use membership::{Grant, RoomId};
use serde::{Deserialize, Serialize};
use service::Problem;
use service::bearer;
use service::client_address::ClientAddress;
use service::extract::{Path, Query};
use service::socket::{READ_BUFFER, WRITE_BUFFER};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::protocol::{Command, Frame};
use crate::session;
use crate::store::{Audited, Page, Window};

/// Items on a page unless asked otherwise.
const PAGE: usize = 50;
/// Most items on a page.
const PAGE_MOST: usize = 100;
/// Acts of moderation that are shown.
const ACTS: usize = 200;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Symposium chat-server",
        description = "What is said in the rooms. The socket is described in docs/PROTOCOL.md."
    ),
    components(schemas(Command, Frame))
)]
struct Document;

/// The routes, below `api/chat/`.
pub fn router(app: App) -> Router {
    documented().0.route("/socket", get(socket)).with_state(app)
}

/// The description of the routes, for the web app's types.
pub fn document() -> utoipa::openapi::OpenApi {
    documented().1
}

fn documented() -> (Router<App>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Document::openapi()).routes(routes!(history)).routes(routes!(audit)).split_for_parts()
}

async fn socket(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !app.origins.allow(&headers) {
        return Problem::forbidden("wrong_origin").into_response();
    }
    if app.stop.is_given() {
        return Problem::unavailable("unavailable").into_response();
    }
    let Some(door) = app.doors.enter(address) else { return Problem::too_many(5000).into_response() };
    upgrade
        .max_message_size(app.config.frame_bytes)
        .max_frame_size(app.config.frame_bytes)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .on_upgrade(move |ws| session::live(app, door, ws))
}

/// The holder of a room token for the room of the path, who may read there.
struct Reader(Claims);

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Path(room) = Path::<RoomId>::from_request_parts(parts, app).await?;
        let token = bearer::token(&parts.headers).ok_or(Problem::unauthorized("bad_token"))?;
        let claims = app.gate.check(token, room).await.map_err(|code| match code {
            "bridge_unavailable" => Problem::unavailable(code),
            "not_a_member" | "banned" | "room_closed" => Problem::forbidden(code),
            _ => Problem::unauthorized(code),
        })?;
        app.limits.pages.request(&claims.sub)?;
        // A change is newer than a token: one whose holder was removed meanwhile no longer counts here.
        let may = match app.hub.open_room(room).and_then(|room| room.seats_of(claims.sub).first().cloned()) {
            Some(seat) => seat.held().grants,
            None => claims.grants,
        };
        if may.may(Grant::Read) {
            Ok(Self(Claims { grants: may, ..claims }))
        } else {
            Err(Problem::forbidden("not_allowed"))
        }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Items before this place.
    before: Option<u64>,
    /// Items after this place.
    after: Option<u64>,
    /// Items on both sides of this place.
    around: Option<u64>,
    /// At most so many; 50 unless said, 100 at most.
    limit: Option<usize>,
}

/// A page of a room's history, oldest first.
#[utoipa::path(get, path = "/rooms/{room}/history", params(("room" = RoomId, Path), Asked), responses((status = 200, body = Page)))]
async fn history(
    State(app): State<App>,
    Reader(claims): Reader,
    Query(asked): Query<Asked>,
) -> Result<Json<Page>, Problem> {
    let window = match (asked.before, asked.after, asked.around) {
        (None, None, None) => Window::Newest,
        (Some(seq), None, None) => Window::Before(seq),
        (None, Some(seq), None) => Window::After(seq),
        (None, None, Some(seq)) => Window::Around(seq),
        _ => return Err(Problem::bad_request()),
    };
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, PAGE_MOST);
    Ok(Json(app.store.page(claims.room, window, limit).await?))
}

/// Acts of moderation in a room, newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Acts {
    /// At most 200.
    pub acts: Vec<Audited>,
}

/// What moderators did in a room.
#[utoipa::path(get, path = "/rooms/{room}/audit", params(("room" = RoomId, Path)), responses((status = 200, body = Acts)))]
async fn audit(State(app): State<App>, Reader(claims): Reader) -> Result<Json<Acts>, Problem> {
    if !claims.grants.may(Grant::Moderate) {
        return Err(Problem::forbidden("not_allowed"));
    }
    Ok(Json(Acts { acts: app.store.audit(claims.room, ACTS).await? }))
}
