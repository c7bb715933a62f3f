//! The routes, and their description as OpenAPI.

use axum::Router;
use axum::routing::{get, post};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::{check, direct, profile, rooms, roster, sanctions, settings, sign_in, site, tokens, web};

/// The routes of browsers that the description covers.
fn described() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(site::read))
        .routes(routes!(sign_in::session, sign_in::sign_out))
        .routes(routes!(sign_in::by_sympa::exchange))
        .routes(routes!(sign_in::by_password::sign_in))
        .routes(routes!(sign_in::by_mail::send))
        .routes(routes!(sign_in::by_ticket::look))
        .routes(routes!(sign_in::by_ticket::sign_in))
        .routes(routes!(rooms::list))
        .routes(routes!(rooms::at))
        .routes(routes!(tokens::give))
        .routes(routes!(roster::members))
        .routes(routes!(sanctions::list, sanctions::set))
        .routes(routes!(sanctions::lift))
        .routes(routes!(settings::read, settings::choose))
        .routes(routes!(direct::open))
        .routes(routes!(direct::block, direct::unblock))
        .routes(routes!(profile::change))
        .routes(routes!(check::keys))
}

/// The description of the bridge's HTTP interface.
pub(crate) fn openapi() -> OpenApi {
    let mut api = described().into_openapi();
    "Symposium: the bridge".clone_into(&mut api.info.title);
    api
}

/// What browsers ask.
pub(crate) fn public(app: Shared) -> Router {
    let (router, _) = described().split_for_parts();
    router.merge(web::router()).with_state(app)
}

/// What the other services ask.
pub(crate) fn internal(app: Shared) -> Router {
    Router::new()
        .route("/internal/changes", get(check::changes))
        .route("/internal/check", post(check::verdicts))
        .route("/internal/parted", post(check::parted))
        .route("/internal/jwks.json", get(check::keys))
        .with_state(app)
}
