//! From text to [`syntax`](crate::syntax): the grammar is `grammar.pest`, this gives it a tree.
//!
//! pest stops at the first error, so the text is read item by item. What cannot be read is
//! reported and passed over, and reading goes on behind it: one mistake costs one message.
//! Afterwards, if nothing was reported, every literal and number of the tree is in its range.

mod allows;
mod expected;
mod expr;
mod grammar;
mod items;
mod literal;
mod node;
mod protocol;
mod recover;
#[cfg(test)]
mod tests;

mod tokens;
mod types;

pub(crate) use grammar::Rule;
pub(crate) use tokens::{TokenKind, Tokens};

use pest::iterators::Pair;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};
use crate::syntax::File;
use node::{Builder, Node};

/// The longest text that is read; its places must fit a [`Span`].
const MAX_SOURCE_BYTES: usize = 1 << 24;

/// How many mistakes are reported before reading stops.
const MAX_SYNTAX_ERRORS: usize = 100;

/// Reads a whole text. Without diagnostics the tree is complete; with some it holds what could be
/// read.
#[must_use]
pub(crate) fn parse(text: &str, id: SourceId) -> (File, Vec<Diagnostic>) {
    if text.len() > MAX_SOURCE_BYTES {
        let message = format!("the text is longer than {MAX_SOURCE_BYTES} bytes");
        let span = Span { source: id, start: 0, end: 0 };
        return (File::default(), vec![Diagnostic::new(Code::Syntax, span, message)]);
    }
    let tokens = Tokens::read(text);
    if let Some(place) = tokens.too_deep() {
        let span = Span { source: id, start: place.start, end: place.end };
        let message = format!("brackets nest deeper than {}", tokens::MAX_DEPTH);
        return (File::default(), vec![Diagnostic::new(Code::Syntax, span, message)]);
    }
    let mut reader = Reader { text, id, tokens, file: File::default(), diagnostics: Vec::new() };
    reader.read();
    (reader.file, reader.diagnostics)
}

/// A part of a text as pest reads it: every token, and what it is part of.
pub(crate) struct Part<'t> {
    pub(crate) pair: Pair<'t, Rule>,
    /// Where the text begins that the places of the pair count from.
    pub(crate) base: usize,
}

/// The documentation of a text, if it has some, and its items: all that stands before what is not of
/// the grammar.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let tokens = Tokens::read(text);
    let mut parts = Vec::new();
    let mut at = 0;
    let mut rule = Rule::header;
    while let Some(token) = tokens.at_or_after(at) {
        let base = token.range().start;
        let pairs = grammar::parse(rule, &text[base..]).ok();
        let Some(pair) = pairs.and_then(|mut pairs| pairs.next()) else { break };
        let end = base + Node::new(pair.clone()).end();
        // A file without documentation has an empty header.
        if end > base {
            parts.push(Part { pair, base });
            at = end;
        }
        rule = Rule::item;
    }
    parts
}

/// What reading a text goes by.
struct Reader<'t> {
    text: &'t str,
    id: SourceId,
    tokens: Tokens,
    file: File,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mut at = self.header();
        while let Some(next) = self.tokens.at_or_after(at) {
            if self.diagnostics.len() >= MAX_SYNTAX_ERRORS {
                return;
            }
            let start = next.range().start;
            at = match grammar::parse(Rule::item, &self.text[start..]) {
                Ok(mut pairs) => pairs.next().map_or(self.text.len(), |pair| {
                    let node = Node::new(pair);
                    self.keep(&node, start);
                    start + node.end()
                }),
                Err(error) => self.recover(start, &error),
            };
        }
    }

    /// The documentation of the file; where it ends.
    fn header(&mut self) -> usize {
        let start = self.tokens.at_or_after(0).map_or(0, |token| token.range().start);
        let Ok(mut pairs) = grammar::parse(Rule::header, &self.text[start..]) else { return start };
        let Some(pair) = pairs.next() else { return start };
        let node = Node::new(pair);
        self.file.docs = node.docs();
        start + node.end()
    }

    /// Takes an item that could be read into the tree.
    fn keep(&mut self, item: &Node<'_>, base: usize) {
        let mut builder = Builder::new(self.id, base, &mut self.diagnostics);
        builder.allows(item, &mut self.file.allows);
        let item = builder.item(item);
        self.file.items.push(item);
    }
}
