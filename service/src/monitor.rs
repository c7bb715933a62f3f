//! The monitor listener: `/healthz`, `/readyz` and `/metrics`, away from the public.

use std::sync::OnceLock;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;

use crate::health::{Colour, Health};

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts collecting metrics; the same collection for the whole process.
pub fn start_metrics() {
    METRICS.get_or_init(|| PrometheusBuilder::new().install_recorder().ok());
}

/// The routes of the monitor listener.
pub fn router(health: Health) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route(
            "/metrics",
            get(|| async { METRICS.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default() }),
        )
        .with_state(health)
}

/// 200 while the service serves its users, be it amber; 503 when it cannot.
async fn ready(State(health): State<Health>) -> Response {
    let colour = health.colour();
    let status = if colour == Colour::Red { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, axum::Json(json!({"colour": colour, "parts": health.parts()}))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt as _;

    async fn ask(health: &Health, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let answer = router(health.clone()).oneshot(request).await.expect("an answer");
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    #[tokio::test]
    async fn a_service_is_alive_whatever_its_colour_and_ready_unless_it_is_red() {
        let health = Health::default();
        for (colour, status) in [
            (Colour::Green, StatusCode::OK),
            (Colour::Amber, StatusCode::OK),
            (Colour::Red, StatusCode::SERVICE_UNAVAILABLE),
        ] {
            health.set("database", colour, "What an administrator reads.");
            assert_eq!(ask(&health, "/healthz").await, (StatusCode::OK, "alive\n".to_owned()));
            let (said, text) = ask(&health, "/readyz").await;
            assert_eq!(said, status);
            assert!(text.contains("What an administrator reads."), "{text}");
        }
    }

    #[tokio::test]
    async fn what_was_counted_is_shown() {
        start_metrics();
        metrics::counter!("of_this_test").increment(3);
        let (status, text) = ask(&Health::default(), "/metrics").await;
        assert!(status == StatusCode::OK && text.contains("of_this_test 3"), "{text}");
    }
}
