//! Sixteen bytes at a time by NEON, which nearly all targets of this kind have.

#![allow(unsafe_code, reason = "vectors are loaded from memory")]

use core::arch::aarch64::{
    uint8x16_t, vandq_u8, vceqq_u8, vcltzq_s8, vcombine_u8, vdupq_n_u8, veorq_u8, vget_lane_u64,
    vld1_u8, vld1q_u8, vmaxvq_u8, vorrq_u8, vqtbl1q_u8, vqtbx1q_u8, vreinterpret_u64_u8,
    vreinterpretq_s8_u8, vreinterpretq_u16_u8, vshrn_n_u16, vshrq_n_u8, vsriq_n_u8, vtstq_u8,
    vuzp1q_u8, vuzp2q_u8,
};

use super::common::{BITS, NEEDED, find_by, plain_from};
use crate::class::Rows;

/// Where the first byte stands that is one of the set, or how many bytes hold none: as far as a look
/// at so few is worth it, and none where they are fewer than eight.
#[inline]
pub(crate) fn find<const N: usize>(set: [u8; N], bytes: &[u8]) -> Result<usize, usize> {
    // SAFETY: the target has NEON: this is not compiled for others.
    let among_32 = |block: &[u8; 32]| unsafe { among_32(set, block) };
    // SAFETY: the same.
    let among_few = |bytes: &[u8]| unsafe { among_few(set, bytes) };
    find_by(
        bytes,
        |block| Some(among_32(block)).filter(|found| *found != 0).map(first_place),
        |rest| match among_few(rest) {
            None => Err(0),
            Some(0) => Err(rest.len()),
            Some(found) => Ok(first_place(found)),
        },
    )
}

/// Where the first `byte` stands, if it is among the first 32 and all before it are ASCII, or among the
/// first 16 of fewer.
#[inline]
pub(crate) fn ascii_before(byte: u8, bytes: &[u8]) -> Option<usize> {
    // SAFETY: the target has NEON: this is not compiled for others.
    let (found, beyond) = match (bytes.first_chunk::<32>(), bytes.first_chunk::<16>()) {
        (Some(near), _) => unsafe { found_and_beyond_ascii(byte, halves(near)) },
        // What is looked at twice is found where it is first.
        (None, Some(near)) => unsafe { found_and_beyond_ascii(byte, [load(near); 2]) },
        _ => return None,
    };
    // The lowest bit of what was found is below those of what is no ASCII.
    let before = found.wrapping_sub(1) & !found;
    (found != 0 && before & beyond == 0).then(|| first_place(found))
}

/// How far `bytes` hold both bytes of the pair together only, and none with `first` behind it: up to
/// where the first pair begins that has, or the first byte stands that is alone. Of what is fewer
/// than 33 bytes, and of the last one, nothing is told; then that is not within a pair, and behind
/// one only where what follows is another.
#[inline]
pub(crate) fn plain(pair: [u8; 2], first: u8, bytes: &[u8]) -> usize {
    if bytes.len() < NEEDED {
        return 0;
    }
    // SAFETY: the target has NEON: this is not compiled for others.
    unsafe { plain_of_many(pair, first, bytes) }
}

#[target_feature(enable = "neon")]
fn plain_of_many(pair: [u8; 2], first: u8, bytes: &[u8]) -> usize {
    if bytes.first() == Some(&pair[1]) {
        return 0;
    }
    let wanted = [pair[0], pair[1], first].map(|byte| vdupq_n_u8(byte));
    let mut rest = bytes;
    // What is not plain is rare: whether it is there is asked once for many bytes.
    while let Some([here, next]) = both::<128>(rest) {
        let (here, _) = here.as_chunks::<32>();
        let (next, _) = next.as_chunks::<32>();
        let mut any = vdupq_n_u8(0);
        for (here, next) in here.iter().zip(next) {
            let [one, two] = odd(wanted, here, next);
            any = vorrq_u8(any, vorrq_u8(one, two));
        }
        if vmaxvq_u8(any) != 0 {
            break;
        }
        rest = rest.get(128..).unwrap_or_default();
    }
    let passed = bytes.len().saturating_sub(rest.len());
    plain_from(pair, first, bytes, passed, |near| {
        both(near).map_or(32, |[here, next]| first_place(bits(odd(wanted, here, next))))
    })
}

/// So many bytes, and as many behind the first.
#[inline]
fn both<const N: usize>(bytes: &[u8]) -> Option<[&[u8; N]; 2]> {
    Some([bytes.first_chunk()?, bytes.get(1..)?.first_chunk()?])
}

/// Which of 32 bytes are odd, of which `next` are those behind each: the first of a pair without the
/// second behind it, what stands before a second without a first, and a second that `behind` stands
/// behind.
#[inline]
#[target_feature(enable = "neon")]
fn odd([one, two, behind]: [uint8x16_t; 3], here: &[u8; 32], next: &[u8; 32]) -> [uint8x16_t; 2] {
    let [first, last] = halves(here);
    let [first_next, last_next] = halves(next);
    [[first, first_next], [last, last_next]].map(|[here, next]| {
        let alone = veorq_u8(vceqq_u8(here, one), vceqq_u8(next, two));
        let begun = vandq_u8(vceqq_u8(here, two), vceqq_u8(next, behind));
        vorrq_u8(alone, begun)
    })
}

/// How many bytes at the beginning belong to the class of these rows; `None` where they are too few.
#[inline]
pub(crate) fn run(rows: &Rows, bytes: &[u8]) -> Option<usize> {
    // SAFETY: the target has NEON: this is not compiled for others.
    unsafe { run_of_many(rows, bytes) }
}

