//! Carries packets through two places of a relay: first a few to see whether any pass, then those of a headless browser,
//! which sees a port of this machine instead of the relay. So a call goes through the relay by every way, TLS too.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout, timeout_at};

use super::client::Client;
use super::trouble::Trouble;

/// A client and the address of its place.
pub(super) type Placed<'a> = (&'a mut Client, SocketAddr);

/// How long a packet is tried.
const PATIENCE: Duration = Duration::from_secs(5);
/// When it is sent again.
const AGAIN: Duration = Duration::from_millis(250);
/// Packets that wait until the browser behind a window is known by its first one.
const EARLY: usize = 16;
/// Longer than any packet of a call.
const PACKET: usize = 2048;

/// Whether packets pass both ways, of the length that calls have.
pub(super) async fn passes((one, at_one): Placed<'_>, (other, at_other): Placed<'_>) -> Result<(), Trouble> {
    passes_once((&mut *one, at_one), (&mut *other, at_other)).await?;
    passes_once((other, at_other), (one, at_one)).await
}

async fn passes_once((from, at_from): Placed<'_>, (to, at_to): Placed<'_>) -> Result<(), Trouble> {
    let probe = [7; 1150];
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        from.say(at_to, &probe).await.map_err(|error| Trouble::cut(&error))?;
        match timeout_at((Instant::now() + AGAIN).min(until), to.hear(at_from)).await {
            Ok(Ok(heard)) if heard == probe => return Ok(()),
            Ok(Ok(_)) | Err(_) => {}
            Ok(Err(error)) => return Err(Trouble::cut(&error)),
        }
    }
    Err(Trouble::NothingPasses)
}

/// A port of this machine that stands for the other side of the relay.
pub(super) struct Window(UdpSocket);

impl Window {
    /// Opens one.
    pub(super) async fn open() -> io::Result<Self> {
        UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.map(Self)
    }

    /// Where a browser sends what is meant for the other side.
    pub(super) fn at(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Carries packets both ways; ends only when something breaks.
    pub(super) async fn carry(&self, client: &mut Client, peer: SocketAddr) -> io::Error {
        let (mut bytes, mut browser, mut early) = (vec![0; PACKET], None, Vec::<Vec<u8>>::new());
        loop {
            let carried = tokio::select! {
                said = self.0.recv_from(&mut bytes) => match said {
                    Ok((length, from)) => {
                        browser = Some(from);
                        let mut waited = Ok(());
                        for packet in early.drain(..) {
                            waited = self.show(&packet, from).await;
                        }
                        waited.and(client.say(peer, &bytes[..length]).await)
                    }
                    Err(error) => Err(error),
                },
                heard = client.hear(peer) => match (heard, browser) {
                    (Ok(packet), Some(browser)) => self.show(&packet, browser).await,
                    (Ok(packet), None) => {
                        if early.len() < EARLY {
                            early.push(packet);
                        }
                        Ok(())
                    }
                    (Err(error), _) => Err(error),
                },
            };
            if let Err(error) = carried {
                return error;
            }
        }
    }

    async fn show(&self, packet: &[u8], browser: SocketAddr) -> io::Result<()> {
        // A browser that has already gone is no trouble of the relay.
        timeout(PATIENCE, self.0.send_to(packet, browser)).await.ok();
        Ok(())
    }
}
