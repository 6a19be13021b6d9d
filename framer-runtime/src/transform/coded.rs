//! Payloads as they stand on the wire, looked at without a copy.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::fmt;

use super::coding::{Body, Coding};
use super::escapes::{self, Part};
use crate::violation::Rule;
use crate::write::Out;

/// The payload of a coding: as it came, decoded while it is looked at, or plain bytes that are
/// coded when they are written.
///
/// ```
/// use framer_runtime::transform::Coded;
///
/// let plain = Coded::from(b"a\0b");
/// assert_eq!((plain.len(), plain.to_vec()), (3, b"a\0b".to_vec()));
/// ```
#[derive(Clone, Copy, Default)]
pub struct Coded<'a> {
    /// Of the wire, what stands behind the beginning, with the end.
    bytes: &'a [u8],
    /// `None`: they are plain.
    coding: Option<&'static Coding>,
}

impl<'a> Coded<'a> {
    /// What stands behind the beginning of a frame, with its end, and is all of the coding.
    pub(crate) const fn wire(bytes: &'a [u8], coding: &'static Coding) -> Coded<'a> {
        Coded { bytes, coding: Some(coding) }
    }

    /// The payload in pieces, none of which is copied.
    #[must_use]
    pub fn pieces(&self) -> Pieces<'a> {
        let rest = match self.coding.map(|coding| &coding.body) {
            Some(Body::Blocks(_)) => self.bytes.split_last().map_or(&[][..], |(_, body)| body),
            _ => self.bytes,
        };
        Pieces { rest, coding: self.coding, due: &[], zeros: 0 }
    }

    /// How many bytes the payload has.
    #[must_use]
    pub fn len(&self) -> usize {
        let mut len = 0_usize;
        self.each(|piece| {
            len = len.saturating_add(piece.len());
            Some(())
        });
        len
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces().next().is_none()
    }

    /// The payload, decoded.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len());
        self.each(|piece| {
            out.extend_from_slice(piece);
            Some(())
        });
        out
    }

    /// Decodes the payload to the beginning of `out`; the bytes that it is now, or `None` where
    /// there is no room for all of them.
    pub fn copy_to<'o>(&self, out: &'o mut [u8]) -> Option<&'o [u8]> {
        let mut len = 0_usize;
        self.each(|piece| {
            let end = len.checked_add(piece.len())?;
            copy(out.get_mut(len..end)?, piece);
            len = end;
            Some(())
        })?;
        out.get(..len)
    }

    /// Gives the pieces to `see`, in less time than one asked for after the other, until it wants no
    /// more; some may be empty.
    #[inline]
    fn each(&self, mut see: impl FnMut(&[u8]) -> Option<()>) -> Option<()> {
        match self.coding.map(|coding| &coding.body) {
            None => see(self.bytes),
            Some(Body::Escaped(of)) => {
                let raw = |rest: &[u8]| of.before_mark(rest);
                escapes::each(raw, |rest| of.marked(rest), self.bytes, see)
            }
            Some(Body::Hex(of)) => escapes::each(|_| 0, |rest| of.part(rest), self.bytes, see),
            Some(Body::Blocks(of)) => {
                of.each(self.bytes.split_last().map_or(&[], |(_, body)| body), see)
            }
        }
    }

    /// Writes it in the coding behind what `out` holds.
    ///
    /// # Errors
    /// Without the feature `alloc`, [`Rule::Coding`] if it came in another one.
    pub(crate) fn write(&self, coding: &'static Coding, out: &mut Out<'_>) -> Result<(), Rule> {
        match self.coding {
            None => coding.encode(self.bytes, out),
            Some(own) if core::ptr::eq(own, coding) => {
                out.extend_from_slice(coding.begin());
                out.extend_from_slice(self.bytes);
            }
            #[cfg(feature = "alloc")]
            Some(_) => coding.encode(&self.to_vec(), out),
            #[cfg(not(feature = "alloc"))]
            Some(other) => return Err(Rule::Coding { coding: other.name() }),
        }
        Ok(())
    }
}

impl<'a> From<&'a [u8]> for Coded<'a> {
    fn from(plain: &'a [u8]) -> Coded<'a> {
        Coded { bytes: plain, coding: None }
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Coded<'a> {
    fn from(plain: &'a [u8; N]) -> Coded<'a> {
        Coded { bytes: plain, coding: None }
    }
}

/// As the payloads are.
impl PartialEq for Coded<'_> {
    fn eq(&self, other: &Coded<'_>) -> bool {
        self.pieces().flatten().eq(other.pieces().flatten())
    }
}

impl Eq for Coded<'_> {}

impl fmt::Debug for Coded<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("\"")?;
        for piece in self.pieces() {
            write!(formatter, "{}", piece.escape_ascii())?;
        }
        formatter.write_str("\"")
    }
}

/// Copies `from` over `to`, which is as long. Most pieces are short: then two copies of a fixed length,
/// from the beginning and up to the end, are faster than one whose length is asked for.
#[inline]
fn copy(to: &mut [u8], from: &[u8]) {
    let short = ends::<16>(to, from) || ends::<32>(to, from) || ends::<8>(to, from);
    if !short && !ends::<4>(to, from) {
        to.copy_from_slice(from);
    }
}

/// Does so where the length is `N`, twice as much or between.
#[inline]
fn ends<const N: usize>(to: &mut [u8], from: &[u8]) -> bool {
    if !(N..=2 * N).contains(&from.len()) {
        return false;
    }
    if let (Some(to), Some(from)) = (to.first_chunk_mut::<N>(), from.first_chunk()) {
        *to = *from;
    }
    if let (Some(to), Some(from)) = (to.last_chunk_mut::<N>(), from.last_chunk()) {
        *to = *from;
    }
    true
}

/// A payload in pieces, none of them empty.
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    rest: &'a [u8],
    coding: Option<&'static Coding>,
    /// The last byte of a payload whose code it is.
    due: &'a [u8],
    /// How many zeros stand behind the last block, if another one follows.
    zeros: usize,
}

impl<'a> Pieces<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (piece, rest) = self.rest.split_at_checked(count).unwrap_or((self.rest, &[]));
        self.rest = rest;
        piece
    }

    /// The next piece, which may be empty.
    fn step(&mut self) -> Option<&'a [u8]> {
        let Some(coding) = self.coding else {
            let rest = self.rest;
            return (!rest.is_empty()).then(|| self.take(rest.len()));
        };
        let blocks = match (&coding.body, coding.body.part(self.rest)) {
            (Body::Blocks(blocks), _) => blocks,
            (_, Some(Part::Token(count, plain))) => {
                self.take(count);
                return Some(plain);
            }
            (_, Some(Part::Raw(count))) => return Some(self.take(count)),
            _ => return None,
        };
        if !self.due.is_empty() {
            return Some(core::mem::take(&mut self.due));
        }
        if self.rest.is_empty() {
            // The last zero is of no payload.
            let zeros = core::mem::take(&mut self.zeros).checked_sub(1)?;
            return (zeros > 0).then(|| b"\0\0".get(..zeros).unwrap_or_default());
        }
        if self.zeros > 0 {
            let zeros = core::mem::take(&mut self.zeros);
            return Some(b"\0\0".get(..zeros).unwrap_or_default());
        }
        let code = self.take(1);
        let (count, zeros) = code.first().map_or((0, 0), |code| blocks.block(*code));
        self.zeros = zeros;
        if count > self.rest.len() {
            self.due = code;
        }
        Some(self.take(count))
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let piece = self.step()?;
            if !piece.is_empty() {
                return Some(piece);
            }
        }
    }
}
