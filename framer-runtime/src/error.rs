//! What a connection with I/O can end in.

use std::io;

use thiserror::Error;

use crate::session::Unanswered;
use crate::violation::{Misuse, Violation};

/// What went wrong, by whose fault it is.
#[derive(Debug, Error)]
pub enum Error {
    /// The peer broke a rule of the protocol.
    #[error("{0}")]
    Violation(#[from] Violation),
    /// The caller did.
    #[error("{0}")]
    Misuse(#[from] Misuse),
    /// Nobody answered a request over datagrams in time.
    #[error("{} {} was not answered in time", _0.frame, _0.key)]
    Unanswered(Unanswered),
    /// The transport failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The stream was lost in an upgrade that failed.
pub(crate) fn lost() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the stream was lost in an upgrade")
}
