//! Sessions over datagrams, with a stream that keeps them apart.

use core::future::poll_fn;
use core::mem::MaybeUninit;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io;
use std::vec::Vec;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::within;
use crate::datagram::{self, Turn};
use crate::error::Error;
use crate::machine::{Described, Progress};
use crate::violation::Misuse;

/// The longest datagram, in bytes.
const DATAGRAM_BYTES: usize = 64 * 1024;

/// How much may wait to be sent where the caller does not say, in bytes.
const OUTPUT_BYTES: usize = 64 * 1024;

/// A session over datagrams with one peer.
///
/// Its stream keeps datagrams apart: each read gives one, each write sends one, and an empty read is the
/// end. Those of [`net::Udp`](crate::net::Udp) do, as opened and as accepted, one for each peer.
///
/// What is wrong with a datagram, and that a request was not answered, is an error of
/// [`next`](Datagrams::next), but not the end: the session goes on with the next call. Only an
/// [`Error::Io`] is final; behind a time limit that has passed there is nothing more. Nothing is sent again that was lost.
///
/// ```
/// use framer_runtime::net::{Schemes, Server};
/// use framer_runtime::tokio::Datagrams;
///
/// framer_runtime::framer! {
///     frame Ask { id: u16, text: utf8 to end }
///     frame Told { id: u16, text: utf8 to end }
///     protocol Echo over datagram {
///         roles client, server;
///         client speaks Ask;
///         server speaks Told;
///         pending by id max 16 within 2 s;
///         state Open { client Ask => awaits { _ => stay }; }
///     }
/// }
///
/// # async fn example() -> Result<(), framer_runtime::Error> {
/// let schemes = Schemes::default();
/// let server = Server::bind(&schemes, ["udp://127.0.0.1:0"]).await?;
/// let url = server.urls().next().expect("a place").to_owned();
/// tokio::spawn(server.serve(|stream, _| async {
///     let mut session = Datagrams::new(stream, echo::Server::new());
///     while let Some((echo::server::Event::Ask(ask), mut reply)) = session.next().await? {
///         reply.send(echo::Told::new(ask.id, ask.text))?;
///     }
///     Ok(())
/// }));
///
/// let mut client = Datagrams::new(schemes.connect(&url).await?, echo::Client::new());
/// client.send(echo::Ask::new(7, "hello")).await?;
/// let Some((echo::client::Event::Told(told), _)) = client.next().await? else { panic!() };
/// assert_eq!((told.id, told.text), (7, "hello"));
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Debug)]
pub struct Datagrams<S, M> {
    pub(super) stream: S,
    pub(super) session: datagram::Datagrams<M>,
    /// The datagram that is looked at; empty when there is none.
    pub(super) datagram: Vec<u8>,
    began: Instant,
}

impl<S: AsyncRead + AsyncWrite + Unpin, M: Described> Datagrams<S, M> {
    /// A session at its beginning.
    pub fn new(stream: S, machine: M) -> Datagrams<S, M> {
        let session = datagram::Datagrams::new(machine, OUTPUT_BYTES);
        Datagrams { stream, session, datagram: Vec::new(), began: Instant::now() }
    }

    /// The machine, for its state.
    pub fn machine(&self) -> &M {
        self.session.machine()
    }

    /// The stream.
    pub fn stream(&self) -> &S {
        &self.stream
    }

    /// Waits for the next event. `None` when the stream has ended, or the session is over.
    ///
    /// What was sent before is written first. The future may be dropped at any time: nothing is
    /// lost.
    ///
    /// # Errors
    /// [`Error::Violation`] for a datagram that breaks a rule, [`Misuse::Owed`] for one that has to wait
    /// for a reply of this side, [`Error::Unanswered`] for a request that was not answered in time: all of them are
    /// told once, and the session goes on. A time limit that has passed is told once, too, and ends it; what the stream says is
    /// final.
    pub async fn next(&mut self) -> Result<Option<Turn<'_, M>>, Error> {
        self.flush().await?;
        loop {
            if self.machine().engine().session().closed() {
                return Ok(None);
            }
            let deadline = self.deadline()?;
            if let Some(unanswered) = self.session.unanswered() {
                return Err(Error::Unanswered(unanswered));
            }
            let read = poll_fn(|context| self.poll_read(context));
            match within(deadline, read).await? {
                Some(false) => return Ok(None),
                Some(true) => break,
                None => {}
            }
        }
        match self.session.receive(&self.datagram)? {
            Progress::Event(turn) => Ok(Some(turn)),
            Progress::Closed => Ok(None),
            Progress::More(_) | Progress::Owed => Err(Misuse::Owed.into()),
        }
    }

    /// Says something. It is sent with the next [`Datagrams::next`] or [`Datagrams::flush`].
    ///
    /// # Errors
    /// Why it cannot be said, or what the stream says.
    pub async fn send<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Result<(), Error> {
        if self.session.is_full() {
            self.flush().await?;
        }
        Ok(self.session.send(message)?)
    }

    /// Sends what waits.
    ///
    /// # Errors
    /// What the stream says.
    pub async fn flush(&mut self) -> Result<(), Error> {
        Ok(poll_fn(|context| self.poll_write(context)).await?)
    }

    pub(super) fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut stream = Pin::new(&mut self.stream);
        while let Some(datagram) = self.session.transmit() {
            if ready!(stream.as_mut().poll_write(context, datagram))? < datagram.len() {
                let torn = "the stream does not keep datagrams apart";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidInput, torn)));
            }
            self.session.transmitted();
        }
        stream.poll_flush(context)
    }

    /// Reads one datagram; `false` at the end.
    pub(super) fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        self.datagram.clear();
        let mut space = [MaybeUninit::uninit(); DATAGRAM_BYTES];
        let mut buffer = ReadBuf::uninit(&mut space);
        let polled = Pin::new(&mut self.stream).poll_read(context, &mut buffer);
        if polled.is_pending() {
            // What waits for a datagram holds no memory for it.
            self.datagram = Vec::new();
        }
        ready!(polled)?;
        self.datagram.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(!self.datagram.is_empty()))
    }

    /// Until when to wait.
    pub(super) fn deadline(&mut self) -> Result<Option<Instant>, Error> {
        self.session.handle_time(Instant::now().saturating_duration_since(self.began))?;
        Ok(self.session.next_time().and_then(|next| self.began.checked_add(next)))
    }
}
