//! What was heard of the other side: a request, or what came of one.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::collections::VecDeque;

use futures_core::Stream;
use tokio::sync::mpsc;
use tokio_util::sync::PollSender;

use super::Failed;

/// How many parts of a message wait for who reads them, before no more is read of the connection.
const WAITING_PARTS: usize = 16;

/// A part, and whether it is the last.
type Part<T> = (Option<T>, bool);

/// What the other side said: the events of a request, or of all replies to one, as what the program made of
/// them. Most have one part; a streamed payload has a part for each piece of it and its end, and replies that are sent again
/// and again have theirs.
///
/// As long as a part waits to be read, the connection goes on; where 16 do, it waits. Whoever does not
/// want the rest drops it.
pub struct Heard<T> {
    first: Option<T>,
    rest: Option<mpsc::Receiver<Part<T>>>,
}

impl<T> Heard<T> {
    /// The first part of it, and where the others go to, unless it is the `last`.
    pub(super) fn begun(first: Option<T>, last: bool) -> (Heard<T>, Option<mpsc::Sender<Part<T>>>) {
        let (to, rest) = (!last).then(|| mpsc::channel(WAITING_PARTS)).unzip();
        (Heard { first, rest }, to)
    }

    /// The first part, as long as it was not taken.
    pub fn first(&self) -> Option<&T> {
        self.first.as_ref()
    }

    /// The next part; `None` when there is none left.
    ///
    /// # Errors
    /// [`Failed::Closed`], where the connection ended before all of it had come.
    pub async fn next(&mut self) -> Result<Option<T>, Failed> {
        core::future::poll_fn(|context| self.poll_part(context)).await
    }

    /// The first part, for what has no other.
    ///
    /// # Errors
    /// [`Failed::NoReply`], where nothing was to come, and as [`Heard::next`].
    pub async fn one(mut self) -> Result<T, Failed> {
        self.next().await?.ok_or(Failed::NoReply)
    }

    fn poll_part(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<T>, Failed>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Ok(Some(first)));
        }
        let Some(rest) = &mut self.rest else { return Poll::Ready(Ok(None)) };
        Poll::Ready(match ready!(rest.poll_recv(context)) {
            Some((part, last)) => {
                if last {
                    self.rest = None;
                }
                Ok(part)
            }
            None => {
                self.rest = None;
                Err(Failed::Closed)
            }
        })
    }
}

impl<T: Unpin> Stream for Heard<T> {
    type Item = Result<T, Failed>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_part(context).map(Result::transpose)
    }
}

impl<T: fmt::Debug> fmt::Debug for Heard<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = if self.rest.is_some() { "to come" } else { "none" };
        formatter.debug_struct("Heard").field("first", &self.first).field("rest", &rest).finish()
    }
}

/// Parts on their way to who reads them.
pub(super) struct Passing<T> {
    waiting: VecDeque<(PollSender<Part<T>>, Part<T>)>,
}

impl<T: Send + 'static> Passing<T> {
    pub(super) fn new() -> Passing<T> {
        Passing { waiting: VecDeque::new() }
    }

    /// Whether one waits for its reader.
    pub(super) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// A part goes to who reads it, at once if it can.
    pub(super) fn pass(&mut self, to: &mpsc::Sender<Part<T>>, part: Option<T>, last: bool) {
        let sent = if self.waits() { Err(part) } else { self.try_pass(to, part, last) };
        if let Err(part) = sent {
            self.waiting.push_back((PollSender::new(to.clone()), (part, last)));
        }
    }

    fn try_pass(
        &self,
        to: &mpsc::Sender<Part<T>>,
        part: Option<T>,
        last: bool,
    ) -> Result<(), Option<T>> {
        match to.try_send((part, last)) {
            Err(mpsc::error::TrySendError::Full((part, _))) => Err(part),
            // Who has dropped the rest does not want it.
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
        }
    }

    /// Passes on what can be; whether anything was.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> bool {
        let mut moved = false;
        while let Some((to, _)) = self.waiting.front_mut() {
            let Poll::Ready(room) = to.poll_reserve(context) else { break };
            let Some((mut to, part)) = self.waiting.pop_front() else { break };
            if room.is_ok() {
                // Who has dropped the rest since does not want it.
                let _ = to.send_item(part);
            }
            moved = true;
        }
        moved
    }
}
