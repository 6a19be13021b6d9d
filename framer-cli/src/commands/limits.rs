//! `framer limits`: what is bounded, and what may be said together.

use std::io::Write as _;
use std::path::PathBuf;

use crate::Outcome;
use crate::error::Error;
use crate::{findings, limits};

/// Show what is bounded: memory, replies and time, and what may be sent together
#[derive(Debug, clap::Args)]
pub(crate) struct Limits {
    /// The description; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How they are told
    #[arg(long, value_name = "FORMAT", default_value_t, value_enum)]
    format: How,
}

/// For whom limits are told.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum How {
    /// For people
    #[default]
    Human,
    /// One object of JSON
    Json,
}

impl Limits {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        let Some((path, ir)) = findings::analyzed(&self.file)? else {
            return Ok(Outcome::Findings);
        };
        let limits = limits::limits(&path, &ir);
        let mut output = std::io::stdout().lock();
        match self.format {
            How::Human => write!(output, "{}", limits::tell(&limits)?)?,
            How::Json => {
                serde_json::to_writer_pretty(&mut output, &limits).map_err(std::io::Error::from)?;
                writeln!(output)?;
            }
        }
        Ok(Outcome::Clean)
    }
}
