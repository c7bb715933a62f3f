//! Where a client of the relay is: behind which door, and at which address.

use std::net::SocketAddr;

/// The ways in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Door {
    /// The listener with this number.
    Udp(usize),
    /// The connection with this number, of TCP or TLS.
    Stream(u64),
}

/// One client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Client {
    /// The way it came.
    pub(crate) door: Door,
    /// Where it came from.
    pub(crate) address: SocketAddr,
}

impl Client {
    /// Its address as the rest of the world knows it: not in the form an IPv6 socket gives to IPv4.
    pub(crate) fn canonical(&self) -> SocketAddr {
        SocketAddr::new(self.address.ip().to_canonical(), self.address.port())
    }
}
