//! A connection without I/O: bytes in, events out; messages in, bytes out.

mod fixed;
#[cfg(any(feature = "std", feature = "embedded-io", feature = "embedded-io-async"))]
mod steps;

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::time::Duration;

use crate::clock::Clock;
#[cfg(feature = "alloc")]
use crate::framers::Framers;
#[cfg(feature = "alloc")]
use crate::input::Input;
use crate::machine::{Drive, Failed, Machine, Progress, Received, Sent, Upgrade, violation_of};
use crate::memory::{InputMemory, Memory, OutputMemory, Standard};
#[cfg(feature = "alloc")]
use crate::output::Output;
use crate::violation::{EncodeError, Misuse, Rule, Violation};

#[cfg(any(feature = "std", feature = "embedded-io", feature = "embedded-io-async"))]
pub(crate) use steps::{Adapter, Next, turn};

/// How much a connection may hold, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Received and not yet done with. At least twice the longest frame is granted.
    pub input_bytes: usize,
    /// Waiting to be sent; the last message may go beyond by its own length.
    pub output_bytes: usize,
    /// Whoever has to wait until something may be said, since that many wait, does so until no more
    /// than these do: so there is room for several messages when it goes on.
    pub output_low_bytes: usize,
}

impl Default for Limits {
    /// 64 KiB each way, and a quarter of that for who waits.
    fn default() -> Limits {
        Limits { input_bytes: 64 * 1024, output_bytes: 64 * 1024, output_low_bytes: 16 * 1024 }
    }
}

/// An event, with what answers it.
pub type Turn<'c, M, H = Standard> = (<M as Machine>::Event<'c>, Sender<'c, M, H>);

/// One side of a connection, driven by its caller.
///
/// It does no I/O and knows no clock. The order of calls, over and over:
///
/// 1. **Bytes in.** Read into [`spare`](Connection::spare) and tell how much with
///    [`filled`](Connection::filled), or hand bytes over with [`receive`](Connection::receive).
/// 2. **Next event.** Call [`poll`](Connection::poll) until it gives no event. An event borrows
///    the input; the [`Sender`] beside it is for answers, which may borrow from the event. The
///    event's bytes are done with at the next call.
/// 3. **Send a frame** at any time with [`send`](Connection::send).
/// 4. **Bytes out.** Write what [`transmit`](Connection::transmit) gives and tell how much with
///    [`transmitted`](Connection::transmitted): once for all events of step 2, not for each.
/// 5. **Time.** Call [`handle_time`](Connection::handle_time) with the time that has passed on
///    a clock of your choice, then wait for bytes no longer than up to
///    [`next_time`](Connection::next_time), and call it again.
/// 6. **End of stream.** When the peer's bytes have ended, call
///    [`end_of_stream`](Connection::end_of_stream): it tells a clean end from a cut one.
///
/// After an event that announces an upgrade nothing more is received. Write what is left
/// to be sent, hand the transport to the other layer, and call
/// [`upgraded`](Connection::upgraded). Where the other layer is another protocol, go on with
/// [`continue_with`](Connection::continue_with).
///
/// A [`Violation`] is final. What this side still wants to say can be sent after it.
///
/// An event keeps the input from being touched:
///
/// ```compile_fail,E0499
/// # use framer_runtime::connection::Connection;
/// # use framer_runtime::machine::Machine;
/// fn keep<M: Machine>(connection: &mut Connection<M>) {
///     let event = connection.poll();
///     connection.receive(b"more");
///     drop(event);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Connection<M, H: Memory = Standard> {
    machine: M,
    input: H::Input,
    output: H::Output,
    /// Bytes of the last event.
    taken: usize,
    clock: Clock,
}

#[cfg(feature = "alloc")]
impl<M: Machine> Connection<M> {
    /// A connection at its beginning.
    pub fn new(machine: M, limits: Limits) -> Connection<M> {
        const { assert!(!M::DATAGRAMS, "a protocol over datagrams: use `datagram::Datagrams`") };
        let least = machine.input_bound().saturating_mul(2);
        Connection {
            machine,
            input: Input::new(limits.input_bytes.max(least)),
            output: Output::new(limits.output_bytes),
            taken: 0,
            clock: Clock::default(),
        }
    }

    /// The same where something else has read `received` of the peer's bytes already, and not used
    /// them. There is room for all of them.
    pub fn with_received(machine: M, limits: Limits, received: &[u8]) -> Connection<M> {
        let mut connection = Connection::new(machine, limits);
        connection.input.grant(received.len());
        connection.input.receive(received);
        connection
    }
}

