//! What the caller has to put right.

use std::io;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file cannot be read.
    #[error("cannot read `{path}`: {error}")]
    Read {
        /// Its name, as it was given.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write `{path}`: {error}")]
    Write {
        /// Its name, as it was given.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// The description and the bytes are both to come from the standard input.
    #[error("the standard input is what is read by the description, and cannot be both")]
    Input,
    /// The standard output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    /// The description has no protocol.
    #[error("there is no protocol in this description")]
    NoProtocol,
    /// It has several.
    #[error("which of the protocols {}? `--protocol` says it", .names.join(", "))]
    WhichProtocol {
        /// Theirs.
        names: Vec<String>,
    },
    /// It has others.
    #[error("no protocol is called `{name}`; there is {}", .names.join(", "))]
    UnknownProtocol {
        /// The name that was given.
        name: String,
        /// Theirs.
        names: Vec<String>,
    },
    /// A text cannot be made, which is a mistake in framer.
    #[error("framer cannot say it: {0}")]
    Text(#[from] std::fmt::Error),
    /// An address cannot be used.
    #[error("cannot use the address `{address}`: {error}")]
    Network {
        /// The address, as it was given.
        address: String,
        /// Why.
        error: io::Error,
    },
    /// The description has no such frame, or one that cannot stand by itself.
    #[error("the description has no frame `{0}` that can stand by itself")]
    NoFrame(String),
    /// The protocol has no such role.
    #[error("`--as` must name one of the roles: {0}")]
    NoRole(String),
    /// What a layer speaks is not said as it must be.
    #[error("`--layer` is written as LAYER=FILE or LAYER=FILE:PROTOCOL, not as `{0}`")]
    Layer(String),
    /// What is to be encoded cannot be.
    #[error("object {object} of the input: {message}")]
    Json {
        /// Which one, counted from 1.
        object: usize,
        /// Why.
        message: String,
    },
    /// The generated code is no Rust, which is a mistake in framer.
    #[error("framer generated what is no Rust: {0}")]
    Generated(#[from] syn::Error),
}

impl Error {
    /// Whether the output went to who does not read it any more.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Error::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Tells it, in the manner of the command line's own errors.
    pub(crate) fn tell(&self) {
        let style = clap::builder::Styles::styled();
        let error = style.get_error();
        anstream::eprintln!("{error}error:{error:#} {self}");
    }
}
