//! Escapes that hold anywhere in a payload.

use super::{Kind, Token};
use crate::scan::any_of;
use crate::write::Out;

/// The tokens of a coding.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) tokens: &'static [Token],
    /// Each byte once with which what is to be escaped, or is an escape, begins.
    pub(super) marks: &'static [u8],
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
    /// The next byte at which something may not stand for itself.
    #[inline]
    fn mark(&self, bytes: &[u8]) -> Option<usize> {
        match bytes.first() {
            Some(first) if self.marks.contains(first) => Some(0),
            _ => any_of(self.marks, bytes),
        }
    }

    pub(super) fn end(&self) -> &'static [u8] {
        self.tokens.iter().find(|token| token.is_end()).map_or(&[], |token| token.coded)
    }

    /// The longest token that `rest` begins with, or how many bytes are missing to tell.
    fn token(&self, rest: &[u8]) -> Result<Option<&'static Token>, usize> {
        let mut best: Option<&'static Token> = None;
        let mut missing: Option<usize> = None;
        let first = rest.first();
        for token in self.tokens {
            if first.is_some_and(|first| token.coded.first() != Some(first)) {
                continue;
            }
            let size = token.coded.len();
            if rest.starts_with(token.coded) {
                if best.is_none_or(|best| best.coded.len() < size) {
                    best = Some(token);
                }
            } else if token.coded.starts_with(rest) {
                let need = size.saturating_sub(rest.len());
                missing = Some(missing.map_or(need, |least| least.min(need)));
            }
        }
        missing.map_or(Ok(best), Err)
    }

    /// What `rest` goes on with.
    pub(super) fn part(&self, rest: &[u8]) -> Part {
        match self.mark(rest) {
            Some(0) => {}
            Some(place) => return Part::Raw(place),
            None if rest.is_empty() => return Part::Hold(1),
            None => return Part::Raw(rest.len()),
        }
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
            let raw = self.mark(rest).unwrap_or(rest.len());
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

/// How many bytes of `body` stand before the end, if all of them are of the coding that `part`
/// tells the parts of.
///
/// # Errors
/// The place that is not, or `None` where there is no end.
pub(super) fn check(
    part: impl Fn(&[u8]) -> Part,
    body: &[u8],
) -> Result<usize, Option<(usize, usize)>> {
    let mut at = 0_usize;
    loop {
        let step = match part(body.get(at..).unwrap_or_default()) {
            Part::Raw(count) | Part::Token(count, _) => count,
            Part::End(_) => return Ok(at),
            Part::Hold(_) => return Err(None),
            Part::Bad(count) => return Err(Some((at, at.saturating_add(count)))),
        };
        at = at.saturating_add(step);
    }
}
