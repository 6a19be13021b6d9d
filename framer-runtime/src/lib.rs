//! The runtime of framer.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod class;
pub mod connection;
pub mod engine;
pub mod frame;
pub mod input;
pub mod list;
pub mod machine;
pub mod output;
pub mod owned;
pub mod protocol;
pub mod read;
pub mod scan;
pub mod session;
pub mod transform;
pub mod violation;
pub mod write;

#[cfg(feature = "std")]
pub mod blocking;
#[cfg(feature = "std")]
mod error;
#[cfg(feature = "tls")]
pub mod tls;
#[cfg(feature = "tokio")]
pub mod tokio;

#[cfg(feature = "std")]
pub use error::Error;

#[cfg(feature = "derive")]
pub use framer_derive::framer;
