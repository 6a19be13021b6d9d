//! `framer doc`: pages that say what a description means.

use std::path::PathBuf;

use crate::Outcome;
use crate::error::Error;
use crate::{doc, findings};

/// Write pages that show what a description means
#[derive(Debug, clap::Args)]
pub(crate) struct Doc {
    /// The description; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The folder that the pages go to, which is made if it is missing
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

impl Doc {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        let Some((path, ir)) = findings::analyzed(&self.file)? else {
            return Ok(Outcome::Findings);
        };
        let told =
            |path: PathBuf| move |error| Error::Write { path: path.display().to_string(), error };
        std::fs::create_dir_all(&self.output).map_err(told(self.output.clone()))?;
        for (name, text) in doc::pages(&path, &ir) {
            let path = self.output.join(name);
            std::fs::write(&path, text).map_err(told(path))?;
        }
        Ok(Outcome::Clean)
    }
}
