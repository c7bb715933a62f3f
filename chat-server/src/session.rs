//! One socket from its first frame to its last: commands in, frames out, signs of life.

use std::future::{poll_fn, ready};
use std::net::IpAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use bytes::Bytes;
use futures_util::{FutureExt, SinkExt, StreamExt};
use membership::RoomId;
use tokio::time::{Instant, interval_at};

use crate::app::{App, Speaker};
use crate::bell::Bell;
use crate::commands;
use crate::outbox::{Outbox, Outgoing};
use crate::protocol::{Command, Frame, Limits};
use crate::seat::{Socket, text};

/// Time to enter the first room.
const FIRST: Duration = Duration::from_secs(10);
/// How often the server asks for a sign of life.
const PING: Duration = Duration::from_secs(25);
/// Silence after which a socket counts as dead.
const SILENCE: Duration = Duration::from_secs(75);
/// Frames that are no commands, after which the socket is closed.
const BAD_FRAMES: u32 = 10;
/// Longest time one write may take, beside what its bytes need.
const WRITE: Duration = Duration::from_secs(20);
/// Slowest line that is borne, in bytes per millisecond.
const SLOWEST: u64 = 8;
/// Writes after which it is looked whether anything else waits.
const WRITES: u32 = 32;
/// Frames beyond the rate, after which the socket is closed.
const FLOOD: u32 = 200;

/// What a session knows of itself.
pub(crate) struct Session {
    pub(crate) app: App,
    pub(crate) address: IpAddr,
    pub(crate) outbox: Arc<Outbox>,
    /// Set by the first room entered.
    pub(crate) socket: Option<Arc<Socket>>,
    bad_frames: u32,
    beyond_rate: u32,
    heard: Instant,
}

/// What a refusal repeats of a command.
#[derive(Default, serde::Deserialize)]
struct Mark {
    r#ref: Option<String>,
    room: Option<RoomId>,
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Go,
    End(u16),
}

/// Why a session goes on.
enum Woke {
    /// There is something to write.
    Write(Outgoing),
    /// Much was written, and nobody else had news meanwhile.
    Written,
    /// The server stops.
    Stop,
    /// It is time for a sign of life.
    Tick,
    /// The client sent something, or is gone.
    Heard(Option<Result<Message, axum::Error>>),
}

/// Lives as long as the socket.
pub(crate) async fn live(app: App, address: IpAddr, mut ws: WebSocket) {
    // A stop waits until everybody has been told.
    let _waited_for = app.stop.waits();
    metrics::gauge!("chat_sockets").increment(1);
    let outbox = Arc::new(Outbox::default());
    let mut session =
        Session { app, address, outbox, socket: None, bad_frames: 0, beyond_rate: 0, heard: Instant::now() };
    let code = session.talk(&mut ws).await;
    if let Some(socket) = session.socket.take() {
        session.app.hub.disconnect(&socket);
    }
    session.app.leave_address(address);
    let close = Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::default() }));
    let _ = tokio::time::timeout(WRITE, ws.send(close)).await;
    metrics::gauge!("chat_sockets").decrement(1);
}

impl Session {
    async fn talk(&mut self, ws: &mut WebSocket) -> u16 {
        let config = &self.app.config;
        let (frame_bytes, body_chars, rooms) = (config.frame_bytes, config.body_chars, config.rooms_per_socket);
        self.send(&Frame::Welcome { limits: Limits { frame_bytes, body_chars, rooms }, at: self.app.clock.now_ms() });
        let (started, mut ticks) = (Instant::now(), interval_at(Instant::now() + FIRST, PING));
        let (outbox, stop) = (self.outbox.clone(), self.app.stop.clone());
        let (mut stopped, bell) = (std::pin::pin!(stop.given()), Bell::new());
        let mut written = 0;
        loop {
            // Most wakes are for what is to be written. The others are asked only when one of them has news: to ask them at
            // each wake is about a seventh of what a delivery costs.
            let rare = poll_fn(|context| {
                bell.poll(context, |context| {
                    // What must happen in time comes first: a client that never stops sending is always ready.
                    if stopped.as_mut().poll(context).is_ready() {
                        return Poll::Ready(Woke::Stop);
                    }
                    if ticks.poll_tick(context).is_ready() {
                        return Poll::Ready(Woke::Tick);
                    }
                    ws.poll_next_unpin(context).map(Woke::Heard)
                })
            });
            let woke = tokio::select! {
                biased;
                outgoing = outbox.take(), if written < WRITES => Woke::Write(outgoing),
                woke = rare => woke,
                () = ready(()), if written >= WRITES => Woke::Written,
            };
            let next = match woke {
                Woke::Write(outgoing) => {
                    written += 1;
                    self.write(ws, outgoing).await
                }
                Woke::Written => {
                    written = 0;
                    Next::Go
                }
                Woke::Stop => {
                    // Not all at once: the next server would have to take them all in the same moment.
                    let after_ms = 200 + u64::from(self.app.dice.bytes()[0]) * 8;
                    let last = [text(&Frame::Resume { after_ms })].into();
                    self.write(ws, Outgoing::Last(last)).await
                }
                Woke::Tick => self.tick(ws, started).await,
                Woke::Heard(Some(Ok(message))) => {
                    written = 0;
                    self.hear(message).await
                }
                Woke::Heard(Some(Err(_)) | None) => Next::End(close_code::NORMAL),
            };
            if let Next::End(code) = next {
                // Who is closed for what they sent is told so before.
                if code == close_code::POLICY
                    && let Some(refusals) = outbox.try_take()
                {
                    self.write(ws, refusals).await;
                }
                return code;
            }
        }
    }

