//! Codings of whole payloads, which say where they end.

use memchr::memmem;

use super::blocks::Blocks;
use super::escapes::{self, Part, Tokens};
use super::hex::Hex;
use super::{Kind, Token, alike};
use crate::scan::any_of;
use crate::write::Out;

/// How the bytes of a payload stand on the wire, up to an end that the payload cannot hold.
#[derive(Debug)]
pub struct Coding {
    name: &'static str,
    begin: &'static [u8],
    pub(super) body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    Escaped(Tokens),
    Hex(Hex),
    Blocks(Blocks),
}

impl Body {
    /// What `rest` goes on with; `None` where blocks tell.
    pub(super) fn part(&self, rest: &[u8]) -> Option<Part> {
        match self {
            Body::Escaped(of) => Some(of.part(rest)),
            Body::Hex(of) => Some(of.part(rest)),
            Body::Blocks(_) => None,
        }
    }
}

/// Where a frame ends that its coding ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Behind its end.
    End(usize),
    /// Nowhere: another begins at this place.
    Begun(usize),
    /// At least so many bytes are missing.
    More(usize),
}

/// Where the next frame begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stray {
    /// Behind so many bytes, which are of no frame.
    Begun(usize),
    /// Nowhere yet: so many bytes are of no frame, and at least so many are missing.
    More {
        /// Bytes of no frame.
        stray: usize,
        /// Bytes that are missing.
        need: usize,
    },
}

impl Coding {
    /// The escapes by `tokens`, which hold anywhere and of which the longest that fits is meant,
    /// behind `begin` and up to the token that ends them. `marks` holds each byte once with which
    /// what is to be escaped, or is an escape, begins.
    #[must_use]
    pub const fn escapes(
        name: &'static str,
        begin: &'static [u8],
        tokens: &'static [Token],
        marks: &'static [u8],
    ) -> Coding {
        Coding { name, begin, body: Body::Escaped(Tokens::new(tokens, marks)) }
    }

    /// Two hexadecimal digits for each byte, in capital letters if `upper`, behind `begin` and up to
    /// `end`, which holds something that is no digit.
    #[must_use]
    pub const fn hex(
        name: &'static str,
        begin: &'static [u8],
        end: &'static [u8],
        upper: bool,
    ) -> Coding {
        Coding { name, begin, body: Body::Hex(Hex { end, upper }) }
    }

    /// Blocks behind a code each, up to a zero: a code below `full` stands for one byte less and
    /// a zero, `full` for one byte less, and one above it for as many bytes as it is larger by,
    /// and one, with two zeros. The last zero is of no payload. If `reduced`, the last code may be
    /// the last byte, where that is larger.
    #[must_use]
    pub const fn blocks(name: &'static str, full: u8, reduced: bool) -> Coding {
        Coding { name, begin: &[], body: Body::Blocks(Blocks { full, reduced }) }
    }

