//! Descriptions of framer run as they are, without generating Rust.
//!
//! What `framer!` compiles, this interprets: the same IR over the same runtime, so that there are
//! two engines to hold against each other, and tools that take any description.
//!
//! - [`Description`] is a whole one; [`Schema`] one of its frames or choices, to be decoded and
//!   encoded, and [`Value`] what they hold.
//! - [`Protocol`] is one of its protocols; [`Half`] one role's machine, driven by the runtime's
//!   [`Connection`](framer_runtime::connection::Connection) or
//!   [`Datagrams`](framer_runtime::datagram::Datagrams) as a compiled one is.
//! - [`Tap`] watches both directions of a conversation, [`Alone`] one of them.

//!
//! Each file stands beside one of the compiler's emitter: what that writes as Rust, this does.
#![forbid(unsafe_code)]

mod choice;
mod cut;
mod cutter;
mod description;
mod expr;
mod half;
mod limits;
mod measure;
mod path;
mod protocol;
mod record;
mod spoken;
mod statics;
mod tap;

mod types;
mod value;
mod values;

pub use cutter::Cutter;
pub use description::{Description, Schema};
pub use half::{DatagramHalf, Event, Half, Message, StreamHalf};
pub use protocol::Protocol;
pub use spoken::Spoken;
pub use tap::{Alone, Assumed, Left, Seen, Sight, Tap};

pub use value::{Element, Field, Frame, Value};
