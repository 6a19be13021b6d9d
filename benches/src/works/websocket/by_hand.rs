//! Messages of WebSocket, by hand: out of memory in one pass, and where they were read.

use super::see;
use crate::harness::Tally;
use crate::works::reads::{READ_BYTES, Stream};

/// How long the longest head is, in bytes.
const LONGEST_HEAD: usize = 14;

/// What a head says, and what is behind it; `None` where it is not whole.
#[inline(always)]
fn head(bytes: &[u8]) -> Option<([u8; 4], usize, &[u8])> {
    let ([first, second], rest) = bytes.split_first_chunk()?;
    // A binary message in one frame, with a key.
    assert!(*first == 0x82 && *second >= 0x80, "the input is right");
    let (size, rest) = match second & 0x7f {
        126 => {
            let (size, rest) = rest.split_first_chunk()?;
            (u64::from(u16::from_be_bytes(*size)), rest)
        }
        127 => {
            let (size, rest) = rest.split_first_chunk()?;
            (u64::from_be_bytes(*size), rest)
        }
        size => (u64::from(size), rest),
    };
    let (key, rest) = rest.split_first_chunk()?;
    Some((*key, usize::try_from(size).expect("the input is right"), rest))
}

/// A key over 32 bytes.
#[inline(always)]
fn over(block: &[u8; 32], key: u64) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.as_chunks_mut::<8>().0.iter_mut().zip(block.as_chunks::<8>().0) {
        *to = (u64::from_ne_bytes(*from) ^ key).to_ne_bytes();
    }
    out
}

fn repeated([a, b, c, d]: [u8; 4]) -> u64 {
    u64::from_ne_bytes([a, b, c, d, a, b, c, d])
}

/// Copies with the key over it: the last block goes over some bytes of the one before again.
#[inline(always)]
fn copy(from: &[u8], key: [u8; 4], to: &mut [u8]) {
    let word = repeated(key);
    let (Some(last_from), true) = (from.last_chunk::<32>(), from.len() == to.len()) else {
        for ((to, from), key) in to.iter_mut().zip(from).zip(key.into_iter().cycle()) {
            *to = from ^ key;
        }
        return;
    };
    let blocks = to.as_chunks_mut::<32>().0.iter_mut().zip(from.as_chunks::<32>().0);
    for (to, from) in blocks {
        *to = over(from, word);
    }
    let mut turned = key;
    turned.rotate_left(from.len() % 4);
    if let Some(last) = to.last_chunk_mut::<32>() {
        *last = over(last_from, repeated(turned));
    }
}

/// The key over what lies there, by words.
#[inline(always)]
fn apply(bytes: &mut [u8], key: [u8; 4]) {
    let word = repeated(key);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for bytes in words {
        *bytes = (u64::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key.into_iter().cycle()) {
        *byte ^= key;
    }
}

/// One pass over memory that holds all of them.
pub(super) fn in_memory(input: &[u8], size: usize, _: usize) -> Tally {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the machine has AVX2.
        return unsafe { copied_with_avx2(input, size) };
    }
    copied(input, size)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn copied_with_avx2(input: &[u8], size: usize) -> Tally {
    copied(input, size)
}

#[inline(always)]
fn copied(input: &[u8], size: usize) -> Tally {
    let mut tally = Tally::default();
    let mut message = vec![0; size];
    let mut rest = input;
    while let Some((key, size, behind)) = head(rest) {
        let (payload, behind) = behind.split_at(size);
        copy(payload, key, &mut message[..size]);
        see(&mut tally, &message[..size]);
        rest = behind;
    }
    tally
}

/// Read into a buffer, where the key is taken off them.
pub(super) fn in_place(input: &[u8], size: usize, most: usize) -> Tally {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the machine has AVX2.
        return unsafe { applied_with_avx2(input, size, most) };
    }
    applied(input, size, most)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn applied_with_avx2(input: &[u8], size: usize, most: usize) -> Tally {
    applied(input, size, most)
}

#[inline(always)]
fn applied(input: &[u8], size: usize, most: usize) -> Tally {
    let mut tally = Tally::default();
    let mut stream = Stream::new(input, most);
    let mut buffer = vec![0; READ_BYTES.max(size + LONGEST_HEAD)];
    let mut filled = 0;
    loop {
        let read = stream.next(buffer.len() - filled);
        if read.is_empty() {
            return tally;
        }
        buffer[filled..filled + read.len()].copy_from_slice(read);
        filled += read.len();
        let mut done = 0;
        while let Some((key, size, rest)) = head(&buffer[done..filled]) {
            if rest.len() < size {
                break;
            }
            let begin = filled - rest.len();
            done = begin + size;
            apply(&mut buffer[begin..done], key);
            see(&mut tally, &buffer[begin..done]);
        }
        buffer.copy_within(done..filled, 0);
        filled -= done;
    }
}
