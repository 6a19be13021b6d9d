//! `framer explain`: what a code means.

use std::io::Write as _;

use framer_dsl::diagnostic::Code;

use crate::Outcome;
use crate::error::Error;

/// The reference of the language, whose last table says what the codes mean.
const REFERENCE: &str = include_str!("../../../docs/language.md");

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
        let all = self.code.map_or(Code::ALL.to_vec(), |code| vec![code]);
        for code in all {
            writeln!(output, "{}: {}", code.as_str(), meaning(code))?;
        }
        Ok(Outcome::Clean)
    }
}

/// What the reference says of a code.
fn meaning(code: Code) -> &'static str {
    let of = |line: &'static str| {
        let (first, meaning) = line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | ")?;
        (first == code.as_str()).then_some(meaning)
    };
    REFERENCE.lines().find_map(of).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use framer_dsl::diagnostic::Code;

    use super::meaning;

    #[test]
    fn every_code_has_a_meaning() {
        for code in Code::ALL {
            assert!(!meaning(*code).is_empty(), "{}", code.as_str());
        }
    }
}
