//! What is looked at many bytes at a time is looked at to its last byte, and no further: between two pages
//! that must not be touched, of every length and at every alignment, beside a twin that looks at bytes.

#![allow(unsafe_code, reason = "pages are made that must not be touched")]

use core::slice;

use region::Protection;

use super::tests::{FINDS, found_among, plain_by_bytes, tells};
use super::{ascii_before, find, plain};
use crate::ascii::{ascii, ascii_run};
use crate::class::Class;

/// The longest that is looked at.
const LONGEST: usize = 200;

/// How far from the edges.
const GAPS: usize = 64;

/// A page between two that must not be touched.
struct Guarded {
    pages: region::Allocation,
    page: usize,
}

impl Guarded {
    fn new() -> Guarded {
        let page = region::page::size();
        let mut pages = region::alloc(3 * page, Protection::READ_WRITE).expect("three pages");
        let begin: *mut u8 = pages.as_mut_ptr();
        for guard in [begin, begin.wrapping_add(2 * page)] {
            // SAFETY: the page is one of those, and nothing points into it.
            unsafe { region::protect(guard, page, Protection::NONE) }.expect("a guard");
        }
        Guarded { pages, page }
    }

    /// The page that may be touched.
    fn bytes(&mut self) -> &mut [u8] {
        let begin = self.pages.as_mut_ptr::<u8>().wrapping_add(self.page);
        // SAFETY: this page is read and written, was filled with zeros by the system, and is borrowed as
        // long as `self` is.
        unsafe { slice::from_raw_parts_mut(begin, self.page) }
    }

    /// Looks at `bytes` where they stand so far from the page before, and from the page behind.
    fn at_both_edges(&mut self, bytes: &[u8], look: impl Fn(&[u8])) {
        let len = bytes.len();
        for gap in 0..GAPS {
            let end = self.page - gap;
            for place in [gap..gap + len, end - len..end] {
                let there = &mut self.bytes()[place];
                there.copy_from_slice(bytes);
                look(there);
            }
        }
    }
}

/// Bytes by chance, of an alphabet, the same for the same seed.
fn made(alphabet: &[u8], len: usize, seed: &mut u32) -> std::vec::Vec<u8> {
    let byte = |_| {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        alphabet[usize::try_from(*seed >> 16).unwrap_or(0) % alphabet.len()]
    };
    (0..len).map(byte).collect()
}

/// What is rare comes late, so that all that stands before it is passed.
const ALPHABETS: [&[u8]; 5] = [
    b"x",
    b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n.",
    b"\r\n.x",
    b"\r\n",
    b"x\xc3\xa9\n",
];

fn everywhere(look: impl Fn(&[u8])) {
    let (mut page, mut seed) = (Guarded::new(), 7);
    for len in 0..=LONGEST {
        for alphabet in ALPHABETS {
            page.at_both_edges(&made(alphabet, len, &mut seed), &look);
        }
        // The last byte is the one that is sought, and the one before it.
        for back in 1..=2.min(len) {
            let mut last = made(b"x", len, &mut seed);
            last[len - back] = b'\n';
            page.at_both_edges(&last, &look);
        }
    }
}

#[test]
fn bytes_of_a_set() {
    everywhere(|bytes| {
        let looked_at = found_among(bytes.len());
        let twin = bytes.iter().take(looked_at).position(|byte| b"\r\n".contains(byte));
        assert_eq!(find(*b"\r\n", bytes), twin.ok_or(looked_at));
    });
}

#[test]
fn ascii_before_a_byte() {
    everywhere(|bytes| {
        let looked_at = match (FINDS, bytes.len()) {
            (false, _) | (true, ..16) => 0,
            (true, 16..32) => 16,
            (true, 32..) => 32,
        };
        let twin = bytes.iter().take(looked_at).position(|byte| *byte == b'\n');
        let twin = twin.filter(|place| bytes[..*place].is_ascii());
        assert_eq!(ascii_before(b'\n', bytes), twin);
    });
}

#[test]
fn plain_bytes() {
    everywhere(|bytes| {
        let twin = if tells() { plain_by_bytes(*b"\r\n", b'.', bytes) } else { 0 };
        assert_eq!(plain(*b"\r\n", b'.', bytes), twin);
    });
}

#[test]
fn runs_of_a_class() {
    // All but line ends, and all that is ASCII but those.
    static TEXT: Class = Class::new("text", [!0x2400, !0, !0, !0]);
    static ASCII: Class = Class::new("ascii", [!0x2400, !0, 0, 0]);
    everywhere(|bytes| {
        for class in [&TEXT, &ASCII] {
            let twin = bytes.iter().take_while(|byte| class.contains(**byte)).count();
            assert_eq!(class.run(bytes), twin);
            let text = core::str::from_utf8(&bytes[..twin]).ok().filter(|text| text.is_ascii());
            assert_eq!(
                ascii_run(class, bytes, bytes.len()),
                (text.ok_or(&bytes[..twin]), &bytes[twin..])
            );
        }
    });
}

#[test]
fn texts_of_ascii() {
    everywhere(|bytes| {
        let twin = core::str::from_utf8(bytes).ok().filter(|text| text.is_ascii());
        assert_eq!(ascii(bytes), twin);
    });
}