#[cfg(feature = "tokio")]
impl<M: Machine> Connection<M> {
    /// How many bytes may be received now.
    pub(crate) fn free_bytes(&mut self) -> usize {
        if self.make_ready() { self.input.free_bytes() } else { 0 }
    }

    /// Whether no memory is held to receive into.
    pub(crate) fn rests(&self) -> bool {
        self.input.rests()
    }

    /// Nothing comes for a while: gives memory back.
    pub(crate) fn rest(&mut self) {
        self.input.rest();
        self.output.rest();
    }
}

impl<M: Machine, H: Memory> Connection<M, H> {
    /// The machine, for its state.
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// Room to read into; empty when the input is full of what is not done with, or when an
    /// upgrade is due.
    pub fn spare(&mut self) -> &mut [u8] {
        if !self.make_ready() {
            return &mut [];
        }
        let missing = self.machine.engine().missing(self.input.unread().len());
        self.input.spare_for(missing)
    }

    /// So many bytes of [`Connection::spare`] were read into.
    pub fn filled(&mut self, count: usize) {
        self.input.filled(count);
    }

    /// Takes bytes in, as many as there is room for; how many that was.
    pub fn receive(&mut self, bytes: &[u8]) -> usize {
        if self.make_ready() { self.input.receive(bytes) } else { 0 }
    }

    /// Whether anything may be received now.
    fn make_ready(&mut self) -> bool {
        self.settle();
        !self.upgrade_due() && self.input.make_room_for(self.machine.input_bound())
    }

    /// Whether [`Connection::poll`] would give an event, and what it lacks otherwise.
    ///
    /// # Errors
    /// What the peer did wrong.
    pub fn ready(&mut self) -> Result<Progress<()>, Violation> {
        self.settle();
        let received = self.machine.engine_mut().ready(self.input.unread())?;
        self.input.consume(received.taken);
        Ok(received.progress)
    }

