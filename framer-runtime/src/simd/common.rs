//! What is the same for every kind of processor.

#![allow(dead_code, reason = "none needs all of it")]

/// How far `find` looks for a byte; behind that, what is best for long texts is.
pub(super) const FAR: usize = 128;

/// Of how many bytes `plain` tells at least, but for the last one of them.
pub(super) const NEEDED: usize = 33;

/// A bit for each of eight, twice.
pub(super) const BITS: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];

/// The place of the lowest bit, or 32.
#[inline]
pub(super) fn first_bit(bits: u32) -> usize {
    usize::try_from(bits.trailing_zeros()).unwrap_or(32)
}

/// Where the first byte stands that is looked for, or how many bytes hold none: as far as a look at so
/// few is worth it. `block` tells its place among 32, and `few` among fewer, or how many hold none.
#[inline(always)]
pub(super) fn find_by(
    bytes: &[u8],
    block: impl Fn(&[u8; 32]) -> Option<usize>,
    few: impl Fn(&[u8]) -> Result<usize, usize>,
) -> Result<usize, usize> {
    let near = bytes.get(..FAR).unwrap_or(bytes);
    let (blocks, rest) = near.as_chunks::<32>();
    for (number, bytes) in blocks.iter().enumerate() {
        if let Some(place) = block(bytes) {
            return Ok(number << 5 | place);
        }
    }
    let passed = blocks.len() << 5;
    if rest.is_empty() {
        return Err(passed);
    }
    few(rest).map(|place| passed | place).map_err(|more| passed | more)
}

/// How far bytes are plain that are plain up to `from`; `odd` tells the first place of 32 that is not, or
/// 32. The last ones are looked at together with some before them.
#[inline(always)]
pub(super) fn plain_from(
    pair: [u8; 2],
    first: u8,
    bytes: &[u8],
    from: usize,
    odd: impl Fn(&[u8; NEEDED]) -> usize,
) -> usize {
    let last = bytes.len().saturating_sub(NEEDED);
    let mut at = from;
    while let Some(near) = bytes.get(at.min(last)..).and_then(<[u8]>::first_chunk::<NEEDED>) {
        let begin = at.min(last);
        let place = odd(near);
        if place < 32 {
            return end_of_plain(pair, first, bytes, begin.saturating_add(place));
        }
        at = begin.saturating_add(32);
        if begin == last {
            break;
        }
    }
    let within = bytes.get(at.saturating_sub(1)) == Some(&pair[0]);
    at.saturating_sub(usize::from(within))
}

/// Where what is plain ends, if this is the first place that is odd.
#[inline]
pub(super) fn end_of_plain([one, two]: [u8; 2], first: u8, bytes: &[u8], place: usize) -> usize {
    match bytes.get(place..) {
        Some([byte, ..]) if *byte == one => place,
        Some([byte, next, ..]) if (*byte, *next) == (two, first) => place.saturating_sub(1),
        // The next one is the second of a pair without the first.
        _ => place.saturating_add(1),
    }
}

/// What is told where the processor, or the library without `std`, cannot: nothing.
pub(super) mod nothing {
    use crate::class::Rows;

    pub(crate) const fn find<const N: usize>(_set: [u8; N], _bytes: &[u8]) -> Result<usize, usize> {
        Err(0)
    }

    pub(crate) const fn ascii_before(_byte: u8, _bytes: &[u8]) -> Option<usize> {
        None
    }

    pub(crate) const fn plain(_pair: [u8; 2], _first: u8, _bytes: &[u8]) -> usize {
        0
    }

    pub(crate) const fn run(_rows: &Rows, _bytes: &[u8]) -> Option<usize> {
        None
    }
}
