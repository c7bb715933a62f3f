//! What the media plane tells the metrics.

use metrics::{Counter, Gauge, counter, gauge};

/// The metrics.
pub(super) struct Tally {
    received: Counter,
    sent: Counter,
    dropped: Counter,
    strange: Counter,
    ended: Counter,
    places: Gauge,
    streams: Gauge,
}

/// What happened since the last time.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Packets that came.
    pub(super) received: u64,
    /// Packets that were passed on.
    pub(super) sent: u64,
    /// Packets that found no room on their way out.
    pub(super) dropped: u64,
    /// Packets that belong to nobody.
    pub(super) strange: u64,
    /// Connections that broke off.
    pub(super) ended: u64,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            received: counter!("media_packets_received_total"),
            sent: counter!("media_packets_sent_total"),
            dropped: counter!("media_dropped_total"),
            strange: counter!("media_strange_total"),
            ended: counter!("media_ended_total"),
            places: gauge!("media_places"),
            streams: gauge!("media_streams"),
        }
    }

    /// Tells it.
    pub(super) fn tell(&self, counts: &Counts, places: usize, streams: usize) {
        self.received.increment(counts.received);
        self.sent.increment(counts.sent);
        self.dropped.increment(counts.dropped);
        self.strange.increment(counts.strange);
        self.ended.increment(counts.ended);
        self.places.set(f64::from(u32::try_from(places).unwrap_or(u32::MAX)));
        self.streams.set(f64::from(u32::try_from(streams).unwrap_or(u32::MAX)));
    }
}
