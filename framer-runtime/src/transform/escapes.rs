//! Escapes that hold anywhere in a payload.

use super::{Kind, Token, alike};
use crate::scan::any_of;
use crate::write::Out;

/// The tokens of a coding.
#[derive(Debug)]
pub(super) struct Tokens {
    tokens: &'static [Token],
    /// Each byte once with which what is to be escaped, or is an escape, begins.
    marks: &'static [u8],
    plain: Option<Plain>,
}

/// Tokens as most codings have them: the end is this byte, and each other token this escape and
/// one byte behind it.
#[derive(Clone, Copy, Debug)]
struct Plain {
    end: u8,
    escape: u8,
}

/// What coded bytes go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// So many bytes that stand for themselves.
    Raw(usize),
    /// So many bytes that stand for others.
    Token(usize, &'static [u8]),
    /// So many bytes that end the payload.
    End(usize),
    /// So many bytes that would have been escaped.
    Bad(usize),
    /// Cannot be told before so many more bytes are there.
    Hold(usize),
}

impl Tokens {
    pub(super) const fn new(tokens: &'static [Token], marks: &'static [u8]) -> Tokens {
        Tokens { tokens, marks, plain: plain(tokens) }
    }

    /// How many bytes stand for themselves, up to one that may not.
    #[inline]
    pub(super) fn before_mark(&self, bytes: &[u8]) -> usize {
        any_of(self.marks, bytes).unwrap_or(bytes.len())
    }

    pub(super) fn end(&self) -> &'static [u8] {
        self.tokens.iter().find(|token| token.is_end()).map_or(&[], |token| token.coded)
    }

    /// The longest token that `rest` begins with, or how many bytes are missing to tell.
    fn token(&self, rest: &[u8]) -> Result<Option<&'static Token>, usize> {
        let mut best: Option<&'static Token> = None;
        let mut missing: Option<usize> = None;
        for token in self.tokens {
            let size = token.coded.len();
            let same = alike(token.coded, rest);
            if same == size {
                if best.is_none_or(|best| best.coded.len() < size) {
                    best = Some(token);
                }
            } else if same == rest.len() {
                let need = size.saturating_sub(same);
                missing = Some(missing.map_or(need, |least| least.min(need)));
            }
        }
        missing.map_or(Ok(best), Err)
    }

    /// What `rest` goes on with.
    pub(super) fn part(&self, rest: &[u8]) -> Part {
        match self.before_mark(rest) {
            0 => self.marked(rest),
            count => Part::Raw(count),
        }
    }

    /// The same where nothing is there or the first byte is one of the marks.
    #[inline]
    pub(super) fn marked(&self, rest: &[u8]) -> Part {
        match (self.plain, rest) {
            (_, []) => return Part::Hold(1),
            (Some(Plain { end, .. }), [first, ..]) if *first == end => return Part::End(1),
            (Some(Plain { escape, .. }), [first, second, ..]) if *first == escape => {
                let meant = |token: &&Token| matches!(token.coded, [_, byte] if byte == second);
                if let Some(token) = self.tokens.iter().find(meant) {
                    return Part::Token(2, token.plain);
                }
            }
            _ => {}
        }
        self.marked_by_any(rest)
    }

    /// The same of any tokens.
    fn marked_by_any(&self, rest: &[u8]) -> Part {
        match self.token(rest) {
            Err(need) => Part::Hold(need),
            Ok(Some(token)) if token.is_end() => Part::End(token.coded.len()),
            Ok(Some(token)) => Part::Token(token.coded.len(), token.plain),
            Ok(None) => self.raw(rest),
        }
    }

    /// Bytes that begin no token: they are bad if they would have been escaped, unless a token
    /// begins in them.
    fn raw(&self, rest: &[u8]) -> Part {
        let written = self.tokens.iter().filter(|token| token.kind == Kind::Both);
        for plain in written.map(|token| token.plain) {
            if !rest.starts_with(plain) {
                if plain.starts_with(rest) {
                    return Part::Hold(plain.len().saturating_sub(rest.len()));
                }
                continue;
            }
            for place in 1..plain.len() {
                match self.token(rest.get(place..).unwrap_or_default()) {
                    Err(need) => return Part::Hold(need),
                    Ok(None) => {}
                    Ok(Some(token)) => {
                        // What it stands for may make the same bytes whole.
                        let left = plain.get(place..).unwrap_or_default();
                        let whole = !token.is_end() && token.plain.starts_with(left);
                        return if whole { Part::Bad(plain.len()) } else { Part::Raw(place) };
                    }
                }
            }
            return Part::Bad(plain.len());
        }
        Part::Raw(1)
    }

    pub(super) fn encode(&self, payload: &[u8], out: &mut Out<'_>) {
        let mut rest = payload;
        while !rest.is_empty() {
            let raw = self.before_mark(rest);
            let (before, behind) = rest.split_at_checked(raw).unwrap_or((rest, &[]));
            out.extend_from_slice(before);
            let token = self
                .tokens
                .iter()
                .filter(|token| token.kind == Kind::Both && behind.starts_with(token.plain))
                .max_by_key(|token| token.plain.len());
            let taken = match token {
                Some(token) => {
                    out.extend_from_slice(token.coded);
                    token.plain.len()
                }
                None => {
                    out.extend_from_slice(behind.get(..1).unwrap_or_default());
                    1
                }
            };
            rest = behind.get(taken..).unwrap_or_default();
        }
    }
}

