//! Protocols that come with framer, each from the description beside this crate's `Cargo.toml`.
//!
//! A module holds the frames of a protocol as typed views of the wire, and a machine for each
//! role; [`framer_runtime::connection::Connection`] drives them without I/O, and the adapters
//! beside it over sockets.
#![no_std]
#![forbid(unsafe_code)]

framer_runtime::framer!("smtp.frame");
