//! The text of a description from the tokens that rustc made of it.
//!
//! Every token is written at the line and column where it stood, so that the text is the one in
//! the author's file but for its comments, and what is wrong can be shown there.

use std::ops::Range;
use std::path::PathBuf;

use framer_dsl::source::Span as Place;
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

/// A text, and which token each piece of it was.
pub(crate) struct Rebuilt {
    text: String,
    tokens: Vec<(Range<usize>, Span)>,
    line: usize,
    /// Counted in characters from 1, as rustc does.
    column: usize,
    /// Where the last token ended in the author's file.
    end: (usize, usize),
}

impl Rebuilt {
    /// Writes out the tokens.
    pub(crate) fn new(tokens: TokenStream) -> Rebuilt {
        let first = tokens.clone().into_iter().next();
        let mut rebuilt = Rebuilt::at(first.map_or_else(Span::call_site, |first| first.span()));
        rebuilt.write_all(tokens);
        rebuilt
    }

    /// A text that is yet to be written, the line of `span` being its first.
    pub(crate) fn at(span: Span) -> Rebuilt {
        Rebuilt {
            text: String::new(),
            tokens: Vec::new(),
            line: line(span),
            column: 1,
            end: (0, 0),
        }
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The file that the tokens stand in.
    pub(crate) fn path(&self) -> PathBuf {
        let first = self.tokens.first().and_then(|(_, span)| span.unwrap().local_file());
        first.unwrap_or_else(|| PathBuf::from("framer!"))
    }

    /// The first and the last token of a place; behind the text it is the last token.
    pub(crate) fn tokens_at(&self, place: Place) -> (Span, Span) {
        let (start, end) = (place.start as usize, place.end as usize);
        let first = self.tokens.partition_point(|(range, _)| range.end <= start);
        let behind = self.tokens.partition_point(|(range, _)| range.start < end);
        let last = behind.saturating_sub(1).max(first);
        let span = |index: usize| {
            self.tokens.get(index).or(self.tokens.last()).map_or_else(Span::call_site, |one| one.1)
        };
        (span(first), span(last))
    }

    /// Writes tokens.
    pub(crate) fn write_all(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(tree) = tokens.next() {
            match tree {
                TokenTree::Group(group) => self.write_group(&group),
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    let inner = tokens.next_if(is_exclamation).is_some();
                    match tokens.next_if(|tree| doc(tree).is_some()) {
                        Some(attribute) => self.write_doc(mark.span(), inner, &attribute),
                        None => self.write(mark.span(), "#"),
                    }
                }
                other => self.write(other.span(), &other.to_string()),
            }
        }
    }

    fn write_group(&mut self, group: &Group) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            // What a `macro_rules!` passed on.
            Delimiter::None => return self.write_all(group.stream()),
        };
        self.write(group.span_open(), open);
        self.write_all(group.stream());
        self.write(group.span_close(), close);
    }

    /// Writes a doc comment. It comes as the tokens of an attribute, all with its own span.
    fn write_doc(&mut self, span: Span, inner: bool, attribute: &TokenTree) {
        let comment = span.source_text().filter(|text| text.starts_with('/'));
        match comment {
            Some(comment) => self.write(span, &comment),
            None => {
                let slashes = if inner { "//!" } else { "///" };
                for line in doc(attribute).unwrap_or_default().lines() {
                    self.write(span, &format!("{slashes}{line}"));
                }
            }
        }
    }

    /// Writes a token where it stood, or behind the last one when that is not possible: the
    /// tokens of a macro come from more than one place.
    fn write(&mut self, span: Span, token: &str) {
        let token = match span.source_text() {
            // The span of a delimiter or of a mark may be wider than the token.
            Some(text) if text.len() > 1 && token.len() > 1 => text,
            _ => token.to_owned(),
        };
        self.write_as(span, &token);
    }

    /// The same, in these very letters.
    pub(crate) fn write_as(&mut self, span: Span, token: &str) {
        let (line, column) = (line(span), span.unwrap().column());
        let comment_before =
            self.text.rsplit('\n').next().is_some_and(|last| last.trim_start().starts_with("//"));
        if line > self.line && line - self.line < 1 << 16 {
            self.text.extend(std::iter::repeat_n('\n', line - self.line));
            self.column = 1;
        } else if comment_before {
            self.text.push('\n');
            self.column = 1;
        }
        self.line = line.max(self.line);
        if column > self.column {
            self.text.extend(std::iter::repeat_n(' ', column - self.column));
            self.column = column;
        } else if column < self.column && self.end != (line, column) {
            self.text.push(' ');
            self.column += 1;
        }
        let end = span.unwrap().end();
        self.end = (end.line(), end.column());
        let start = self.text.len();
        self.text.push_str(token);
        self.tokens.push((start..self.text.len(), span));
        match token.rsplit_once('\n') {
            Some((before, last)) => {
                self.line += before.matches('\n').count() + 1;
                self.column = last.chars().count() + 1;
            }
            None => self.column += token.chars().count(),
        }
    }
}

fn line(span: Span) -> usize {
    span.unwrap().line()
}

fn is_exclamation(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(mark) if mark.as_char() == '!')
}

/// The text of a `[doc = "..."]`.
fn doc(tree: &TokenTree) -> Option<String> {
    let TokenTree::Group(group) = tree else { return None };
    let mut tokens = group.stream().into_iter();
    let (name, equals, text) = (tokens.next()?, tokens.next()?, tokens.next()?);
    let is_doc = group.delimiter() == Delimiter::Bracket && name.to_string() == "doc";
    let TokenTree::Literal(literal) = text else { return None };
    let text: syn::LitStr = syn::parse_str(&literal.to_string()).ok()?;
    (is_doc && equals.to_string() == "=").then(|| text.value())
}
