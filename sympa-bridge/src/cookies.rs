//! Cookies: reading two, writing one.

use axum::http::{HeaderMap, HeaderValue, header};
use service::config::Site;

/// The name of the bridge's own cookie.
pub(crate) const OURS: &str = "symposium_session";
/// The name of Sympa's cookie.
pub(crate) const SYMPAS: &str = "sympa_session";

/// All values of cookies of this name. Browsers may send several, of different paths or domains.
pub(crate) fn all<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    // By bytes: another application on this host may have set a cookie that is no ASCII; it must not hide ours.
    let values = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    let pairs = values.flat_map(|value| value.split(|byte| *byte == b';'));
    let pairs = pairs.filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='));
    pairs.filter(move |(key, _)| *key == name).map(|(_, value)| value.trim_matches('"'))
}

/// The value of the cookie of this name, when there is exactly one.
pub(crate) fn only<'a>(headers: &'a HeaderMap, name: &'a str) -> Option<&'a str> {
    let mut values = all(headers, name);
    values.next().filter(|_| values.next().is_none())
}

/// The header that gives the browser its session.
pub(crate) fn set(site: &Site, secret: &str, life_ms: u64) -> HeaderValue {
    header(site, secret, life_ms / 1000)
}

/// The header that takes it away.
pub(crate) fn clear(site: &Site) -> HeaderValue {
    header(site, "", 0)
}

fn header(site: &Site, value: &str, life_s: u64) -> HeaderValue {
    let secure = if site.is_https() { "; Secure" } else { "" };
    let path = site.base_path();
    let text = format!("{OURS}={value}; Path={path}; Max-Age={life_s}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|cookie| (header::COOKIE, cookie.parse().expect("a header"))).collect()
    }

    #[test]
    fn a_cookie_counts_only_when_there_is_exactly_one() {
        assert_eq!(only(&headers(&["a=1; sympa_session=2; b=3"]), SYMPAS), Some("2"));
        assert_eq!(only(&headers(&["sympa_session=2; sympa_session=3"]), SYMPAS), None);
        assert_eq!(only(&headers(&["sympa_session=2", "sympa_session=2"]), SYMPAS), None);
        assert_eq!(only(&headers(&["xsympa_session=2"]), SYMPAS), None);
        assert_eq!(only(&headers(&[]), SYMPAS), None);
        let foreign = HeaderValue::from_bytes(b"theme=caf\xc3\xa9; x=\xff; sympa_session=2").expect("a header");
        assert_eq!(only(&HeaderMap::from_iter([(header::COOKIE, foreign)]), SYMPAS), Some("2"));
    }

    #[test]
    fn the_cookie_is_bound_to_the_base_path_and_secure_under_https() {
        let site = |url: &str| Site { name: "x".into(), url: url.parse().expect("a url"), language: "en".into() };
        let cookie = set(&site("https://a.example/chat/"), "s", 5000);
        assert_eq!(cookie, "symposium_session=s; Path=/chat/; Max-Age=5; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(clear(&site("http://a.example/")), "symposium_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }
}
