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
    if path.as_os_str() == STDIN {
        let mut text = String::new();
        let read = io::stdin().read_to_string(&mut text);
        return match read {
            Ok(_) => {
                Ok(Sources::load(Source::new("<stdin>", text), |path| fs::read_to_string(path)))
            }
            Err(error) => Err(Error::Read { path: "<stdin>".to_owned(), error }),
        };
    }
    Sources::open(path).map_err(|error| Error::Read { path: path.display().to_string(), error })
}
