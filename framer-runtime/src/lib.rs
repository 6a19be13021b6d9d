//! The runtime of framer: what the code needs that a `.frame` description becomes.
//!
//! A description, by the macro `framer!` or by `framer_build`, gives a module with a type for each
//! frame and a machine for each role. The types read and write bytes through [`frame::Frame`]; the
//! machines are driven by a connection:
//!
//! - [`connection::Connection`] does no I/O and knows no clock: bytes in, events out;
//!   [`datagram::Datagrams`] is the same for protocols over datagrams;
//! - the modules `blocking`, `tokio`, `embedded_io` and `embedded_io_async` put it over streams, and
//!   `net` gives streams by URL, with TLS from their beginning or in mid-session.
//!
//! Frames of a description without a protocol are cut out of a stream by [`cutter::Cutter`], and
//! where their types change in mid-stream, by [`framers::Framers`].
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
//! use framer_runtime::machine::Progress;
//!
//! let mut server = Connection::new(echo::Server::new(), Limits::default());
//! server.receive(b"hello\n");
//! if let Progress::Event((echo::server::Event::Line(line), mut reply)) = server.poll()? {
//!     // The answer borrows from the question: no byte of it is copied but onto the wire.
//!     reply.send(echo::Line::new(line.text)).expect("it answers a line");
//! }
//! assert_eq!(server.transmit(), b"hello\n");
//! # Ok::<(), framer_runtime::violation::Violation>(())
//! ```
//!
//! # Features
//!
//! | feature | gives | default |
//! |---|---|---|
//! | `derive` | the macro `framer!`, and `#[derive(Frame)]` | yes |
//! | `alloc` | what needs a heap: connections, cutters and owned frames whose memory follows what is received | with `std` |
//! | `std` | the module `blocking` | yes |
//! | `blocking-tls` | `blocking::MaybeTls`, TLS under its connections, with rustls | |
//! | `tokio` | the module `tokio` | |
//! | `embedded-io` | the module `embedded_io`, for streams of devices | |
//! | `embedded-io-async` | the module `embedded_io_async`, the same for tasks | |
//! | `codec` | the module `codec`, for programs on `tokio_util::codec` | |
//! | `net` | the module `net`, streams by URL | |
//! | `tracing` | `net::Traced`, which tells of sessions by `tracing` | |
//! | `tls` | `net::Tls`, TLS around these streams, with rustls | |
//! | `tower` | the module `requests`: clients and servers as services | |
//! | `testing` | the module `testing`: scripted peers, a simulated network | |
//!
//! Without `std` the crate needs a heap only, and without `alloc` not even that: a connection is
//! then made in memory of a fixed size, [`connection::Connection::fixed`].
//!
//! # Errors
//!
//! By whose fault it is: the peer's is a [`violation::Violation`], the caller's a
//! [`violation::Misuse`], the transport's an `std::io::Error`.
#![no_std]
#![deny(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod ascii;
pub mod checksum;
pub mod class;
mod clock;
pub mod connection;
#[cfg(feature = "alloc")]
pub mod cutter;
#[cfg(feature = "alloc")]
pub mod datagram;
pub mod engine;
mod few;
mod find;
pub mod frame;
#[cfg(feature = "alloc")]
pub mod framers;
#[cfg(feature = "alloc")]
pub mod input;
pub mod list;
pub mod machine;
pub mod mask;
pub mod measure;
pub mod memory;
#[cfg(feature = "alloc")]
pub mod output;
pub mod progress;
pub mod protocol;
pub mod read;
pub mod scan;
pub mod session;
mod simd;
pub mod spoken;
pub mod transform;
pub mod violation;
pub mod write;

#[cfg(feature = "std")]
pub mod blocking;
#[cfg(feature = "codec")]
pub mod codec;
#[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
mod embedded;
#[cfg(feature = "embedded-io")]
pub mod embedded_io;
#[cfg(feature = "embedded-io-async")]
pub mod embedded_io_async;
#[cfg(feature = "std")]
mod error;
#[cfg(feature = "net")]
pub mod net;
#[cfg(feature = "tower")]
pub mod requests;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tokio")]
pub mod tokio;

#[cfg(feature = "std")]
pub use error::Error;

pub use frame::Frame;
#[cfg(feature = "derive")]
pub use framer_derive::{Frame, framer};
