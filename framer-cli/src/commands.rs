//! The commands, one file each.

mod check;
mod completions;
mod decode;
mod doc;
mod encode;
mod expand;
mod explain;
mod fmt;
mod graph;
mod limits;
mod man;
mod proxy;

use crate::Outcome;
use crate::error::Error;

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Check(check::Check),
    Explain(explain::Explain),
    Fmt(fmt::Fmt),
    Doc(doc::Doc),
    Expand(expand::Expand),
    Graph(graph::Graph),
    Limits(limits::Limits),
    Decode(decode::Decode),
    Encode(encode::Encode),
    Proxy(proxy::Proxy),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// What the caller has to put right.
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        match self {
            Command::Check(command) => command.run(),
            Command::Explain(command) => command.run(),
            Command::Fmt(command) => command.run(),
            Command::Doc(command) => command.run(),
            Command::Expand(command) => command.run(),
            Command::Graph(command) => command.run(),
            Command::Limits(command) => command.run(),
            Command::Decode(command) => command.run(),
            Command::Encode(command) => command.run(),
            Command::Proxy(command) => command.run(),
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(),
        }
    }
}
