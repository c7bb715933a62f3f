//! The web app inside the binary: its page, its assets, and the page again for every address of the app.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};
use service::Problem;
use service::config::Site;
use tower_http::compression::CompressionLayer;
use url::Url;

use crate::app::Shared;
use crate::sympa::password::hex;

/// The built app; see build.rs.
#[derive(RustEmbed)]
#[folder = "$SYMPOSIUM_WEB_BUILT"]
struct Built;

/// The page and the files of the app.
pub(crate) fn router() -> Router<Shared> {
    let page = get(page);
    Router::new().route("/", page).fallback(get(file)).layer(CompressionLayer::new().gzip(true))
}

/// What is neither a file nor an address of the app.
const fn nothing() -> Problem {
    Problem::not_found("bad_request")
}

async fn page(State(app): State<Shared>) -> Response {
    let Some(index) = Built::get("index.html") else {
        return (StatusCode::NOT_FOUND, "The web app was not built into this binary.\n").into_response();
    };
    let site = &app.context.site;
    let text = with_base(&String::from_utf8_lossy(&index.data), site);
    let policy = policy(site, &[&app.config.chat_url, &app.config.signal_url]);
    let mut response = Html(text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A file, or the page: addresses of the app have no dot in their last part, unless it is the address of a list.
async fn file(state: State<Shared>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    match Built::get(path).filter(|_| path != "index.html") {
        Some(found) => answer(path, &found, &headers),
        None if is_app_address(path) => page(state).await,
        None => nothing().into_response(),
    }
}

fn is_app_address(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    if path.starts_with("api/") {
        return false;
    }
    !last.contains('.') || last.contains('@') || last.contains("%40")
}

fn answer(path: &str, file: &EmbeddedFile, asked: &HeaderMap) -> Response {
    // Assets stand there as Brotli too; everything else is compressed on its way.
    let small = Built::get(&format!("{path}.br"));
    let chosen = small.as_ref().filter(|_| reads_brotli(asked));
    let file = chosen.unwrap_or(file);
    let tag = format!("\"{}\"", &hex(&file.metadata.sha256_hash())[..32]);
    // Names of assets carry a hash of their content.
    let keep = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let same = asked.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == tag.as_bytes());
    let body = if same { Vec::new() } else { file.data.to_vec() };
    let status = if same { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let kind = kind(path).to_owned();
    let mut response =
        (status, [(header::ETAG, tag), (header::CACHE_CONTROL, keep.to_owned()), (header::CONTENT_TYPE, kind)], body)
            .into_response();
    let headers = response.headers_mut();
    if chosen.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    if small.is_some() {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

/// Whether the browser takes Brotli (RFC 9110, 12.5.3). A weight of nothing is a refusal.
fn reads_brotli(asked: &HeaderMap) -> bool {
    let all = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("br") && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The page with the base path, against which all its addresses count, and the site's language.
fn with_base(page: &str, site: &Site) -> String {
    let lang = format!("<html lang=\"{}\"", site.language);
    let page = page.replacen("<html lang=\"en\"", &lang, 1);
    page.replacen("<head>", &format!("<head>\n    <base href=\"{}\" />", escaped(site.base_path())), 1)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

/// What the page may load: nothing from elsewhere.
fn policy(site: &Site, services: &[&str]) -> String {
    let mut connect = vec!["'self'".to_owned(), socket_origin(&site.url)];
    for url in services.iter().filter_map(|url| Url::parse(url).ok()) {
        connect.extend([url.origin().ascii_serialization(), socket_origin(&url)]);
    }
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         media-src 'self' blob:; connect-src {}; manifest-src 'self'; worker-src 'self'; base-uri 'self'; \
         form-action 'self'; frame-ancestors 'none'",
        connect.join(" ")
    )
}

/// The origin of sockets to the same host.
fn socket_origin(url: &Url) -> String {
    url.origin().ascii_serialization().replacen("http", "ws", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(url: &str, language: &str) -> Site {
        Site { name: "x".into(), url: url.parse().expect("a url"), language: language.into() }
    }

    #[test]
    fn the_page_knows_its_base_path_and_language() {
        let page = with_base("<!doctype html><html lang=\"en\"><head>", &site("https://a.example/chat/", "fr"));
        assert_eq!(page, "<!doctype html><html lang=\"fr\"><head>\n    <base href=\"/chat/\" />");
    }

    #[test]
    fn the_policy_names_sockets_of_the_site_and_of_services_elsewhere() {
        let policy = policy(&site("https://a.example:8443/", "en"), &["", "https://chat.example/api/"]);
        assert!(policy.contains("connect-src 'self' wss://a.example:8443 https://chat.example wss://chat.example;"));
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"));
    }

    #[test]
    fn brotli_is_for_those_who_ask_for_it() {
        let reads = |value: &str| {
            let value = HeaderValue::from_str(value).expect("a value");
            reads_brotli(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]))
        };
        for value in ["br", "BR", "gzip, deflate, br, zstd", "gzip;q=0.5, br;q=1.0"] {
            assert!(reads(value), "{value}");
        }
        for value in ["gzip, deflate", "br;q=0", "brotli", ""] {
            assert!(!reads(value), "{value}");
        }
    }

    #[test]
    fn addresses_of_the_app_are_the_page_and_missing_files_are_not() {
        for path in ["", "r/open-talk@lists.example.org", "r/open-talk%40lists.example.org", "sign-in/link", "settings"]
        {
            assert!(is_app_address(path), "{path}");
        }
        for path in ["assets/x.js", "sw.js", "favicon.ico", "a/b.map", "api/bridge/nothing"] {
            assert!(!is_app_address(path), "{path}");
        }
    }
}
