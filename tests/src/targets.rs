//! What is fuzzed: each target is a function of bytes that panics where something is wrong.
//!
//! The targets of `fuzz` are one line each, which calls one of these under libFuzzer;
//! `tests/tests/fuzzed.rs` gives them what was kept, and runs each for a moment.

mod conversation;
mod cutting;
mod description;
mod recoding;
mod seeds;
mod session;

use std::path::{Path, PathBuf};

pub use conversation::conversation;
pub use cutting::cutting;
pub use description::description;
pub use recoding::recoding;
pub use seeds::seeds;
pub use session::session;

/// A target by its name.
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// What it does with bytes.
    pub run: fn(&[u8]),
}

/// All of them.
pub const ALL: [Target; 5] = [
    Target { name: "description", run: description },
    Target { name: "recoding", run: recoding },
    Target { name: "cutting", run: cutting },
    Target { name: "conversation", run: conversation },
    Target { name: "session", run: session },
];

/// The directory of the inputs of a target that were kept.
#[must_use]
pub fn kept(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target)
}

/// The first byte, and what is behind it.
fn byte(data: &[u8]) -> Option<(usize, &[u8])> {
    data.split_first().map(|(first, rest)| (usize::from(*first), rest))
}
