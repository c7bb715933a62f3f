//! A crowd: many lines in rooms, who speak in turn and count what each of them hears.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::line::{self, Buffer, Line, READ};
use crate::process::ORIGIN;
use crate::wire::{self, Heard, Wire};

/// Nothing takes longer than this.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the lines of a crowd heard.
#[derive(Debug)]
pub(crate) struct Tally {
    started: Instant,
    /// Of each message, how many have not heard it.
    missing: RefCell<Vec<u32>>,
    /// Microseconds from the sending of a message to each hearing of it.
    took_us: RefCell<Vec<u64>>,
    heard: Cell<u64>,
    entered: Cell<usize>,
    acknowledged: Cell<u64>,
    /// What must not happen.
    fault: RefCell<Option<String>>,
    /// Messages that everybody has heard.
    whole: mpsc::UnboundedSender<()>,
    /// Lines whose command was carried out.
    ok: Option<mpsc::UnboundedSender<usize>>,
}

/// Where a crowd goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Rooms.
    pub(crate) rooms: usize,
    /// Lines in each.
    pub(crate) seats: usize,
    /// Lines of history each asks for.
    pub(crate) lines: u16,
    /// Lines that are opened at the same time.
    pub(crate) at_once: usize,
    /// The number of the first person: a crowd of other people has another one.
    pub(crate) first: usize,
}

/// A crowd that has entered its rooms.
#[derive(Debug)]
pub(crate) struct Crowd {
    plan: Plan,
    wire: Wire,
    lines: Vec<Line>,
    /// What was heard.
    pub(crate) tally: Rc<Tally>,
    whole: mpsc::UnboundedReceiver<()>,
    ok: mpsc::UnboundedReceiver<usize>,
    ears: Vec<tokio::task::JoinHandle<()>>,
}

