//! The one layout of a `.frame` text: the same tokens, every comment where it stood, and blanks and
//! new lines as everybody writes them.
//!
//! A text that can be parsed is read into pest's pairs once more, which hold every token, and they
//! become a [`layout`] that is printed in lines of 100 characters. What a list in braces holds
//! stands on one line if it fits, and has no documentation or comments of its own; otherwise each of
//! its parts begins a line, but for literals, which stay with what they follow. Of blank lines one
//! is kept where there were some.

mod comments;
mod layout;
mod lists;
mod spaces;
#[cfg(test)]
mod tests;
mod tokens;

use crate::diagnostic::Diagnostic;
use crate::parse::{self, Tokens};
use crate::source::{Source, SourceId};
use tokens::Composer;

/// The text in its one layout, which means the same and is laid out as itself.
///
/// ```
/// use framer_dsl::source::Source;
///
/// let source = Source::new("a.frame", "frame  A{n:u8 , // how many\n text : bytes[ n ],}");
/// let expected = "frame A {\n    n: u8, // how many\n    text: bytes [n],\n}\n";
/// assert_eq!(framer_dsl::format(&source).expect("it is of the grammar"), expected);
/// ```
///
/// # Errors
/// What is not of the grammar.
///
/// # Panics
/// Rather than lose a token.
pub fn format(source: &Source) -> Result<String, Vec<Diagnostic>> {
    let (_, diagnostics) = parse::parse(source.text(), SourceId(0));
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let text = source.text();
    let mut composer = Composer::new(text);
    composer.file(&parse::parts(text));
    let formatted = layout::print(&composer.finish());
    assert!(essence(text) == essence(&formatted), "a layout has other tokens than its text");
    Ok(formatted)
}

/// The tokens of a text, but for what may stand behind the last part of a list or not.
fn essence(text: &str) -> Vec<&str> {
    let tokens = Tokens::read(text);
    let mut essence: Vec<&str> = Vec::new();
    for token in tokens.0.iter().map(|token| text[token.range()].trim_end()) {
        if token == "}" && matches!(essence.last(), Some(&("," | ";"))) {
            essence.pop();
        }
        essence.push(token);
    }
    essence
}
