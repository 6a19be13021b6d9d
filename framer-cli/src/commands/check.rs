//! `framer check`: what is wrong with descriptions.

use std::path::PathBuf;

use framer_dsl::diagnostic::Severity;

use crate::Outcome;
use crate::description;
use crate::error::Error;
use crate::findings::{Checked, Format, report};

/// Tell what is wrong with descriptions
///
/// The exit status is 0 if nothing is but warnings, 1 if something is, and 2 if a file cannot be
/// read.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The descriptions; `-` is the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How findings are told
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Let warnings fail, too
    #[arg(long)]
    deny_warnings: bool,
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
        let least = if self.deny_warnings { Severity::Warning } else { Severity::Error };
        let outcome = report(&checked, self.format, least)?;
        unread.map_or(Ok(outcome), Err)
    }
}
