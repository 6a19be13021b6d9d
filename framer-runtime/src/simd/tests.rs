//! Each way of looking at many bytes, beside a twin that looks at one after the other.

use super::common::FAR;
use super::{find, plain, run};
use crate::class::Rows;

/// Whether bytes are found by vectors here.
pub(super) const FINDS: bool = cfg!(any(
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"),
));

/// How many bytes `find` looks at, of so many that hold none of the set.
pub(super) fn found_among(len: usize) -> usize {
    let near = len.min(FAR);
    match (FINDS, near % 32) {
        (false, _) => 0,
        (true, few @ 0..8) => near - few,
        (true, _) => near,
    }
}

#[test]
fn the_first_of_a_set_is_found_at_every_place() {
    let mut bytes = [b'x'; 200];
    for len in 0..bytes.len() {
        assert_eq!(find(*b"\r\n", &bytes[..len]), Err(found_among(len)));
        for place in 0..len {
            bytes[place] = if place % 2 == 0 { b'\r' } else { b'\n' };
            match find(*b"\r\n", &bytes[..len]) {
                Ok(found) => assert_eq!(found, place),
                Err(passed) => assert!(passed == found_among(len) && passed <= place),
            }
            bytes[place] = b'x';
        }
    }
}

/// Whether this processor tells how far bytes are plain, or of a class.
pub(super) fn tells() -> bool {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    return std::is_x86_feature_detected!("avx2");
    #[cfg(not(all(feature = "std", target_arch = "x86_64")))]
    return FINDS && cfg!(target_arch = "aarch64");
}

/// How far bytes are plain, a byte at a time.
pub(super) fn plain_by_bytes([one, two]: [u8; 2], first: u8, bytes: &[u8]) -> usize {
    if bytes.len() < 33 || bytes[0] == two {
        return 0;
    }
    for (place, near) in bytes.windows(2).enumerate() {
        match (near[0] == one, near[1] == two) {
            (true, false) => return place,
            (false, true) => return place + 1,
            (true, true) if bytes.get(place + 2) == Some(&first) => return place,
            _ => {}
        }
    }
    let end = bytes.len() - 1;
    if bytes[end - 1] == one { end - 1 } else { end }
}

#[test]
fn plain_lines_hold_whole_pairs_and_no_token() {
    let told = |bytes: &[u8]| {
        let twin = plain_by_bytes(*b"\r\n", b'!', bytes);
        let wanted = if tells() { twin } else { 0 };
        assert_eq!(plain(*b"\r\n", b'!', bytes), wanted, "{}", bytes.escape_ascii());
        twin
    };
    let lines = b"one line\r\nanother that is longer\r\n\r\n! is no token here\r\n".repeat(9);
    let lines = lines.strip_prefix(b"one").unwrap();
    for begin in 0..70 {
        let bytes = &lines[begin..];
        let mut wrong = bytes.to_vec();
        for len in 0..bytes.len() {
            told(&bytes[..len]);
        }
        for place in 0..bytes.len() {
            for byte in *b"\r\n!x" {
                let before = core::mem::replace(&mut wrong[place], byte);
                told(&wrong);
                wrong[place] = before;
            }
        }
    }
    let plain = b"a line of some bytes\r\n".repeat(40);
    assert_eq!(told(&plain), plain.len() - 2);
    assert_eq!(told(&plain[..plain.len() - 1]), plain.len() - 2);
    assert_eq!(told(&[&plain[..], b"!", &plain[..]].concat()), plain.len() - 2);
    assert_eq!(told(&[&plain[..], b"\n", &plain[..]].concat()), plain.len());
    assert_eq!(told(&[&plain[..], b"\r", &plain[..]].concat()), plain.len());
}

#[test]
fn runs_are_told_of_eight_bytes_and_more() {
    // All but line ends.
    let mut text = Rows { low: [0xff; 16], high: [0xff; 16] };
    (text.low[usize::from(b'\n')], text.low[usize::from(b'\r')]) = (0xfe, 0xfe);
    let mut bytes = [b'x'; 150];
    for len in 0..bytes.len() {
        let told = |run| (tells() && len >= 8).then_some(run);
        assert_eq!(run(&text, &bytes[..len]), told(len));
        for place in 0..len {
            for other in *b"\r\n" {
                bytes[place] = other;
                assert_eq!(run(&text, &bytes[..len]), told(place));
            }
            bytes[place] = 0x8a;
        }
        bytes.fill(b'x');
    }
}
