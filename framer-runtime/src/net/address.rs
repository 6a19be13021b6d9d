//! Where the ends of a stream are.

use core::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::string::String;

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

/// What stands for something else in a URL.
const SPECIAL: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?');

/// One end of a stream. Written as the URL that leads to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// Over TCP, or what lies over it.
    Tcp(SocketAddr),
    /// Over UDP.
    Udp(SocketAddr),
    /// A Unix socket; `None` has no name, as clients have none.
    Unix(Option<PathBuf>),
    /// Anything else, by its URL.
    Other(String),
}

impl Address {
    /// The address of the internet, if it is one.
    #[must_use]
    pub const fn socket(&self) -> Option<SocketAddr> {
        match self {
            Address::Tcp(address) | Address::Udp(address) => Some(*address),
            Address::Unix(_) | Address::Other(_) => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Tcp(address) => write!(formatter, "tcp://{address}"),
            Address::Udp(address) => write!(formatter, "udp://{address}"),
            Address::Unix(Some(path)) => {
                let path = percent_encode(path.as_os_str().as_encoded_bytes(), SPECIAL);
                write!(formatter, "unix:{path}")
            }
            Address::Unix(None) => formatter.write_str("unix:"),
            Address::Other(url) => formatter.write_str(url),
        }
    }
}
