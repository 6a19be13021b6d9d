//! Sixteen bytes at a time, where the target has SSE2, as nearly all of this kind do.

#![allow(unsafe_code, reason = "vectors are loaded from memory")]

use core::arch::x86_64::{
    __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x,
    _mm_set1_epi8, _mm_setzero_si128,
};

use super::common::{find_by, first_bit};

/// Where the first byte stands that is one of the set, or how many bytes hold none: as far as a look
/// at so few is worth it, and none where they are fewer than eight.
#[inline]
pub(crate) fn find<const N: usize>(set: [u8; N], bytes: &[u8]) -> Result<usize, usize> {
    // SAFETY: the target has SSE2: this is not compiled for others.
    let among_32 = |block: &[u8; 32]| unsafe { among_32(set, block) };
    // SAFETY: the same.
    let few = |bytes: &[u8]| unsafe { few(set, bytes) };
    find_by(bytes, |block| Some(among_32(block)).filter(|found| *found != 0).map(first_bit), few)
}

/// Where the first `byte` stands, if it is among the first 32 and all before it are ASCII, or among the
/// first 16 of fewer.
#[inline]
pub(crate) fn ascii_before(byte: u8, bytes: &[u8]) -> Option<usize> {
    // SAFETY: the target has SSE2: this is not compiled for others.
    let (found, beyond) = match (bytes.first_chunk::<32>(), bytes.first_chunk::<16>()) {
        (Some(near), _) => unsafe { (among_32([byte], near), beyond_ascii_32(near)) },
        (None, Some(near)) => unsafe { (among([byte], load(near)), beyond_ascii(load(near))) },
        _ => return None,
    };
    // The lowest bit of what was found is below those of what is no ASCII.
    let before = found.wrapping_sub(1) & !found;
    (found != 0 && before & beyond == 0).then(|| first_bit(found))
}

/// The same of fewer than 32 bytes: by halves, which may lie over each other.
#[inline(never)]
#[target_feature(enable = "sse2")]
fn few<const N: usize>(set: [u8; N], bytes: &[u8]) -> Result<usize, usize> {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<16>(), bytes.last_chunk::<16>()) {
        let behind = bytes.len().saturating_sub(16);
        let found = among(set, load(first)) | among(set, load(last)) << behind;
        return if found == 0 { Err(bytes.len()) } else { Ok(first_bit(found)) };
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let behind = bytes.len().saturating_sub(8);
        let [first, last] = [first, last].map(|half| i64::from_le_bytes(*half));
        let both = among(set, _mm_set_epi64x(last, first));
        let found = both & 0xff | (both >> 8) << behind;
        return if found == 0 { Err(bytes.len()) } else { Ok(first_bit(found)) };
    }
    Err(0)
}

/// A bit for each byte that is one of the set.
#[inline]
#[target_feature(enable = "sse2")]
fn among_32<const N: usize>(set: [u8; N], bytes: &[u8; 32]) -> u32 {
    let (halves, _) = bytes.as_chunks::<16>();
    let mut found = 0;
    for half in halves.iter().rev() {
        found = found << 16 | among(set, load(half));
    }
    found
}

/// A bit for each byte that is no ASCII.
#[inline]
#[target_feature(enable = "sse2")]
fn beyond_ascii_32(bytes: &[u8; 32]) -> u32 {
    let (halves, _) = bytes.as_chunks::<16>();
    halves.iter().rev().fold(0, |beyond, half| beyond << 16 | beyond_ascii(load(half)))
}

#[inline]
#[target_feature(enable = "sse2")]
fn beyond_ascii(block: __m128i) -> u32 {
    _mm_movemask_epi8(block).cast_unsigned()
}

#[inline]
#[target_feature(enable = "sse2")]
fn among<const N: usize>(set: [u8; N], block: __m128i) -> u32 {
    let mut found = _mm_setzero_si128();
    for byte in set {
        found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8(byte.cast_signed())));
    }
    _mm_movemask_epi8(found).cast_unsigned()
}

#[inline]
#[target_feature(enable = "sse2")]
fn load(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: there are 16 bytes, and they need not be aligned.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}