/// The tokens as most have them, if these are so.
const fn plain(tokens: &'static [Token]) -> Option<Plain> {
    let (mut end, mut escape) = (None, None);
    let mut left = tokens;
    while let [token, rest @ ..] = left {
        match (&token.kind, token.coded) {
            (Kind::End, [byte]) if end.is_none() => end = Some(*byte),
            (Kind::Both | Kind::Decode, [byte, _]) => match escape {
                Some(other) if other != *byte => return None,
                _ => escape = Some(*byte),
            },
            _ => return None,
        }
        left = rest;
    }
    match (end, escape) {
        (Some(end), Some(escape)) if end != escape => Some(Plain { end, escape }),
        _ => None,
    }
}

/// Gives the pieces of the payload that `body` stands for, which holds its end, to `see` until it
/// wants no more: some bytes that stand for themselves, as `raw` tells, and what `part` tells behind
/// them. Some may be empty.
#[inline]
pub(super) fn each<'a>(
    raw: impl Fn(&[u8]) -> usize,
    part: impl Fn(&[u8]) -> Part,
    body: &'a [u8],
    mut see: impl FnMut(&'a [u8]) -> Option<()>,
) -> Option<()> {
    let mut rest = body;
    loop {
        let (piece, behind) = rest.split_at_checked(raw(rest)).unwrap_or((rest, &[]));
        see(piece)?;
        let (piece, count) = match part(behind) {
            Part::Raw(count) => (behind.get(..count).unwrap_or_default(), count),
            Part::Token(count, plain) => (plain, count),
            Part::End(_) | Part::Bad(_) | Part::Hold(_) => return Some(()),
        };
        see(piece)?;
        rest = behind.get(count..).unwrap_or_default();
    }
}

/// How many bytes of `body` stand before the end, if all of them are of the coding that `raw` and
/// `part` tell the parts of, as for [`each`].
///
/// # Errors
/// The place that is not, or `None` where there is no end.
#[inline]
pub(super) fn check(
    raw: impl Fn(&[u8]) -> usize,
    part: impl Fn(&[u8]) -> Part,
    body: &[u8],
) -> Result<usize, Option<(usize, usize)>> {
    let behind = |at: usize| body.get(at..).unwrap_or_default();
    let mut at = 0_usize;
    loop {
        at = at.saturating_add(raw(behind(at)));
        let step = match part(behind(at)) {
            Part::Raw(count) | Part::Token(count, _) => count,
            Part::End(_) => return Ok(at),
            Part::Hold(_) => return Err(None),
            Part::Bad(count) => return Err(Some((at, at.saturating_add(count)))),
        };
        at = at.saturating_add(step);
    }
}
