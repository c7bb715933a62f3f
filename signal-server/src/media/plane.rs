//! The thread of the media plane: it waits for packets, orders and the clock, and never for anything else.

use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result};
use service::clock::Clock;
use service::dice::Dice;
use service::stop::Stop;
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep_until;

use super::config::own;
use super::sockets::{Sockets, open};
use super::worker::{Settings, Worker};
use super::{Config, Order, Report};
use crate::turn::Media;

/// The most orders that are carried out, and the most batches of packets that are read, before the rest has its turn.
const ORDERS: usize = 64;
const BATCHES: usize = 4;

/// What the media plane needs besides its settings.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The time, for what browsers are told of it.
    pub clock: Clock,
    /// Randomness.
    pub dice: Dice,
    /// The stop signal.
    pub stop: Stop,
}

/// A running media plane.
#[derive(Debug, Clone)]
pub struct Plane {
    orders: UnboundedSender<Order>,
    media: Vec<Media>,
}

impl Plane {
    /// Opens its sockets and starts its thread.
    ///
    /// # Errors
    /// When an address is taken, or browsers could be told of none.
    pub fn start(config: &Config, around: Surroundings) -> Result<(Self, UnboundedReceiver<Report>)> {
        let own = own();
        let (mut sockets, mut media, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for at in &config.listen {
            let socket = open(*at)?;
            let bound = socket.local_addr()?;
            let told = config.told(bound, &own);
            let Some(known) = told.first().copied() else { continue };
            media.extend(told.iter().map(|told| Media { advertised: *told, reached: reached(bound, *told) }));
            all.extend(told);
            sockets.push((socket, known));
        }
        if all.is_empty() {
            anyhow::bail!("browsers can be told of no address of the media plane; name one: address in [signal.media]");
        }
        let (orders, ordered) = unbounded_channel();
        let (reports, reported) = unbounded_channel();
        let Surroundings { clock, dice, stop } = around;
        let settings = Settings { told: all, speakers: config.speakers, clock, dice };
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let run = move || {
            // The protocol's library tells addresses in its logs; nobody listens to them.
            let quiet = tracing::Dispatch::none();
            tracing::dispatcher::with_default(&quiet, || {
                runtime.block_on(async {
                    // Within a runtime it only fails where the system has no more descriptors; then nobody is answered.
                    let Ok(sockets) = Sockets::new(sockets) else { return };
                    run(Worker::new(settings, sockets, reports, Instant::now()), ordered, stop).await;
                });
            });
        };
        thread::Builder::new().name("media".to_owned()).spawn(run).context("no thread for the media plane")?;
        Ok((Self { orders, media }, reported))
    }

    /// Orders something.
    pub fn give(&self, order: Order) {
        // Without a thread the process ends.
        self.orders.send(order).ok();
    }

    /// Where it is, for the relay that is built in.
    pub fn media(&self) -> &[Media] {
        &self.media
    }
}

/// Where an address that browsers are told is reached from here.
fn reached(bound: std::net::SocketAddr, told: std::net::SocketAddr) -> std::net::SocketAddr {
    if !bound.ip().is_unspecified() {
        return bound;
    }
    let here: std::net::IpAddr =
        if told.is_ipv4() { std::net::Ipv4Addr::LOCALHOST.into() } else { std::net::Ipv6Addr::LOCALHOST.into() };
    std::net::SocketAddr::new(here, bound.port())
}

async fn run(mut worker: Worker, mut ordered: UnboundedReceiver<Order>, stop: Stop) {
    loop {
        let next = worker.next();
        let order = tokio::select! {
            order = ordered.recv() => match order { Some(order) => Some(order), None => return },
            () = worker.sockets.readable() => None,
            () = sleep_until(next.into()) => None,
            () = stop.given() => return,
        };
        let now = Instant::now();
        if let Some(order) = order {
            worker.obey(order, now);
        }
        for _ in 0..ORDERS {
            let Ok(order) = ordered.try_recv() else { break };
            worker.obey(order, now);
        }
        for _ in 0..BATCHES {
            if !worker.receive(now) {
                break;
            }
        }
        worker.turn(now);
    }
}
