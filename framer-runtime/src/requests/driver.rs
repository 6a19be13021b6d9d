//! What drives a connection for those who ask and answer over it.

use core::future::{pending, poll_fn};
use core::pin::pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::boxed::Box;

use tokio::time::Instant;
use tower_service::Service;

use super::client::{Failed, Questions};
use super::heard::{Heard, Passing};
use super::own::Own;
use super::peers::Peers;
use super::{Answer, Hear, Requests};
use crate::error::Error;
use crate::machine::Progress;
use crate::session::Answered;
use crate::tokio::{Alarm, Carry};
use crate::violation::Misuse;

/// Drives a connection: reads and writes at once, takes what comes to who waits for it or to the
/// service, and says what is asked and answered.
///
/// Nothing happens unless [`run`](Driver::run) is polled. When it is dropped, so is the connection, and every
/// waiter is told [`Failed::Closed`].
pub struct Driver<C: Carry, T, V: Service<Heard<T>>> {
    carrier: C,
    hear: Hear<C::Machine, T>,
    asked: Questions<C::Machine, T>,
    own: Own<C::Machine, T>,
    peers: Peers<C::Machine, T, V>,
    passing: Passing<T>,
    /// What the frame belongs to that is coming.
    current: Option<Current>,
    /// Somebody answers: otherwise it is over when nobody asks any more.
    serves: bool,
    /// Nobody asks any more.
    unasked: bool,
    /// More must be read before anything is heard.
    wants: bool,
    /// The peer's bytes have ended, and how.
    ended: Option<Result<(), Error>>,
    stopping: bool,
    grace: Duration,
    /// What was said last may wait until then for more to be written with it.
    flush_at: Option<Instant>,
    /// What was said is on its way, and may not have left the stream.
    flushing: bool,
    alarm: Alarm,
}

/// What a frame belongs to.
#[derive(Clone, Copy)]
enum Current {
    /// The answer to a request of this side.
    Own(u64),
    /// A message of the other side.
    Peer(u64),
}

/// How a session goes on without its driver.
enum Over {
    Ended,
    Upgrade,
}

