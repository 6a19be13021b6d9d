//! What is tested without I/O, for a peer that reads and writes.

use core::fmt;
use core::time::Duration;
use std::io::{self, Read, Write};

use crate::connection::{Connection, Sender};
use crate::machine::{Machine, Progress};
use crate::violation::Violation;

/// A connection without I/O and what answers its events, as a stream of who is at its other end:
/// what is written, it receives, and what it says is read. Reading gives
/// [`io::ErrorKind::WouldBlock`] where it has nothing to say, and the end of the stream once the
/// session is over.
///
/// The example is in [the module above](super).
pub struct Side<M, F> {
    connection: Connection<M>,
    answer: F,
    now: Duration,
    failed: Option<Violation>,
    over: bool,
}

impl<M: Machine, F> Side<M, F>
where
    F: for<'e, 'c> FnMut(M::Event<'e>, Sender<'c, M>),
{
    /// A side whose events `answer` is given. Events that are there already are answered at once.
    pub fn new(connection: Connection<M>, answer: F) -> Side<M, F> {
        let mut side = Side { connection, answer, now: Duration::ZERO, failed: None, over: false };
        side.go_on();
        side
    }

    /// The connection: to say something that answers nothing, or to look at it.
    pub fn connection(&mut self) -> &mut Connection<M> {
        &mut self.connection
    }

    /// What the peer has done wrong, or that it was too slow.
    pub const fn failed(&self) -> Option<Violation> {
        self.failed
    }

    /// So much time passes.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now.saturating_add(time);
        loop {
            let next = self.connection.next_time().filter(|next| *next < end).unwrap_or(end);
            self.now = next.max(self.now);
            if self.tick() || self.now >= end {
                return;
            }
        }
    }

    /// The peer ends its stream.
    pub fn close(&mut self) {
        self.go_on();
        if !self.over {
            self.failed = self.connection.end_of_stream().err();
            self.over = true;
        }
    }

    /// It is so late: whether that ends the session.
    fn tick(&mut self) -> bool {
        if let (false, Err(violation)) = (self.over, self.connection.handle_time(self.now)) {
            (self.failed, self.over) = (Some(violation), true);
        }
        self.over
    }

    /// Answers all that has come.
    fn go_on(&mut self) {
        while !self.over && !self.tick() {
            match self.connection.poll() {
                Ok(Progress::Event((event, sender))) => (self.answer)(event, sender),
                Ok(Progress::More(_) | Progress::Owed) => return,
                Ok(Progress::Closed) => self.over = true,
                Err(violation) => (self.failed, self.over) = (Some(violation), true),
            }
        }
    }
}

impl<M: Machine, F> Read for Side<M, F>
where
    F: for<'e, 'c> FnMut(M::Event<'e>, Sender<'c, M>),
{
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.go_on();
        let pending = self.connection.transmit();
        if pending.is_empty() && !self.over {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = pending.len().min(buffer.len());
        let (Some(to), Some(from)) = (buffer.get_mut(..count), pending.get(..count)) else {
            return Ok(0);
        };
        to.copy_from_slice(from);
        self.connection.transmitted(count);
        Ok(count)
    }
}

impl<M: Machine, F> Write for Side<M, F>
where
    F: for<'e, 'c> FnMut(M::Event<'e>, Sender<'c, M>),
{
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.go_on();
        if self.over {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let taken = self.connection.receive(bytes);
        self.go_on();
        if taken == 0 && !bytes.is_empty() {
            return Err(io::Error::other("nothing more is received before what came is answered"));
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<M: fmt::Debug, F> fmt::Debug for Side<M, F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Side")
            .field("connection", &self.connection)
            .field("now", &self.now)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
