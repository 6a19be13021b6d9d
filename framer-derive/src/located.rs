//! Mistakes of a description in the macro, at the tokens that make them.

use framer_dsl::Sources;
use framer_dsl::diagnostic::{Diagnostic, Label, render};
use framer_dsl::source::SourceId;
use proc_macro2::Span;

use crate::rebuilt::Rebuilt;

/// The text of the macro itself.
const OWN: SourceId = SourceId(0);

/// A mistake from its first token to the last. There is one place to an error here, so the others
/// are told by their lines; one in an imported file is shown at its import.
pub(crate) fn located(
    rebuilt: &Rebuilt,
    sources: &Sources,
    diagnostic: &Diagnostic,
) -> (Span, Span, String) {
    let place = diagnostic.primary.span;
    let (start, end) = rebuilt.tokens_at(sources.in_root(place));
    if place.source != OWN {
        let path = sources.source(place.source).path().display();
        let mistake = render(sources, std::slice::from_ref(diagnostic), false);
        return (start, end, format!("`{path}` is not right\n\n{mistake}"));
    }
    let mut message = format!("[{}] {}", diagnostic.code.as_str(), diagnostic.message);
    if !diagnostic.primary.text.is_empty() && !message.contains(&diagnostic.primary.text) {
        message += &format!("\n{}", diagnostic.primary.text);
    }
    for other in &diagnostic.secondary {
        message += &format!("\n{}: {}", line(rebuilt, sources, other), other.text);
    }
    if let Some(witness) = &diagnostic.witness {
        message += &format!("\nnote: {witness}");
    }
    if let Some(help) = &diagnostic.help {
        message += &format!("\nhelp: {help}");
    }
    (start, end, message)
}

/// Where another place is.
fn line(rebuilt: &Rebuilt, sources: &Sources, label: &Label) -> String {
    let span = label.span;
    if span.source == OWN {
        return format!("line {}", rebuilt.tokens_at(span).0.unwrap().line());
    }
    let source = sources.source(span.source);
    format!("{} line {}", source.path().display(), source.line(span.start))
}
