//! Payloads that a key lies over.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::write::Out;

/// A key that is laid over a payload, byte by byte and over and over again, by exclusive or.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mask {
    /// What lies over the next eight bytes.
    key: u64,
}

impl Mask {
    /// A key of so many bytes, the highest first: 1, 2, 4 or 8. Of none, it changes nothing.
    #[must_use]
    pub fn new(key: u64, bytes: u8) -> Mask {
        let key = match bytes {
            1 => (key & 0xff).wrapping_mul(0x0101_0101_0101_0101),
            2 => (key & 0xffff).wrapping_mul(0x0001_0001_0001_0001),
            4 => (key & 0xffff_ffff).wrapping_mul(0x0000_0001_0000_0001),
            8 => key,
            _ => 0,
        };
        Mask { key }
    }

    /// Goes on behind so many bytes.
    pub(crate) fn skip(&mut self, count: usize) {
        let bits = u32::try_from(count % 8).unwrap_or(0).saturating_mul(8);
        self.key = self.key.rotate_left(bits);
    }

    /// Lays the key over bytes, or takes it off them.
    #[inline]
    pub fn apply(self, bytes: &mut [u8]) {
        let key = self.key.to_be_bytes();
        let (words, rest) = bytes.as_chunks_mut::<8>();
        let word_key = u64::from_ne_bytes(key);
        for word in words {
            *word = (u64::from_ne_bytes(*word) ^ word_key).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(key) {
            *byte ^= key;
        }
    }

    /// Bytes without the key, of which there are words of eight.
    #[inline(always)]
    fn over<const N: usize>(self, mut bytes: [u8; N]) -> [u8; N] {
        self.apply(&mut bytes);
        bytes
    }

    /// The same from one place to another, of as many bytes, in one go.
    fn copy(self, from: &[u8], to: &mut [u8]) {
        let key = self.key.to_be_bytes();
        let ((words, rest), (to_words, to_rest)) = (from.as_chunks::<8>(), to.as_chunks_mut::<8>());
        let word_key = u64::from_ne_bytes(key);
        for (word, to) in words.iter().zip(to_words) {
            *to = (u64::from_ne_bytes(*word) ^ word_key).to_ne_bytes();
        }
        for ((byte, to), key) in rest.iter().zip(to_rest).zip(key) {
            *to = byte ^ key;
        }
    }
}

/// A part of a payload as it came, with the key over it.
///
/// ```
/// use framer_runtime::mask::{Mask, Masked};
///
/// let part = Masked::new(b"\x7f\x9f\x4d\x51\x58", Mask::new(0x37fa_213d, 4));
/// assert_eq!(part.to_vec(), b"Hello");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Masked<'a> {
    coded: &'a [u8],
    mask: Mask,
}

impl<'a> Masked<'a> {
    /// Bytes and the key that lies over them.
    #[must_use]
    pub const fn new(coded: &'a [u8], mask: Mask) -> Masked<'a> {
        Masked { coded, mask }
    }

    /// How many bytes it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.coded.len()
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.coded.is_empty()
    }

    /// Its bytes as they came.
    #[must_use]
    pub const fn coded(&self) -> &'a [u8] {
        self.coded
    }

    /// Appends its bytes, without the key.
    // What an event holds is handed on by value: a copy of it in memory would be waited for.
    #[cfg(feature = "alloc")]
    #[inline]
    pub fn append_to(&self, out: &mut Vec<u8>) {
        append(self.coded, self.mask, &mut out.into());
    }

    /// The same.
    #[inline]
    pub(crate) fn write(&self, out: &mut Out<'_>) {
        append(self.coded, self.mask, out);
    }

    /// Its bytes, without the key.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len());
        self.append_to(&mut out);
        out
    }

    /// Its bytes, without the key, as many as `out` has room for; how many that is.
    #[inline]
    pub fn copy_to(&self, out: &mut [u8]) -> usize {
        let count = self.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), self.coded.get(..count)) {
            self.mask.copy(from, to);
        }
        count
    }
}

/// So many bytes are gone through at once where they are appended.
const BLOCK: usize = 64;

/// Appends bytes, without the key that lies over them.
fn append(coded: &[u8], mask: Mask, out: &mut Out<'_>) {
    // What has just been written is not read again: that would be waited for, or take as long as a copy.
    let (blocks, rest) = coded.as_chunks::<BLOCK>();
    out.extend_from_blocks(blocks.iter().map(|block| mask.over(*block)));
    let (words, rest) = rest.as_chunks::<8>();
    out.extend_from_blocks(words.iter().map(|word| mask.over(*word)));
    match coded.last_chunk::<8>() {
        // With some before them, which have been written.
        Some(last) if !rest.is_empty() => {
            let mut mask = mask;
            mask.skip(coded.len());
            let last = mask.over(*last);
            out.extend_from_slice(
                last.get(8_usize.saturating_sub(rest.len())..).unwrap_or_default(),
            );
        }
        Some(_) => {}
        None => {
            for (byte, key) in rest.iter().zip(mask.key.to_be_bytes()) {
                out.push(byte ^ key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Mask, Masked};

    #[test]
    fn a_long_way_in() {
        let (mut near, mut far) = (Mask::new(0x0102_0304, 4), Mask::new(0x0102_0304, 4));
        near.skip(3);
        // More bits than a `u32` counts.
        far.skip((1 << 31) + 3);
        assert_eq!(near, far);
        assert!(Masked::new(b"", near).is_empty() && !Masked::new(b"x", near).is_empty());
    }

    #[test]
    fn every_key_and_every_cut() {
        let plain: Vec<u8> = (0..50).collect();
        for (bytes, key) in
            [(1, &[0xa5][..]), (2, &[1, 2]), (4, &[1, 2, 3, 4]), (8, &[9, 8, 7, 6, 5, 4, 3, 2])]
        {
            let number = key.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
            let coded: Vec<u8> =
                plain.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
            for cut in 0..=plain.len() {
                let mut mask = Mask::new(number, bytes);
                let mut seen = Masked::new(&coded[..cut], mask).to_vec();
                mask.skip(cut);
                let mut rest = [0; 60];
                let count = Masked::new(&coded[cut..], mask).copy_to(&mut rest);
                seen.extend_from_slice(&rest[..count]);
                assert_eq!(seen, plain, "{bytes} bytes, cut at {cut}");
            }
        }
        assert_eq!(Masked::new(b"as it is", Mask::new(7, 0)).to_vec(), b"as it is");
    }

    #[test]
    fn long_payloads() {
        let (plain, mask) = ([7; 10_001], Mask::new(0x0102_0304, 4));
        let coded = Masked::new(&plain, mask).to_vec();
        assert_eq!(coded[..5], [6, 5, 4, 3, 6]);
        assert_eq!(Masked::new(&coded, mask).to_vec(), plain);
        let mut out = [0; 10_001];
        assert_eq!(Masked::new(&coded, mask).copy_to(&mut out), 10_001);
        assert_eq!(out, plain);
    }
}
