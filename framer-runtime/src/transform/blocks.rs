//! Codings by blocks that count, of which the payload's zeros are left out.

use memchr::memchr;

use crate::write::Out;

/// What the codes stand for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    /// The code of the longest block, which has no zero behind it.
    pub(super) full: u8,
    /// The last code may be the last byte, where that is larger.
    pub(super) reduced: bool,
}

/// Gives so many zeros, at most two, as pieces whose length is known when this is compiled.
#[inline]
fn see_zeros(count: usize, see: &mut impl FnMut(&[u8]) -> Option<()>) -> Option<()> {
    match count {
        0 => Some(()),
        1 => see(b"\0"),
        _ => see(b"\0\0"),
    }
}

impl Blocks {
    /// How many bytes stand behind a code, and how many zeros it stands for behind them.
    #[inline]
    pub(super) fn block(self, code: u8) -> (usize, usize) {
        match code.checked_sub(self.full) {
            None => (usize::from(code.saturating_sub(1)), 1),
            Some(0) => (self.longest(), 0),
            Some(above) => (usize::from(above.saturating_sub(1)), 2),
        }
    }

    #[inline]
    fn longest(self) -> usize {
        usize::from(self.full.saturating_sub(1))
    }

    /// Whether `body`, which holds no zero, is whole blocks; none at all are an empty payload.
    ///
    /// # Errors
    /// The place of a block that is not.
    pub(super) fn check(self, body: &[u8]) -> Result<(), Option<(usize, usize)>> {
        let mut at = 0_usize;
        loop {
            let Some(code) = body.get(at) else { return Ok(()) };
            let (count, _) = self.block(*code);
            let end = at.saturating_add(1).saturating_add(count);
            if end > body.len() && !self.reduced {
                return Err(Some((at, body.len())));
            }
            at = end;
        }
    }

    /// Gives the pieces of the payload that `body` stands for, which is whole blocks, to `see` until
    /// it wants no more; some may be empty.
    #[inline]
    pub(super) fn each(self, body: &[u8], mut see: impl FnMut(&[u8]) -> Option<()>) -> Option<()> {
        let (mut rest, mut due) = (body, 0);
        while let Some((code, behind)) = rest.split_first() {
            see_zeros(due, &mut see)?;
            let (count, zeros) = self.block(*code);
            (rest, due) = match behind.split_at_checked(count) {
                Some((data, next)) => {
                    see(data)?;
                    (next, zeros)
                }
                None => {
                    see(behind)?;
                    see(core::slice::from_ref(code))?;
                    (&[][..], zeros)
                }
            };
        }
        // The last zero is of no payload.
        see_zeros(due.saturating_sub(1), &mut see)
    }

    pub(super) fn encode(self, payload: &[u8], out: &mut Out<'_>) {
        let mut rest = payload;
        loop {
            let window = rest.get(..self.longest()).unwrap_or(rest);
            let (count, zeros) = match memchr(0, window) {
                Some(count) => (count, self.zeros(count, rest)),
                None if window.len() == self.longest() => (window.len(), 0),
                None => (window.len(), 1),
            };
            let (data, behind) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            let last = zeros > behind.len();
            match data.split_last() {
                Some((byte, before)) if last && self.reduced && usize::from(*byte) > count => {
                    out.push(*byte);
                    out.extend_from_slice(before);
                }
                _ => {
                    out.push(self.code(count, zeros));
                    out.extend_from_slice(data);
                }
            }
            rest = behind.get(zeros..).unwrap_or_default();
            // A full block may end a payload as it is.
            if last || (rest.is_empty() && zeros == 0) {
                return;
            }
        }
    }

    /// How many zeros behind so many bytes one code stands for; behind the payload there is one.
    fn zeros(self, count: usize, rest: &[u8]) -> usize {
        let second = rest.get(count.saturating_add(1)).is_none_or(|byte| *byte == 0);
        let most = usize::from(u8::MAX.saturating_sub(self.full));
        if second && count < most { 2 } else { 1 }
    }

    fn code(self, count: usize, zeros: usize) -> u8 {
        let count = u8::try_from(count).unwrap_or(u8::MAX).saturating_add(1);
        match zeros {
            0 => self.full,
            1 => count,
            _ => self.full.saturating_add(count),
        }
    }
}
