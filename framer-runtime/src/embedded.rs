//! What the connections over streams of `embedded-io` and `embedded-io-async` share.

use core::fmt::Debug;

use thiserror::Error;

use crate::connection::Connection;
use crate::violation::{Misuse, Violation};

/// A stream, and the connection without I/O that was driven over it.
pub type Parts<S, M, H> = (S, Connection<M, H>);

/// What went wrong, by whose fault it is. `E` is the stream's own error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error<E: Debug> {
    /// The peer broke a rule of the protocol.
    #[error("{0}")]
    Violation(Violation),
    /// The caller did.
    #[error("{0}")]
    Misuse(Misuse),
    /// The transport failed.
    #[error("{0:?}")]
    Io(E),
    /// The transport took none of the bytes that it was given, and told no error.
    #[error("the stream takes nothing more")]
    WriteZero,
}

impl<E: Debug> From<Violation> for Error<E> {
    fn from(violation: Violation) -> Error<E> {
        Error::Violation(violation)
    }
}

impl<E: Debug> From<Misuse> for Error<E> {
    fn from(misuse: Misuse) -> Error<E> {
        Error::Misuse(misuse)
    }
}
