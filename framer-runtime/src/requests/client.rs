//! Who asks.

use core::fmt;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::boxed::Box;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::PollSemaphore;
use tower_service::Service;

use super::heard::Heard;
use super::part::{Part, Parts};
use crate::error::Error;
use crate::machine::Machine;
use crate::violation::{Misuse, Violation};

/// Why a request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Failed {
    /// It could not be said.
    #[error("{0}")]
    Misuse(Misuse),
    /// It was not answered in time.
    #[error("not answered in time")]
    TimedOut,
    /// Nothing was to answer it.
    #[error("nothing answers it")]
    NoReply,
    /// The connection ended before it was answered.
    #[error("the connection ended before the answer")]
    Closed,
    /// The peer broke a rule before it was answered.
    #[error("{0}")]
    Violation(Violation),
    /// The transport failed before it was answered.
    #[error("the transport failed: {0}")]
    Io(io::ErrorKind),
}

impl Failed {
    /// What an error that ends the connection is for who waits.
    pub(super) fn of(error: &Error) -> Failed {
        match error {
            Error::Violation(violation) => Failed::Violation(*violation),
            // Who is to blame for it was told.
            Error::Misuse(_) => Failed::Closed,
            Error::Unanswered(_) => Failed::TimedOut,
            Error::Io(error) => Failed::Io(error.kind()),
        }
    }
}

/// What is asked: a message, or several, and how long the answer may take.
pub struct Request<M> {
    pub(super) parts: Parts<M>,
    within: Option<Duration>,
}

impl<M: Machine> Request<M> {
    /// One message.
    pub fn new(part: Part<M>) -> Request<M> {
        Request { parts: Parts::one(part), within: None }
    }

    /// Says these behind it: the pieces of a payload, for example. They are asked for as the connection takes
    /// them.
    #[must_use]
    pub fn then(self, rest: impl Stream<Item = Part<M>> + Send + 'static) -> Request<M> {
        Request { parts: self.parts.then(rest), ..self }
    }

    /// Waits so long for the first part of the answer, and for ever without this. [`Client::ask`] counts from when it is
    /// called, a service from when there was a place.
    #[must_use]
    pub fn within(self, time: Duration) -> Request<M> {
        Request { within: Some(time), ..self }
    }
}

impl<M: Machine> From<Part<M>> for Request<M> {
    fn from(part: Part<M>) -> Request<M> {
        Request::new(part)
    }
}

impl<M> fmt::Debug for Request<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Request").field("within", &self.within).finish_non_exhaustive()
    }
}

/// A request on its way to the connection.
pub(super) struct Asked<M, T> {
    pub(super) parts: Parts<M>,
    pub(super) answer: oneshot::Sender<Result<Heard<T>, Failed>>,
    /// Its place among those that may go on at once.
    pub(super) place: OwnedSemaphorePermit,
}

/// Where a driver is asked. Who waits for a place is told when it is gone.
pub(super) struct Questions<M, T> {
    asked: mpsc::UnboundedReceiver<Asked<M, T>>,
    places: Arc<Semaphore>,
}

impl<M, T> Questions<M, T> {
    /// The next; `None` when nobody asks any more.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Asked<M, T>>> {
        self.asked.poll_recv(context)
    }

    /// All that is asked from now on is told so.
    pub(super) fn fail(&mut self, failed: Failed) {
        self.places.close();
        self.asked.close();
        while let Ok(asked) = self.asked.try_recv() {
            asked.fail(failed);
        }
    }
}

impl<M, T> Drop for Questions<M, T> {
    fn drop(&mut self) {
        self.places.close();
    }
}

impl<M, T> Asked<M, T> {
    /// It is told so.
    pub(super) fn fail(self, failed: Failed) {
        // Who has cancelled it need not be told.
        let _ = self.answer.send(Err(failed));
    }
}

/// Asks over a connection that a [`Driver`](super::Driver) drives: a [`tower_service::Service`]. A clone asks over the
/// same.
///
/// When the future of an answer is dropped, the request is cancelled: it is not said, if it was not yet; otherwise
/// its answer is dropped when it comes, and its place and its key stay taken until then.
pub struct Client<M, T> {
    requests: mpsc::UnboundedSender<Asked<M, T>>,
    places: PollSemaphore,
    place: Option<OwnedSemaphorePermit>,
}

impl<M: Machine, T: Send + 'static> Client<M, T> {
    pub(super) fn new(max: usize) -> (Client<M, T>, Questions<M, T>) {
        let (requests, asked) = mpsc::unbounded_channel();
        let places = Arc::new(Semaphore::new(max.min(Semaphore::MAX_PERMITS)));
        let questions = Questions { asked, places: Arc::clone(&places) };
        (Client { requests, places: PollSemaphore::new(places), place: None }, questions)
    }

    /// Asks as soon as there is a place, and waits for the first part of the answer.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn ask(&self, request: impl Into<Request<M>>) -> Result<T, Failed> {
        self.ask_for_all(request).await?.one().await
    }

    /// The same for an answer of several parts.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn ask_for_all(&self, request: impl Into<Request<M>>) -> Result<Heard<T>, Failed> {
        let (mut client, request) = (self.clone(), request.into());
        let within = request.within;
        let asked = async {
            core::future::poll_fn(|context| client.poll_ready(context)).await?;
            client.call(request).await
        };
        match within {
            Some(time) => timeout(time, asked).await.unwrap_or(Err(Failed::TimedOut)),
            None => asked.await,
        }
    }
}

impl<M: Machine, T: Send + 'static> Service<Request<M>> for Client<M, T> {
    type Response = Heard<T>;
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<Heard<T>, Failed>> + Send>>;

    /// Ready when there is a place: as many requests go on at once as [`Requests::concurrency`](super::Requests::concurrency)
    /// says.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        if self.requests.is_closed() {
            return Poll::Ready(Err(Failed::Closed));
        }
        if self.place.is_none() {
            self.place = ready!(self.places.poll_acquire(context));
        }
        Poll::Ready(if self.place.is_some() { Ok(()) } else { Err(Failed::Closed) })
    }

    /// # Panics
    /// If [`poll_ready`](Service::poll_ready) has not said that it is ready, as services may.
    fn call(&mut self, request: Request<M>) -> Self::Future {
        let place = self.place.take().expect("`poll_ready` was not asked, or said no");
        let Request { parts, within } = request;
        let (answer, answered) = oneshot::channel();
        // Where nobody takes it, nobody answers.
        let _ = self.requests.send(Asked { parts, answer, place });
        Box::pin(async move {
            let answered = async { answered.await.unwrap_or(Err(Failed::Closed)) };
            match within {
                Some(time) => timeout(time, answered).await.unwrap_or(Err(Failed::TimedOut)),
                None => answered.await,
            }
        })
    }
}

impl<M, T> Clone for Client<M, T> {
    fn clone(&self) -> Client<M, T> {
        let (requests, places) = (self.requests.clone(), self.places.clone());
        Client { requests, places, place: None }
    }
}

impl<M, T> fmt::Debug for Client<M, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.places.available_permits();
        formatter.debug_struct("Client").field("places", &places).finish_non_exhaustive()
    }
}
