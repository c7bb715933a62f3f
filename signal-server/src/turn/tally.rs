//! What the relay tells the metrics: how much it carries, and what it refuses.

use metrics::{Counter, Gauge, counter, gauge};

use super::relay::Counts;

/// The metrics of a relay.
pub(crate) struct Tally {
    allocations: Gauge,
    allocated: Counter,
    packets: Counter,
    bytes: Counter,
    dropped: Counter,
}

impl std::fmt::Debug for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tally")
    }
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            allocations: gauge!("turn_allocations"),
            allocated: counter!("turn_allocations_total"),
            packets: counter!("turn_packets_total"),
            bytes: counter!("turn_bytes_total"),
            dropped: counter!("turn_dropped_total"),
        }
    }

    /// A packet found no room in a queue.
    pub(crate) fn dropped(&self) {
        self.dropped.increment(1);
    }

    /// What happened since the last time.
    pub(crate) fn tell(&self, counts: Counts, allocations: usize) {
        self.allocations.set(f64::from(u32::try_from(allocations).unwrap_or(u32::MAX)));
        self.allocated.increment(counts.allocated);
        self.packets.increment(counts.packets);
        self.bytes.increment(counts.bytes);
        for (reason, times) in counts.refused {
            refused(reason, times);
        }
    }
}

/// Something was refused so many times.
pub(crate) fn refused(reason: &'static str, times: u64) {
    counter!("turn_refused_total", "reason" => reason).increment(times);
}