impl<C, T, V> Driver<C, T, V>
where
    C: Carry,
    C::Machine: 'static,
    T: Send + 'static,
    V: Service<Heard<T>, Response = Answer<C::Machine>>,
    V::Error: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    V::Future: Send + 'static,
{
    pub(super) fn new(
        requests: Requests<C::Machine, T>,
        carrier: C,
        asked: Questions<C::Machine, T>,
        service: V,
        serves: bool,
    ) -> Self {
        let Requests { hear, ids, grace, .. } = requests;
        let pending = carrier.session().protocol().pending;
        Driver {
            carrier,
            hear,
            asked,
            own: Own::new(ids),
            peers: Peers::new(service, pending),
            passing: Passing::new(),
            current: None,
            serves,
            unasked: false,
            wants: false,
            ended: None,
            stopping: false,
            grace,
            flush_at: None,
            flushing: false,
            alarm: Alarm::new(),
        }
    }

    /// Drives the connection until it is over: the session or the peer's bytes have ended, and all that came is
    /// answered; or, where nothing is served, no [`Client`](super::Client) is left and all that was asked is answered. The
    /// connection, where an upgrade is due, to be handed to the other layer.
    ///
    /// # Errors
    /// What ends the connection. An error of the service does, as an [`Error::Io`]: what can be said of a failure in an answer is
    /// for the service to say. [`Misuse::Owed`], where the service says nothing and a reply is
    /// awaited.
    pub async fn run(self) -> Result<Option<C>, Error> {
        self.run_until(pending()).await
    }

    /// The same, until it is to `stop`: then what has come is answered, what was asked is awaited, nothing
    /// else is asked, and the connection is over.
    ///
    /// # Errors
    /// As [`run`](Driver::run).
    pub async fn run_until(mut self, stop: impl Future<Output = ()>) -> Result<Option<C>, Error> {
        let over = self.go_on(stop).await;
        let failed = over.as_ref().map_or_else(Failed::of, |_| Failed::Closed);
        self.own.fail(failed);
        self.asked.fail(failed);
        Ok(match over? {
            Over::Upgrade => Some(self.carrier),
            Over::Ended => None,
        })
    }

    async fn go_on(&mut self, stop: impl Future<Output = ()>) -> Result<Over, Error> {
        let mut stop = pin!(stop);
        poll_fn(|context| {
            self.stopping = self.stopping || stop.as_mut().poll(context).is_ready();
            self.poll(context)
        })
        .await
    }

    /// Goes on as far as it can, and as long as it may.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Over, Error>> {
        loop {
            let deadline = self.carrier.deadline()?.into_iter().chain(self.flush_at).min();
            if C::DATAGRAMS {
                self.own.lapse(self.carrier.session());
            }
            match self.poll_over(context)? {
                Poll::Ready(Some(over)) => return Poll::Ready(Ok(over)),
                // What has happened may have changed until when to wait.
                Poll::Ready(None) => {}
                Poll::Pending => ready!(self.alarm.poll_until(context, deadline)),
            }
        }
    }

    /// Goes on as far as it can; `None` where it could.
    fn poll_over(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Over>, Error>> {
        let mut began = false;
        loop {
            let mut moved = self.passing.poll(context);
            moved |= self.hear(context)?;
            if self.carrier.session().upgrade_announced() {
                return Poll::Ready(Ok(Some(Over::Upgrade)));
            }
            moved |= self.peers.poll(context)?;
            let others = self.own.speaks();
            moved |= self.peers.poll_say(context, &mut self.carrier, others)?;
            moved |= self.ask(context)?;
            moved |= self.write(context)?;
            moved |= self.read(context)?;
            if self.is_over(context) {
                ready!(self.carrier.poll_flush(context))?;
                ready!(self.carrier.poll_shutdown(context))?;
                let ended = self.ended.take().unwrap_or(Ok(()));
                return Poll::Ready(ended.map(|()| Some(Over::Ended)));
            }
            if !moved {
                return if began { Poll::Ready(Ok(None)) } else { Poll::Pending };
            }
            began = true;
        }
    }

    /// Whether nothing is left to be done.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let closed = self.carrier.session().closed();
        let answered = self.peers.is_empty() || closed;
        if !self.carrier.is_written() || self.passing.waits() || !answered {
            return false;
        }
        closed || self.ended.is_some() || self.is_done(context)
    }

    /// Whether nothing more is to be heard: it is to stop, or nobody asks any more, and nobody
    /// waits for an answer.
    fn is_done(&mut self, context: &mut Context<'_>) -> bool {
        let done = self.stopping || self.unasked && !self.serves;
        done && !self.own.poll_waited_for(context)
    }

    /// Takes what has come to where it belongs; whether there was anything.
    fn hear(&mut self, context: &mut Context<'_>) -> Result<bool, Error> {
        let mut moved = false;
        self.wants = false;
        // Behind the end of the stream there is nothing, and all before it was heard.
        while self.ended.is_none() && !self.passing.waits() && !self.peers.is_full() {
            if self.current.is_none() && self.is_done(context) {
                break;
            }
            let before = self.carrier.session().progress();
            let heard = match self.carrier.hear(&mut self.hear)? {
                Progress::Event(heard) => heard,
                Progress::More(_) => {
                    self.wants = true;
                    break;
                }
                Progress::Owed if self.peers.is_empty() && self.own.may_begin() => {
                    return Err(Misuse::Owed.into());
                }
                Progress::Owed | Progress::Closed => break,
            };
            moved = true;
            if self.carrier.session().upgrade_announced() {
                break;
            }
            self.take(heard, before);
        }
        Ok(moved)
    }

    /// An event has come, behind so much progress of the session.
    fn take(&mut self, heard: T, before: u64) {
        let session = self.carrier.session();
        let peer = session.local().peer();
        let goes_on = session.goes_on(peer);
        // A piece of a payload is no frame, and answers nothing.
        let answered = session.answered().filter(|_| session.progress() != before);
        let own = answered.and_then(|Answered { number, last }| self.own.answered(number, last));
        let current = match (own, self.current) {
            (Some(id), _) | (None, Some(Current::Own(id))) => {
                self.own.pass(id, heard, goes_on, &mut self.passing);
                Current::Own(id)
            }
            (None, Some(Current::Peer(id))) => {
                self.peers.pass(heard, goes_on, &mut self.passing);
                Current::Peer(id)
            }
            (None, None) => Current::Peer(self.peers.begin(heard, goes_on)),
        };
        let session = self.carrier.session();
        if let Current::Peer(id) = current {
            let new = session.numbers(peer).rev();
            for (_, ordered) in new.take_while(|(number, _)| *number > before) {
                self.peers.asks(id, ordered);
            }
            if !goes_on {
                self.peers.complete(id);
            }
        }
        self.own.settle(session, &mut self.passing);
        self.current = goes_on.then_some(current);
    }

    /// Says what is asked; whether there was anything.
    fn ask(&mut self, context: &mut Context<'_>) -> Result<bool, Error> {
        let mut moved = false;
        while !self.carrier.is_full() {
            if !self.unasked && self.own.may_begin() {
                match self.asked.poll_next(context) {
                    Poll::Ready(Some(asked)) if self.ended.is_some() || self.stopping => {
                        asked.fail(Failed::Closed);
                    }
                    Poll::Ready(Some(asked)) => self.own.begin(asked),
                    Poll::Ready(None) => self.unasked = true,
                    Poll::Pending => break,
                }
            } else {
                let others = self.peers.speaks();
                let (carrier, passing) = (&mut self.carrier, &mut self.passing);
                if !self.own.poll_say(context, carrier, passing, others)? {
                    break;
                }
            }
            moved = true;
        }
        Ok(moved)
    }

    /// Writes what waits; whether all of it was written.
    fn write(&mut self, context: &mut Context<'_>) -> Result<bool, Error> {
        if self.carrier.is_written() && !self.flushing {
            return Ok(false);
        }
        if !self.grace.is_zero() && !self.carrier.is_full() && !self.flushing {
            let now = Instant::now();
            let new = self.flush_at.is_none();
            let until = *self.flush_at.get_or_insert_with(|| now + self.grace);
            if now < until {
                // Until then is how long to wait, from now on.
                return Ok(new);
            }
        }
        self.flush_at = None;
        self.flushing = self.carrier.poll_flush(context)?.is_pending();
        Ok(!self.flushing)
    }

    /// Reads, if anything is wanted; whether anything was.
    fn read(&mut self, context: &mut Context<'_>) -> Result<bool, Error> {
        if !self.wants || self.ended.is_some() {
            return Ok(false);
        }
        let Poll::Ready(read) = self.carrier.poll_fill(context)? else { return Ok(false) };
        if !read {
            let ended = self.carrier.end_of_stream();
            let failed = ended.as_ref().err().map_or(Failed::Closed, Failed::of);
            // The end of the stream is the end of the payload, or cuts it.
            match self.current.take() {
                Some(Current::Own(id)) if ended.is_ok() => self.own.finish(id, &mut self.passing),
                Some(Current::Peer(id)) => {
                    self.peers.ended(id, ended.is_ok(), &mut self.passing);
                }
                _ => {}
            }
            self.own.fail(failed);
            self.ended = Some(ended);
        }
        Ok(true)
    }
}
