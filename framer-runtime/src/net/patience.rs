//! How long a stream is waited for.

use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::boxed::Box;
use std::format;
use std::io::{self, IoSlice};
use std::string::String;
use std::vec::Vec;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;
use url::Url;

use super::{Duplex, Pending, Stream, Wrapper, invalid};
use crate::tokio::Alarm;

/// How long a stream is waited for: a layer for what no description gives limits of its own.
///
/// Whoever waits longer is told [`io::ErrorKind::TimedOut`]; nobody is told who does not wait. Each
/// scheme has the same as options of its URLs, in seconds, around what carries the stream and
/// inside its other layers:
///
/// | option | |
/// |---|---|
/// | `read_within=30` | [`read`](Patience::read) |
/// | `write_within=30` | [`write`](Patience::write) |
/// | `idle_within=300` | [`idle`](Patience::idle) |
///
/// ```
/// use std::time::Duration;
///
/// use framer_runtime::net::{Patience, Scheme, Schemes, Tcp};
///
/// let patience = Patience::new().idle(Duration::from_secs(300)).write(Duration::from_secs(30));
/// let schemes = Schemes::default().with("patient", Scheme::new(Tcp).wrapped(patience));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patience {
    read: Option<Duration>,
    write: Option<Duration>,
    idle: Option<Duration>,
}

impl Patience {
    /// Waits for ever.
    #[must_use]
    pub const fn new() -> Patience {
        Patience { read: None, write: None, idle: None }
    }

    /// Who reads waits so long for a byte.
    #[must_use]
    pub const fn read(self, time: Duration) -> Patience {
        Patience { read: Some(time), ..self }
    }

    /// Who writes waits so long until the peer, or the system, has room for a byte.
    #[must_use]
    pub const fn write(self, time: Duration) -> Patience {
        Patience { write: Some(time), ..self }
    }

    /// Who reads or writes waits so long in which no byte goes either way.
    #[must_use]
    pub const fn idle(self, time: Duration) -> Patience {
        Patience { idle: Some(time), ..self }
    }

    /// A stream that is waited for no longer.
    #[must_use]
    pub fn around(self, mut stream: Stream) -> Stream {
        if self == Patience::new() {
            return stream;
        }
        let (reading, writing) = (Side::within(self.read), Side::within(self.write));
        let inner = stream.taken();
        stream.over(Waited { inner, idle: self.idle, last: Instant::now(), reading, writing })
    }

    /// What a URL says of it, and the URL without that.
    pub(super) fn of(mut url: Url) -> io::Result<(Patience, Url)> {
        let mut patience = Patience::new();
        let mut others: Vec<(String, String)> = Vec::new();
        for (name, value) in url.query_pairs() {
            let place = match &*name {
                "read_within" => &mut patience.read,
                "write_within" => &mut patience.write,
                "idle_within" => &mut patience.idle,
                _ => {
                    others.push((name.into_owned(), value.into_owned()));
                    continue;
                }
            };
            let refused = |reason: &str| invalid(format!("`{url}`: option `{name}`: {reason}"));
            let seconds = value.parse().ok().filter(|seconds| *seconds > 0);
            let seconds =
                seconds.ok_or_else(|| refused(&format!("`{value}` is no value of it")))?;
            if place.replace(Duration::from_secs(seconds)).is_some() {
                return Err(refused("it stands there twice"));
            }
        }
        if patience != Patience::new() {
            url.set_query(None);
            for (name, value) in &others {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        Ok((patience, url))
    }
}

impl Wrapper for Patience {
    fn connected<'a>(&'a self, stream: Stream, _: &'a Url) -> Pending<'a, Stream> {
        Box::pin(async { Ok(self.around(stream)) })
    }

    fn accepted(&self, stream: Stream) -> Pending<'_, Stream> {
        Box::pin(async { Ok(self.around(stream)) })
    }
}

/// One direction, which another task may wait for than for the other.
struct Side {
    limit: Option<Duration>,
    /// Since when somebody waits.
    since: Option<Instant>,
    alarm: Alarm,
}

impl Side {
    const fn within(limit: Option<Duration>) -> Side {
        Side { limit, since: None, alarm: Alarm::new() }
    }

    /// Whether it has been waited for long enough; `last` is when a byte went either way.
    fn poll_late(
        &mut self,
        context: &mut Context<'_>,
        idle: Option<Duration>,
        last: Instant,
    ) -> Poll<io::Error> {
        let since = *self.since.get_or_insert_with(Instant::now);
        // What lies beyond the end of the clock never comes.
        let own = self.limit.and_then(|limit| since.checked_add(limit));
        let idle = idle.and_then(|limit| last.checked_add(limit));
        let deadline = own.into_iter().chain(idle).min();
        self.alarm.poll_until(context, deadline).map(|()| {
            let what = if own == deadline { "the peer is waited for no longer" } else { "idle" };
            io::Error::new(io::ErrorKind::TimedOut, what)
        })
    }
}

/// A stream that is waited for no longer than so long.
struct Waited {
    inner: Box<dyn Duplex>,
    idle: Option<Duration>,
    last: Instant,
    reading: Side,
    writing: Side,
}

impl Waited {
    /// What a write came to, be it late.
    fn wrote<T>(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match result {
            Poll::Pending => self.writing.poll_late(context, self.idle, self.last).map(Err),
            ready => {
                self.writing.since = None;
                self.last = Instant::now();
                ready
            }
        }
    }
}

impl AsyncRead for Waited {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        match Pin::new(&mut this.inner).poll_read(context, buffer) {
            Poll::Pending => this.reading.poll_late(context, this.idle, this.last).map(Err),
            ready => {
                this.reading.since = None;
                this.last = Instant::now();
                ready
            }
        }
    }
}

impl AsyncWrite for Waited {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.wrote(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(context, parts);
        self.wrote(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.inner).poll_flush(context) {
            // Where there was nothing to write, nothing has gone.
            ready @ Poll::Ready(_) => {
                self.writing.since = None;
                ready
            }
            waits => self.wrote(context, waits),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = Pin::new(&mut self.inner).poll_shutdown(context);
        self.wrote(context, ended)
    }
}
