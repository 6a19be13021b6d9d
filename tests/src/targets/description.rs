//! Any text as a description.

use framer_dsl::diagnostic::{Diagnostic, render};
use framer_dsl::source::Source;
use framer_dsl::{Options, Sources, compile, diagnose, format};

/// A text is judged or compiled. What is found points into the text and can be shown; what is
/// compiled is Rust; what can be laid out is laid out as itself, and means the same.
///
/// # Panics
/// Where that is not so.
pub fn description(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let sources = Sources::new("fuzzed.frame", text);
    let compiled = compile(&sources, &Options::default());
    match &compiled {
        Err(found) => assert!(!found.is_empty(), "it is wrong, and nobody says why"),
        Ok(tokens) => {
            syn::parse2::<syn::File>(tokens.clone()).expect("what is compiled is Rust");
        }
    }
    let found = diagnose(&sources);
    found.iter().for_each(|of| points_into(text, of));
    assert!(found.is_empty() || !render(&sources, &found, false).is_empty());
    let Ok(laid_out) = format(&Source::new("fuzzed.frame", text)) else { return };
    let again = format(&Source::new("fuzzed.frame", &*laid_out)).expect("it was of the grammar");
    assert_eq!(again, laid_out);
    let same = compile(&Sources::new("fuzzed.frame", laid_out), &Options::default());
    match (compiled, same) {
        (Ok(one), Ok(other)) => assert_eq!(other.to_string(), one.to_string()),
        (one, other) => assert_eq!(codes(other.map(drop)), codes(one.map(drop))),
    }
}

fn codes(of: Result<(), Vec<Diagnostic>>) -> Vec<&'static str> {
    of.err().into_iter().flatten().map(|of| of.code.as_str()).collect()
}

fn points_into(text: &str, found: &Diagnostic) {
    assert!(!found.message.is_empty());
    for label in std::iter::once(&found.primary).chain(&found.secondary) {
        let (start, end) = (label.span.start as usize, label.span.end as usize);
        assert!(start <= end && text.get(start..end).is_some(), "{start}..{end}: {found:?}");
    }
}
