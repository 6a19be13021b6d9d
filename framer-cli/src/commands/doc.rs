//! `framer doc`: pages that say what a description means.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::error::Error;
use crate::{doc, findings};

/// Write pages that show what a description means
#[derive(Debug, clap::Args)]
pub(crate) struct Doc {
    /// The description; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The folder that the pages go to, which is made if it is missing; pages that an earlier run left there and
    /// that are not written now are removed
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

impl Doc {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        let Some((path, ir)) = findings::analyzed(&self.file)? else {
            return Ok(Outcome::Findings);
        };
        let pages = doc::pages(&path, &ir);
        fs::create_dir_all(&self.output).map_err(|error| unwritten(&self.output, error))?;
        for (name, text) in &pages {
            let path = self.output.join(name);
            fs::write(&path, text).map_err(|error| unwritten(&path, error))?;
        }
        self.remove_all_but(&pages)?;
        Ok(Outcome::Clean)
    }

    /// Removes the pages of protocols that the description has no more. What else there is in the
    /// folder is not looked at.
    fn remove_all_but(&self, pages: &[(String, String)]) -> Result<(), Error> {
        let entries = fs::read_dir(&self.output).map_err(|error| unwritten(&self.output, error))?;
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            if pages.iter().any(|(page, _)| page == name) || !doc::is_page_name(name) {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            if doc::is_page(&text) {
                fs::remove_file(&path).map_err(|error| unwritten(&path, error))?;
            }
        }
        Ok(())
    }
}

fn unwritten(path: &Path, error: std::io::Error) -> Error {
    Error::Write { path: path.display().to_string(), error }
}
