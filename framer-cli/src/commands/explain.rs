//! `framer explain`: what a code means.

use std::io::Write as _;

use framer_dsl::diagnostic::Code;

use crate::Outcome;
use crate::error::Error;

/// Say what the code of a finding means
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// The code, as F0202; without one all are listed
    #[arg(value_parser = code)]
    code: Option<Code>,
}

/// A code as it is printed, in any case.
fn code(text: &str) -> Result<Code, String> {
    let found = Code::ALL.iter().find(|code| code.as_str().eq_ignore_ascii_case(text));
    found.copied().ok_or_else(|| "no such code; `framer explain` lists them".to_owned())
}

impl Explain {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        let mut output = std::io::stdout().lock();
        match self.code {
            Some(code) => write!(output, "{}", code.explanation())?,
            None => {
                for code in Code::ALL {
                    writeln!(output, "{}: {}", code.as_str(), title(*code))?;
                }
            }
        }
        Ok(Outcome::Clean)
    }
}

/// What a code says, in a line.
fn title(code: Code) -> &'static str {
    let first = code.explanation().lines().next().unwrap_or_default();
    let title = first.trim_start_matches(['#', ' ']);
    title.strip_prefix(code.as_str()).unwrap_or(title).trim_start_matches([':', ' '])
}

#[cfg(test)]
mod tests {
    use framer_dsl::diagnostic::Code;

    use super::title;

    #[test]
    fn every_code_has_a_title() {
        assert_eq!(title(Code::Syntax), "the text is not of the grammar");
        for code in Code::ALL {
            assert!(!title(*code).is_empty(), "{}", code.as_str());
        }
    }
}
