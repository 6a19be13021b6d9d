//! What is said for a request or an answer.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::boxed::Box;

use futures_core::Stream;

use crate::connection;
use crate::datagram;
use crate::frame::{Frame, Owned};
use crate::machine::{Machine, Sent};
use crate::tokio::Carry;
use crate::violation::Misuse;

/// Says something for a request or an answer.
#[derive(Debug)]
pub struct Speaker<'c, M>(pub(crate) To<'c, M>);

#[derive(Debug)]
pub(crate) enum To<'c, M> {
    Stream(connection::Sender<'c, M>),
    Datagrams(datagram::Sender<'c, M>),
}

impl<M: Machine> Speaker<'_, M> {
    /// Says something.
    ///
    /// # Errors
    /// Why it cannot be said; then nothing has changed.
    pub fn send<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Sent {
        match &mut self.0 {
            To::Stream(sender) => sender.send(message),
            To::Datagrams(sender) => sender.send(message),
        }
    }
}

type Say<M> = dyn FnMut(u64, &mut Speaker<'_, M>) -> Sent + Send;

/// A message that is said when its turn comes.
pub struct Part<M>(Box<Say<M>>);

impl<M: Machine> Part<M> {
    /// What `say` says: one message. It is called again where the session says that it is too early, and must say
    /// the same then.
    ///
    /// It is given a number that no outstanding request of this side has, from 1: what pairs a request with its reply, in
    /// protocols that pair by a number. In answers it means nothing.
    pub fn new(say: impl FnMut(u64, &mut Speaker<'_, M>) -> Sent + Send + 'static) -> Part<M> {
        Part(Box::new(say))
    }

    /// Says it.
    pub(super) fn say(&mut self, id: u64, speaker: &mut Speaker<'_, M>) -> Sent {
        let Part(say) = self;
        say(id, speaker)
    }

    /// A frame as it is.
    pub fn frame<F>(frame: Owned<F>) -> Part<M>
    where
        F: Frame + 'static,
        for<'m> F::View<'m>: Into<M::Message<'m>>,
    {
        Part::new(move |_, speaker| speaker.send(frame.view()))
    }
}

impl<M> fmt::Debug for Part<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Part")
    }
}

/// Messages, one behind the other.
pub(super) struct Parts<M> {
    next: Option<Part<M>>,
    rest: Option<Pin<Box<dyn Stream<Item = Part<M>> + Send>>>,
    begun: bool,
    /// What was begun with the last one that was said, and is not said to its end.
    unfinished: Option<&'static str>,
}

/// What came of saying the next of several messages.
pub(super) enum Said {
    /// It was said, and more may follow.
    One,
    /// All were said.
    All,
    /// It may not be said yet.
    NotYet,
    /// Nothing has made it due that was said so far.
    NotDue,
}

impl<M: Machine> Parts<M> {
    pub(super) const NONE: Parts<M> =
        Parts { next: None, rest: None, begun: false, unfinished: None };

    pub(super) fn one(part: Part<M>) -> Parts<M> {
        Parts { next: Some(part), ..Parts::NONE }
    }

    pub(super) fn then(self, rest: impl Stream<Item = Part<M>> + Send + 'static) -> Parts<M> {
        Parts { rest: Some(Box::pin(rest)), ..self }
    }

    /// Whether some of it was said already.
    pub(super) fn begun(&self) -> bool {
        self.begun
    }

    /// Says the next message, as soon as there is one. While somebody else is in the middle of several, what does not
    /// fit between them waits.
    ///
    /// # Errors
    /// Why it can never be said; [`Misuse::Unfinished`], where none is left and more was announced.
    pub(super) fn poll_say<C: Carry<Machine = M>>(
        &mut self,
        context: &mut Context<'_>,
        id: u64,
        carrier: &mut C,
        others: bool,
    ) -> Poll<Result<Said, Misuse>> {
        if self.next.is_none()
            && let Some(rest) = &mut self.rest
        {
            self.next = ready!(rest.as_mut().poll_next(context));
            if self.next.is_none() {
                self.rest = None;
            }
        }
        let Some(part) = &mut self.next else { return Poll::Ready(self.all()) };
        Poll::Ready(match carrier.say(|speaker| part.say(id, speaker)) {
            Ok(()) => {
                let session = carrier.session();
                self.unfinished = session.unfinished(session.local());
                (self.next, self.begun) = (None, true);
                if self.rest.is_some() { Ok(Said::One) } else { self.all() }
            }
            Err(
                Misuse::Wait { .. }
                | Misuse::Pending { .. }
                | Misuse::KeyInUse { .. }
                | Misuse::Full { .. },
            ) => Ok(Said::NotYet),
            // Somebody else is in the middle of something.
            Err(Misuse::Framing { .. }) if others => Ok(Said::NotYet),
            Err(Misuse::Framing { .. }) if self.begun => Ok(Said::NotDue),
            Err(misuse) => Err(misuse),
        })
    }

    /// Nothing is left to be said. What was begun nobody else can say to its end, and nothing else
    /// can be said before.
    fn all(&self) -> Result<Said, Misuse> {
        match self.unfinished {
            Some(frame) => Err(Misuse::Unfinished { frame }),
            None => Ok(Said::All),
        }
    }
}