    /// Its name in the description.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What stands before the payload.
    #[must_use]
    pub const fn begin(&self) -> &'static [u8] {
        self.begin
    }

    /// What stands behind the payload.
    pub(crate) fn end(&self) -> &'static [u8] {
        match &self.body {
            Body::Escaped(of) => of.end(),
            Body::Hex(of) => of.end,
            Body::Blocks(_) => b"\0",
        }
    }

    /// Writes `payload` behind what `out` holds.
    ///
    /// ```
    /// use framer_runtime::transform::Coding;
    /// use framer_runtime::write::Out;
    ///
    /// static COBS: Coding = Coding::blocks("Cobs", 0xff, false);
    /// let mut out = Vec::new();
    /// COBS.encode(b"ab\0c", &mut Out::from(&mut out));
    /// assert_eq!(out, b"\x03ab\x02c\0");
    /// ```
    pub fn encode(&self, payload: &[u8], out: &mut Out<'_>) {
        out.extend_from_slice(self.begin);
        match &self.body {
            Body::Escaped(of) => of.encode(payload, out),
            Body::Hex(of) => of.encode(payload, out),
            Body::Blocks(of) => of.encode(payload, out),
        }
        out.extend_from_slice(self.end());
    }

    /// Where the frame ends that `input` begins with, if every byte of it is of the coding.
    ///
    /// # Errors
    /// The place that is not, or `None` where the input ends before the frame.
    pub(crate) fn check(&self, input: &[u8]) -> Result<usize, Option<(usize, usize)>> {
        let begins = alike(self.begin, input) == self.begin.len();
        let Some(body) = input.get(self.begin.len()..).filter(|_| begins) else {
            let place = alike(self.begin, input);
            return Err((place < input.len()).then_some((place, place.saturating_add(1))));
        };
        let at = |place: usize| place.saturating_add(self.begin.len());
        let len = match &self.body {
            Body::Escaped(of) => {
                escapes::check(|rest| of.before_mark(rest), |rest| of.marked(rest), body)
            }
            Body::Hex(of) => escapes::check(|_| 0, |rest| of.part(rest), body),
            Body::Blocks(of) => match any_of(b"\0", body) {
                Some(len) => of.check(body.get(..len).unwrap_or_default()).map(|()| len),
                None => Err(None),
            },
        };
        let len = len.map_err(|bad| bad.map(|(start, end)| (at(start), at(end))))?;
        Ok(at(len).saturating_add(self.end().len()))
    }

    /// Where the frame ends that `input` begins with, whatever it holds. What stands before
    /// `examined` is not looked at, and that is told how much need not be again.
    pub(crate) fn edge(&self, input: &[u8], examined: &mut usize) -> Edge {
        let mut at = *examined;
        let edge = loop {
            let rest = input.get(at..).unwrap_or_default();
            let step = match self.body.part(rest) {
                None => match any_of(b"\0", rest) {
                    Some(place) => {
                        at = at.saturating_add(place);
                        break Edge::End(at.saturating_add(1));
                    }
                    None => rest.len(),
                },
                Some(Part::End(end)) => break Edge::End(at.saturating_add(end)),
                Some(Part::Hold(need)) => break Edge::More(need),
                Some(Part::Raw(count) | Part::Token(count, _)) => count,
                Some(Part::Bad(_)) => match self.begun(rest) {
                    Begun::Yes => break Edge::Begun(at),
                    Begun::Perhaps(need) => break Edge::More(need),
                    Begun::No => 1,
                },
            };
            at = at.saturating_add(step);
            if at >= input.len() {
                break Edge::More(self.end().len());
            }
        };
        // The end is found again where there is too little behind it.
        *examined = at;
        edge
    }

    fn begun(&self, rest: &[u8]) -> Begun {
        match self.begin.len().checked_sub(rest.len()) {
            _ if self.begin.is_empty() => Begun::No,
            Some(need @ 1..) if self.begin.starts_with(rest) => Begun::Perhaps(need),
            _ if rest.starts_with(self.begin) => Begun::Yes,
            _ => Begun::No,
        }
    }

    /// Looks for the beginning of a frame.
    pub(crate) fn stray(&self, input: &[u8]) -> Stray {
        if self.begin.is_empty() {
            return Stray::Begun(0);
        }
        if let Some(place) = memmem::find(input, self.begin) {
            return Stray::Begun(place);
        }
        // What the input ends with may be the beginning of one.
        let most = self.begin.len().saturating_sub(1).min(input.len());
        let tail = |kept: &usize| {
            let tail = input.len().checked_sub(*kept).and_then(|from| input.get(from..));
            tail.is_some_and(|tail| self.begin.starts_with(tail))
        };
        let kept = (1..=most).rev().find(tail).unwrap_or(0);
        Stray::More {
            stray: input.len().saturating_sub(kept),
            need: self.begin.len().saturating_sub(kept),
        }
    }
}

/// Whether a frame begins at a place.
enum Begun {
    Yes,
    No,
    /// So many bytes must tell.
    Perhaps(usize),
}

impl Token {
    pub(super) const fn is_end(&self) -> bool {
        matches!(self.kind, Kind::End)
    }
}
