//! HTTP: serving a router on a listener with limits on slow and large requests, and security headers on every answer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tower::util::MapRequestLayer;
use tower::{Layer, ServiceExt};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::Problem;
use crate::client_address::{self, TrustedProxies};
use crate::origin::{Origins, same_site};
use crate::stop::Stop;

/// Largest request body, in bytes.
pub const BODY_BYTES: usize = 64 * 1024;
/// Largest head of a request, in bytes.
const HEAD_BYTES: usize = 16 * 1024;
/// Connections that may wait to be accepted: after a restart everybody comes back in the same moment, and whoever finds no
/// place there tries again only a second later.
const BACKLOG: u32 = 4096;
/// Pause after a failed accept, such as when the process has no free file descriptor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a client may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the head of a request; a connection kept open may be idle as long.
    pub head: Duration,
    /// For its body.
    pub body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), body: Duration::from_secs(10) }
    }
}

/// Opens a listener.
///
/// # Errors
/// When the address is taken or not ours.
#[expect(clippy::unused_async, reason = "a listener belongs to the runtime in which it is opened")]
pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
    bind(address).with_context(|| format!("cannot listen on {address}"))
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Adds what every public router needs: client addresses, the origin check, limits, security headers.
pub fn public(router: Router, origins: Origins, proxies: TrustedProxies) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(
            HeaderValue::from_str(origins.as_str()).map_or_else(|_| AllowOrigin::list([]), AllowOrigin::exact),
        )
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE]);
    router
        .layer(cors)
        .layer(from_fn_with_state(origins, same_site))
        .layer(from_fn(move |request, next| client_address::find(proxies.clone(), request, next)))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES))
        .layer(from_fn(not_too_large))
        .layer(default_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(default_header(header::REFERRER_POLICY, "no-referrer"))
        .layer(default_header(header::X_FRAME_OPTIONS, "DENY"))
        .layer(default_header(header::CACHE_CONTROL, "no-store"))
        .layer(default_header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
        .layer(CatchPanicLayer::new())
}

/// Puts routes below the base path of the site (`/` or `/chat/`), the base path itself included.
pub fn mount(base_path: &str, routes: Router) -> Router {
    let prefix = base_path.trim_end_matches('/');
    if prefix.is_empty() {
        return routes;
    }
    // A nested router answers `/chat` and `/chat/x`, but not `/chat/`.
    let to_root = MapRequestLayer::new(|mut request: Request| {
        *request.uri_mut() = axum::http::Uri::from_static("/");
        request
    });
    Router::new().route_service(base_path, to_root.layer(routes.clone())).nest(prefix, routes)
}

/// Middleware: refuses a body that says itself that it is too large; of others only so much is read.
async fn not_too_large(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|bytes: u64| bytes > BODY_BYTES as u64) {
        return Problem::too_large().into_response();
    }
    next.run(request).await
}

fn default_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// Serves until the stop signal; connections that are busy finish their request.
pub async fn serve(listener: TcpListener, router: Router, stop: Stop) {
    serve_patiently(listener, router, stop, Patience::default()).await;
}

/// As [`serve`], with other limits of time.
pub async fn serve_patiently(listener: TcpListener, router: Router, stop: Stop, patience: Patience) {
    loop {
        let accepted = tokio::select! { () = stop.given() => return, accepted = listener.accept() => accepted };
        match accepted {
            Ok((stream, peer)) => stop.spawn(connection(stream, peer, router.clone(), stop.clone(), patience)),
            Err(error) => {
                tracing::warn!(%error, "Cannot accept a connection: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, stop: Stop, patience: Patience) {
    // Small frames must not wait for more.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(patience);
            Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_else(|never| match never {}))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.given() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
