//! What the tests share: recorded conversations, both roles replaying them, and one description
//! compiled in three ways.

pub mod binary;
pub mod bundled;
pub mod conversation;
pub mod cuts;
pub mod dns;
pub mod driven;
pub mod floods;
pub mod frames;
pub mod hostile;
pub mod http;
pub mod imap;
pub mod imports;
/// Frames that look into what they hold, as the build script has written them.
pub mod inside {
    include!(concat!(env!("OUT_DIR"), "/inside.rs"));
}
pub mod mutants;
pub mod own;
/// The examples of the language reference and of the tutorial.
pub mod reference {
    include!(concat!(env!("OUT_DIR"), "/reference.rs"));
}
pub mod replay;
pub mod seen;
pub mod served;
pub mod small;
pub mod targets;
pub mod twin;
pub mod ways_in;

/// The program of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The examples of the paper on `#[derive(Frame)]` run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/derive.md")]
pub struct Derive;

/// The examples of the paper on connections run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/connections.md")]
pub struct Connections;

/// The examples of the paper on devices run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/embedded.md")]
pub struct Embedded;

/// The program of the tutorial runs.
#[cfg(doctest)]
#[doc = include_str!("../../docs/tutorial.md")]
pub struct Tutorial;
