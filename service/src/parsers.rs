//! The parsers of foreign input as plain functions with their laws, for fuzzing and for replaying what it found.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::bridge_link::{Heard, Reader};
use crate::client_address::TrustedProxies;

/// `X-Forwarded-For`, one header per line: what stands left of a proxy that is not trusted changes nothing.
pub fn forwarded_for(bytes: &[u8]) -> IpAddr {
    let proxy = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let proxies = TrustedProxies::new(&[proxy]);
    let headers = headers(bytes);
    let client = proxies.client(proxy, &headers);
    assert_eq!(TrustedProxies::default().client(proxy, &headers), proxy, "nobody is believed by default");
    let seen = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
    let mut appended = headers.clone();
    appended.append("x-forwarded-for", HeaderValue::from_static("203.0.113.9"));
    assert_eq!(proxies.client(proxy, &appended), seen, "what a client wrote is believed");
    // Most proxies write behind what is there, into the same header.
    let before: Vec<&[u8]> = headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes).collect();
    let together = [before.join(&b", "[..]).as_slice(), b", 203.0.113.9"].concat();
    if let Ok(value) = HeaderValue::from_bytes(&together) {
        let joined = HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-for"), value)]);
        assert_eq!(proxies.client(proxy, &joined), seen, "what a client wrote hides what the proxy wrote");
    }
    client
}

fn headers(bytes: &[u8]) -> HeaderMap {
    let values = bytes.split(|byte| *byte == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok());
    let mut headers = HeaderMap::new();
    for value in values.take(100) {
        headers.append("x-forwarded-for", value);
    }
    headers
}

/// The stream of changes: it says the same however it is cut.
pub fn changes(bytes: &[u8]) -> Vec<Heard> {
    let mut whole = Reader::default();
    let heard = whole.hear(bytes);
    let mut cut = Reader::default();
    let mut pieces = Vec::new();
    for piece in bytes.chunks(7) {
        pieces.extend(cut.hear(piece));
    }
    assert_eq!(heard, pieces, "a stream says the same however it is cut");
    heard
}
