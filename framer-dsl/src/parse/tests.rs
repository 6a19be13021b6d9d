//! What the parser accepts, and what it says of what it does not.

mod accepts;
mod errors;
mod robust;

use super::parse;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};
use crate::syntax::File;

const SMTP: &str = include_str!("../../../protocols/smtp.frame");

/// The tree of a text that must be right.
fn read(text: &str) -> File {
    let (file, diagnostics) = parse(text, SourceId(0));
    assert_eq!(diagnostics, [], "{text}");
    file
}

/// What is wrong with a text: code, message, and the text at the place.
fn mistakes(text: &str) -> Vec<(Code, String, &str)> {
    let (_, diagnostics) = parse(text, SourceId(0));
    diagnostics.into_iter().map(|one| (one.code, one.message, at(text, one.primary.span))).collect()
}

/// The only mistake in a text.
fn mistake(text: &str) -> Diagnostic {
    let (_, mut diagnostics) = parse(text, SourceId(0));
    assert_eq!(diagnostics.len(), 1, "{diagnostics:#?}");
    diagnostics.remove(0)
}

fn at(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}
