//! Transforms: how payloads stand on the wire.

use super::DelimiterId;
use crate::source::Span;
use crate::syntax::Docs;

#[derive(Clone, Debug)]
pub struct Transform {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub kind: TransformKind,
}

#[derive(Clone, Debug)]
pub enum TransformKind {
    /// Of a payload in pieces.
    Escapes(Escapes),
    /// Of a whole payload.
    Whole(Whole),
}

/// Rules that hold at the start of a payload, or behind each delimiter, or both.
#[derive(Clone, Debug)]
pub struct Escapes {
    pub at_start: bool,
    pub after: DelimiterId,
    pub tokens: Vec<Token>,
}

#[derive(Clone, Debug)]
pub enum Whole {
    /// Rules that hold anywhere, behind a beginning.
    Escapes { begin: Vec<u8>, tokens: Vec<Token> },
    /// Two digits for each byte, behind a beginning and up to the end, the only token.
    Hex { begin: Vec<u8>, tokens: Vec<Token>, upper: bool },
    /// Blocks without zeros, up to a zero: of the code `full` is the longest; what `reduced` means
    /// is said where they are read.
    Blocks { full: u8, reduced: bool },
}

impl Whole {
    /// What ends it, if it has one end.
    #[must_use]
    pub fn end(&self) -> &[u8] {
        match self {
            Whole::Blocks { .. } => b"\0",
            Whole::Escapes { tokens, .. } | Whole::Hex { tokens, .. } => {
                let end = tokens.iter().find(|token| token.kind == TokenKind::End);
                end.map_or(&[], |end| &end.coded)
            }
        }
    }

    /// The fewest bytes that it takes: of an empty payload.
    #[must_use]
    pub fn least(&self) -> usize {
        let before = match self {
            Whole::Blocks { .. } => 0,
            Whole::Escapes { begin, .. } | Whole::Hex { begin, .. } => begin.len(),
        };
        before + self.end().len()
    }
}

#[derive(Clone, Debug)]
pub struct Token {
    pub kind: TokenKind,
    pub plain: Vec<u8>,
    pub coded: Vec<u8>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Both,
    Decode,
    End,
}
