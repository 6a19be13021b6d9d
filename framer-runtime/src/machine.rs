//! The contract between a generated machine and whatever drives it.

// Generated code names it, and has no `alloc` of its own to name.
#[doc(hidden)]
pub use alloc::vec::Vec;

pub use crate::progress::{Progress, Received};

use crate::engine::Engine;
use crate::violation::{Misuse, Violation};

/// What a look at the input came to, or what the peer did wrong.
pub type Step<E> = Result<Received<E>, Violation>;

/// Whether a message was written.
pub type Sent = Result<(), Misuse>;

/// One role's half of a protocol: reads what the peer says, writes what this side says.
///
/// Generated from a description. It does no I/O, knows no clock and owns no buffer: a
/// [`Connection`](crate::connection::Connection) drives it.
pub trait Machine {
    /// What the peer did; borrows the input.
    type Event<'a>;
    /// What this side may say.
    type Message<'m>;

    /// The longest frame that must lie in the input as a whole, in bytes; streamed payloads do
    /// not count. Proven by the compiler.
    const INPUT_BOUND: usize;

    /// Whether each frame is a datagram; otherwise they are cut out of a stream.
    const DATAGRAMS: bool = false;

    /// The same, where only the value knows it: [`Machine::INPUT_BOUND`] is of its type.
    fn input_bound(&self) -> usize {
        Self::INPUT_BOUND
    }

    /// What does not depend on the description.
    fn engine(&self) -> &Engine;

    /// What does not depend on the description.
    fn engine_mut(&mut self) -> &mut Engine;

    /// Reads the next event from `input`, which begins where the last call's
    /// [`Received::taken`] ended.
    ///
    /// The same unread bytes may be given again with more behind them; what was scanned once
    /// is not scanned again.
    ///
    /// # Errors
    /// The peer's [`Violation`]; it is final, and every further call returns it again.
    fn receive<'a>(&mut self, input: &'a [u8]) -> Step<Self::Event<'a>>;

    /// Writes `message` behind what `out` holds, and moves the state on.
    ///
    /// # Errors
    /// A [`Misuse`]; then nothing was written and nothing has changed.
    fn send(&mut self, message: &Self::Message<'_>, out: &mut Vec<u8>) -> Sent;
}
