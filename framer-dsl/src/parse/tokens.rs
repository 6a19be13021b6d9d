//! The tokens of a text, for what a failed rule cannot tell: what was found instead, where the
//! next item starts, which brackets belong together.

use std::ops::Range;

use super::grammar::{self, Rule};

/// How deep brackets may nest. The parser recurses over them.
pub(super) const MAX_DEPTH: usize = 64;

/// The words that begin an item.
pub(super) const ITEM_WORDS: &[&str] =
    &["import", "delimiter", "class", "frame", "enum", "bits", "checksum", "transform", "protocol"];

/// What sort of token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// `/// ...` or `//! ...`, or an attribute: what stands before what it is about.
    Doc,
    String,
    Character,
    Number,
    Name,
    /// A comment or literal without its end.
    Broken,
    /// Punctuation, or what is no token at all.
    Other,
}

/// A token and its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Token {
    pub(crate) fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// All tokens of a text, in order, comments left out.
pub(crate) struct Tokens(pub(crate) Vec<Token>, Option<usize>);

impl Tokens {
    /// Reads any text; what is no token of the language becomes one of a single character.
    pub(crate) fn read(text: &str) -> Tokens {
        let pairs = grammar::parse(Rule::tokens, text).into_iter().flatten();
        let mut tokens = Vec::new();
        let mut depth = 0_usize;
        let mut too_deep = None;
        for pair in pairs.flat_map(|all| all.into_inner()) {
            let Some(inner) = pair.clone().into_inner().next() else { continue };
            let kind = match inner.as_rule() {
                Rule::doc | Rule::inner_doc | Rule::attribute => TokenKind::Doc,
                Rule::string => TokenKind::String,
                Rule::character => TokenKind::Character,
                Rule::number => TokenKind::Number,
                Rule::name | Rule::wildcard => TokenKind::Name,
                Rule::broken => TokenKind::Broken,
                _ => TokenKind::Other,
            };
            match inner.as_str() {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > MAX_DEPTH && too_deep.is_none() {
                too_deep = Some(tokens.len());
            }
            let span = inner.as_span();
            tokens.push(Token { kind, start: span.start() as u32, end: span.end() as u32 });
        }
        Tokens(tokens, too_deep)
    }

    /// The first bracket that is nested too deep.
    pub(super) fn too_deep(&self) -> Option<Token> {
        self.1.and_then(|index| self.0.get(index).copied())
    }

    /// The index of the token that ends behind `at`: the one there, or the next.
    pub(super) fn index(&self, at: usize) -> usize {
        self.0.partition_point(|token| token.range().end <= at)
    }

    /// The token at `at`, or the next.
    pub(super) fn at_or_after(&self, at: usize) -> Option<Token> {
        self.0.get(self.index(at)).copied()
    }

    /// The first token from `index` on that is no documentation.
    pub(super) fn skip_docs(&self, index: usize) -> usize {
        let rest = self.0.get(index..).unwrap_or_default();
        index + rest.iter().take_while(|token| token.kind == TokenKind::Doc).count()
    }

    /// Where the next item starts, its documentation included: at token `from` or later.
    pub(super) fn next_item(&self, text: &str, from: usize) -> Option<usize> {
        let index = (from..self.0.len()).find(|&index| self.starts_item(text, index))?;
        let docs = self.0[..index].iter().rev().take_while(|token| token.kind == TokenKind::Doc);
        Some(index - docs.count().min(index - from))
    }

    /// Whether the token begins an item: its word with a name behind it, first on its line or
    /// behind the end of another item.
    fn starts_item(&self, text: &str, index: usize) -> bool {
        let word = &text[self.0[index].range()];
        let named = self.0.get(index + 1).is_some_and(|next| match next.kind {
            TokenKind::Name => word != "import",
            TokenKind::String => word == "import",
            _ => false,
        });
        if !named || !ITEM_WORDS.contains(&word) {
            return false;
        }
        let Some(before) = index.checked_sub(1).map(|before| self.0[before].range()) else {
            return true;
        };
        text[before.end..self.0[index].range().start].contains('\n')
            || matches!(&text[before], ";" | "}")
    }

    /// For each token of `range` that is a bracket the index of its partner; the innermost
    /// bracket that has none.
    pub(super) fn partners(&self, text: &str, range: Range<usize>) -> (Partners, Option<usize>) {
        let mut partners = Partners { first: range.start, of: vec![None; range.len()] };
        let mut open = Vec::new();
        let mut lonely = None;
        for index in range.clone() {
            let opening = match &text[self.0[index].range()] {
                "(" | "[" | "{" => {
                    open.push(index);
                    continue;
                }
                ")" => "(",
                "]" => "[",
                "}" => "{",
                _ => continue,
            };
            match open.pop() {
                Some(other) if &text[self.0[other].range()] == opening => {
                    partners.of[other - range.start] = Some(index);
                    partners.of[index - range.start] = Some(other);
                }
                other => lonely = lonely.or(Some(other.unwrap_or(index))),
            }
        }
        (partners, lonely.or(open.pop()))
    }
}

/// Which brackets belong together.
pub(super) struct Partners {
    first: usize,
    of: Vec<Option<usize>>,
}

impl Partners {
    /// The other bracket of the pair that token `index` belongs to.
    pub(super) fn of(&self, index: usize) -> Option<usize> {
        *self.of.get(index.checked_sub(self.first)?)?
    }
}
