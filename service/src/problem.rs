//! Problems: what a client is told when something does not work, as `application/problem+json` (RFC 9457) with a stable code.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// An error answer. The code is stable; clients choose their words by it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}")]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    retry_after_ms: Option<u64>,
    until: Option<u64>,
}

#[derive(Serialize)]
struct Body {
    r#type: &'static str,
    status: u16,
    code: &'static str,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
}

impl Problem {
    /// A problem of this status and code.
    pub const fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, retry_after_ms: None, until: None }
    }

    /// 400: not the shape the protocol says.
    pub const fn bad_request() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request")
    }

    /// 401 with a code.
    pub const fn unauthorized(code: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code)
    }

    /// 403 with a code.
    pub const fn forbidden(code: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, code)
    }

    /// 404 with a code.
    pub const fn not_found(code: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, code)
    }

    /// 413: over a limit of size.
    pub const fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large")
    }

    /// 429: over a limit of rate; waiting so long helps.
    pub const fn too_many(retry_after_ms: u64) -> Self {
        Self { retry_after_ms: Some(retry_after_ms), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many") }
    }

    /// 503 with a code: a neighbour or our own database is away.
    pub const fn unavailable(code: &'static str) -> Self {
        Self { retry_after_ms: Some(2000), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code) }
    }

    /// The same, with the time at which it ends, in milliseconds since 1970.
    #[must_use]
    pub const fn until(self, until: Option<u64>) -> Self {
        Self { until, ..self }
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The HTTP status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// How long to wait before trying again, in milliseconds.
    pub const fn retry_after_ms(&self) -> Option<u64> {
        self.retry_after_ms
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error").to_owned();
        let (status, retry_after_ms) = (self.status.as_u16(), self.retry_after_ms);
        let body = Body { r#type: "about:blank", status, code: self.code, title, retry_after_ms, until: self.until };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(ms) = retry_after_ms {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
        }
        response
    }
}

/// A failing database of our own: logged once here, and the client only learns to try again.
impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "Our own database failed: {error}");
        Self::unavailable("unavailable")
    }
}

/// Anything else that should not happen.
impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        tracing::error!(error = %format!("{error:#}"), "A request failed: {error:#}");
        Self::unavailable("unavailable")
    }
}
