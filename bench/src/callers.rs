//! Callers: people in pairs who are connected to signal-server; one of each pair calls the other, who answers at once, and
//! both tell each other what browsers tell each other to connect.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use membership::token::{Audience, Signer};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout};

use crate::line::{self, Buffer, Line, READ};
use crate::process::ORIGIN;
use crate::wire::{claims, person, room};

/// Nothing takes longer than this.
const PATIENCE: Duration = Duration::from_mins(2);
/// Candidates of each browser.
const CANDIDATES: usize = 4;
/// A description of about the size that browsers write for one audio and one video line.
const SDP: usize = 5000;
/// Sockets that are opened at the same time.
const AT_ONCE: usize = 64;

/// People who are connected.
#[derive(Debug)]
pub(crate) struct Callers {
    lines: Vec<Line>,
    done: mpsc::UnboundedReceiver<usize>,
    entered: mpsc::UnboundedReceiver<()>,
    ears: Vec<tokio::task::JoinHandle<()>>,
}

/// What a line has to say next, and what it tells the measurement.
#[derive(Clone)]
struct Pen {
    to: mpsc::UnboundedSender<Value>,
    done: mpsc::UnboundedSender<usize>,
    entered: mpsc::UnboundedSender<()>,
}

impl Callers {
    /// Connects so many pairs, each in a room of their own.
    pub(crate) async fn gather(address: SocketAddr, signer: &Signer, pairs: usize) -> Result<Self> {
        let ((done, done_heard), (entered, entered_heard)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let buffer: Buffer = Rc::new(RefCell::new(vec![0; READ]));
        let enter = |n: usize| -> Result<Value> {
            let token = signer.sign(&claims(Audience::Signal, n as u64, (n / 2) as u64))?;
            Ok(json!({"type": "enter", "ref": "e", "room": room((n / 2) as u64), "token": token}))
        };
        let enters = (0..pairs * 2).map(enter).collect::<Result<Vec<_>>>()?;
        let lines = stream::iter(enters.into_iter().enumerate())
            .map(|(n, enter)| {
                let pen = (done.clone(), entered.clone());
                open(address, enter, n, buffer.clone(), pen)
            })
            .buffered(AT_ONCE)
            .try_collect::<Vec<_>>();
        let (lines, ears) = timeout(PATIENCE, lines).await.context("not everybody got in")??.into_iter().unzip();
        let mut callers = Self { lines, done: done_heard, entered: entered_heard, ears };
        for _ in 0..pairs * 2 {
            timeout(PATIENCE, callers.entered.recv()).await.context("not everybody is in the room")?;
        }
        Ok(callers)
    }

    /// Sets up so many calls, so many in a second; pairs take turns. How many were set up and ended, and in which time.
    pub(crate) async fn call(&mut self, calls: usize, per_second: u32) -> Result<(usize, Duration)> {
        let (pairs, begun) = (self.lines.len() / 2, Instant::now());
        for n in 0..calls {
            sleep_until((begun + Duration::from_secs(1) * u32::try_from(n)? / per_second).into()).await;
            let pair = n % pairs;
            let (to, room) = (person((pair * 2 + 1) as u64), room(pair as u64));
            let ring = json!({"type": "ring", "ref": "r", "room": room, "person": to, "media": "video"});
            self.lines[pair * 2].send(&ring.to_string()).await?;
        }
        let mut set_up = 0;
        while set_up < calls {
            timeout(PATIENCE, self.done.recv()).await.context("a call was not set up")?.context("nobody is left")?;
            set_up += 1;
        }
        ensure!(self.done.try_recv().is_err(), "a call was set up twice");
        Ok((set_up, begun.elapsed()))
    }
}

impl Drop for Callers {
    fn drop(&mut self) {
        self.ears.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

async fn open(
    address: SocketAddr,
    enter: Value,
    number: usize,
    buffer: Buffer,
    (done, entered): (mpsc::UnboundedSender<usize>, mpsc::UnboundedSender<()>),
) -> Result<(Line, tokio::task::JoinHandle<()>)> {
    let (line, ear) = line::open(address, "/api/signal/socket", ORIGIN).await?;
    let (to, mut said) = mpsc::unbounded_channel::<Value>();
    line.send(&enter.to_string()).await?;
    let pen = Pen { to, done, entered };
    let writer = line.clone();
    let task = tokio::task::spawn_local(async move {
        let mut candidates = 0;
        let listening = ear.listen(buffer, |frame| hear(frame, number, &mut candidates, &pen));
        let writing = async {
            while let Some(frame) = said.recv().await {
                writer.send(&frame.to_string()).await?;
            }
            anyhow::Ok(())
        };
        let _ = tokio::join!(listening, writing);
    });
    Ok((line, task))
}

/// What a browser does when it hears something. The one who calls has an even number.
fn hear(frame: &[u8], number: usize, candidates: &mut usize, pen: &Pen) {
    let frame: Value = serde_json::from_slice(frame).unwrap_or_default();
    let (link, calls) = (&frame["link"], number.is_multiple_of(2));
    let say = |value: Value| drop(pen.to.send(value));
    let signal = |signal: Value| say(json!({"type": "signal", "link": link, "signal": signal}));
    let describe = |kind: &str| signal(json!({"kind": kind, "sdp": format!("v=0\r\n{}", "a".repeat(SDP))}));
    let all_candidates = || {
        for n in 0..CANDIDATES {
            let candidate =
                format!("candidate:{n} 1 udp 2113937151 192.0.2.7 5000{n} typ host generation 0 ufrag abcd");
            signal(json!({"kind": "candidate", "candidate": candidate, "mid": "0"}));
        }
    };
    match frame["type"].as_str().unwrap_or_default() {
        "stands" => drop(pen.entered.send(())),
        "ringing" => say(json!({"type": "accept", "ref": "a", "link": link})),
        "connected" if calls => {
            *candidates = 0;
            describe("offer");
            all_candidates();
        }
        "signal" => match frame["signal"]["kind"].as_str().unwrap_or_default() {
            "offer" => {
                describe("answer");
                all_candidates();
            }
            "candidate" => {
                *candidates += 1;
                // The last thing the other one's browser has to say: they could talk now.
                if calls && *candidates == CANDIDATES {
                    say(json!({"type": "hang_up", "ref": "h", "link": link}));
                }
            }
            _ => {}
        },
        "ended" if calls => drop(pen.done.send(number)),
        _ => {}
    }
}
