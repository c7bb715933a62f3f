//! The outbox of one socket: frames that wait to be written, with a bound. A reader who is too slow is told to resume
//! instead of growing memory.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use axum::extract::ws::Utf8Bytes;

/// Most frames that wait.
const FRAMES: usize = 1024;
/// Most bytes that wait.
const BYTES: usize = 2 * 1024 * 1024;

/// Places for frames that an idle outbox keeps.
const KEPT: usize = 8;

/// Frames on their way to one socket.
#[derive(Debug, Default)]
pub struct Outbox(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Utf8Bytes>,
    bytes: usize,
    overflowed: bool,
    closed: bool,
    /// Who waits for the next frame. It lies beside the frames, so that one lock does for both.
    reader: Option<Waker>,
}

/// What there is to write.
#[derive(Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// These frames, in this order.
    Frames(VecDeque<Utf8Bytes>),
    /// The reader was too slow; what waited is dropped.
    Overflow,
    /// The last frames; the socket is to be closed after them.
    Last(VecDeque<Utf8Bytes>),
}

impl Outbox {
    /// Puts a frame in. The frame is shared, not copied.
    pub fn put(&self, frame: Utf8Bytes) {
        self.add(frame.len(), std::iter::once(frame));
    }

    /// Puts frames in, and wakes the reader once for all of them.
    pub fn put_all(&self, frames: &[Utf8Bytes]) {
        self.add(frames.iter().map(|frame| frame.len()).sum(), frames.iter().cloned());
    }

    fn add(&self, bytes: usize, frames: impl Iterator<Item = Utf8Bytes>) {
        let mut queue = self.queue();
        if queue.overflowed || queue.closed {
            return;
        }
        queue.bytes += bytes;
        queue.frames.extend(frames);
        if queue.frames.len() > FRAMES || queue.bytes > BYTES {
            *queue = Queue { overflowed: true, reader: queue.reader.take(), ..Queue::default() };
        }
        wake(queue);
    }

    /// Asks for the socket to be closed once everything before is written.
    pub fn close(&self) {
        let mut queue = self.queue();
        queue.closed = true;
        wake(queue);
    }

    /// Waits until there is something to write, and takes all of it. One reader at a time.
    pub async fn take(&self) -> Outgoing {
        poll_fn(|context| self.poll_take(context)).await
    }

    fn poll_take(&self, context: &Context<'_>) -> Poll<Outgoing> {
        let mut queue = self.queue();
        queue.take().map_or_else(
            || {
                queue.reader = Some(context.waker().clone());
                Poll::Pending
            },
            Poll::Ready,
        )
    }

    /// Gives back what the frames lay in, for the next ones.
    pub fn give_back(&self, empty: VecDeque<Utf8Bytes>) {
        let mut queue = self.queue();
        if queue.frames.capacity() == 0 && empty.capacity() <= KEPT {
            queue.frames = empty;
        }
    }

    /// What there is to write now.
    pub fn try_take(&self) -> Option<Outgoing> {
        self.queue().take()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn take(&mut self) -> Option<Outgoing> {
        if self.overflowed {
            return Some(Outgoing::Overflow);
        }
        // An empty queue keeps its places.
        if self.frames.is_empty() && !self.closed {
            return None;
        }
        self.bytes = 0;
        let frames = std::mem::take(&mut self.frames);
        Some(if self.closed { Outgoing::Last(frames) } else { Outgoing::Frames(frames) })
    }
}

/// Lets go of the queue and wakes its reader.
fn wake(mut queue: MutexGuard<'_, Queue>) {
    let reader = queue.reader.take();
    drop(queue);
    if let Some(reader) = reader {
        reader.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_come_out_in_order_and_all_at_once() {
        let outbox = Outbox::default();
        outbox.put("a".into());
        outbox.put("b".into());
        assert_eq!(outbox.take().await, Outgoing::Frames(["a".into(), "b".into()].into()));
    }

    #[tokio::test]
    async fn a_slow_reader_costs_a_bounded_amount_of_memory() {
        let outbox = Outbox::default();
        for _ in 0..=FRAMES {
            outbox.put("x".into());
        }
        assert_eq!(outbox.take().await, Outgoing::Overflow);
        let outbox = Outbox::default();
        outbox.put("x".repeat(BYTES + 1).into());
        assert_eq!(outbox.take().await, Outgoing::Overflow);
    }

    #[tokio::test]
    async fn what_was_put_before_closing_is_still_written() {
        let outbox = Outbox::default();
        outbox.put("bye".into());
        outbox.close();
        outbox.put("too late".into());
        assert_eq!(outbox.take().await, Outgoing::Last(["bye".into()].into()));
    }
}
