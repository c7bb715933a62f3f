//! One socket of a service from its first frame to its last: commands in, frames out, signs of life. What is said on it is
//! the service's own; how it lives is the same everywhere.

mod bell;
pub mod doors;
pub mod outbox;

use std::future::{Future, poll_fn, ready};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use bytes::Bytes;
use futures_util::{FutureExt, SinkExt, StreamExt};
use membership::RoomId;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, interval_at};

use self::bell::Bell;
use self::outbox::{Outbox, Outgoing};
use crate::dice::Dice;
use crate::stop::Stop;

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

/// Longest `ref` that a refusal repeats, in bytes.
pub const REF: usize = 40;
/// What a socket reads into: it is held as long as the socket, and cleared at every read. Most commands fit; large frames
/// still pass.
pub const READ_BUFFER: usize = 1024;
/// What a socket gathers before it writes.
pub const WRITE_BUFFER: usize = 4 * 1024;

/// The part of a socket that is a service's own.
pub trait Talk: Send {
    /// What may be sent to it.
    type Command: DeserializeOwned + Send;

    /// The first frame.
    fn welcome(&self) -> Utf8Bytes;
    /// Reconnect after so long.
    fn resume(&self, after_ms: u64) -> Utf8Bytes;
    /// Something was not done.
    fn refused(&self, r#ref: Option<String>, room: Option<RoomId>, code: &str, wait_ms: Option<u64>) -> Utf8Bytes;
    /// Whether a room has been entered.
    fn has_entered(&self) -> bool;
    /// Counts a frame.
    ///
    /// # Errors
    /// There are too many: how long to wait, in milliseconds.
    fn count(&self) -> Result<(), u64>;
    /// Carries out a command.
    fn carry_out(&mut self, command: Self::Command) -> impl Future<Output = ()> + Send;
}

/// What every socket is given.
#[derive(Debug, Clone)]
pub struct House {
    /// The stop signal.
    pub stop: Stop,
    /// Randomness.
    pub dice: Dice,
}

/// What the loop knows of a socket.
struct Session<T> {
    talk: T,
    house: House,
    outbox: Arc<Outbox>,
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

/// Lives as long as the socket; gives back what was the service's own.
pub async fn live<T: Talk>(house: House, outbox: Arc<Outbox>, talk: T, ws: &mut WebSocket) -> T {
    // A stop waits until everybody has been told.
    let _waited_for = house.stop.waits();
    let mut session =
        Session { talk, house: house.clone(), outbox, bad_frames: 0, beyond_rate: 0, heard: Instant::now() };
    let code = session.talk(ws).await;
    let close = Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::default() }));
    let _ = tokio::time::timeout(WRITE, ws.send(close)).await;
    session.talk
}

impl<T: Talk> Session<T> {
    async fn talk(&mut self, ws: &mut WebSocket) -> u16 {
        self.outbox.put(self.talk.welcome());
        let (started, mut ticks) = (Instant::now(), interval_at(Instant::now() + FIRST, PING));
        let (outbox, stop) = (self.outbox.clone(), self.house.stop.clone());
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
                    let after_ms = 200 + u64::from(self.house.dice.bytes()[0]) * 8;
                    let last = [self.talk.resume(after_ms)].into();
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
                metrics::counter!("slow_readers_total").increment(1);
                ([self.talk.resume(500)].into(), Next::End(close_code::AGAIN))
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
        if !self.talk.has_entered() && started.elapsed() >= FIRST {
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
        let counted = self.talk.count();
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
            let r#ref = r#ref.filter(|mark| mark.len() <= REF);
            self.outbox.put(self.talk.refused(r#ref, room, "too_many", Some(retry_after_ms)));
            return self.count_beyond_rate();
        }
        match serde_json::from_str::<T::Command>(&frame) {
            Ok(command) => {
                // On the heap while it runs: what a command needs is larger than what a socket needs.
                Box::pin(self.talk.carry_out(command)).await;
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
        self.outbox.put(self.talk.refused(None, None, "bad_frame", None));
        self.bad_frames += 1;
        if self.bad_frames >= BAD_FRAMES { Next::End(close_code::POLICY) } else { Next::Go }
    }
}
