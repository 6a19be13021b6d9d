//! A connection without I/O: bytes in, events out; messages in, bytes out.

use alloc::vec::Vec;
use core::time::Duration;

use crate::clock::Clock;
use crate::framers::Framers;
use crate::input::Input;
use crate::machine::{Drive, Machine, Progress, Sent, Upgrade};
use crate::output::Output;
use crate::violation::{Misuse, Violation};

/// How much a connection may hold, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Received and not yet done with. At least twice the longest frame is granted.
    pub input_bytes: usize,
    /// Waiting to be sent; the last message may go beyond by its own length.
    pub output_bytes: usize,
}

impl Default for Limits {
    /// 64 KiB each way.
    fn default() -> Limits {
        Limits { input_bytes: 64 * 1024, output_bytes: 64 * 1024 }
    }
}

/// An event, with what answers it.
pub type Turn<'c, M> = (<M as Machine>::Event<'c>, Sender<'c, M>);

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
pub struct Connection<M> {
    machine: M,
    input: Input,
    output: Output,
    /// Bytes of the last event.
    taken: usize,
    clock: Clock,
}

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

    /// The machine, for its state.
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// Room to read into; empty when the input is full of what is not done with, or when an
    /// upgrade is due.
    pub fn spare(&mut self) -> &mut [u8] {
        if self.make_ready() { self.input.spare() } else { &mut [] }
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
        self.input.grant(self.machine.input_bound().saturating_mul(2));
        !self.upgrade_due()
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
    pub fn poll(&mut self) -> Result<Progress<Turn<'_, M>>, Violation> {
        self.settle();
        let received = self.machine.receive(self.input.unread())?;
        self.taken = received.taken;
        let sender = Sender { machine: &mut self.machine, output: &mut self.output };
        Ok(received.map(|event| (event, sender)).progress)
    }

    /// Says something.
    ///
    /// # Errors
    /// Why it cannot be said; then nothing has changed.
    pub fn send<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Sent {
        Sender { machine: &mut self.machine, output: &mut self.output }.send(message)
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

    /// It is `now`, counted from when the connection began.
    ///
    /// # Errors
    /// [`Rule::TimeLimit`](crate::violation::Rule::TimeLimit), where the state ends the session
    /// after so long without a frame, or without 4 KiB of a streamed payload,
    /// either way.
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
    /// [`Rule::EndOfStream`](crate::violation::Rule::EndOfStream), where they ended inside a
    /// frame or before a reply.
    pub fn end_of_stream(&mut self) -> Result<(), Violation> {
        self.settle();
        self.machine.engine_mut().end_of_stream(self.input.len())
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
        if !goes_on || !self.input.is_empty() {
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
    /// [`Misuse::NotUpgraded`], if no event has told of an upgrade: what is outstanding would be lost.
    pub fn continue_with<N: Machine>(mut self, machine: N) -> Result<Connection<N>, Misuse> {
        const { assert!(!N::DATAGRAMS, "a protocol over datagrams: use `datagram::Datagrams`") };
        if !matches!(self.machine.engine().upgrade(), Upgrade::Announced { .. }) {
            return Err(Misuse::NotUpgraded);
        }
        self.settle();
        self.input.grant(machine.input_bound().saturating_mul(2));
        let Connection { input, output, clock, .. } = self;
        Ok(Connection { machine, input, output, taken: 0, clock: clock.restarted() })
    }

    /// The bytes that were received and not taken, for what goes on without a machine.
    pub fn into_received(mut self) -> Vec<u8> {
        self.settle();
        self.input.unread().to_vec()
    }

    /// How many bytes of the peer have been examined to find boundaries.
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

impl Connection<Framers> {
    /// How it is cut, to be switched.
    pub fn framers(&mut self) -> &mut Framers {
        &mut self.machine
    }
}

/// Answers an event while it is looked at.
#[derive(Debug)]
pub struct Sender<'c, M> {
    machine: &'c mut M,
    output: &'c mut Output,
}

impl<M: Machine> Sender<'_, M> {
    /// Says something.
    ///
    /// # Errors
    /// Why it cannot be said; then nothing has changed.
    pub fn send<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Sent {
        if self.output.is_full() {
            return Err(Misuse::Full { max: self.output.limit_bytes() });
        }
        let message = message.into();
        self.output.append(|out| self.machine.send(&message, out))
    }
}

impl Sender<'_, Framers> {
    /// How it is cut, to be switched before what comes next is looked at.
    pub fn framers(&mut self) -> &mut Framers {
        self.machine
    }
}
