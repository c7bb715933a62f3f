//! Who calls an internal route: one bearer secret per calling service.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

use crate::Problem;
use crate::secret::Secret;

/// The secrets of the services that may call.
#[derive(Debug, Clone)]
pub struct Callers(Arc<[Secret]>);

impl Callers {
    /// Exactly these.
    pub fn new(secrets: Vec<Secret>) -> Self {
        Self(secrets.into())
    }
}

/// Middleware: lets only known services pass.
pub async fn known_service(State(callers): State<Callers>, request: Request, next: Next) -> Response {
    let given = token(request.headers()).unwrap_or_default();
    // Every secret is compared, so that the time tells nothing.
    let known = callers.0.iter().fold(false, |known, secret| secret.is(given) | known);
    if known { next.run(request).await } else { Problem::unauthorized("bad_token").into_response() }
}

/// The bearer token of a request.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}
