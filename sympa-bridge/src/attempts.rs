//! Attempts that are only counted when they fail. Each is counted before it is tried, so that many at once gain nothing,
//! and a success is taken back.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use service::Problem;
use service::clock::Clock;
use service::limit::Rate;

/// How many keys are remembered before those whose time is over are forgotten.
const KEYS: usize = 10_000;

/// Failures by key, in windows of the rate's period.
#[derive(Debug)]
pub(crate) struct Attempts<K> {
    rate: Rate,
    clock: Clock,
    counts: Mutex<Counts<K>>,
}

#[derive(Debug)]
struct Counts<K> {
    by_key: HashMap<K, Window>,
    /// With more keys than this, those whose time is over are forgotten.
    sweep_at: usize,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    ends_ms: u64,
    count: u32,
}

impl<K: Hash + Eq + Clone> Attempts<K> {
    pub(crate) fn new(rate: Rate, clock: Clock) -> Self {
        Self { rate, clock, counts: Mutex::new(Counts { by_key: HashMap::new(), sweep_at: KEYS }) }
    }

    /// Counts an attempt.
    ///
    /// # Errors
    /// `too_many`, with the time to wait.
    pub(crate) fn begin(&self, key: &K) -> Result<(), Problem> {
        let now = self.clock.now_ms();
        let mut counts = self.lock();
        if counts.by_key.len() > counts.sweep_at {
            counts.by_key.retain(|_, window| now < window.ends_ms);
            // Twice what is left: a crowd whose time is not over is not gone through anew for each of them.
            counts.sweep_at = KEYS.max(2 * counts.by_key.len());
        }
        let fresh = Window { ends_ms: now + u64::from(self.rate.per_s.get()) * 1000, count: 0 };
        let window = counts.by_key.entry(key.clone()).or_insert(fresh);
        if now >= window.ends_ms {
            *window = fresh;
        }
        if window.count >= self.rate.times.get() {
            return Err(Problem::too_many(window.ends_ms - now));
        }
        window.count += 1;
        Ok(())
    }

    /// Takes an attempt back, because it succeeded or told nothing.
    pub(crate) fn forgive(&self, key: &K) {
        if let Some(window) = self.lock().by_key.get_mut(key) {
            window.count = window.count.saturating_sub(1);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts<K>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_failures_count_and_time_heals() {
        let clock = Clock::manual(0);
        let attempts = Attempts::new(Rate::new(2, 600), clock.clone());
        for _ in 0..10 {
            attempts.begin(&"ann").expect("a success is taken back");
            attempts.forgive(&"ann");
        }
        attempts.begin(&"ann").expect("the first failure");
        attempts.begin(&"ann").expect("the second failure");
        assert_eq!(attempts.begin(&"ann").map_err(|p| p.retry_after_ms()), Err(Some(600_000)));
        attempts.begin(&"bob").expect("another key");
        clock.advance(600_000);
        attempts.begin(&"ann").expect("a new window");
    }
}
