//! The feed of changes: the last ones are kept with their numbers, so that a service that was away can go on where it was.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use membership::Change;
use service::stop::Stop;
use tokio::sync::broadcast::{self, Receiver, Sender};

/// How many changes are kept.
const HELD: usize = 10_000;
/// How many changes may wait for one listener; who is slower is cut off and comes back.
const QUEUE: usize = 4096;
/// A sign of life in silence.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// The feed.
#[derive(Debug)]
pub(crate) struct Feed {
    ring: Mutex<Ring>,
    listeners: Sender<String>,
}

#[derive(Debug)]
struct Ring {
    /// Numbers count from one start of the bridge; another start has another epoch.
    epoch: String,
    last: u64,
    held: VecDeque<String>,
}

impl Feed {
    pub(crate) fn new(epoch: String) -> Self {
        let ring = Ring { epoch, last: 0, held: VecDeque::new() };
        Self { ring: Mutex::new(ring), listeners: broadcast::channel(QUEUE).0 }
    }

    /// Numbers the changes, keeps them and tells all listeners.
    pub(crate) fn tell(&self, changes: &[Change]) {
        let mut ring = self.lock();
        for change in changes {
            let Ok(data) = serde_json::to_string(change) else { continue };
            ring.last += 1;
            let event = format!("id: {}.{}\ndata: {data}\n\n", ring.epoch, ring.last);
            if ring.held.len() == HELD {
                ring.held.pop_front();
            }
            ring.held.push_back(event.clone());
            // Nobody listening is no error.
            let _ = self.listeners.send(event);
        }
        metrics::counter!("bridge_changes_total").increment(changes.len() as u64);
    }

    /// What a listener is told first, and the queue of what follows.
    fn listen(&self, after: Option<&str>) -> (VecDeque<String>, Receiver<String>) {
        let ring = self.lock();
        let first = match after {
            None => VecDeque::from([ring.at(ring.last)]),
            Some(after) => match ring.number(after) {
                Some(number) => {
                    let missed = usize::try_from(ring.last - number).unwrap_or(usize::MAX);
                    let start = ring.held.len().saturating_sub(missed);
                    std::iter::once(ring.at(number)).chain(ring.held.range(start..).cloned()).collect()
                }
                None => VecDeque::from([ring.at(ring.last), "event: reset\ndata: {}\n\n".to_owned()]),
            },
        };
        (first, self.listeners.subscribe())
    }

    /// The answer to a listener: an endless stream of events.
    pub(crate) fn answer(&self, after: Option<&str>, stop: Stop) -> Response {
        let (first, queue) = self.listen(after);
        let events = stream::unfold((first, queue, stop), |(mut first, mut queue, stop)| async move {
            let event = if let Some(event) = first.pop_front() {
                event
            } else {
                tokio::select! {
                    () = stop.given() => return None,
                    event = queue.recv() => event.ok()?,
                    () = tokio::time::sleep(HEARTBEAT) => ": alive\n\n".to_owned(),
                }
            };
            Some((Ok::<_, std::convert::Infallible>(event), (first, queue, stop)))
        });
        let content_type = (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        ([content_type], Body::from_stream(events)).into_response()
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn at(&self, number: u64) -> String {
        format!("event: at\nid: {}.{number}\ndata: {{}}\n\n", self.epoch)
    }

    /// The number of an id after which every change is still held.
    fn number(&self, id: &str) -> Option<u64> {
        let (epoch, number) = id.rsplit_once('.')?;
        let number = number.parse().ok()?;
        let oldest = self.last - self.held.len() as u64;
        (epoch == self.epoch && (oldest..=self.last).contains(&number)).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use membership::SessionId;

    fn told(times: u64) -> Feed {
        let feed = Feed::new("e".into());
        for n in 0..times {
            feed.tell(&[Change::SignedOut { sid: SessionId::new(n, 0) }]);
        }
        feed
    }

    fn ids(feed: &Feed, after: Option<&str>) -> Vec<String> {
        let (first, _) = feed.listen(after);
        first
            .iter()
            .flat_map(|event| event.lines())
            .filter(|l| l.starts_with("id") || l.contains("reset"))
            .map(Into::into)
            .collect()
    }

    #[test]
    fn a_listener_goes_on_where_it_was() {
        let feed = told(3);
        assert_eq!(ids(&feed, None), ["id: e.3"]);
        assert_eq!(ids(&feed, Some("e.1")), ["id: e.1", "id: e.2", "id: e.3"]);
        assert_eq!(ids(&feed, Some("e.3")), ["id: e.3"]);
    }

    #[test]
    fn an_unknown_number_is_answered_by_a_reset() {
        for unknown in ["e.4", "f.1", "", "e.", "e.-1", "x"] {
            assert_eq!(ids(&told(3), Some(unknown)), ["id: e.3", "event: reset"], "{unknown}");
        }
        assert_eq!(ids(&told(HELD as u64 + 2), Some("e.1")).len(), 2);
    }
}
