//! W1: lines that end in CR LF, 41.6 bytes each, read 16 KiB at a time.

pub(crate) mod pieces;

pub(crate) use pieces::in_pieces;

use std::cell::LazyCell;

use framer_interpret::Schema;
use framer_protocols::framers::CrlfLine;
use framer_runtime::codec::Codec;
use memchr::memchr;
use tokio_util::codec::{AnyDelimiterCodec, LinesCodec};
use winnow::Parser;
use winnow::Partial;
use winnow::error::{EmptyError, ErrMode};

use super::interpreted::{bytes_of, cut, field, schema};
use super::reads::{self, Buffer, READ_BYTES, decoded_by};
use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs;

const LONGEST: usize = 64 * 1024;

/// The work and its cases, over an input of about so many bytes.
pub(crate) fn group(bytes: usize) -> Group<'static> {
    let input: &'static [u8] = inputs::mail_lines(bytes).leak();
    let schema = LazyCell::new(|| schema("framers.frame", "CrlfLine"));
    Group {
        work: "W1",
        title: "CR LF lines of 41.6 bytes, 16 KiB a read",
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer, borrowed", Kind::Ours, move || borrowed(input)),
            Case::new("framer, owned", Kind::Ours, move || owned(input)),
            Case::new("framer, owned, a codec", Kind::Ours, move || codec(input)),
            Case::new("framer, interpreted", Kind::Interpreted, move || {
                interpreted(*schema, input)
            }),
            Case::new("winnow Partial", Kind::Peer, move || winnow(input, READ_BYTES)),
            Case::new("tokio-util LinesCodec", Kind::Peer, move || lines_codec(input, READ_BYTES)),
            Case::new("tokio-util AnyDelimiterCodec", Kind::Peer, move || delimiter_codec(input)),
            Case::new("a loop over memchr", Kind::Limit, move || by_memchr(input)),
            Case::new("64 bytes at a time", Kind::Limit, move || by_masks(input)),
            Case::new("the reads alone", Kind::Floor, move || reads::alone(input)),
        ],
    }
}

fn see(tally: &mut Tally, line: &[u8]) {
    tally.see(line);
    tally.frame();
}

// By its name in profiles.
#[inline(never)]
fn borrowed(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    reads::cut::<CrlfLine<'_>>(input, |line| see(&mut tally, line.text));
    tally
}

fn owned(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    reads::cut_owned::<CrlfLine<'_>>(input, |line| see(&mut tally, line.view().text));
    tally
}

fn codec(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    decoded_by(READ_BYTES, input, Codec::<CrlfLine<'static>>::new(), |line| {
        see(&mut tally, line.view().text);
    });
    tally
}

fn interpreted(schema: Schema, input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    cut(schema, input, |line| see(&mut tally, bytes_of(field(line, "text"))));
    tally
}

fn winnow(input: &[u8], read_bytes: usize) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = Buffer::with_reads(read_bytes, input, LONGEST);
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        let mut rest = Partial::new(read);
        loop {
            let before = rest;
            let mut line = (winnow::token::take_until(0.., "\r\n"), "\r\n");
            match line.parse_next(&mut rest) {
                Ok((line, _)) => see(&mut tally, line),
                Err(ErrMode::<EmptyError>::Incomplete(_)) => {
                    rest = before;
                    break;
                }
                Err(error) => panic!("the input is right: {error:?}"),
            }
        }
        done = read.len() - rest.len();
    }
    tally
}

pub(crate) fn lines_codec(input: &[u8], read_bytes: usize) -> Tally {
    let mut tally = Tally::default();
    decoded_by(read_bytes, input, LinesCodec::new_with_max_length(LONGEST), |line| {
        see(&mut tally, line.as_bytes());
    });
    tally
}

fn delimiter_codec(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let codec = AnyDelimiterCodec::new_with_max_length(b"\n".into(), b"\r\n".into(), LONGEST);
    decoded_by(READ_BYTES, input, codec, |line| {
        see(&mut tally, line.strip_suffix(b"\r").unwrap_or(&line));
    });
    tally
}

fn by_memchr(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = Buffer::new(input, LONGEST);
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        let mut at = 0;
        while let Some(found) = memchr(b'\r', &read[at..]) {
            let end = at + found;
            match read.get(end + 1) {
                Some(b'\n') => see(&mut tally, &read[at..end]),
                Some(_) => panic!("the input is right"),
                None => break,
            }
            at = end + 2;
        }
        done = at;
    }
    tally
}

/// Where a byte stands in 64: a bit each.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn mask(block: &[u8; 64], byte: u8) -> u64 {
    use std::arch::x86_64::{_mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_set1_epi8};
    let wanted = _mm256_set1_epi8(byte.cast_signed());
    let half = |place: usize| {
        let bytes: [u8; 32] = block[place..place + 32].try_into().expect("32 bytes");
        // SAFETY: every pattern of 32 bytes is a vector of so many.
        let vector = unsafe { std::mem::transmute::<[u8; 32], std::arch::x86_64::__m256i>(bytes) };
        u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(vector, wanted)).cast_unsigned())
    };
    half(0) | half(32) << 32
}

/// One pass over what was read finds every CR and LF; a CR must stand before each LF.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn masked(read: &[u8], from: usize, mut found: impl FnMut(usize)) {
    let (blocks, rest) = read[from..].as_chunks::<64>();
    let before = from.checked_sub(1).map(|place| read[place]);
    let mut carry = u64::from(before == Some(b'\r'));
    for (place, block) in blocks.iter().enumerate() {
        let (returns, mut feeds) = (mask(block, b'\r'), mask(block, b'\n'));
        assert_eq!(returns << 1 | carry, feeds, "the input is right");
        carry = returns >> 63;
        while feeds != 0 {
            found(from + place * 64 + feeds.trailing_zeros() as usize);
            feeds &= feeds - 1;
        }
    }
    let behind = read.len() - rest.len();
    for (place, byte) in rest.iter().enumerate() {
        if *byte == b'\n' {
            found(behind + place);
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn by_masks(input: &[u8]) -> Tally {
    assert!(is_x86_feature_detected!("avx2"), "this limit is for machines with AVX2");
    let mut tally = Tally::default();
    let mut buffer = Buffer::new(input, LONGEST);
    let mut done = 0;
    let mut looked = 0;
    while let Some(read) = buffer.read(done) {
        let mut at = 0;
        // SAFETY: the machine has AVX2, as was asked above.
        unsafe {
            masked(read, looked, |end| {
                see(&mut tally, &read[at..end - 1]);
                at = end + 1;
            });
        }
        done = at;
        looked = read.len() - at;
    }
    tally
}

#[cfg(not(target_arch = "x86_64"))]
fn by_masks(input: &[u8]) -> Tally {
    by_memchr(input)
}
