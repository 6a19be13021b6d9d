//! A head of HTTP/1.1, by hand: short words byte by byte, values 32 bytes at a time.

use crate::harness::Tally;

/// What names and methods are made of.
const TOKEN: [bool; 256] = {
    let mut token = [false; 256];
    let mut all =
        b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" as &[u8];
    while let [first, rest @ ..] = all {
        token[*first as usize] = true;
        all = rest;
    }
    token
};

/// Sees the method, the target and every value.
pub(super) fn head(head: &[u8], tally: &mut Tally) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the machine has AVX2.
        return unsafe { with_avx2(head, tally) };
    }
    parse(head, tally, text);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(head: &[u8], tally: &mut Tally) {
    parse(head, tally, |bytes| text_by_32(bytes));
}

#[inline(always)]
fn parse(head: &[u8], tally: &mut Tally, text: impl Fn(&[u8]) -> usize) {
    let (method, rest) = word(head, b' ');
    tally.see(method);
    let len = rest.iter().position(|byte| !matches!(byte, b'!'..=b'~')).expect("the head is right");
    let (target, rest) = rest.split_at(len);
    assert!(len > 0, "the head is right");
    tally.see(target);
    let (b" HTTP/1.", [b'0' | b'1', b'\r', b'\n', rest @ ..]) = rest.split_at(8) else {
        panic!("the head is right")
    };
    let mut rest = rest;
    while !rest.starts_with(b"\r\n") {
        let (_, behind) = word(rest, b':');
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let begin = behind.iter().position(|byte| !blank(byte)).expect("the head is right");
        let behind = &behind[begin..];
        let (value, behind) = behind.split_at(text(behind));
        let end = value.iter().rposition(|byte| !blank(byte)).map_or(0, |last| last + 1);
        tally.see(&value[..end]);
        rest = behind.strip_prefix(b"\r\n").expect("the head is right");
    }
    assert_eq!(rest.len(), 2, "the head is right");
}

/// A word up to a byte, and what is behind it.
#[inline(always)]
fn word(bytes: &[u8], end: u8) -> (&[u8], &[u8]) {
    let len = bytes.iter().position(|byte| !TOKEN[usize::from(*byte)]).expect("the head is right");
    assert!(len > 0 && bytes[len] == end, "the head is right");
    (&bytes[..len], &bytes[len + 1..])
}

fn is_text(byte: u8) -> bool {
    byte == b'\t' || byte >= b' ' && byte != 0x7f
}

/// How many bytes of a value there are.
#[inline(always)]
fn text(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !is_text(*byte)).expect("the head is right")
}

/// The same, 32 bytes at a time.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn text_by_32(bytes: &[u8]) -> usize {
    use std::arch::x86_64::{
        __m256i, _mm256_andnot_si256, _mm256_cmpeq_epi8, _mm256_max_epu8, _mm256_movemask_epi8,
        _mm256_or_si256, _mm256_set1_epi8,
    };
    let (blank, tab, delete) =
        (_mm256_set1_epi8(0x1f), _mm256_set1_epi8(b'\t'.cast_signed()), _mm256_set1_epi8(0x7f));
    let (blocks, _) = bytes.as_chunks::<32>();
    for (place, block) in blocks.iter().enumerate() {
        // SAFETY: every pattern of 32 bytes is a vector of so many.
        let block = unsafe { std::mem::transmute::<[u8; 32], __m256i>(*block) };
        let control = _mm256_cmpeq_epi8(_mm256_max_epu8(block, blank), blank);
        let control = _mm256_andnot_si256(_mm256_cmpeq_epi8(block, tab), control);
        let wrong = _mm256_or_si256(control, _mm256_cmpeq_epi8(block, delete));
        let mask = _mm256_movemask_epi8(wrong);
        if mask != 0 {
            return place * 32 + mask.trailing_zeros() as usize;
        }
    }
    let behind = blocks.len() * 32;
    behind + text(&bytes[behind..])
}
