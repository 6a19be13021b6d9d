//! Judges a model: what it would do wrong on the wire is a mistake of its author.
//!
//! Afterwards: every choice is decided by what an alternative begins with; no field takes a byte
//! of what follows it; every buffer has a bound and every loop makes progress; nothing contains
//! itself; what a role speaks ends by itself; transforms invert; every state is reached, every
//! frame is sent, every reply has an arm; the tables fit the runtime's. Later stages do not look
//! again.

mod bounds;
mod choices;
mod codings;
mod edges;
mod encoding;
mod exchanges;
mod lengths;
mod lists;
mod names;
mod own;
mod pairs;
mod recursion;
mod references;
mod runs;
mod spoken;
mod states;
mod streams;
mod tables;
mod tails;
mod transforms;
mod upgrades;

use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::own::Own;

/// The judgements, each with what it needs from those before it.
const PASSES: &[fn(&Model, &mut Vec<Diagnostic>)] = &[
    names::check,
    streams::check,
    choices::check,
    lists::check,
    references::check,
    runs::check,
    tails::check,
    lengths::check,
    bounds::check,
    encoding::check,
    transforms::check,
    spoken::check,
    states::check,
    upgrades::check,
    exchanges::check,
    pairs::check,
    tables::check,
];

/// Judges a whole model.
///
/// # Errors
/// Every mistake that can be told from the others.
pub(crate) fn check(model: &Model) -> Result<(), Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    // The others follow types to their end.
    recursion::check(model, &mut diagnostics);
    if diagnostics.is_empty() {
        PASSES.iter().for_each(|pass| pass(model, &mut diagnostics));
    }
    // A rule that was taken apart is judged in parts.
    let mut seen: Vec<Diagnostic> = Vec::new();
    diagnostics.retain(|diagnostic| {
        let new = !seen.contains(diagnostic);
        if new {
            seen.push(diagnostic.clone());
        }
        new
    });
    if diagnostics.is_empty() { Ok(()) } else { Err(diagnostics) }
}

/// Judges how a model that was judged fits the type of the user's own that it is of.
///
/// # Errors
/// Every field that does not.
pub(crate) fn check_own(model: &Model, own: &Own<'_>) -> Result<(), Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    own::check(model, own, &mut diagnostics);
    if diagnostics.is_empty() { Ok(()) } else { Err(diagnostics) }
}
