//! Listmasters: only settings name them, because Sympa keeps them in files that hold its database password.

use std::collections::{HashMap, HashSet};

use membership::Email;

use crate::config;

/// Who is listmaster of what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listmasters {
    everywhere: HashSet<Email>,
    of_robot: HashMap<String, HashSet<Email>>,
}

impl Listmasters {
    pub(crate) fn new(config: &config::Sympa) -> Self {
        let of_robot = config
            .robots
            .iter()
            .map(|robot| (robot.robot.to_ascii_lowercase(), robot.listmasters.iter().cloned().collect::<HashSet<_>>()));
        Self { everywhere: config.listmasters.iter().cloned().collect(), of_robot: of_robot.collect() }
    }

    /// Whether this person has owner rights on all lists of the robot.
    pub(crate) fn rule(&self, email: &Email, robot: &str) -> bool {
        self.everywhere.contains(email) || self.of_robot.get(robot).is_some_and(|of| of.contains(email))
    }

    /// Whether this person is listmaster of anything.
    pub(crate) fn contain(&self, email: &Email) -> bool {
        self.everywhere.contains(email) || self.of_robot.values().any(|of| of.contains(email))
    }
}
