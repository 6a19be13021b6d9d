//! Simulated streams for programs on tokio.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::boxed::Box;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::testing::chance::Chance;
use crate::testing::faults::{End, Faults};
use crate::testing::pipe::Pipe;
use crate::testing::transcript::Said;

/// One end of a stream to which the network does what [`Faults`] say, on tokio's clock: with that
/// paused, it is the same each time. tokio's timers count whole milliseconds.
///
/// Who writes to an end that was dropped is told [`io::ErrorKind::BrokenPipe`], and both ends of a
/// stream that was lost [`io::ErrorKind::ConnectionReset`]. When a test fails, it tells what both
/// ends said.
pub struct SimulatedStream {
    link: Arc<Mutex<Link>>,
    side: Side,
    reading: Timer,
    writing: Timer,
}

/// Both ends of a stream, with the faults in what each reads.
///
/// ```
/// use framer_runtime::testing::{Faults, tokio::streams};
/// use std::time::Duration;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # async fn example() -> std::io::Result<()> {
/// let slow = Faults::none().cut_into(1..=1).apart(Duration::from_secs(1));
/// let (mut left, mut right) = streams(0, Faults::none(), slow);
/// let began = tokio::time::Instant::now();
/// left.write_all(b"hello").await?;
/// let mut bytes = [0; 5];
/// right.read_exact(&mut bytes).await?;
/// assert_eq!(began.elapsed().as_secs(), 4);
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()
/// #     .unwrap().block_on(example()).unwrap();
/// ```
pub fn streams(
    chance: impl Into<Chance>,
    to_left: Faults,
    to_right: Faults,
) -> (SimulatedStream, SimulatedStream) {
    let link = Link {
        to_left: Way::new(to_left),
        to_right: Way::new(to_right),
        chance: chance.into(),
        began: Instant::now(),
        said: Said::default(),
    };
    let link = Arc::new(Mutex::new(link));
    let end = |side| SimulatedStream {
        link: Arc::clone(&link),
        side,
        reading: Timer::default(),
        writing: Timer::default(),
    };
    (end(Side::Left), end(Side::Right))
}

#[derive(Clone, Copy, Debug)]
enum Side {
    Left,
    Right,
}

/// What both ends share.
struct Link {
    to_left: Way,
    to_right: Way,
    chance: Chance,
    began: Instant,
    said: Said,
}

/// One direction, and who waits for it.
struct Way {
    pipe: Pipe,
    /// Whether the end that read it was dropped.
    unread: bool,
    /// Whether the end that writes it has ended it.
    shut: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Way {
    fn new(faults: Faults) -> Way {
        Way { pipe: Pipe::new(faults), unread: false, shut: false, reader: None, writer: None }
    }

    fn wake(&mut self) {
        for waker in [self.reader.take(), self.writer.take()].into_iter().flatten() {
            waker.wake();
        }
    }
}

impl Link {
    /// The time; by then what is lost is lost for both.
    fn now(&mut self) -> Duration {
        let now = self.began.elapsed();
        let ways = [&mut self.to_left, &mut self.to_right];
        if ways.iter().any(|way| way.pipe.ended(now) == Some(End::Reset)) {
            for way in ways {
                way.pipe.reset(now);
                way.wake();
            }
        }
        now
    }

    /// The way that a side reads.
    fn to(&mut self, side: Side) -> &mut Way {
        match side {
            Side::Left => &mut self.to_left,
            Side::Right => &mut self.to_right,
        }
    }

    /// The way that a side writes, the chance that is its, and what is told of it.
    fn from(&mut self, side: Side) -> (&mut Way, &mut Chance, &mut Said) {
        let Link { to_left, to_right, chance, said, .. } = self;
        let way = match side {
            Side::Left => to_right,
            Side::Right => to_left,
        };
        (way, chance, said)
    }

    /// When something happens next.
    fn next(&self, now: Duration) -> Option<Instant> {
        let next = [self.to_left.pipe.next(now), self.to_right.pipe.next(now)];
        self.began.checked_add(next.into_iter().flatten().min()?)
    }

    /// Reads once; `None` if nothing is there yet.
    fn read(&mut self, side: Side, buffer: &mut ReadBuf<'_>) -> Option<io::Result<()>> {
        let now = self.now();
        let way = self.to(side);
        if let Some(piece) = way.pipe.arrived(now) {
            let count = piece.len().min(buffer.remaining());
            buffer.put_slice(piece.get(..count).unwrap_or_default());
            way.pipe.read(count);
            way.wake();
            return Some(Ok(()));
        }
        match way.pipe.ended(now)? {
            End::Reset => Some(Err(io::ErrorKind::ConnectionReset.into())),
            End::Closed | End::Silent => Some(Ok(())),
        }
    }

    /// Writes once; `None` if there is no room yet.
    fn write(&mut self, side: Side, bytes: &[u8]) -> Option<io::Result<usize>> {
        let now = self.now();
        let (way, chance, said) = self.from(side);
        if way.pipe.ended(now) == Some(End::Reset) {
            return Some(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if way.unread || way.shut {
            return Some(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if !way.pipe.has_room() {
            return None;
        }
        let taken = way.pipe.write(now, bytes, chance);
        let bytes = bytes.get(..taken).unwrap_or_default();
        match side {
            Side::Left => said.left(now, bytes),
            Side::Right => said.right(now, bytes),
        }
        way.wake();
        Some(Ok(taken))
    }

    fn shut(&mut self, side: Side) {
        let now = self.now();
        let (way, chance, _) = self.from(side);
        way.shut = true;
        way.pipe.close(now, chance);
        way.wake();
    }
}

/// Wakes a task when something arrives.
#[derive(Default)]
struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Ready if the time has come already.
    fn poll(&mut self, next: Option<Instant>, context: &mut Context<'_>) -> Poll<()> {
        let Some(next) = next else { return Poll::Pending };
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(next)));
        sleep.as_mut().reset(next);
        sleep.as_mut().poll(context)
    }
}

impl SimulatedStream {
    fn link(&self) -> MutexGuard<'_, Link> {
        // What a test that panicked has left is whole enough to be told of.
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsyncRead for SimulatedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            let next = {
                let mut link = this.link();
                if let Some(read) = link.read(this.side, buffer) {
                    return Poll::Ready(read);
                }
                link.to(this.side).reader = Some(context.waker().clone());
                let now = link.now();
                link.next(now)
            };
            if this.reading.poll(next, context).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

impl AsyncWrite for SimulatedStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        loop {
            let next = {
                let mut link = this.link();
                if let Some(written) = link.write(this.side, bytes) {
                    return Poll::Ready(written);
                }
                link.from(this.side).0.writer = Some(context.waker().clone());
                let now = link.now();
                link.next(now)
            };
            if this.writing.poll(next, context).is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.link().shut(self.side);
        Poll::Ready(Ok(()))
    }
}

impl Drop for SimulatedStream {
    fn drop(&mut self) {
        let side = self.side;
        let mut link = self.link();
        link.shut(side);
        let way = link.to(side);
        way.unread = true;
        way.wake();
    }
}

impl fmt::Debug for SimulatedStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SimulatedStream({:?})", self.side)
    }
}
