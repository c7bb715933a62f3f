//! How fast one may send to a receiver: from what it says arrived, and when. Queues that grow and packets that are lost say
//! that it is too fast; then what got through is the measure. The parts that watch the queue are the library's.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rtc::interceptor::{BandwidthEstimator, OveruseDetector, PacketReport, SlopeEstimator, Usage};

/// What is believed before anything is known, and the bounds, in bits per second.
const FIRST: f64 = 1_500_000.0;
const LEAST: f64 = 60_000.0;
const MOST: f64 = 50_000_000.0;
/// The part of what got through that is believed after it was too fast.
const BACK: f64 = 0.85;
/// How it grows in a second: as long as it was never too fast, and afterwards.
const EAGER: f64 = 2.0;
const CAREFUL: f64 = 1.5;
/// The part of packets whose loss is no accident.
const LOSS: f64 = 0.1;
/// For how long it does not grow above what was too fast: the first time, and at most.
const PATIENCE: Duration = Duration::from_secs(3);
const LONGEST: Duration = Duration::from_secs(5);
/// How long a loss counts, and of how many packets it must be the part.
const LATELY: Duration = Duration::from_millis(1200);
const FEW: usize = 15;
/// How long a queue must grow before that is believed.
const LASTS: Duration = Duration::from_millis(200);
/// How long it is measured what gets through.
const WINDOW: Duration = Duration::from_millis(600);
/// The least time between two steps back: what is under way was sent before the last one.
const STEP: Duration = Duration::from_millis(300);

/// What was too fast once.
#[derive(Debug, Clone, Copy)]
struct Ceiling {
    rate: f64,
    since: Instant,
    patience: Duration,
}

/// What arrived lately, by the clock of the receiver: what is reported in one go did not arrive in one go.
#[derive(Debug, Default)]
struct Received {
    packets: VecDeque<(Instant, Duration, usize)>,
    bytes: usize,
}

impl Received {
    fn add(&mut self, departure: Instant, arrival: Duration, size: usize) {
        self.packets.push_back((departure, arrival, size));
        self.bytes += size;
        while let Some((_, first, size)) = self.packets.front().copied() {
            if arrival.saturating_sub(first) <= WINDOW {
                break;
            }
            self.packets.pop_front();
            self.bytes -= size;
        }
    }

    /// Whether it took longer to arrive than to send: a queue grows. A machine that is busy delays packets, too, but one
    /// after the other arrives as fast as it was sent.
    fn is_stretched(&self) -> bool {
        let (Some(first), Some(last)) = (self.packets.front(), self.packets.back()) else { return false };
        let (sent, arrived) = (last.0.saturating_duration_since(first.0), last.1.saturating_sub(first.1));
        arrived > sent + sent / 12
    }

    /// In bits per second, once enough has come to tell.
    fn rate(&self) -> Option<f64> {
        let span = self.packets.back()?.1.saturating_sub(self.packets.front()?.1);
        let bits = f64::from(u32::try_from(self.bytes * 8).unwrap_or(u32::MAX));
        (span > WINDOW / 3).then(|| bits / span.as_secs_f64())
    }
}

/// The belief about one receiver.
pub(super) struct Bandwidth {
    slope: SlopeEstimator,
    queue: OveruseDetector,
    received: Received,
    /// What was reported lately: when, how much of it is lost, and how much there was.
    lately: VecDeque<(Instant, usize, usize)>,
    rate: f64,
    ceiling: Option<Ceiling>,
    changed: Option<Instant>,
    /// Since when the queue grows.
    over: Option<Instant>,
}

impl Bandwidth {
    /// Nothing is known.
    pub(super) fn new() -> Self {
        Self {
            slope: SlopeEstimator::new(),
            queue: OveruseDetector::new(),
            received: Received::default(),
            lately: VecDeque::new(),
            rate: FIRST,
            ceiling: None,
            changed: None,
            over: None,
        }
    }

    /// It was too fast.
    fn back(&mut self, now: Instant, received: f64) {
        if self.ceiling.is_some_and(|ceiling| now.saturating_duration_since(ceiling.since) < STEP) {
            return;
        }
        let patience = match self.ceiling {
            // It grew, and failed again.
            Some(before) if now.saturating_duration_since(before.since) > before.patience => {
                (before.patience * 2).min(LONGEST)
            }
            Some(before) => before.patience,
            None => PATIENCE,
        };
        self.rate = (received * BACK).clamp(LEAST, self.rate);
        self.ceiling = Some(Ceiling { rate: received, since: now, patience });
    }

    fn grow(&mut self, passed: Duration, now: Instant) {
        let per_second = if self.ceiling.is_some() { CAREFUL } else { EAGER };
        let grown = (self.rate * f64::powf(per_second, passed.as_secs_f64().min(1.0))).min(MOST);
        let held = self.ceiling.filter(|ceiling| now.saturating_duration_since(ceiling.since) < ceiling.patience);
        self.rate = held.map_or(grown, |ceiling| grown.min(ceiling.rate.max(self.rate)));
    }
}

