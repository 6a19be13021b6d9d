//! Payloads whose bytes stand otherwise on the wire: in pieces, escaped behind each delimiter, and
//! whole, in a coding.

mod blocks;
mod coded;
mod coding;
mod decode;
mod encode;
mod escapes;
mod hex;

pub use coded::{Coded, Pieces};
pub use coding::Coding;
pub(crate) use coding::{Edge, Stray};
pub use decode::{EscapeDecoder, Piece};
pub use encode::EscapeEncoder;

use crate::scan::Delimiter;

/// A rule of an escape: how bytes of the payload stand on the wire.
#[derive(Debug)]
pub struct Token {
    kind: Kind,
    plain: &'static [u8],
    coded: &'static [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Both,
    Decode,
    End,
}

impl Token {
    /// `plain` stands on the wire as `coded`. In [`Escapes`] it is of one byte, and `coded` ends
    /// with it.
    #[must_use]
    pub const fn both(plain: &'static [u8], coded: &'static [u8]) -> Token {
        Token { kind: Kind::Both, plain, coded }
    }

    /// `coded` on the wire is read as `plain`, and never written. In [`Escapes`] `coded` ends with
    /// it.
    #[must_use]
    pub const fn decode(plain: &'static [u8], coded: &'static [u8]) -> Token {
        Token { kind: Kind::Decode, plain, coded }
    }

    /// `coded` ends the payload.
    #[must_use]
    pub const fn end(coded: &'static [u8]) -> Token {
        Token { kind: Kind::End, plain: &[], coded }
    }
}

/// Rules that hold at the beginning of a payload, or behind each delimiter, or both.
#[derive(Debug)]
pub struct Escapes {
    at_start: bool,
    after: &'static Delimiter,
    tokens: &'static [Token],
    /// The delimiter and the byte that every token begins with, where each is the only one.
    plain: Option<([u8; 2], u8)>,
}

impl Escapes {
    /// The escapes by `tokens`, of which the longest that fits is meant.
    #[must_use]
    pub const fn new(
        at_start: bool,
        after: &'static Delimiter,
        tokens: &'static [Token],
    ) -> Escapes {
        let plain = match (after.only(), first(tokens)) {
            (Some(pair), Some(first)) => Some((pair, first)),
            _ => None,
        };
        Escapes { at_start, after, tokens, plain }
    }
}

/// How many bytes both begin with, of which one is short.
#[inline]
fn alike(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// The byte that every token of the wire begins with, if that is one.
const fn first(tokens: &[Token]) -> Option<u8> {
    let mut found = None;
    let mut left = tokens;
    while let [token, rest @ ..] = left {
        match (token.coded, found) {
            ([], _) => return None,
            ([byte, ..], Some(first)) if *byte != first => return None,
            ([byte, ..], _) => found = Some(*byte),
        }
        left = rest;
    }
    found
}

#[cfg(test)]
mod tests;
