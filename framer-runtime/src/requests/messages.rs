//! A connection as a stream of what is heard and a sink of what is said.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker, ready};

use futures_core::Stream;
use futures_sink::Sink;

use super::Hear;
use super::part::Part;
use crate::error::Error;
use crate::machine::Progress;
use crate::tokio::{Alarm, Carry};

/// A [`Stream`] of what is heard and a [`Sink`] of what is said, of a connection: for programs that put such things
/// together. `futures_util::StreamExt::split` makes halves of it, for a task each.
///
/// What was said is written by [`poll_flush`](Sink::poll_flush), as `SinkExt::send` asks it to, and not by the stream. Where what
/// has come waits for a reply of this side, the stream waits until something is said.
///
/// ```
/// use framer_runtime::requests::{Part, Requests};
/// use framer_runtime::tokio::Connection;
/// use futures_util::{SinkExt, StreamExt};
///
/// framer_runtime::framer! {
///     delimiter LF = "\n";
///     frame Line in until LF max 80 { text: utf8 to end }
///     protocol Echo over stream {
///         roles client, server;
///         client speaks Line;
///         server speaks Line;
///         pending fifo max 4;
///         state Open { client Line => awaits { _ => stay }; }
///     }
/// }
/// use echo::{Line, client};
///
/// # async fn example() -> Result<(), framer_runtime::Error> {
/// let (stream, mut peer) = tokio::io::duplex(64);
/// let heard = |client::Event::Line(line): client::Event<'_>| line.text.to_owned();
/// let requests = Requests::<echo::Client, _>::new(heard);
/// let messages = requests.messages(Connection::new(stream, echo::Client::new()));
/// let (mut say, mut heard) = messages.split();
/// say.send(Part::new(|_, speaker| speaker.send(Line::new("hello")))).await?;
/// tokio::io::AsyncWriteExt::write_all(&mut peer, b"well\n").await?;
/// assert_eq!(heard.next().await.transpose()?.as_deref(), Some("well"));
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
pub struct Messages<C: Carry, T> {
    carrier: C,
    hear: Hear<C::Machine, T>,
    /// Until when the state may last.
    alarm: Alarm,
    /// The stream, where it waits for something to be said.
    owed: Option<Waker>,
    ended: bool,
}

impl<C: Carry, T> Messages<C, T> {
    pub(super) fn new(carrier: C, hear: Hear<C::Machine, T>) -> Messages<C, T> {
        Messages { carrier, hear, alarm: Alarm::new(), owed: None, ended: false }
    }

    /// The connection, to be upgraded for example.
    pub fn into_inner(self) -> C {
        self.carrier
    }

    fn poll_heard(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<T>, Error>> {
        while !self.ended {
            match self.carrier.hear(&mut self.hear)? {
                Progress::Event(heard) => return Poll::Ready(Ok(Some(heard))),
                Progress::Closed => break,
                Progress::Owed => {
                    self.owed = Some(context.waker().clone());
                    return self.poll_patience(context);
                }
                Progress::More(_) => {}
            }
            match self.carrier.poll_fill(context)? {
                Poll::Ready(true) => {}
                Poll::Ready(false) => {
                    self.ended = true;
                    self.carrier.end_of_stream()?;
                }
                Poll::Pending => return self.poll_patience(context),
            }
        }
        Poll::Ready(Ok(None))
    }

    /// Waits as long as the state may last.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<T>, Error>> {
        loop {
            let deadline = self.carrier.deadline()?;
            ready!(self.alarm.poll_until(context, deadline));
        }
    }
}

impl<C: Carry + Unpin, T> Stream for Messages<C, T> {
    type Item = Result<T, Error>;

    /// An error of a stream is the last; over datagrams it is not.
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let messages = self.get_mut();
        let heard = ready!(messages.poll_heard(context));
        messages.ended |= heard.is_err() && !C::DATAGRAMS;
        Poll::Ready(heard.transpose())
    }
}

impl<C: Carry + Unpin, T> Sink<Part<C::Machine>> for Messages<C, T> {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let messages = self.get_mut();
        if messages.carrier.is_full() {
            ready!(messages.carrier.poll_flush(context))?;
        }
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, mut part: Part<C::Machine>) -> Result<(), Error> {
        let messages = self.get_mut();
        messages.carrier.say(|speaker| part.say(0, speaker))?;
        if let Some(stream) = messages.owed.take() {
            stream.wake();
        }
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.get_mut().carrier.poll_flush(context).map_err(Error::from)
    }

    /// Ends this side of the stream. What comes can still be heard.
    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let messages = self.get_mut();
        ready!(messages.carrier.poll_flush(context))?;
        messages.carrier.poll_shutdown(context).map_err(Error::from)
    }
}

impl<C: Carry, T> fmt::Debug for Messages<C, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Messages").field("ended", &self.ended).finish_non_exhaustive()
    }
}