impl BandwidthEstimator for Bandwidth {
    fn on_reports(&mut self, now: Instant, reports: &[PacketReport]) {
        if reports.is_empty() {
            return;
        }
        let mut usage = self.queue.usage();
        for report in reports {
            if let Some(arrival) = report.arrival {
                self.received.add(report.departure, arrival, report.size);
            }
            if let Some(trend) = self.slope.accumulate(report) {
                usage = self.queue.update(trend.at, trend.estimate_ms);
            }
        }
        self.lately.push_back((now, reports.iter().filter(|report| !report.arrived).count(), reports.len()));
        while self.lately.front().is_some_and(|(at, ..)| now.saturating_duration_since(*at) > LATELY) {
            self.lately.pop_front();
        }
        let (lost, all) = self.lately.iter().fold((0, 0), |(lost, all), one| (lost + one.1, all + one.2));
        // Of a few packets one is no part.
        let lost = if all < FEW { 0.0 } else { part(lost, all) };
        let passed = self.changed.map_or(Duration::ZERO, |changed| now.saturating_duration_since(changed));
        self.changed = Some(now);
        let received = self.received.rate();
        let grows = usage == Usage::Over && self.received.is_stretched();
        let since = if grows { Some(*self.over.get_or_insert(now)) } else { None };
        self.over = since;
        let lasts = since.is_some_and(|since| now.saturating_duration_since(since) >= LASTS);
        match (usage, received) {
            (_, Some(received)) if lasts => self.back(now, received),
            (_, Some(received)) if lost > LOSS => self.back(now, received),
            (Usage::Normal, _) if lost < LOSS * 0.8 => self.grow(passed, now),
            _ => {}
        }
    }

    fn target_bitrate(&self) -> f64 {
        self.rate
    }
}

fn part(some: usize, all: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    number(some) / number(all).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtc::rtcp::transport_feedbacks::cc_feedback_report::Ecn;

    /// A link of so many bits per second with a queue of half a second, over which one sends at a rate.
    struct Link {
        begun: Instant,
        now: Duration,
        /// When the link has sent what it was given.
        free: Duration,
        sent: u64,
        bandwidth: Bandwidth,
    }

    impl Link {
        fn new() -> Self {
            let (now, free) = (Duration::ZERO, Duration::ZERO);
            Self { begun: Instant::now(), now, free, sent: 0, bandwidth: Bandwidth::new() }
        }

        /// Sends for some seconds at what is believed, but no more than `wish`; of each `one_in` packets one is lost.
        fn run(&mut self, seconds: u64, link: f64, wish: f64, one_in: u64) -> f64 {
            let until = self.now + Duration::from_secs(seconds);
            let mut reports = Vec::new();
            let mut told = self.now;
            while self.now < until {
                self.sent += 1;
                let size = 1200;
                let takes = Duration::from_secs_f64(f64::from(size) * 8.0 / link);
                let waits = self.free.saturating_sub(self.now);
                let arrived = waits < Duration::from_millis(500) && !self.sent.is_multiple_of(one_in);
                if arrived {
                    self.free = self.now.max(self.free) + takes;
                }
                reports.push(PacketReport {
                    ssrc: 1,
                    id: self.sent,
                    rtp_sequence_number: 0,
                    is_twcc: true,
                    twcc_sequence_number: 0,
                    size: 1200,
                    arrived,
                    departure: self.begun + self.now,
                    arrival: arrived.then_some(self.free + Duration::from_millis(20)),
                    ecn: Ecn::default(),
                });
                let rate = wish.min(self.bandwidth.target_bitrate());
                self.now += Duration::from_secs_f64(f64::from(size) * 8.0 / rate);
                if self.now.saturating_sub(told) > Duration::from_millis(100) {
                    told = self.now;
                    self.bandwidth.on_reports(self.begun + self.now, &std::mem::take(&mut reports));
                }
            }
            self.bandwidth.target_bitrate()
        }
    }

    #[test]
    fn a_link_that_becomes_narrow_is_noticed_within_three_seconds_and_found_wide_again_within_ten() {
        let mut link = Link::new();
        assert!(link.run(10, 20_000_000.0, 2_000_000.0, u64::MAX) > 2_000_000.0);
        let narrow = link.run(3, 300_000.0, 2_000_000.0, u64::MAX);
        assert!(narrow < 350_000.0, "{narrow}");
        let narrow = link.run(10, 300_000.0, 2_000_000.0, u64::MAX);
        assert!((100_000.0..500_000.0).contains(&narrow), "{narrow}");
        let wide = link.run(10, 20_000_000.0, 2_000_000.0, u64::MAX);
        assert!(wide > 700_000.0, "{wide}");
    }

    #[test]
    fn a_few_lost_packets_are_an_accident() {
        let mut link = Link::new();
        assert!(link.run(10, 20_000_000.0, 1_000_000.0, 20) > 1_500_000.0);
        assert!(link.run(5, 20_000_000.0, 1_000_000.0, 4) < 1_000_000.0, "many are not");
    }
}
