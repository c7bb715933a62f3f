//! The routes of signal-server: the socket.

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use service::Problem;
use service::client_address::ClientAddress;
use service::socket::{READ_BUFFER, WRITE_BUFFER};
use utoipa::OpenApi;

use crate::app::App;
use crate::protocol::{Command, Frame};
use crate::session::{self, FRAME_BYTES};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Symposium signal-server",
        description = "Calls and transfers between browsers. The socket is described in docs/PROTOCOL.md."
    ),
    components(schemas(Command, Frame))
)]
pub(crate) struct Document;

/// The routes, below `api/signal/`.
pub(crate) fn router(app: App) -> Router {
    Router::new().route("/socket", get(socket)).with_state(app)
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
        .max_message_size(FRAME_BYTES)
        .max_frame_size(FRAME_BYTES)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .on_upgrade(move |ws| session::live(app, door, ws))
}
