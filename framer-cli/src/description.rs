//! Descriptions as the command line names them.

use std::io::{self, Read as _};
use std::path::Path;

use framer_dsl::source::Source;

use crate::error::Error;

/// What stands for the standard input.
const STDIN: &str = "-";

/// The description at `path`; the standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<Source, Error> {
    if path.as_os_str() == STDIN {
        let mut text = String::new();
        let read = io::stdin().read_to_string(&mut text);
        return match read {
            Ok(_) => Ok(Source::new("<stdin>", text)),
            Err(error) => Err(Error::Read { path: "<stdin>".to_owned(), error }),
        };
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Source::new(path, text)),
        Err(error) => Err(Error::Read { path: path.display().to_string(), error }),
    }
}
