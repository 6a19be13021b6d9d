//! What an adapter does over and over, whatever it waits with.

use polonius_the_crab::{exit_polonius, polonius, polonius_return};

use super::{Connection, Turn};
use crate::machine::{Machine, Progress};
use crate::memory::{InputMemory, Memory};
use crate::violation::{Misuse, Violation};

/// What is to be done where there is no event, once what waits to be sent was written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next {
    /// To read, into [`Connection::room`].
    Read,
    /// Nothing: there is none.
    End(Result<(), Misuse>),
}

/// What drives a connection over a stream.
pub(crate) trait Adapter {
    /// Of the connection.
    type Machine: Machine;
    /// What the connection holds.
    type Memory: Memory;

    /// What it drives.
    fn connection(&mut self) -> &mut Connection<Self::Machine, Self::Memory>;
}

/// An event, or what is to be done for one and the adapter to do it.
type Turned<'c, A> =
    Result<Turn<'c, <A as Adapter>::Machine, <A as Adapter>::Memory>, (Next, &'c mut A)>;

/// The next event of an adapter's connection.
///
/// # Errors
/// As [`Connection::poll`].
pub(crate) fn turn<A: Adapter>(mut adapter: &mut A) -> Result<Turned<'_, A>, Violation> {
    // The compiler does not follow as yet that only an event borrows it.
    let next = polonius!(|adapter| -> Result<Turned<'polonius, A>, Violation> {
        match adapter.connection().poll() {
            Ok(Progress::Event(turn)) => polonius_return!(Ok(Ok(turn))),
            Ok(Progress::More(_)) => exit_polonius!(Ok(Next::Read)),
            Ok(Progress::Owed) => exit_polonius!(Ok(Next::End(Err(Misuse::Owed)))),
            Ok(Progress::Closed) => exit_polonius!(Ok(Next::End(Ok(())))),
            Err(violation) => exit_polonius!(Err(violation)),
        }
    });
    Ok(Err((next?, adapter)))
}

impl<M: Machine, H: Memory> Connection<M, H> {
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
}
