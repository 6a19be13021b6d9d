//! Thirty-two bytes at a time, by processors with AVX2.

#![allow(unsafe_code, reason = "vectors are loaded from memory, by processors that have them")]

use core::arch::x86_64::{
    __m128i, __m256i, _mm_and_si128, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8,
    _mm_or_si128, _mm_set1_epi8, _mm_setzero_si128, _mm_shuffle_epi8, _mm_srli_epi16,
    _mm_xor_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
    _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16, _mm256_xor_si256,
};

use crate::class::Rows;

/// How far a byte is looked for here; behind that, what is best for long texts is.
const NEAR: usize = 128;

/// Where the first byte stands that is one of the set, or how many bytes hold none; `None` where the
/// processor cannot tell, or they are too few.
#[inline]
pub(crate) fn find<const N: usize>(set: [u8; N], bytes: &[u8]) -> Option<Result<usize, usize>> {
    if bytes.len() < 32 || !std::is_x86_feature_detected!("avx2") {
        return None;
    }
    // SAFETY: the processor has AVX2.
    Some(unsafe { find_detected(set, bytes) })
}

#[target_feature(enable = "avx2")]
fn find_detected<const N: usize>(set: [u8; N], bytes: &[u8]) -> Result<usize, usize> {
    let wanted = set.map(|byte| _mm256_set1_epi8(byte.cast_signed()));
    let near = bytes.get(..NEAR).unwrap_or(bytes);
    let mut at = 0_usize;
    for block in near.as_chunks::<32>().0 {
        let block = load32(block);
        let mut found = _mm256_setzero_si256();
        for byte in wanted {
            found = _mm256_or_si256(found, _mm256_cmpeq_epi8(block, byte));
        }
        let found = _mm256_movemask_epi8(found).cast_unsigned();
        if found != 0 {
            return Ok(at.saturating_add(first(found)));
        }
        at = at.saturating_add(32);
    }
    Err(at)
}

/// What a byte's high four bits are in a row of the class: their lowest three say which bit.
const BITS: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];

/// How many bytes at the beginning, at least, hold both bytes of the pair together only, and none
/// with `first` behind it: as far as the processor can tell quickly. They do not end within a pair,
/// and behind one only where what follows is another.
#[inline]
pub(crate) fn plain(pair: [u8; 2], first: u8, bytes: &[u8]) -> usize {
    if bytes.len() < 32 || !std::is_x86_feature_detected!("avx2") {
        return 0;
    }
    // SAFETY: the processor has AVX2.
    unsafe { plain_detected(pair, first, bytes) }
}

#[target_feature(enable = "avx2")]
fn plain_detected(pair: [u8; 2], first: u8, bytes: &[u8]) -> usize {
    let [one, two, behind] =
        [pair[0], pair[1], first].map(|byte| _mm256_set1_epi8(byte.cast_signed()));
    let bits = |block, byte| _mm256_movemask_epi8(_mm256_cmpeq_epi8(block, byte)).cast_unsigned();
    let (mut at, mut open, mut whole) = (0_usize, 0, 0);
    for block in bytes.as_chunks::<32>().0 {
        let block = load32(block);
        let (ones, twos) = (bits(block, one), bits(block, two));
        if ones << 1 | open != twos || (twos << 1 | whole) & bits(block, behind) != 0 {
            break;
        }
        (open, whole) = (ones >> 31, twos >> 31);
        at = at.saturating_add(32);
    }
    // What the last byte begins or ends is left.
    at.saturating_sub(if whole == 1 { 2 } else { usize::from(open == 1) })
}

/// How many bytes at the beginning belong to the class of these rows; `None` where the processor
/// cannot tell so, or they are too few.
#[inline]
pub(crate) fn run(rows: &Rows, bytes: &[u8]) -> Option<usize> {
    if bytes.len() < 16 || !std::is_x86_feature_detected!("avx2") {
        return None;
    }
    // SAFETY: the processor has AVX2.
    Some(unsafe { run_detected(rows, bytes) })
}

#[target_feature(enable = "avx2")]
fn run_detected(rows: &Rows, bytes: &[u8]) -> usize {
    let tables = [load16(&rows.low), load16(&rows.high), load16(&BITS)];
    let wide = tables.map(|table| _mm256_broadcastsi128_si256(table));
    let (blocks, rest) = bytes.as_chunks::<32>();
    let mut at = 0_usize;
    for block in blocks {
        let others = others32(wide, load32(block));
        if others != 0 {
            return at.saturating_add(first(others));
        }
        at = at.saturating_add(32);
    }
    if rest.is_empty() {
        return at;
    }
    // The last bytes are looked at together with some before them, which belong to the class.
    if let Some(block) = bytes.last_chunk::<32>() {
        let begin = bytes.len().saturating_sub(32);
        return begin.saturating_add(first(others32(wide, load32(block))));
    }
    let halves =
        [(bytes.first_chunk::<16>(), 0), (bytes.last_chunk(), bytes.len().wrapping_sub(16))];
    for (half, begin) in halves {
        if let Some(others) = half.map(|half| others16(tables, load16(half)))
            && others != 0
        {
            return begin.saturating_add(first(others));
        }
    }
    bytes.len()
}

