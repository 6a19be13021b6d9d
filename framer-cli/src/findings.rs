//! What is wrong with descriptions, told to people or to programs.

mod json;
mod place;
mod sarif;

use std::io::Write as _;
use std::path::Path;

use framer_dsl::Sources;
use framer_dsl::diagnostic::{Diagnostic, Severity, render};
use framer_dsl::ir::Ir;
use framer_dsl::source::Span;

use crate::Outcome;
use crate::description;
use crate::error::Error;

/// How findings are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people, with excerpts, to the standard error
    #[default]
    Human,
    /// An object of JSON a line for each finding
    Json,
    /// One log of SARIF 2.1.0
    Sarif,
}

/// A description and what is wrong with it.
pub(crate) struct Checked {
    pub(crate) sources: Sources,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Checks a description.
    pub(crate) fn new(sources: Sources) -> Checked {
        let diagnostics = framer_dsl::diagnose(&sources);
        Checked { sources, diagnostics }
    }

    /// The name of the text that a place is in.
    fn path(&self, place: Span) -> String {
        self.sources.source(place.source).path().display().to_string()
    }

    /// The text that a place is in.
    fn text(&self, place: Span) -> &str {
        self.sources.source(place.source).text()
    }

    /// The findings in the order of their places, each once.
    fn sorted(&self) -> Vec<&Diagnostic> {
        let mut sorted: Vec<_> = self.diagnostics.iter().collect();
        sorted.sort_by_key(|diagnostic| (diagnostic.primary.span, diagnostic.code));
        sorted.dedup();
        sorted
    }
}

/// The name and meaning of the description at `path`; `None` if it has none, which is told.
pub(crate) fn analyzed(path: &Path) -> Result<Option<(String, Ir)>, Error> {
    let sources = description::read(path)?;
    match framer_dsl::analyze(&sources) {
        Ok(ir) => Ok(Some((sources.root().path().display().to_string(), ir))),
        Err(diagnostics) => {
            report(&[Checked { sources, diagnostics }], Format::Human, Severity::Error)?;
            Ok(None)
        }
    }
}

/// Tells what is wrong with all of them. What is at least as bad as `least` is a finding.
pub(crate) fn report(all: &[Checked], format: Format, least: Severity) -> Result<Outcome, Error> {
    let mut diagnostics = all.iter().flat_map(|checked| &checked.diagnostics);
    let found = diagnostics.any(|diagnostic| diagnostic.code.severity() >= least);
    match format {
        Format::Human => tell_people(all)?,
        Format::Json => tell_lines(all)?,
        Format::Sarif => {
            let mut output = std::io::stdout().lock();
            serde_json::to_writer_pretty(&mut output, &sarif::log(all))
                .map_err(std::io::Error::from)?;
            writeln!(output)?;
        }
    }
    Ok(if found { Outcome::Findings } else { Outcome::Clean })
}

fn tell_people(all: &[Checked]) -> Result<(), Error> {
    let mut output = anstream::stderr().lock();
    for checked in all.iter().filter(|checked| !checked.diagnostics.is_empty()) {
        // The stream takes the colours out again where they do not belong.
        writeln!(output, "{}\n", render(&checked.sources, &checked.diagnostics, true))?;
    }
    Ok(())
}

fn tell_lines(all: &[Checked]) -> Result<(), Error> {
    let mut output = std::io::stdout().lock();
    for checked in all {
        for diagnostic in checked.sorted() {
            let finding = json::Finding::new(checked, diagnostic);
            serde_json::to_writer(&mut output, &finding).map_err(std::io::Error::from)?;
            writeln!(output)?;
        }
    }
    Ok(())
}
