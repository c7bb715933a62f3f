//! Rate limits by key - a person, an address - for requests and for socket frames alike.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde::Deserialize;

use crate::Problem;

/// How many keys are remembered before those that have recovered are forgotten.
const KEYS: usize = 10_000;

/// A rate as it stands in the configuration: so many in a period, all of which may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many.
    pub times: NonZeroU32,
    /// In how many seconds.
    pub per_s: NonZeroU32,
}

impl Rate {
    /// So many in so many seconds; zeros count as one.
    pub const fn new(times: u32, per_s: u32) -> Self {
        const fn at_least_one(n: u32) -> NonZeroU32 {
            match NonZeroU32::new(n) {
                Some(n) => n,
                None => NonZeroU32::MIN,
            }
        }
        Self { times: at_least_one(times), per_s: at_least_one(per_s) }
    }

    fn quota(self) -> Quota {
        let each = Duration::from_secs(u64::from(self.per_s.get())) / self.times.get();
        Quota::with_period(each).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(self.times)
    }
}

/// A limit that counts per key.
pub struct Limit<K: Hash + Eq + Clone> {
    counts: DefaultKeyedRateLimiter<K>,
    /// With more keys than this, those that have recovered are forgotten.
    sweep_at: AtomicUsize,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    /// A limit of this rate for each key.
    pub fn new(rate: Rate) -> Self {
        Self { counts: RateLimiter::keyed(rate.quota()), sweep_at: AtomicUsize::new(KEYS) }
    }

    /// Counts one.
    ///
    /// # Errors
    /// When it is one too many: how long to wait, in milliseconds.
    pub fn count(&self, key: &K) -> Result<(), u64> {
        if self.counts.len() > self.sweep_at.load(Ordering::Relaxed) {
            self.counts.retain_recent();
            self.counts.shrink_to_fit();
            // Twice what is left: a crowd that has not recovered is not gone through anew for each of them.
            self.sweep_at.store(KEYS.max(2 * self.counts.len()), Ordering::Relaxed);
        }
        self.counts.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1)
        })
    }

    /// Counts one for a request.
    ///
    /// # Errors
    /// `too_many`, with the time to wait.
    pub fn request(&self, key: &K) -> Result<(), Problem> {
        self.count(key).map_err(Problem::too_many)
    }
}

impl<K: Hash + Eq + Clone> std::fmt::Debug for Limit<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Limit({} keys)", self.counts.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_is_told_how_long_to_wait_and_others_are_not_touched() {
        let limit = Limit::new(Rate::new(5, 600));
        for _ in 0..5 {
            assert_eq!(limit.count(&"ann"), Ok(()));
        }
        let wait = limit.count(&"ann").expect_err("the sixth");
        assert!((1..=120_000).contains(&wait), "{wait}");
        assert_eq!(limit.count(&"bob"), Ok(()));
    }
}