/// The place of the lowest bit, or 32.
#[inline]
fn first(bits: u32) -> usize {
    usize::try_from(bits.trailing_zeros()).unwrap_or(32)
}

/// A bit for each byte that does not belong to the class.
#[inline]
#[target_feature(enable = "avx2")]
fn others32([low, high, bits]: [__m256i; 3], block: __m256i) -> u32 {
    // A shuffle gives nothing for an index above 0x7f.
    let flipped = _mm256_xor_si256(block, _mm256_set1_epi8(i8::MIN));
    let row = _mm256_or_si256(_mm256_shuffle_epi8(low, block), _mm256_shuffle_epi8(high, flipped));
    let column = _mm256_and_si256(_mm256_srli_epi16::<4>(block), _mm256_set1_epi8(0x0f));
    let held = _mm256_and_si256(row, _mm256_shuffle_epi8(bits, column));
    _mm256_movemask_epi8(_mm256_cmpeq_epi8(held, _mm256_setzero_si256())).cast_unsigned()
}

#[inline]
#[target_feature(enable = "avx2")]
fn others16([low, high, bits]: [__m128i; 3], block: __m128i) -> u32 {
    let flipped = _mm_xor_si128(block, _mm_set1_epi8(i8::MIN));
    let row = _mm_or_si128(_mm_shuffle_epi8(low, block), _mm_shuffle_epi8(high, flipped));
    let column = _mm_and_si128(_mm_srli_epi16::<4>(block), _mm_set1_epi8(0x0f));
    let held = _mm_and_si128(row, _mm_shuffle_epi8(bits, column));
    _mm_movemask_epi8(_mm_cmpeq_epi8(held, _mm_setzero_si128())).cast_unsigned()
}

#[inline]
#[target_feature(enable = "avx2")]
fn load32(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: there are 32 bytes, and they need not be aligned.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load16(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: there are 16 bytes, and they need not be aligned.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[cfg(test)]
mod tests {
    use super::{find, plain};

    #[test]
    fn the_first_of_a_set_is_found_at_every_place() {
        let mut bytes = [b'x'; 200];
        for len in 32..bytes.len() {
            let none = find([b'\r', b'\n'], &bytes[..len]);
            assert!(matches!(none, None | Some(Err(_))));
            if let Some(Err(passed)) = none {
                assert_eq!(passed, len.min(128) / 32 * 32);
            }
            for place in 0..len {
                bytes[place] = if place % 2 == 0 { b'\r' } else { b'\n' };
                match find([b'\r', b'\n'], &bytes[..len]) {
                    Some(Ok(found)) => assert_eq!(found, place),
                    Some(Err(passed)) => assert!(passed <= place),
                    None => {}
                }
                bytes[place] = b'x';
            }
        }
    }

    #[test]
    fn plain_lines_hold_whole_pairs_and_no_token() {
        let lines = b"one line\r\nanother that is longer\r\n\r\n. is no token here\r\n".repeat(9);
        let told = |bytes: &[u8]| plain(*b"\r\n", b'!', bytes);
        for begin in 0..70 {
            let bytes = &lines[begin..];
            let end = told(bytes);
            assert!(end <= bytes.len());
            if end > 0 {
                assert!(bytes.len() - end < 34, "{begin} {end}");
                assert_ne!(bytes[end - 1], b'\r');
                assert!(bytes[end - 1] != b'\n' || bytes[end] == b'\r');
                assert_ne!(bytes[0], b'\n');
            }
            let mut wrong = bytes.to_vec();
            for place in usize::from(bytes[0] == b'\n')..120 {
                for byte in [b'\r', b'\n', b'!'] {
                    let before = core::mem::replace(&mut wrong[place], byte);
                    let behind = place >= 2 && &wrong[place - 2..place] == b"\r\n";
                    if before != byte && (byte != b'!' || behind || b"\r\n".contains(&before)) {
                        // Without what stood there, the byte behind it stands alone.
                        let alone = usize::from(before == b'\r' && byte == b'!');
                        assert!(told(&wrong) <= place + alone, "{begin} {place} {byte}");
                    }
                    wrong[place] = before;
                }
            }
        }
    }
}