#[target_feature(enable = "neon")]
fn run_of_many(rows: &Rows, bytes: &[u8]) -> Option<usize> {
    let tables = [load(&rows.low), load(&rows.high), load(&BITS)];
    let others = |blocks: [uint8x16_t; 2]| !bits(blocks.map(|block| members(tables, block)));
    let (blocks, rest) = bytes.as_chunks::<32>();
    for (place, block) in blocks.iter().enumerate() {
        let others = others(halves(block));
        if others != 0 {
            return Some(place << 5 | first_place(others));
        }
    }
    if rest.is_empty() && !blocks.is_empty() {
        return Some(bytes.len());
    }
    // The last bytes are looked at together with some before them, which belong to the class.
    if let Some(block) = bytes.last_chunk::<32>() {
        let begin = bytes.len().saturating_sub(32);
        return Some(begin.saturating_add(first_place(others(halves(block)))));
    }
    few(bytes, |block| members(tables, block)).map(|members| first_place(!members))
}

/// Which bytes belong to the class of two rows, of which each has a bit for what the high four bits
/// of a byte may be.
#[inline]
#[target_feature(enable = "neon")]
fn members([low, high, bits]: [uint8x16_t; 3], block: uint8x16_t) -> uint8x16_t {
    // A table gives nothing for an index above 0x0f, or leaves what there was.
    let place = vandq_u8(block, vdupq_n_u8(0x8f));
    let row = vqtbl1q_u8(low, place);
    let row = vqtbx1q_u8(row, high, veorq_u8(place, vdupq_n_u8(0x80)));
    vtstq_u8(row, vqtbl1q_u8(bits, vshrq_n_u8::<4>(block)))
}

/// Two bits for each byte that is one of the set, of 8 to 31.
#[inline(never)]
#[target_feature(enable = "neon")]
fn among_few<const N: usize>(set: [u8; N], bytes: &[u8]) -> Option<u64> {
    few(bytes, |block| among(set, block))
}

/// Two bits for each byte that is told, of 8 to 31: by halves, which may lie over each other.
#[inline]
#[target_feature(enable = "neon")]
fn few(bytes: &[u8], told: impl Fn(uint8x16_t) -> uint8x16_t) -> Option<u64> {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<16>(), bytes.last_chunk::<16>()) {
        let both = bits([told(load(first)), told(load(last))]);
        let behind = bytes.len().saturating_sub(16);
        return Some(both & 0xffff_ffff | (both >> 32) << (behind << 1));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let both = bits([told(load_8_and_8(first, last)), vdupq_n_u8(0)]);
        let behind = bytes.len().saturating_sub(8);
        return Some(both & 0xffff | (both >> 16) << (behind << 1));
    }
    None
}

/// Two bits for each byte that is one of the set.
#[inline]
#[target_feature(enable = "neon")]
fn among_32<const N: usize>(set: [u8; N], bytes: &[u8; 32]) -> u64 {
    bits(halves(bytes).map(|half| among(set, half)))
}

#[inline]
#[target_feature(enable = "neon")]
fn among<const N: usize>(set: [u8; N], block: uint8x16_t) -> uint8x16_t {
    let mut found = vdupq_n_u8(0);
    for byte in set {
        found = vorrq_u8(found, vceqq_u8(block, vdupq_n_u8(byte)));
    }
    found
}

/// Two bits for each byte that is this one, and for each that is no ASCII.
#[inline]
#[target_feature(enable = "neon")]
fn found_and_beyond_ascii(byte: u8, blocks: [uint8x16_t; 2]) -> (u64, u64) {
    let beyond = blocks.map(|block| vcltzq_s8(vreinterpretq_s8_u8(block)));
    (bits(blocks.map(|block| among([byte], block))), bits(beyond))
}

/// Two bits for each byte, of which all bits are the same.
#[inline]
#[target_feature(enable = "neon")]
fn bits([first, last]: [uint8x16_t; 2]) -> u64 {
    let (even, odd) = (vuzp1q_u8(first, last), vuzp2q_u8(first, last));
    // Four bits of two bytes, and the same again below: of two such bytes each gives its own.
    let four = vsriq_n_u8::<2>(odd, even);
    let four = vreinterpretq_u16_u8(vsriq_n_u8::<4>(four, four));
    vget_lane_u64::<0>(vreinterpret_u64_u8(vshrn_n_u16::<4>(four)))
}

/// The place of the lowest bits, or 32.
#[inline]
fn first_place(bits: u64) -> usize {
    usize::try_from(bits.trailing_zeros() >> 1).unwrap_or(32)
}

#[inline]
#[target_feature(enable = "neon")]
fn halves(bytes: &[u8; 32]) -> [uint8x16_t; 2] {
    let from = bytes.as_ptr();
    // SAFETY: there are 32 bytes, and they need not be aligned.
    unsafe { [vld1q_u8(from), vld1q_u8(from.add(16))] }
}

#[inline]
#[target_feature(enable = "neon")]
fn load(bytes: &[u8; 16]) -> uint8x16_t {
    // SAFETY: there are 16 bytes, and they need not be aligned.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn load_8_and_8(first: &[u8; 8], last: &[u8; 8]) -> uint8x16_t {
    // SAFETY: there are 8 bytes each, and they need not be aligned.
    unsafe { vcombine_u8(vld1_u8(first.as_ptr()), vld1_u8(last.as_ptr())) }
}
