//! Sessions over datagrams, without I/O: a datagram in, an event out; a message in, a datagram
//! out.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use crate::clock::Clock;
use crate::machine::{Described, Machine, Progress, Sent, violation_of};
pub use crate::session::Unanswered;
use crate::violation::{Misuse, Violation};
use crate::write::Out;

/// An event, with what answers it.
pub type Turn<'c, M> = (<M as Machine>::Event<'c>, Sender<'c, M>);

/// One side of a session with one peer, driven by its caller.
///
/// It does no I/O and knows no clock. Who sends and receives gives each peer a session of its own,
/// [`receive`](Datagrams::receive)s what comes from it, and sends what
/// [`transmit`](Datagrams::transmit) gives, each a datagram. Nothing is repeated that was lost:
/// that is the application's.
///
/// A datagram that breaks a rule is told and dropped, and the session goes on: anyone can send one.
/// What awaits a reply that was lost is forgotten after the time that the description gives it,
/// `pending by id max 1024 within 5 s`, and told by [`unanswered`](Datagrams::unanswered); an answer that comes
/// later answers nothing. Where it gives none, the request goes on awaiting it, and such a session is
/// over with its time limit, or when the application drops it. A request that comes again while it
/// is outstanding is told as [`Rule::KeyInUse`](crate::violation::Rule::KeyInUse) and dropped: the
/// answer that is to come answers both.
///
/// ```
/// framer_runtime::framer! {
///     frame Ask { id: u16, text: utf8 to end }
///     frame Told { id: u16, text: utf8 to end }
///     protocol Echo over datagram {
///         roles client, server;
///         client speaks Ask;
///         server speaks Told;
///         pending by id max 16;
///         state Open { client Ask => awaits { _ => stay }; }
///     }
/// }
/// use framer_runtime::datagram::Datagrams;
/// use framer_runtime::machine::Progress;
///
/// let mut server = Datagrams::new(echo::Server::new(), 64 * 1024);
/// if let Progress::Event((echo::server::Event::Ask(ask), mut reply)) = server.receive(b"\x00\x07hello")? {
///     reply.send(echo::Told::new(ask.id, ask.text)).expect("it answers");
/// }
/// assert_eq!(server.transmit(), Some(&b"\x00\x07hello"[..]));
/// server.transmitted();
/// assert!(server.receive(b"\x00").is_err());
/// # Ok::<(), framer_runtime::violation::Violation>(())
/// ```
#[derive(Clone, Debug)]
pub struct Datagrams<M> {
    machine: M,
    output: Queue,
    /// How many bytes have come.
    received: u64,
    clock: Clock,
    /// When the clock was last told.
    now: Duration,
}

/// What a datagram that waits takes beside its bytes.
const OVERHEAD_BYTES: usize = size_of::<Vec<u8>>();

/// Datagrams that wait to be sent.
#[derive(Clone, Debug)]
struct Queue {
    waiting: VecDeque<Vec<u8>>,
    bytes: usize,
    limit: usize,
}

impl Queue {
    fn is_full(&self) -> bool {
        self.bytes >= self.limit
    }
}

impl<M: Described> Datagrams<M> {
    /// A session at its beginning. Once `output_bytes` wait to be sent, each datagram counting a few
    /// bytes more than it has, no further message is taken.
    pub fn new(machine: M, output_bytes: usize) -> Datagrams<M> {
        const { assert!(M::DATAGRAMS, "a protocol over a stream: use `connection::Connection`") };
        let output = Queue { waiting: VecDeque::new(), bytes: 0, limit: output_bytes };
        Datagrams { machine, output, received: 0, clock: Clock::default(), now: Duration::ZERO }
    }

    /// The machine, for its state.
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// Takes a datagram of the peer, with what answers it. One that has to wait for a reply of this
    /// side is no event, and dropped.
    ///
    /// # Errors
    /// What is wrong with it. Positions count all bytes that have come.
    pub fn receive<'c>(
        &'c mut self,
        datagram: &'c [u8],
    ) -> Result<Progress<Turn<'c, M>>, Violation> {
        self.machine.engine_mut().begin_datagram(self.received);
        let len = u64::try_from(datagram.len()).unwrap_or(u64::MAX);
        self.received = self.received.saturating_add(len);
        let Ok(received) = self.machine.receive(datagram) else {
            return Err(violation_of(self.machine.engine()));
        };
        let sender = Sender { machine: &mut self.machine, output: &mut self.output };
        Ok(received.map(|event| (event, sender)).progress)
    }

    /// Says something.
    ///
    /// # Errors
    /// Why it cannot be said; then nothing has changed.
    pub fn send<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Sent {
        self.sender().send(message)
    }

    /// What speaks beside events.
    pub(crate) fn sender(&mut self) -> Sender<'_, M> {
        Sender { machine: &mut self.machine, output: &mut self.output }
    }

    /// Whether no further message is taken before one was sent.
    pub fn is_full(&self) -> bool {
        self.output.is_full()
    }

    /// The datagram that is to be sent next.
    pub fn transmit(&self) -> Option<&[u8]> {
        self.output.waiting.front().map(Vec::as_slice)
    }

    /// It was sent.
    pub fn transmitted(&mut self) {
        if let Some(sent) = self.output.waiting.pop_front() {
            self.output.bytes = self.output.bytes.saturating_sub(held(&sent));
        }
    }

    /// It is `now`, counted from when the session began.
    ///
    /// # Errors
    /// [`Rule::TimeLimit`](crate::violation::Rule::TimeLimit), where the state ends the session
    /// after so long without a frame.
    pub fn handle_time(&mut self, now: Duration) -> Result<(), Violation> {
        self.now = now;
        self.machine.engine_mut().session_mut().lapse(now);
        self.clock.tick(self.machine.engine_mut(), now)
    }

    /// When [`Datagrams::handle_time`] is to be called at the latest, on the same clock.
    pub fn next_time(&self) -> Option<Duration> {
        let engine = self.machine.engine();
        let lapse = engine.session().next_lapse(self.now);
        self.clock.next(engine).into_iter().chain(lapse).min()
    }

    /// The next request of this side that [`Datagrams::handle_time`] found to be unanswered for
    /// too long, the oldest first. The time of one begins with the first call after it was said.
    pub fn unanswered(&mut self) -> Option<Unanswered> {
        self.machine.engine_mut().session_mut().unanswered()
    }
}

/// Answers an event while it is looked at.
#[derive(Debug)]
pub struct Sender<'c, M> {
    machine: &'c mut M,
    output: &'c mut Queue,
}

impl<M: Machine> Sender<'_, M> {
    /// Says something, in a datagram of its own.
    ///
    /// # Errors
    /// Why it cannot be said; then nothing has changed.
    pub fn send<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Sent {
        if self.output.is_full() {
            return Err(Misuse::Full { max: self.output.limit });
        }
        let mut datagram = Vec::new();
        self.machine.send(&message.into(), &mut Out::from(&mut datagram))?;
        self.output.bytes = self.output.bytes.saturating_add(held(&datagram));
        self.output.waiting.push_back(datagram);
        Ok(())
    }
}

/// What a datagram takes while it waits.
fn held(datagram: &[u8]) -> usize {
    datagram.len().saturating_add(OVERHEAD_BYTES)
}
