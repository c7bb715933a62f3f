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
