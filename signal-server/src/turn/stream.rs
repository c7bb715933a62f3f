//! Connections to the relay by TCP and TLS: where one message ends and the next begins, and that nobody keeps a
//! connection for nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use service::client_address::ClientAddress;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};

use super::client::{Client, Door};
use super::doors::{Doors, PACKET, lock};
use super::tally::refused;
use super::tls::Certificate;

/// Packets that wait for a slow reader; further ones are dropped.
const QUEUE: usize = 256;
/// How long a connection may take to say who it is.
const ARRIVAL: Duration = Duration::from_secs(15);
/// Longer than any allocation goes without being refreshed.
const SILENCE: Duration = Duration::from_mins(15);
/// How long a reader may keep one packet waiting.
const WRITE: Duration = Duration::from_secs(10);
/// A pause after the system refused a connection: it is out of something.
const BREATH: Duration = Duration::from_millis(100);

impl Doors {
    /// Takes in connections until the end.
    pub(super) async fn accept(
        self: Arc<Self>,
        listener: TcpListener,
        certificate: Option<Arc<Certificate>>,
        next: Arc<AtomicU64>,
    ) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.stop.given() => return,
            };
            let Ok((stream, address)) = accepted else {
                tokio::time::sleep(BREATH).await;
                continue;
            };
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(counted) = self.connections.enter(ClientAddress::of(address.ip()).0) else {
                refused("address_is_full", 1);
                continue;
            };
            let Some(queue) = self.enter(number) else {
                refused("connections_are_full", 1);
                continue;
            };
            let client = Client { door: Door::Stream(number), address };
            let served = Arc::clone(&self).serve(stream, client, queue, certificate.clone());
            tokio::spawn(async move {
                served.await;
                drop(counted);
            });
        }
    }

    /// A place for one more connection, if there is one.
    fn enter(&self, number: u64) -> Option<mpsc::Receiver<Vec<u8>>> {
        let mut streams = lock(&self.streams);
        (streams.len() < self.most_streams).then(|| {
            let (sender, queue) = mpsc::channel(QUEUE);
            streams.insert(number, sender);
            queue
        })
    }

    async fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        client: Client,
        queue: mpsc::Receiver<Vec<u8>>,
        certificate: Option<Arc<Certificate>>,
    ) {
        // A packet shall not wait for the next; where the system cannot do that, it does without.
        stream.set_nodelay(true).ok();
        tokio::select! {
            () = self.stop.given() => {}
            () = async {
                match certificate {
                    None => self.converse(stream, client, queue).await,
                    Some(certificate) => {
                        let acceptor = certificate.acceptor(self.clock.now_ms());
                        if let Ok(Ok(stream)) = timeout(ARRIVAL, acceptor.accept(stream)).await {
                            self.converse(stream, client, queue).await;
                        }
                    }
                }
            } => {}
        }
        self.gone(client);
    }

    async fn converse(
        self: &Arc<Self>,
        mut stream: impl AsyncRead + AsyncWrite + Unpin,
        client: Client,
        mut queue: mpsc::Receiver<Vec<u8>>,
    ) {
        let (mut heard, mut said) = (Vec::with_capacity(PACKET), Vec::with_capacity(PACKET));
        let arrival = Instant::now() + ARRIVAL;
        loop {
            let until = if self.has(client) { Instant::now() + SILENCE } else { arrival };
            tokio::select! {
                read = timeout_at(until, stream.read_buf(&mut heard)) => {
                    if !matches!(read, Ok(Ok(1..))) || self.take_apart(client, &mut heard).is_err() {
                        return;
                    }
                }
                packet = queue.recv() => {
                    // The relay has let go of this client.
                    let Some(packet) = packet else { return };
                    said.clear();
                    append(&mut said, &packet);
                    while said.len() < 64 * 1024 && let Ok(packet) = queue.try_recv() {
                        append(&mut said, &packet);
                    }
                    let written = async { stream.write_all(&said).await?; stream.flush().await };
                    if !matches!(timeout(WRITE, written).await, Ok(Ok(()))) {
                        return;
                    }
                }
            }
        }
    }

    /// Hears every whole message at the beginning of what came.
    fn take_apart(self: &Arc<Self>, client: Client, heard: &mut Vec<u8>) -> Result<(), Foreign> {
        let mut done = 0;
        while let Some((length, padded)) = measure(&heard[done..])? {
            if heard.len() - done < padded {
                break;
            }
            self.hear(client, &heard[done..done + length]);
            done += padded;
        }
        heard.drain(..done);
        Ok(())
    }
}

/// What came is not of this protocol, or too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Foreign;

/// How long the message at the beginning is, without and with what fills it up to four bytes; nothing when too little
/// of it is here.
pub(super) fn measure(bytes: &[u8]) -> Result<Option<(usize, usize)>, Foreign> {
    let [first, _, high, low, ..] = *bytes else { return Ok(None) };
    let said = usize::from(u16::from_be_bytes([high, low]));
    let (length, padded) = match first >> 6 {
        0 => (20 + said, 20 + said),
        1 => (4 + said, 4 + said.next_multiple_of(4)),
        _ => return Err(Foreign),
    };
    if padded > PACKET { Err(Foreign) } else { Ok(Some((length, padded))) }
}

/// Adds a message, filled up to four bytes where the protocol asks for it.
fn append(said: &mut Vec<u8>, packet: &[u8]) {
    said.extend_from_slice(packet);
    said.resize(said.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_where_it_says() {
        assert_eq!(measure(&[0, 1, 0]), Ok(None));
        assert_eq!(measure(&[0, 1, 0, 8]), Ok(Some((28, 28))));
        assert_eq!(measure(&[0x40, 0, 0, 5, 1]), Ok(Some((9, 12))));
        assert_eq!(measure(&[0x40, 0, 0xff, 0xff]), Err(Foreign));
        assert_eq!(measure(b"GET / HTTP/1.1"), Err(Foreign));
        assert_eq!(measure(&[0x80, 0, 0, 0]), Err(Foreign));
    }

    #[test]
    fn what_is_said_is_filled_up_to_four_bytes() {
        let mut said = Vec::new();
        append(&mut said, &[0x40, 0, 0, 1, 9]);
        append(&mut said, &[0x40, 0, 0, 0]);
        assert_eq!(said, [0x40, 0, 0, 1, 9, 0, 0, 0, 0x40, 0, 0, 0]);
    }
}
