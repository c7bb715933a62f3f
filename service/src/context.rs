//! What a service gets when it starts: time, randomness, the stop signal, health.

use crate::clock::Clock;
use crate::config::{Service, Site};
use crate::dice::Dice;
use crate::health::Health;
use crate::secret::Secrets;
use crate::stop::Stop;

/// The surroundings of a running service.
#[derive(Debug, Clone)]
pub struct Context {
    /// The site it serves.
    pub site: Site,
    /// How processes live.
    pub service: Service,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub dice: Dice,
    /// The stop signal.
    pub stop: Stop,
    /// Secrets, from the environment unless the process made them.
    pub secrets: Secrets,
    /// What works.
    pub health: Health,
}

impl Context {
    /// The surroundings of a real process.
    pub fn new(site: Site, service: Service) -> Self {
        let (clock, dice, stop) = (Clock::System, Dice::System, Stop::new());
        Self { site, service, clock, dice, stop, secrets: Secrets::default(), health: Health::default() }
    }
}