impl Crowd {
    /// Connects everybody and enters the rooms. The time from the first connection to the last entry is told.
    pub(crate) async fn gather(address: SocketAddr, wire: Wire, plan: Plan, acks: bool) -> Result<(Self, Duration)> {
        let ((whole, whole_heard), (ok, ok_heard)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let tally = Rc::new(Tally::new(whole, acks.then_some(ok)));
        let enters: Vec<String> = (0..plan.rooms * plan.seats)
            .map(|n| wire.enter((plan.first + n) as u64, (n / plan.seats) as u64, plan.lines))
            .collect::<Result<_>>()?;
        let (buffer, begun): (Buffer, _) = (Rc::new(RefCell::new(vec![0; READ])), Instant::now());
        let lines = stream::iter(enters.into_iter().enumerate())
            .map(|(n, enter)| open(address, enter, n, buffer.clone(), tally.clone()))
            .buffered(plan.at_once)
            .try_collect::<Vec<_>>();
        let (lines, ears) = timeout(PATIENCE, lines).await.context("not everybody got in")??.into_iter().unzip();
        let crowd = Self { plan, wire, lines, tally, whole: whole_heard, ok: ok_heard, ears };
        crowd.until(|tally| tally.entered.get() == plan.rooms * plan.seats, Duration::from_micros(200)).await?;
        Ok((crowd, begun.elapsed()))
    }

    /// Says a message; seats of a room take turns.
    pub(crate) async fn say(&self, number: usize) -> Result<()> {
        let (room, turn) = (number % self.plan.rooms, number / self.plan.rooms);
        let line = room * self.plan.seats + turn % self.plan.seats;
        {
            let mut missing = self.tally.missing.borrow_mut();
            let known = missing.len();
            missing.resize(known.max(number + 1), 0);
            missing[number] = u32::try_from(self.plan.seats)?;
        }
        let sent_us = self.tally.now_us();
        let text = self.wire.say((self.plan.first + line) as u64, room as u64, number, sent_us)?;
        self.lines[line].send(&text).await
    }

    /// Keeps so many messages outstanding until a time has passed; after a tenth of it `begin` is called. Answers the
    /// number of the next message.
    pub(crate) async fn saturate(
        &mut self,
        outstanding: usize,
        length: Duration,
        begin: impl FnOnce(),
    ) -> Result<usize> {
        let (started, mut begin, mut number) = (Instant::now(), Some(begin), 0);
        while number < outstanding {
            self.say(number).await?;
            number += 1;
        }
        while started.elapsed() < length {
            timeout(PATIENCE, self.whole.recv()).await.context("a message was lost")?;
            if started.elapsed() > length / 10
                && let Some(begin) = begin.take()
            {
                begin();
            }
            self.say(number).await?;
            number += 1;
            self.tally.check()?;
        }
        Ok(number)
    }

    /// Says so many messages per second, and waits until everybody has heard all.
    pub(crate) async fn pace(&self, per_s: u32, first: usize, count: usize) -> Result<()> {
        let mut turns = tokio::time::interval(Duration::from_secs(1) / per_s);
        for number in first..first + count {
            turns.tick().await;
            self.say(number).await?;
        }
        self.hear_out(first + count).await
    }

    /// Every line says a message, and the next one when it is acknowledged, until a time has passed. Answers how many were
    /// acknowledged in that time, and the number of the next message.
    pub(crate) async fn converse(&mut self, first: usize, length: Duration) -> Result<(u64, usize)> {
        let (started, acknowledged, lines) = (Instant::now(), self.tally.acknowledged.get(), self.lines.len());
        let mut turns = vec![first / lines; lines];
        for (line, turn) in turns.iter_mut().enumerate() {
            self.say(*turn * lines + line).await?;
            *turn += 1;
        }
        let mut count = 0;
        while started.elapsed() < length {
            let line = timeout(PATIENCE, self.ok.recv()).await.context("a message was lost")?.context("no line")?;
            count = self.tally.acknowledged.get() - acknowledged;
            self.say(turns[line] * lines + line).await?;
            turns[line] += 1;
        }
        let next = turns.iter().max().map_or(0, |turn| turn * lines);
        self.hear_out(next).await?;
        while self.ok.try_recv().is_ok() {}
        Ok((count, next))
    }

    /// Waits until everybody has heard every message exactly once.
    pub(crate) async fn hear_out(&self, count: usize) -> Result<()> {
        let all = |tally: &Tally| tally.missing.borrow().iter().take(count).all(|missing| *missing == 0);
        self.until(all, Duration::from_millis(5)).await.context("messages were lost")
    }

    async fn until(&self, done: impl Fn(&Tally) -> bool, look: Duration) -> Result<()> {
        let started = Instant::now();
        while !done(&self.tally) {
            self.tally.check()?;
            ensure!(started.elapsed() < PATIENCE, "waited in vain");
            sleep(look).await;
        }
        self.tally.check()
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.ears.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

async fn open(
    address: SocketAddr,
    enter: String,
    n: usize,
    buffer: Buffer,
    tally: Rc<Tally>,
) -> Result<(Line, tokio::task::JoinHandle<()>)> {
    let (line, ear) = line::open(address, "/api/chat/socket", ORIGIN).await?;
    let heard = tally.clone();
    let ear = tokio::task::spawn_local(async move {
        if let Err(error) = ear.listen(buffer, |frame| heard.hear(n, frame)).await {
            heard.fault(format!("line {n}: {error:#}"));
        }
        heard.fault(format!("line {n} was closed"));
    });
    line.send(&enter).await?;
    Ok((line, ear))
}

impl Tally {
    fn new(whole: mpsc::UnboundedSender<()>, ok: Option<mpsc::UnboundedSender<usize>>) -> Self {
        Self {
            started: Instant::now(),
            missing: RefCell::default(),
            took_us: RefCell::default(),
            heard: Cell::default(),
            entered: Cell::default(),
            acknowledged: Cell::default(),
            fault: RefCell::default(),
            whole,
            ok,
        }
    }

    fn hear(&self, line: usize, frame: &[u8]) {
        match wire::hear(frame) {
            Heard::Said(number, sent_us) => self.said(line, number, sent_us),
            Heard::Entered => self.entered.set(self.entered.get() + 1),
            Heard::Ok => {
                self.acknowledged.set(self.acknowledged.get() + 1);
                if let Some(ok) = &self.ok {
                    // Nobody waits for the last ones.
                    let _ = ok.send(line);
                }
            }
            Heard::Aside => {}
            Heard::Bad => self.fault(format!("line {line}: {}", String::from_utf8_lossy(frame))),
        }
    }

    fn said(&self, line: usize, number: usize, sent_us: u64) {
        let mut missing = self.missing.borrow_mut();
        match missing.get_mut(number) {
            Some(missing @ 1..) => {
                *missing -= 1;
                if *missing == 0 {
                    // Nobody waits when messages are paced.
                    let _ = self.whole.send(());
                }
            }
            _ => self.fault(format!("line {line}: message {number} came twice")),
        }
        self.heard.set(self.heard.get() + 1);
        self.took_us.borrow_mut().push(self.now_us().saturating_sub(sent_us));
    }

    fn fault(&self, fault: String) {
        self.fault.borrow_mut().get_or_insert(fault);
    }

    fn check(&self) -> Result<()> {
        match self.fault.borrow().as_ref() {
            Some(fault) => bail!("{fault}"),
            None => Ok(()),
        }
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// How often a message was heard.
    pub(crate) fn heard(&self) -> u64 {
        self.heard.get()
    }

    /// Takes the times it took, in ascending order.
    pub(crate) fn take_us(&self) -> Vec<u64> {
        let mut took = self.took_us.take();
        took.sort_unstable();
        took
    }
}
