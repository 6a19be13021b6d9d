//! Connections in memory of a fixed size.

use super::Connection;
use crate::clock::Clock;
use crate::machine::Described;
use crate::memory::{Fixed, FixedInput, FixedOutput};

impl<'b, M: Described> Connection<M, Fixed<'b>> {
    /// A connection at its beginning, in memory of a fixed size.
    ///
    /// The input holds at least [`Machine::INPUT_BOUND`](crate::machine::Machine::INPUT_BOUND) bytes, or it does not compile; with twice
    /// as many, moving what is unread costs no more than it was to receive. The output holds at
    /// least [`Machine::OUTPUT_BOUND`](crate::machine::Machine::OUTPUT_BOUND) bytes; once the longest message has no room in it, no
    /// further one is taken.
    ///
    /// ```
    /// framer_runtime::framer! {
    ///     delimiter LF = "\n";
    ///     frame Line in until LF max 80 { text: utf8 to end }
    ///     protocol Echo over stream {
    ///         roles client, server;
    ///         client speaks Line;
    ///         server speaks Line;
    ///         pending fifo max 4;
    ///         state Open { client Line => awaits { _ => stay }; }
    ///     }
    /// }
    /// use framer_runtime::connection::Connection;
    /// use framer_runtime::machine::{Machine, Progress};
    ///
    /// let mut input = [0; 2 * echo::Server::INPUT_BOUND];
    /// let mut output = [0; echo::Server::OUTPUT_BOUND];
    /// let mut server = Connection::fixed(echo::Server::new(), &mut input, &mut output);
    /// server.receive(b"hello\n");
    /// if let Progress::Event((echo::server::Event::Line(line), mut reply)) = server.poll()? {
    ///     reply.send(line).expect("it answers a line");
    /// }
    /// assert_eq!(server.transmit(), b"hello\n");
    /// # Ok::<(), framer_runtime::violation::Violation>(())
    /// ```
    pub fn fixed<const INPUT: usize, const OUTPUT: usize>(
        machine: M,
        input: &'b mut [u8; INPUT],
        output: &'b mut [u8; OUTPUT],
    ) -> Connection<M, Fixed<'b>> {
        const {
            assert!(!M::DATAGRAMS, "a protocol over datagrams: use `datagram::Datagrams`");
            assert!(INPUT >= M::INPUT_BOUND, "the input is smaller than the longest frame");
            assert!(OUTPUT >= M::OUTPUT_BOUND, "the output is smaller than the longest message");
        }
        Connection {
            machine,
            input: FixedInput::new(input),
            output: FixedOutput::new(output, M::OUTPUT_BOUND),
            taken: 0,
            clock: Clock::default(),
        }
    }
}
