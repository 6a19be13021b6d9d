//! The contract between a generated machine and whatever drives it.

pub use crate::progress::{Progress, Received};

use core::time::Duration;

#[cfg(feature = "alloc")]
use crate::engine::Engine;
use crate::violation::{Misuse, Rule, Violation};
use crate::write::Out;

/// What a look at the input came to.
pub type Step<E> = Result<Received<E>, Failed>;

/// The peer did something wrong: [`Drive::violation`] says what.
// That is kept, and not handed on with what is read in its place as a rule: an event is copied right
// where it was written, and what may be two things is copied in parts that neither was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// Whether a message was written.
pub type Sent = Result<(), Misuse>;

/// One role's half of a protocol: reads what the peer says, writes what this side says.
///
/// Generated from a description, or [`Framers`](crate::framers::Framers), which are switched by
/// hand. It does no I/O, knows no clock and owns no buffer: a
/// [`Connection`](crate::connection::Connection) drives it.
pub trait Machine {
    /// What the peer did; borrows the input.
    type Event<'a>;
    /// What this side may say.
    type Message<'m>;
    /// What its events and messages do not matter to: an [`Engine`], where
    /// it is generated.
    type Engine: Drive;

    /// The longest frame that must lie in the input as a whole, in bytes; streamed payloads do
    /// not count. Proven by the compiler.
    const INPUT_BOUND: usize;

    /// The longest message that is written as a whole, in bytes, with all that it makes due; parts
    /// of streamed payloads do not count. Proven by the compiler.
    const OUTPUT_BOUND: usize;

    /// Whether each frame is a datagram; otherwise they are cut out of a stream.
    const DATAGRAMS: bool = false;

    /// The same, where only the value knows it: [`Machine::INPUT_BOUND`] is of its type.
    fn input_bound(&self) -> usize {
        Self::INPUT_BOUND
    }

    /// What its events and messages do not matter to.
    fn engine(&self) -> &Self::Engine;

    /// What its events and messages do not matter to.
    fn engine_mut(&mut self) -> &mut Self::Engine;

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
    fn send(&mut self, message: &Self::Message<'_>, out: &mut Out<'_>) -> Sent;
}

/// A [`Machine`] of a description: its engine tells the state of the session.
#[cfg(feature = "alloc")]
pub trait Described: Machine<Engine = Engine> {}

#[cfg(feature = "alloc")]
impl<M: Machine<Engine = Engine>> Described for M {}

/// A [`Machine`] of a description, as all are without the feature `alloc`.
#[cfg(not(feature = "alloc"))]
pub trait Described: Machine {}

#[cfg(not(feature = "alloc"))]
impl<M: Machine> Described for M {}

/// What a connection asks of a machine, whatever its events and messages are.
pub trait Drive {
    /// Whether [`Machine::receive`] on this input would give an event. May be asked any number of
    /// times.
    ///
    /// [`Received::taken`] bytes belong to a frame that is passed over, and must be dropped
    /// before the next call.
    ///
    /// # Errors
    /// The violation that ended the session, or of the boundary: final.
    fn ready(&mut self, input: &[u8]) -> Result<Received<()>, Violation>;

    /// The stream has ended, with `unread` bytes of the peer in the input.
    ///
    /// # Errors
    /// [`Rule::EndOfStream`], where it ends inside a frame or
    /// owes a reply: final.
    fn end_of_stream(&mut self, unread: usize) -> Result<(), Violation>;

    /// What the peer did wrong: nothing more is read behind it.
    fn violation(&self) -> Option<Violation>;

    /// How many bytes of the peer have been examined to find boundaries. What is read is not
    /// counted: where a frame is there as a whole when it is first looked at, that may be all.
    fn scanned(&self) -> u64;

    /// How many bytes the next frame needs behind the `unread` ones that the input holds, or none if
    /// that is not known.
    fn missing(&self, unread: usize) -> usize {
        let _ = unread;
        0
    }

    /// Whether the transport is to be handed to another layer.
    fn upgrade(&self) -> Upgrade;

    /// It has been handed to the other layer, and the session goes on inside it.
    fn upgraded(&mut self);

    /// A number that grows with what either side does: time limits count from there.
    fn progress(&self) -> u64 {
        0
    }

    /// How long the state may last without progress.
    fn time_limit(&self) -> Option<Duration> {
        None
    }

    /// It has lasted so long. The violation, where that ends the session.
    fn time_limit_passed(&mut self) -> Option<Violation> {
        None
    }
}

/// Whether the transport is to be handed to another layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// It is not.
    No,
    /// It is, and no event has told of it yet. Nothing more is received.
    Due,
    /// It is, and an event has told of it. Nothing more is received.
    Announced {
        /// What was received behind it is for the other layer.
        carry: bool,
    },
}

/// What the peer did wrong, of a machine that has failed.
#[cold]
pub(crate) fn violation_of<D: Drive>(engine: &D) -> Violation {
    kept(engine.violation())
}

/// What is kept of what has failed.
pub(crate) fn kept(violation: Option<Violation>) -> Violation {
    // What fails says why.
    violation.unwrap_or(Violation { rule: Rule::Stray, frame: "", start: 0, end: 0 })
}
