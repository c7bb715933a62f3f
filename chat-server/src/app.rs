//! The running chat-server: everything its handlers need.

use std::collections::HashMap;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use membership::PersonId;
use service::clock::Clock;
use service::dice::Dice;
use service::gate::Gate;
use service::limit::Limit;
use service::origin::Origins;
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
    pub addresses: Mutex<HashMap<IpAddr, usize>>,
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

    /// Counts a new socket of an address; false when there are too many.
    pub fn enter_address(&self, address: IpAddr) -> bool {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let sockets = addresses.entry(address).or_default();
        if *sockets >= self.config.sockets_per_address {
            return false;
        }
        *sockets += 1;
        true
    }

    /// Counts one socket less.
    pub fn leave_address(&self, address: IpAddr) {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sockets) = addresses.get_mut(&address) {
            *sockets -= 1;
            if *sockets == 0 {
                addresses.remove(&address);
            }
        }
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
