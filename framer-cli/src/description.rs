//! Descriptions as the command line names them.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use framer_dsl::Sources;
use framer_dsl::source::Source;

use crate::error::Error;

/// What stands for the standard input.
const STDIN: &str = "-";

/// The description at `path`, with the files that it imports; the standard input for `-`, whose
/// imports are relative to the working directory.
pub(crate) fn read(path: &Path) -> Result<Sources, Error> {
    Ok(Sources::load(text(path)?, |path| fs::read_to_string(path)))
}

/// The text at `path` alone.
pub(crate) fn text(path: &Path) -> Result<Source, Error> {
    if is_stdin(path) {
        let mut text = String::new();
        let read = io::stdin().read_to_string(&mut text);
        return match read {
            Ok(_) => Ok(Source::new("<stdin>", text)),
            Err(error) => Err(Error::Read { path: "<stdin>".to_owned(), error }),
        };
    }
    match fs::read_to_string(path) {
        Ok(text) => Ok(Source::new(path, text)),
        Err(error) => Err(Error::Read { path: path.display().to_string(), error }),
    }
}

/// Whether the standard input is meant.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == STDIN
}
