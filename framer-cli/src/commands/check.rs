//! `framer check`: what is wrong with descriptions.

use std::path::PathBuf;

use crate::Outcome;
use crate::description;
use crate::error::Error;
use crate::findings::{Checked, Format, report};

/// Tell what is wrong with descriptions
///
/// The exit status is 0 if nothing is, 1 if something is, and 2 if a file cannot be read.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The descriptions; `-` is the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How findings are told
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Check {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        let mut unread = None;
        let mut checked = Vec::new();
        for path in &self.files {
            match description::read(path) {
                Ok(sources) => checked.push(Checked::new(sources)),
                // The others are told first.
                Err(error) => {
                    if let Some(earlier) = unread.replace(error) {
                        earlier.tell();
                    }
                }
            }
        }
        let outcome = report(&checked, self.format)?;
        unread.map_or(Ok(outcome), Err)
    }
}
