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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::{Router, routing::get};
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn only_who_knows_one_of_the_secrets_passes() {
        let callers = Callers::new(vec![Secret::new("of chat-server"), Secret::new("of signal-server")]);
        let routes = Router::new().route("/", get(|| async {})).layer(from_fn_with_state(callers, known_service));
        for (given, status) in [
            (None, StatusCode::UNAUTHORIZED),
            (Some("Bearer "), StatusCode::UNAUTHORIZED),
            (Some("Bearer of chat"), StatusCode::UNAUTHORIZED),
            (Some("Bearer of chat-server and more"), StatusCode::UNAUTHORIZED),
            (Some("Basic of chat-server"), StatusCode::UNAUTHORIZED),
            (Some("Bearer of chat-server"), StatusCode::OK),
            (Some("Bearer of signal-server"), StatusCode::OK),
        ] {
            let mut request = Request::get("/");
            if let Some(given) = given {
                request = request.header(AUTHORIZATION, given);
            }
            let answer = routes.clone().oneshot(request.body(Body::empty()).expect("a request")).await;
            assert_eq!(answer.expect("an answer").status(), status, "{given:?}");
        }
    }
}
