//! Thirty-two bytes at a time, by processors with AVX2.

#![allow(unsafe_code, reason = "vectors are loaded from memory, by processors that have them")]

use core::arch::x86_64::{
    __m128i, __m256i, _mm_and_si128, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8,
    _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8, _mm_setzero_si128, _mm_shuffle_epi8,
    _mm_srli_epi16, _mm_xor_si128, _mm256_and_si256, _mm256_broadcastsi128_si256,
    _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16, _mm256_testz_si256,
    _mm256_xor_si256,
};

use super::common::{BITS, NEEDED, end_of_plain, first_bit, plain_from};
use crate::class::Rows;

/// How far `bytes` hold both bytes of the pair together only, and none with `first` behind it: up to
/// where the first pair begins that has, or the first byte stands that is alone. Of what is fewer
/// than 33 bytes, and of the last one, nothing is told; then that is not within a pair, and behind
/// one only where what follows is another.
#[inline]
pub(crate) fn plain(pair: [u8; 2], first: u8, bytes: &[u8]) -> usize {
    if bytes.len() < NEEDED || !std::is_x86_feature_detected!("avx2") {
        return 0;
    }
    // SAFETY: the processor has AVX2.
    unsafe { plain_detected(pair, first, bytes) }
}

/// How many bytes tell of 128 whether they are plain.
const NEEDED_WIDE: usize = 129;

#[target_feature(enable = "avx2")]
fn plain_detected(pair: [u8; 2], first: u8, bytes: &[u8]) -> usize {
    if bytes.first() == Some(&pair[1]) {
        return 0;
    }
    let wanted = [pair[0], pair[1], first].map(|byte| _mm256_set1_epi8(byte.cast_signed()));
    let mut rest = bytes;
    // What is not plain is rare: whether it is there is asked once for many bytes.
    while let Some(wide) = rest.first_chunk::<NEEDED_WIDE>() {
        let [one, two] = [odd::<_, 0>(wanted, wide), odd::<_, 32>(wanted, wide)];
        let [three, four] = [odd::<_, 64>(wanted, wide), odd::<_, 96>(wanted, wide)];
        let any = _mm256_or_si256(_mm256_or_si256(one, two), _mm256_or_si256(three, four));
        if _mm256_testz_si256(any, any) == 0 {
            let [one, two, three, four] = [one, two, three, four].map(|odd| u128::from(bits(odd)));
            let odd = one | two << 32 | three << 64 | four << 96;
            let before = bytes.len().saturating_sub(rest.len());
            let place = before.saturating_add(usize::try_from(odd.trailing_zeros()).unwrap_or(0));
            return end_of_plain(pair, first, bytes, place);
        }
        rest = rest.get(128..).unwrap_or_default();
    }
    let passed = bytes.len().saturating_sub(rest.len());
    plain_from(pair, first, bytes, passed, |near| first_bit(bits(odd::<_, 0>(wanted, near))))
}

#[inline]
#[target_feature(enable = "avx2")]
fn bits(lanes: __m256i) -> u32 {
    _mm256_movemask_epi8(lanes).cast_unsigned()
}

/// Which of the 32 bytes from a place on are odd: the first of a pair without the second behind it,
/// what stands before a second without a first, and a second that `behind` stands behind.
#[inline]
#[target_feature(enable = "avx2")]
fn odd<const N: usize, const AT: usize>(
    [one, two, behind]: [__m256i; 3],
    bytes: &[u8; N],
) -> __m256i {
    const { assert!(AT + NEEDED <= N) };
    let from = bytes.as_ptr();
    // SAFETY: there are 33 bytes from the place on, and they need not be aligned.
    let [here, next] =
        unsafe { [from.add(AT), from.add(AT + 1)].map(|from| _mm256_loadu_si256(from.cast())) };
    let alone = _mm256_xor_si256(_mm256_cmpeq_epi8(here, one), _mm256_cmpeq_epi8(next, two));
    let begun = _mm256_and_si256(_mm256_cmpeq_epi8(here, two), _mm256_cmpeq_epi8(next, behind));
    _mm256_or_si256(alone, begun)
}

/// How many bytes at the beginning belong to the class of these rows; `None` where the processor
/// cannot tell so, or they are too few.
#[inline]
pub(crate) fn run(rows: &Rows, bytes: &[u8]) -> Option<usize> {
    if bytes.len() < 8 || !std::is_x86_feature_detected!("avx2") {
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
    for (place, block) in blocks.iter().enumerate() {
        let others = others32(wide, load32(block));
        if others != 0 {
            return place << 5 | first_bit(others);
        }
    }
    if rest.is_empty() {
        return bytes.len();
    }
    // The last bytes are looked at together with some before them, which belong to the class.
    if let Some(block) = bytes.last_chunk::<32>() {
        let begin = bytes.len().saturating_sub(32);
        return begin.saturating_add(first_bit(others32(wide, load32(block))));
    }
    // Fewer are looked at by halves.
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return match others16(tables, load16(first)) {
            0 => {
                let begin = bytes.len().saturating_sub(16);
                begin.saturating_add(first_bit(others16(tables, load16(last)))).min(bytes.len())
            }
            found => first_bit(found),
        };
    }
    let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) else { return 0 };
    let found = others16(tables, load8(first, last));
    let found = found & 0xff | (found >> 8) << bytes.len().saturating_sub(8);
    first_bit(found).min(bytes.len())
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

#[inline]
#[target_feature(enable = "avx2")]
fn load8(first: &[u8; 8], last: &[u8; 8]) -> __m128i {
    _mm_set_epi64x(i64::from_le_bytes(*last), i64::from_le_bytes(*first))
}
