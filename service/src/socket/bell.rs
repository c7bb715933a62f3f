//! A bell: whether any of a group of sources has news. A task that is mostly woken for something else need not ask each of
//! them at every wake.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

/// Rings when a source of the group has news.
#[derive(Debug)]
pub(crate) struct Bell {
    wire: Arc<Wire>,
    /// What the sources are given to wake: the same wire.
    waker: Waker,
}

#[derive(Debug, Default)]
struct Wire {
    rung: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Wire {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl Bell {
    /// A bell of sources that were never asked, so that it rings.
    pub(crate) fn new() -> Self {
        let wire = Arc::new(Wire { rung: AtomicBool::new(true), ..Wire::default() });
        Self { waker: wire.clone().into(), wire }
    }

    /// Asks the sources if it has rung. `ask` polls one after the other until one is ready.
    pub(crate) fn poll<T>(&self, context: &Context<'_>, ask: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        // First the task, then the question: a ring between the two is heard.
        self.wire.task.register(context.waker());
        if !self.wire.rung.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let answer = ask(&mut Context::from_waker(&self.waker));
        if answer.is_ready() {
            // That source may have more, and those behind it were not asked.
            self.wire.rung.store(true, Ordering::Release);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often sources that have `news` times something are asked, and how often they have an answer, in so many polls.
    fn polls(bell: &Bell, times: usize, mut news: usize) -> (usize, usize) {
        let (mut asked, mut answered) = (0, 0);
        for _ in 0..times {
            let answer = bell.poll(&Context::from_waker(Waker::noop()), |_| {
                asked += 1;
                if news == 0 {
                    return Poll::Pending;
                }
                news -= 1;
                Poll::Ready(())
            });
            answered += usize::from(answer.is_ready());
        }
        (asked, answered)
    }

    #[test]
    fn sources_without_news_are_asked_once() {
        assert_eq!(polls(&Bell::new(), 10, 0), (1, 0));
    }

    #[test]
    fn sources_that_answer_are_asked_again_until_they_have_no_more() {
        assert_eq!(polls(&Bell::new(), 10, 3), (4, 3));
    }

    #[test]
    fn a_ring_wakes_the_task_and_is_heard_even_if_it_comes_while_the_sources_are_asked() {
        let (bell, task) = (Bell::new(), Arc::new(Wire::default()));
        let waker = Waker::from(task.clone());
        let poll = |ring: bool| {
            bell.poll::<()>(&Context::from_waker(&waker), |context| {
                if ring {
                    context.waker().wake_by_ref();
                }
                Poll::Pending
            })
        };
        assert!(poll(true).is_pending());
        assert!(task.rung.swap(false, Ordering::AcqRel), "the task was woken");
        assert_eq!(polls(&bell, 2, 0), (1, 0));
    }
}
