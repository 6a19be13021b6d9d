//! What an adapter does over and over, whatever it waits with.

use super::{Connection, Turn};
use crate::machine::{Machine, Progress};
use crate::memory::{InputMemory, Memory};
use crate::violation::{Misuse, Violation};

/// What is to be done for the next event, once what waits to be sent was written.
pub(crate) enum Next {
    /// It is there: [`Connection::event`] gives it.
    Event,
    /// To read, into [`Connection::room`].
    Read,
    /// Nothing: there is none.
    End(Result<(), Misuse>),
}

impl<M: Machine, H: Memory> Connection<M, H> {
    /// What is to be done for the next event.
    pub(crate) fn step(&mut self) -> Result<Next, Violation> {
        Ok(match self.ready()? {
            Progress::Event(()) => Next::Event,
            Progress::More(_) => Next::Read,
            Progress::Owed => Next::End(Err(Misuse::Owed)),
            Progress::Closed => Next::End(Ok(())),
        })
    }

    /// Room to read into, which is not empty.
    pub(crate) fn room(&mut self) -> Result<&mut [u8], Misuse> {
        let input_bytes = self.machine.input_bound();
        match self.spare() {
            [] => Err(Misuse::Memory { input_bytes, output_bytes: M::OUTPUT_BOUND }),
            room => Ok(room),
        }
    }

    /// So many bytes were read, none at the end of the stream; whether it goes on.
    pub(crate) fn came(&mut self, count: usize) -> Result<bool, Violation> {
        if count == 0 {
            self.end_of_stream()?;
            return Ok(false);
        }
        self.input.filled(count);
        Ok(true)
    }

    /// The event that is there.
    pub(crate) fn event(&mut self) -> Result<Result<Option<Turn<'_, M, H>>, Misuse>, Violation> {
        Ok(match self.poll()? {
            Progress::Event(event) => Ok(Some(event)),
            Progress::Closed => Ok(None),
            Progress::More(_) | Progress::Owed => Err(Misuse::Owed),
        })
    }
}