    /// The next event, with what answers it.
    ///
    /// # Errors
    /// What the peer did wrong.
    pub fn poll(&mut self) -> Result<Progress<Turn<'_, M, H>>, Violation> {
        self.settle();
        let Received { taken, progress } = match self.machine.receive(self.input.unread()) {
            Ok(received) => received,
            Err(Failed) => return Err(violation_of(self.machine.engine())),
        };
        self.taken = taken;
        let sender = Sender { machine: &mut self.machine, output: &mut self.output };
        Ok(progress.map(|event| (event, sender)))
    }

    /// Says something.
    ///
    /// # Errors
    /// Why it cannot be said; then nothing has changed.
    pub fn send<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Sent {
        self.say(&message.into())
    }

    /// The same.
    pub(crate) fn say(&mut self, message: &M::Message<'_>) -> Sent {
        self.sender().say(message)
    }

    /// What speaks beside events.
    pub(crate) fn sender(&mut self) -> Sender<'_, M, H> {
        Sender { machine: &mut self.machine, output: &mut self.output }
    }

    /// What is to be written next.
    pub fn transmit(&self) -> &[u8] {
        self.output.pending()
    }

    /// So many bytes of [`Connection::transmit`] were written.
    pub fn transmitted(&mut self, count: usize) {
        self.output.transmitted(count);
    }

    /// Whether no further message is taken before something was written.
    pub fn is_full(&self) -> bool {
        self.output.is_full()
    }

    /// It is `now`, counted from when the connection began. On a clock that has gone back the time
    /// of a state begins anew.
    ///
    /// # Errors
    /// [`Rule::TimeLimit`], where the state ends the session after so long without a frame, or
    /// without 4 KiB of a streamed payload, either way. The peer may still be told why, as far as
    /// the state lets this side speak.
    pub fn handle_time(&mut self, now: Duration) -> Result<(), Violation> {
        self.clock.tick(self.machine.engine_mut(), now)
    }

    /// When [`Connection::handle_time`] is to be called at the latest, on the same clock.
    pub fn next_time(&self) -> Option<Duration> {
        self.clock.next(self.machine.engine())
    }

    /// The peer's bytes have ended.
    ///
    /// # Errors
    /// [`Rule::EndOfStream`], where they ended inside a
    /// frame or before a reply.
    pub fn end_of_stream(&mut self) -> Result<(), Violation> {
        self.settle();
        self.machine.engine_mut().end_of_stream(self.input.unread().len())
    }

    /// Whether the transport is to be handed to another layer.
    pub fn upgrade_due(&self) -> bool {
        self.machine.engine().upgrade() != Upgrade::No
    }

    /// The transport has been handed to the other layer, and the session goes on inside it. Nothing
    /// that was received before is read behind it.
    ///
    /// # Errors
    /// [`Misuse::NotUpgraded`], if no event has told of an upgrade, or if the one that was told of
    /// carries what was received: then go on with [`continue_with`](Connection::continue_with).
    pub fn upgraded(&mut self) -> Result<(), Misuse> {
        self.settle();
        let goes_on = self.machine.engine().upgrade() == Upgrade::Announced { carry: false };
        if !goes_on || !self.input.unread().is_empty() {
            return Err(Misuse::NotUpgraded);
        }
        self.machine.engine_mut().upgraded();
        Ok(())
    }

    /// Goes on with another protocol over the same transport, behind an upgrade to it. Bytes that
    /// were received behind an upgrade that carries them are the first that it reads; what waits to
    /// be sent still goes out before what it says.
    ///
    /// # Errors
    /// [`Misuse::NotUpgraded`], if no event has told of an upgrade: what is outstanding would be
    /// lost; [`Misuse::Memory`], if memory is of a fixed size and too small for the other protocol.
    pub fn continue_with<N: Machine>(mut self, machine: N) -> Result<Connection<N, H>, Misuse> {
        const { assert!(!N::DATAGRAMS, "a protocol over datagrams: use `datagram::Datagrams`") };
        if !matches!(self.machine.engine().upgrade(), Upgrade::Announced { .. }) {
            return Err(Misuse::NotUpgraded);
        }
        self.settle();
        let (input_bytes, output_bytes) = (machine.input_bound(), N::OUTPUT_BOUND);
        let roomy = self.input.make_room_for(input_bytes);
        if !self.output.make_room_for(output_bytes) || !roomy {
            return Err(Misuse::Memory { input_bytes, output_bytes });
        }
        let Connection { input, output, clock, .. } = self;
        Ok(Connection { machine, input, output, taken: 0, clock: clock.restarted() })
    }

    /// The bytes that were received and not taken, for what goes on without a machine.
    #[cfg(feature = "alloc")]
    pub fn into_received(mut self) -> Vec<u8> {
        self.settle();
        self.input.unread().to_vec()
    }

    /// How many bytes of the peer have been examined to find boundaries. What is read is not
    /// counted: where a frame is there as a whole when it is first looked at, that may be all.
    pub fn scanned(&self) -> u64 {
        self.machine.engine().scanned()
    }

    /// The most memory that was held at once, of the input and of the output, in bytes.
    pub fn peak_bytes(&self) -> (usize, usize) {
        (self.input.peak_bytes(), self.output.peak_bytes())
    }

    /// Drops the bytes of the last event.
    fn settle(&mut self) {
        self.input.consume(core::mem::take(&mut self.taken));
    }
}

#[cfg(feature = "alloc")]
impl<H: Memory> Connection<Framers, H> {
    /// How it is cut, to be switched.
    pub fn framers(&mut self) -> &mut Framers {
        &mut self.machine
    }
}

/// Answers an event while it is looked at.
#[derive(Debug)]
pub struct Sender<'c, M, H: Memory = Standard> {
    machine: &'c mut M,
    output: &'c mut H::Output,
}

impl<M: Machine, H: Memory> Sender<'_, M, H> {
    /// Says something.
    ///
    /// # Errors
    /// Why it cannot be said; then nothing has changed.
    pub fn send<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Sent {
        self.say(&message.into())
    }

    fn say(&mut self, message: &M::Message<'_>) -> Sent {
        let full = Misuse::Full { max: self.output.limit_bytes() };
        if self.output.is_full() {
            return Err(full);
        }
        let waits = !self.output.pending().is_empty();
        match self.output.append(|out| self.machine.send(message, out)) {
            // What waits makes room once it was written.
            Err(Misuse::Encode(EncodeError { rule: Rule::NoRoom { .. }, .. })) if waits => {
                Err(full)
            }
            sent => sent,
        }
    }
}

#[cfg(feature = "alloc")]
impl<H: Memory> Sender<'_, Framers, H> {
    /// How it is cut, to be switched before what comes next is looked at.
    pub fn framers(&mut self) -> &mut Framers {
        self.machine
    }
}
