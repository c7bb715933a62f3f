//! The running chat-server: everything its handlers need.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use membership::PersonId;
use service::clock::Clock;
use service::dice::Dice;
use service::gate::Gate;
use service::limit::Limit;
use service::origin::Origins;
use service::socket::doors::Doors;
use service::stop::Stop;

use crate::config::Config;
use crate::hub::Hub;
use crate::marks::Marks;
use crate::store::Store;
use crate::writer::Writer;

/// A handle to the running server; cheap to copy.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

/// The parts of the server.
#[derive(Debug)]
pub struct Parts {
    /// Its settings.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub dice: Dice,
    /// The stop signal.
    pub stop: Stop,
    /// Whose pages may connect.
    pub origins: Origins,
    /// Who is connected.
    pub hub: Arc<Hub>,
    /// What is kept.
    pub store: Store,
    /// Who stores.
    pub writer: Writer,
    /// Who may enter.
    pub gate: Arc<Gate>,
    /// Who has read what.
    pub marks: Marks,
    /// What is too much.
    pub limits: Limits,
    /// Sockets of each client address.
    pub doors: Doors,
}

/// Rates that are counted.
#[derive(Debug)]
pub struct Limits {
    /// Frames of a socket.
    pub frames: Limit<Speaker>,
    /// What a person does.
    pub acts: Limit<PersonId>,
    /// Pages a person asks for.
    pub pages: Limit<PersonId>,
}

/// Who sends frames: a socket that has entered a room, or an address before that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Speaker {
    /// A socket.
    Socket(u64),
    /// A client's address.
    Address(IpAddr),
}

impl App {
    /// Around its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
