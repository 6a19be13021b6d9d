//! `framer completions`: what a shell completes behind `framer`.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::error::Error;
use crate::{Cli, Outcome};

/// Write the completions of a shell
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "framer", &mut script);
        std::io::stdout().lock().write_all(&script)?;
        Ok(Outcome::Clean)
    }
}