    /// Everything that waits goes out in one write.
    async fn write(&self, ws: &mut WebSocket, outgoing: Outgoing) -> Next {
        let (mut frames, next) = match outgoing {
            Outgoing::Frames(frames) => (frames, Next::Go),
            Outgoing::Last(frames) => (frames, Next::End(close_code::NORMAL)),
            Outgoing::Overflow => {
                metrics::counter!("chat_slow_readers_total").increment(1);
                ([text(&Frame::Resume { after_ms: 500 })].into(), Next::End(close_code::AGAIN))
            }
        };
        let bytes: usize = frames.iter().map(|frame| frame.len()).sum();
        let limit = WRITE + Duration::from_millis(bytes as u64 / SLOWEST);
        let done = {
            let mut all = std::pin::pin!(async {
                for frame in frames.drain(..) {
                    ws.feed(Message::Text(frame)).await?;
                }
                ws.flush().await
            });
            // Most writes are done at once, and no clock is needed for them.
            match (&mut all).now_or_never() {
                Some(done) => Ok(done),
                None => tokio::time::timeout(limit, all).await,
            }
        };
        self.outbox.give_back(frames);
        match done {
            Ok(Ok(())) => next,
            Ok(Err(_)) | Err(_) => Next::End(close_code::AWAY),
        }
    }

    async fn tick(&self, ws: &mut WebSocket, started: Instant) -> Next {
        if self.socket.is_none() && started.elapsed() >= FIRST {
            return Next::End(close_code::POLICY);
        }
        if self.heard.elapsed() > SILENCE {
            return Next::End(close_code::AWAY);
        }
        match tokio::time::timeout(WRITE, ws.send(Message::Ping(Bytes::new()))).await {
            Ok(Ok(())) => Next::Go,
            Ok(Err(_)) | Err(_) => Next::End(close_code::AWAY),
        }
    }

    async fn hear(&mut self, message: Message) -> Next {
        self.heard = Instant::now();
        let address = Speaker::Address(self.address);
        let speaker = self.socket.as_ref().map_or(address, |socket| Speaker::Socket(socket.id));
        let counted = self.app.limits.frames.count(&speaker);
        let frame = match message {
            Message::Close(_) => return Next::End(close_code::NORMAL),
            Message::Ping(_) | Message::Pong(_) => {
                return if counted.is_err() { self.count_beyond_rate() } else { Next::Go };
            }
            Message::Text(frame) => frame,
            Message::Binary(_) => return self.bad_frame(),
        };
        if let Err(retry_after_ms) = counted {
            let Mark { r#ref, room } = serde_json::from_str(&frame).unwrap_or_default();
            let r#ref = r#ref.filter(|mark| mark.len() <= 40);
            let (code, retry_after_ms) = ("too_many".to_owned(), Some(retry_after_ms));
            self.send(&Frame::Refused { r#ref, room, code, retry_after_ms });
            return self.count_beyond_rate();
        }
        match serde_json::from_str::<Command>(&frame) {
            Ok(command) => {
                // On the heap while it runs: what a command needs is larger than what a socket needs.
                Box::pin(commands::carry_out(self, command)).await;
                Next::Go
            }
            Err(_) => self.bad_frame(),
        }
    }

    const fn count_beyond_rate(&mut self) -> Next {
        self.beyond_rate += 1;
        if self.beyond_rate >= FLOOD { Next::End(close_code::POLICY) } else { Next::Go }
    }

    fn bad_frame(&mut self) -> Next {
        self.send(&Frame::Refused { r#ref: None, room: None, code: "bad_frame".to_owned(), retry_after_ms: None });
        self.count_bad()
    }

    fn count_bad(&mut self) -> Next {
        self.bad_frames += 1;
        if self.bad_frames >= BAD_FRAMES { Next::End(close_code::POLICY) } else { Next::Go }
    }

    /// Sends a frame to this socket.
    pub(crate) fn send(&self, frame: &Frame) {
        self.outbox.put(text(frame));
    }
}
