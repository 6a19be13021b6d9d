//! `framer fmt`: the one layout of descriptions.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use framer_dsl::Sources;
use framer_dsl::diagnostic::Severity;
use framer_dsl::source::Source;
use similar::{ChangeTag, TextDiff};

use crate::Outcome;
use crate::description;
use crate::error::Error;
use crate::findings::{Checked, Format, report};

/// Lay descriptions out, each in its place
///
/// What is not of the grammar is told as `check` tells it, and left alone.
#[derive(Debug, clap::Args)]
pub(crate) struct Fmt {
    /// The descriptions; `-` is the standard input, laid out on the standard output
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Change nothing, and show what would change
    #[arg(long)]
    check: bool,
}

impl Fmt {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        let mut outcome = Outcome::Clean;
        let mut failed = None;
        for path in &self.files {
            match self.one(path) {
                Ok(found) => outcome = outcome.max(found),
                // The others are laid out first.
                Err(error) => {
                    if let Some(earlier) = failed.replace(error) {
                        earlier.tell();
                    }
                }
            }
        }
        failed.map_or(Ok(outcome), Err)
    }

    fn one(&self, path: &Path) -> Result<Outcome, Error> {
        let source = description::text(path)?;
        let text = match framer_dsl::format(&source) {
            Ok(text) => ended_alike(source.text(), &text),
            Err(diagnostics) => {
                let sources = Sources::new(source.path(), source.text());
                return report(&[Checked { sources, diagnostics }], Format::Human, Severity::Error);
            }
        };
        if self.check {
            return show(&source, &text);
        }
        if description::is_stdin(path) {
            std::io::stdout().lock().write_all(text.as_bytes())?;
        } else if text != source.text() {
            std::fs::write(path, text)
                .map_err(|error| Error::Write { path: path.display().to_string(), error })?;
        }
        Ok(Outcome::Clean)
    }
}

/// The text with its lines ended as the first one of `before` is.
fn ended_alike(before: &str, text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let first = before.split_inclusive('\n').next().unwrap_or_default();
    if first.ends_with("\r\n") { text.replace('\n', "\r\n") } else { text }
}

/// Shows what the layout changes.
fn show(source: &Source, text: &str) -> Result<Outcome, Error> {
    if source.text() == text {
        return Ok(Outcome::Clean);
    }
    let path = source.path().display();
    let mut output = anstream::stdout().lock();
    writeln!(output, "--- {path}\n+++ {path} (laid out)")?;
    let diff = TextDiff::from_lines(source.text(), text);
    for hunk in diff.unified_diff().context_radius(2).iter_hunks() {
        writeln!(output, "{}", hunk.header())?;
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ("-", AnsiColor::Red.on_default()),
                ChangeTag::Insert => ("+", AnsiColor::Green.on_default()),
                ChangeTag::Equal => (" ", Style::new()),
            };
            let line = change.value();
            let line = line.trim_end_matches(['\n', '\r']);
            writeln!(output, "{style}{sign}{line}{style:#}")?;
        }
    }
    Ok(Outcome::Findings)
}
