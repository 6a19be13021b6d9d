//! The runtime of framer.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod class;
pub mod engine;
pub mod frame;
pub mod list;
pub mod machine;
pub mod owned;
pub mod protocol;
pub mod read;
pub mod scan;
pub mod session;
pub mod transform;
pub mod violation;
pub mod write;

#[cfg(feature = "derive")]
pub use framer_derive::framer;
