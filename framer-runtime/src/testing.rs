//! A testing kit for who describes a protocol, and for who speaks one.
//!
//! | | |
//! |---|---|
//! | [`blocking::Peer`] | says and expects, as a test tells it, over any `Read + Write` |
//! | [`Side`] | a connection without I/O that such a peer can be tested against |
//! | `tokio::Peer` | the same over tokio's streams, with its clock paused |
//! | [`Pair`] | both roles over a network that delays, cuts and closes, on a clock of its own |
//! | [`DatagramPair`] | the same for datagrams, which are lost, doubled and out of order |
//! | `tokio::streams` | streams over such a network, for programs on tokio |
//! | `Simulated` | the same as a transport of `net`: any program's client and server, unchanged |
//! | [`seeds`], [`Chance`] | what happens by chance, and again |
//!
//! A peer plays one role of the protocol; the other role is tested. What it sees is typed as it is
//! for programs, and a test that fails tells what was expected, what came, and the conversation so
//! far.
//!
//! ```
//! framer_runtime::framer! {
//!     delimiter LF = "\n";
//!     frame Line in until LF max 80 { text: utf8 to end }
//!     protocol Echo over stream {
//!         roles client, server;
//!         client speaks Line;
//!         server speaks Line;
//!         pending fifo max 4;
//!         state Open { client Line => awaits { _ => stay }; }
//!     }
//! }
//! use framer_runtime::connection::{Connection, Limits};
//! use framer_runtime::testing::{Side, blocking::Peer, expect};
//!
//! // What is tested: a server that answers each line with itself.
//! let server = Connection::new(echo::Server::new(), Limits::default());
//! let server = Side::new(server, |echo::server::Event::Line(line), mut reply| {
//!     reply.send(line).expect("it answers a line");
//! });
//!
//! let mut client = Peer::new(server, echo::Client::new());
//! client.say(echo::Line::new("hello"));
//! expect!(client, echo::client::Event::Line(line) if line.text == "hello");
//! ```

pub mod blocking;
mod chance;
mod datagrams;
mod faults;
mod pair;
mod pipe;
mod player;
mod side;
#[cfg(feature = "net")]
mod simulated;
#[cfg(feature = "tokio")]
pub mod tokio;
mod transcript;
mod watch;

#[doc(inline)]
pub use crate::__expect as expect;
pub use chance::{Chance, Seed, seeds};
pub use datagrams::{DatagramPair, DatagramTurn};
pub use faults::Faults;
pub use pair::{Ended, Pair, Turn};
pub use side::Side;
#[cfg(feature = "net")]
pub use simulated::Simulated;
pub use watch::Jump;

/// Expects an event of a peer, by its pattern.
///
/// `expect!(peer, PATTERN if CONDITION)` waits for the next event, which must match.
/// `expect!(peer, PATTERN => VALUE, ...)` gives the value of the arm that matches, which may not
/// borrow from the event. Over tokio it is a future: `expect!(peer, PATTERN).await`.
///
/// ```
/// # framer_runtime::framer! {
/// #     delimiter LF = "\n";
/// #     frame Line in until LF max 80 { text: utf8 to end }
/// #     protocol Echo over stream {
/// #         roles client, server;
/// #         client speaks Line;
/// #         server speaks Line;
/// #         pending fifo max 4;
/// #         state Open { client Line => awaits { _ => stay }; }
/// #     }
/// # }
/// # use framer_runtime::connection::{Connection, Limits};
/// use framer_runtime::testing::{Side, blocking::Peer, expect};
/// use echo::client::Event;
/// # let connection = Connection::new(echo::Server::new(), Limits::default());
/// # let server = Side::new(connection, |echo::server::Event::Line(line), mut reply| {
/// #     reply.send(line).expect("it answers a line");
/// # });
/// let mut client = Peer::new(server, echo::Client::new());
/// client.say(echo::Line::new("17"));
/// let number: u32 = expect!(client, Event::Line(line) => line.text.parse().expect("a number"));
/// assert_eq!(number, 17);
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __expect {
    ($peer:expr, $pattern:pat $(if $guard:expr)? $(,)?) => {
        $peer.expect(stringify!($pattern $(if $guard)?), |event| match event {
            $pattern $(if $guard)? => Some(()),
            #[allow(unreachable_patterns, reason = "the pattern may be of everything")]
            _ => None,
        })
    };
    ($peer:expr, $($pattern:pat $(if $guard:expr)? => $value:expr),+ $(,)?) => {
        $peer.expect(stringify!($($pattern $(if $guard)?)|+), |event| match event {
            $($pattern $(if $guard)? => Some($value),)+
            #[allow(unreachable_patterns, reason = "the patterns may be of everything")]
            _ => None,
        })
    };
}
