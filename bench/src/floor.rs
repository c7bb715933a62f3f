//! The floor: a bare broadcast over sockets - one queue and one task per connection, everything that waits drained into
//! one write, buffers of 4 KiB. No database, no rights, no limits, no history: less cannot be done.
//!
//! A client's first text names a room and is answered; every later text is sent to all in that room as it is.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, accept_async_with_config};

/// Buffers of a socket, as those of the product.
const BUFFER: usize = 4 * 1024;
/// Most frames taken from a queue at once.
const TAKEN: usize = 1024;

#[derive(Debug, clap::Args)]
pub(crate) struct Flags {
    /// Where to listen.
    #[arg(long)]
    listen: SocketAddr,
}

type Queue = mpsc::UnboundedSender<Utf8Bytes>;
type Room = Arc<Mutex<Vec<Queue>>>;
type Rooms = Arc<Mutex<HashMap<String, Room>>>;

/// Serves until it is killed.
pub(crate) async fn run(flags: Flags) -> Result<()> {
    let (listener, rooms) = (TcpListener::bind(flags.listen).await?, Rooms::default());
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(connection(stream, rooms.clone()));
    }
}

async fn connection(stream: TcpStream, rooms: Rooms) {
    let config = WebSocketConfig::default().read_buffer_size(BUFFER).write_buffer_size(BUFFER);
    let _ = stream.set_nodelay(true);
    if let Ok(ws) = accept_async_with_config(stream, Some(config)).await {
        // Who leaves is of no interest here.
        let _ = talk(ws, rooms).await;
    }
}

async fn talk(mut ws: WebSocketStream<TcpStream>, rooms: Rooms) -> Result<()> {
    let Some(Message::Text(name)) = ws.next().await.transpose()? else { return Ok(()) };
    let room: Room = locked(&rooms).entry(name.to_string()).or_default().clone();
    let (sender, mut queue) = mpsc::unbounded_channel();
    locked(&room).push(sender);
    ws.send(Message::text(r#"{"type":"entered"}"#)).await?;
    let mut waiting = Vec::new();
    loop {
        tokio::select! {
            biased;
            incoming = ws.next() => match incoming.transpose()? {
                Some(Message::Text(text)) => locked(&room).iter().for_each(|queue| drop(queue.send(text.clone()))),
                Some(Message::Close(_)) | None => return Ok(()),
                Some(_) => {}
            },
            _ = queue.recv_many(&mut waiting, TAKEN) => {
                for frame in waiting.drain(..) {
                    ws.feed(Message::Text(frame)).await?;
                }
                ws.flush().await?;
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
