//! One side of a bundled protocol, whichever it is, with bytes put into it.

use std::time::Duration;

use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::{Machine, Progress};
use framer_runtime::violation::Violation;

/// A connection of a compiled machine.
pub trait Driven {
    /// Takes in bytes; how many.
    fn receive(&mut self, bytes: &[u8]) -> usize;

    /// Looks at all that has come; whether the peer's direction goes on.
    ///
    /// # Errors
    /// What is final.
    fn look(&mut self) -> Result<bool, Violation>;

    /// How many bytes have been examined.
    fn scanned(&self) -> u64;

    /// So much time has passed since the beginning.
    ///
    /// # Errors
    /// That the state lasts no longer.
    fn pass(&mut self, time: Duration) -> Result<(), Violation>;

    /// When the state lasts no longer.
    fn lasts(&self) -> Option<Duration>;

    /// How many bytes it may hold of what it received: its limit, and at least twice the longest frame.
    fn limit(&self) -> usize;
}

impl<M: Machine> Driven for Connection<M> {
    fn receive(&mut self, bytes: &[u8]) -> usize {
        Connection::receive(self, bytes)
    }

    fn look(&mut self) -> Result<bool, Violation> {
        loop {
            match self.poll()? {
                Progress::Event(_) => {}
                Progress::More(_) => return Ok(true),
                Progress::Owed | Progress::Closed => return Ok(false),
            }
        }
    }

    fn scanned(&self) -> u64 {
        Connection::scanned(self)
    }

    fn pass(&mut self, time: Duration) -> Result<(), Violation> {
        self.handle_time(time)
    }

    fn lasts(&self) -> Option<Duration> {
        self.next_time()
    }

    fn limit(&self) -> usize {
        Limits::default().input_bytes.max(self.machine().input_bound().saturating_mul(2))
    }
}
