//! `framer proxy`: a tap between a client and a server.

use std::path::PathBuf;

use crate::Outcome;
use crate::error::Error;
use crate::proxy;
use crate::wire::choice::{Choice, load};

/// Pass on what a client and a server say to each other, and tell what it is
///
/// What breaks a rule is told and passed on. So is what comes behind an upgrade, unread unless `--layer`
/// says what it is. It ends when it is interrupted.
#[derive(Debug, clap::Args)]
pub(crate) struct Proxy {
    /// The description; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where clients connect, as 127.0.0.1:2525; the standard error tells it, and which port was free for 0
    #[arg(long, value_name = "ADDRESS")]
    listen: String,
    /// Where the server is
    #[arg(long, value_name = "ADDRESS")]
    to: String,
    #[command(flatten)]
    choice: Choice,
}

impl Proxy {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        let Some(description) = load(&self.file)? else { return Ok(Outcome::Findings) };
        let Some(layers) = self.choice.layers()? else { return Ok(Outcome::Findings) };
        let spoken = self.choice.spoken(description, |_| true)?;
        // They live as long as the process, as all of its connections do.
        let between = proxy::Between::new(spoken, layers.leak());
        if spoken.protocol.is_datagram() {
            proxy::datagrams::run(&between, &self.listen, &self.to)
        } else {
            proxy::streams::run(&between, &self.listen, &self.to)
        }
    }
}
