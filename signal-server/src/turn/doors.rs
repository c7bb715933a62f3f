//! The doors of the relay: its sockets, and the one place where what came in through one goes out through another.
//!
//! Every queue is bounded; what does not fit is dropped, as a network would.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use membership::PersonId;
use service::clock::Clock;
use service::stop::Stop;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::client::{Client, Door};
use super::config::Config;
use super::relay::{Relay, Step};
use super::tally::Tally;
use super::tls::Certificate;

/// The largest packet that is looked at. Browsers send no larger ones.
pub(crate) const PACKET: usize = 2048;
/// How often the relay lets time pass.
const TICK: Duration = Duration::from_secs(1);

/// A socket towards outside, of one client.
#[derive(Debug)]
struct Outlet {
    /// Sends without asking the runtime first, which does not know a new socket's state yet.
    socket: Arc<std::net::UdpSocket>,
    reader: AbortHandle,
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// The doors.
#[derive(Debug)]
pub(crate) struct Doors {
    relay: Mutex<Relay>,
    sockets: Vec<UdpSocket>,
    pub(super) streams: Mutex<HashMap<u64, mpsc::Sender<Vec<u8>>>>,
    /// For each client one towards IPv4 and one towards IPv6.
    outlets: Mutex<HashMap<(Client, bool), Outlet>>,
    /// The most connections at a time.
    pub(super) most_streams: usize,
    /// Connections of each client address.
    pub(super) connections: service::socket::doors::Doors,
    pub(super) clock: Clock,
    pub(super) stop: Stop,
    tally: Tally,
}

/// A panic while it was held leaves no half-done state that a later packet could not stand.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Doors {
    pub(crate) fn new(relay: Relay, sockets: Vec<UdpSocket>, config: &Config, clock: Clock, stop: Stop) -> Self {
        let (streams, outlets) = (Mutex::default(), Mutex::default());
        Self {
            relay: Mutex::new(relay),
            sockets,
            streams,
            outlets,
            most_streams: config.allocations,
            connections: service::socket::doors::Doors::new(config.connections_per_address),
            clock,
            stop,
            tally: Tally::new(),
        }
    }

    /// Begins to listen.
    pub(crate) fn open(
        self: &Arc<Self>,
        plain: Vec<TcpListener>,
        secured: Vec<TcpListener>,
        certificate: Option<&Arc<Certificate>>,
    ) {
        for at in 0..self.sockets.len() {
            self.stop.spawn(Arc::clone(self).read_socket(at));
        }
        let next = Arc::new(AtomicU64::new(0));
        for listener in plain {
            self.stop.spawn(Arc::clone(self).accept(listener, None, Arc::clone(&next)));
        }
        for listener in secured {
            self.stop.spawn(Arc::clone(self).accept(listener, certificate.cloned(), Arc::clone(&next)));
        }
        self.stop.spawn(Arc::clone(self).tick());
    }

    pub(crate) fn revoke(&self, person: PersonId) {
        let cut = self.with(|relay, now_ms| relay.revoke(person, now_ms));
        self.shut(&cut);
    }

    pub(crate) fn allocations(&self) -> usize {
        lock(&self.relay).allocations()
    }

    /// Whether a client has an allocation.
    pub(super) fn has(&self, client: Client) -> bool {
        lock(&self.relay).has(client)
    }

    /// Something came from a client.
    pub(super) fn hear(self: &Arc<Self>, client: Client, bytes: &[u8]) {
        let step = self.with(|relay, now_ms| relay.client_sent(client, bytes, now_ms));
        self.carry_out(step);
    }

    /// The line of a client is cut.
    pub(super) fn gone(&self, client: Client) {
        self.with(|relay, _| relay.gone(client));
        self.shut(&[client]);
    }

    /// The relay, now. The protocol's library tells addresses in its logs; nobody listens to them.
    fn with<T>(&self, act: impl FnOnce(&mut Relay, u64) -> T) -> T {
        let now_ms = self.clock.now_ms();
        tracing::dispatcher::with_default(&tracing::Dispatch::none(), || act(&mut lock(&self.relay), now_ms))
    }

    fn carry_out(self: &Arc<Self>, step: Step) {
        match step {
            Step::Nothing => {}
            Step::Client(client, bytes) => {
                let sent = match client.door {
                    Door::Udp(at) => self.sockets[at].try_send_to(&bytes, client.address).is_ok(),
                    Door::Stream(number) => {
                        lock(&self.streams).get(&number).is_some_and(|queue| queue.try_send(bytes).is_ok())
                    }
                };
                if !sent {
                    self.tally.dropped();
                }
            }
            Step::Outside(client, to, bytes) => {
                if self.outlet(client, to).is_none_or(|socket| socket.send_to(&bytes, to).is_err()) {
                    self.tally.dropped();
                }
            }
        }
    }

    /// The socket by which a client reaches outside.
    fn outlet(self: &Arc<Self>, client: Client, to: SocketAddr) -> Option<Arc<std::net::UdpSocket>> {
        let mut outlets = lock(&self.outlets);
        if let Some(outlet) = outlets.get(&(client, to.is_ipv4())) {
            return Some(Arc::clone(&outlet.socket));
        }
        let any: SocketAddr =
            if to.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
        let socket = std::net::UdpSocket::bind(any).ok()?;
        socket.set_nonblocking(true).ok()?;
        let heard = UdpSocket::from_std(socket.try_clone().ok()?).ok()?;
        let reader = tokio::spawn(Arc::clone(self).read_outlet(client, heard)).abort_handle();
        let socket = Arc::new(socket);
        outlets.insert((client, to.is_ipv4()), Outlet { socket: Arc::clone(&socket), reader });
        Some(socket)
    }

    async fn read_outlet(self: Arc<Self>, client: Client, socket: UdpSocket) {
        let mut packet = vec![0; PACKET];
        loop {
            // An error is about a packet that was sent before; the next one may pass.
            let Ok((length, from)) = socket.recv_from(&mut packet).await else { continue };
            let step = self.with(|relay, now_ms| relay.outside_sent(client, from, &packet[..length], now_ms));
            self.carry_out(step);
        }
    }

    async fn read_socket(self: Arc<Self>, at: usize) {
        let mut packet = vec![0; PACKET];
        loop {
            let heard = tokio::select! {
                heard = self.sockets[at].recv_from(&mut packet) => heard,
                () = self.stop.given() => return,
            };
            let Ok((length, address)) = heard else { continue };
            self.hear(Client { door: Door::Udp(at), address }, &packet[..length]);
        }
    }

    /// Closes what belongs to clients that are gone.
    fn shut(&self, clients: &[Client]) {
        for client in clients {
            let mut outlets = lock(&self.outlets);
            outlets.remove(&(*client, true));
            outlets.remove(&(*client, false));
            if let Door::Stream(number) = client.door {
                lock(&self.streams).remove(&number);
            }
        }
    }

    async fn tick(self: Arc<Self>) {
        while self.stop.sleep(TICK).await {
            let (over, counts, allocations) =
                self.with(|relay, now_ms| (relay.tick(now_ms), relay.take_counts(), relay.allocations()));
            self.shut(&over);
            // Also of those who gave their place back themselves.
            lock(&self.outlets).retain(|(client, _), _| self.has(*client));
            self.tally.tell(counts, allocations);
        }
    }
}
