//! A time to wake at, which may change.

use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;

use tokio::time::{Instant, Sleep, sleep_until};

/// Wakes whoever waits at a time, which may be another one each time it is asked. Before it is, it
/// holds nothing.
#[derive(Debug)]
pub(crate) struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    pub(crate) const fn new() -> Alarm {
        Alarm { sleep: None }
    }

    /// Ready when it is time; never, where there is no time.
    pub(crate) fn poll_until(
        &mut self,
        context: &mut Context<'_>,
        time: Option<Instant>,
    ) -> Poll<()> {
        let Some(time) = time else { return Poll::Pending };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(time)));
        if sleep.deadline() != time {
            sleep.as_mut().reset(time);
        }
        sleep.as_mut().poll(context)
    }
}
