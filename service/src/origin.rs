//! Origin: whether a request comes from our own pages. Checked on every socket and every request that changes something.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Problem;

/// The origins whose pages may act for a member: the site's own.
#[derive(Debug, Clone)]
pub struct Origins(String);

impl Origins {
    /// Only this origin, such as `https://lists.example.org`.
    pub fn only(origin: String) -> Self {
        Self(origin)
    }

    /// Whether the headers name one of them. A request without an origin is not from a page of ours.
    pub fn allow(&self, headers: &HeaderMap) -> bool {
        headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() == self.0.as_bytes())
    }

    /// The origin as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Middleware: lets a request that changes something pass only when it comes from our own pages.
pub async fn same_site(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !origins.allow(request.headers()) {
        return Problem::forbidden("wrong_origin").into_response();
    }
    next.run(request).await
}
