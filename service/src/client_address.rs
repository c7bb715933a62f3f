//! The address a request really comes from: the connection's own, unless that is a proxy we trust.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::Problem;

/// Proxies whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<[IpAddr]>);

impl TrustedProxies {
    /// Exactly these.
    pub fn new(addresses: &[IpAddr]) -> Self {
        Self(addresses.into())
    }

    /// The client's address: from the right of `X-Forwarded-For`, the first that is no trusted proxy. What stands left of
    /// it was written by the client and proves nothing.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let values = headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes);
        // By bytes: a hop that is no text must not hide the hops that trusted proxies wrote behind it.
        let hops: Vec<&[u8]> = values.flat_map(|value| value.split(|byte| *byte == b',')).collect();
        for hop in hops.into_iter().rev() {
            if !self.0.contains(&client) {
                break;
            }
            let Some(address) = std::str::from_utf8(hop).ok().and_then(|hop| hop.trim().parse::<IpAddr>().ok()) else {
                break;
            };
            client = address.to_canonical();
        }
        client
    }
}

/// The client's address, reduced to what one customer of a provider controls: an IPv6 address counts by its /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// As this address counts.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            v4 @ IpAddr::V4(_) => v4,
            IpAddr::V6(v6) => {
                let s = v6.segments();
                IpAddr::V6(Ipv6Addr::new(s[0], s[1], s[2], s[3], 0, 0, 0, 0))
            }
        })
    }
}

/// Middleware: finds out the client's address once, for all that follow.
pub async fn find(proxies: TrustedProxies, mut request: Request, next: Next) -> Response {
    if let Some(peer) = peer(request.extensions()) {
        let client = ClientAddress::of(proxies.client(peer.ip(), request.headers()));
        request.extensions_mut().insert(client);
    }
    next.run(request).await
}

fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0)
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().copied().ok_or(Problem::unavailable("unavailable"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &str) -> String {
        let trusted: Vec<IpAddr> = trusted.iter().map(|a| a.parse().expect("an address")).collect();
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_bytes(forwarded.as_bytes()).expect("a header"));
        TrustedProxies::new(&trusted).client(peer.parse().expect("an address"), &headers).to_string()
    }

    #[test]
    fn nobody_is_believed_by_default() {
        assert_eq!(client(&[], "192.0.2.1", "203.0.113.9"), "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_is_believed_but_not_what_the_client_wrote() {
        assert_eq!(client(&["127.0.0.1"], "127.0.0.1", "198.51.100.7, 203.0.113.9"), "203.0.113.9");
        assert_eq!(client(&["127.0.0.1", "10.0.0.1"], "127.0.0.1", "203.0.113.9, 10.0.0.1"), "203.0.113.9");
        assert_eq!(client(&["127.0.0.1"], "127.0.0.1", "garbage"), "127.0.0.1");
        assert_eq!(client(&["127.0.0.1"], "127.0.0.1", "\u{fe}\u{e9}, 203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn an_ipv6_customer_counts_as_one() {
        let one = ClientAddress::of("2001:db8:1:2:3::4".parse().expect("an address"));
        assert_eq!(one, ClientAddress::of("2001:db8:1:2:ffff::1".parse().expect("an address")));
        let v4 = ClientAddress::of("::ffff:192.0.2.1".parse().expect("an address"));
        assert_eq!(v4, ClientAddress(IpAddr::from([192, 0, 2, 1])));
    }
}
