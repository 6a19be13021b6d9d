//! `framer man`: the pages of the manual.

use std::io::Write as _;
use std::path::PathBuf;

use clap::CommandFactory as _;

use crate::error::Error;
use crate::{Cli, Outcome};

/// Write the manual: one page, or with a directory a page for each command
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// Where `framer.1`, `framer-check.1` and the others go
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        let command = Cli::command();
        match self.directory {
            Some(directory) => clap_mangen::generate_to(command, &directory)
                .map_err(|error| Error::Write { path: directory.display().to_string(), error })?,
            None => {
                let mut page = Vec::new();
                clap_mangen::Man::new(command).render(&mut page)?;
                std::io::stdout().lock().write_all(&page)?;
            }
        }
        Ok(Outcome::Clean)
    }
}
