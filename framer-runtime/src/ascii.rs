//! Texts of ASCII.

#![allow(unsafe_code, reason = "what was seen to be ASCII is not looked at again as UTF-8")]

use crate::class::Class;
use crate::simd;

/// The bytes as a text, if all of them are ASCII.
#[inline]
pub(crate) fn ascii(bytes: &[u8]) -> Option<&str> {
    if !bytes.is_ascii() {
        return None;
    }
    // SAFETY: bytes below 0x80 are each a character of UTF-8 (RFC 3629, section 3).
    Some(unsafe { core::str::from_utf8_unchecked(bytes) })
}

/// The text of ASCII before the first `byte`, if that is near.
#[inline(always)]
pub(crate) fn ascii_before(byte: u8, bytes: &[u8]) -> Option<&str> {
    let text = bytes.get(..simd::ascii_before(byte, bytes)?)?;
    // SAFETY: bytes below 0x80 are each a character of UTF-8 (RFC 3629, section 3).
    Some(unsafe { core::str::from_utf8_unchecked(text) })
}

/// The bytes at the beginning of `bytes` that belong to the class, at most `max`, and what is behind
/// them: a text if they are ASCII, and the bytes themselves if they are not.
#[inline(always)]
pub(crate) fn ascii_run<'b>(
    class: &Class,
    bytes: &'b [u8],
    max: usize,
) -> (Result<&'b str, &'b [u8]>, &'b [u8]) {
    let count = class.run(bytes.get(..max).unwrap_or(bytes));
    let Some((run, rest)) = bytes.split_at_checked(count) else { return (Ok(""), bytes) };
    if !class.is_ascii() {
        return (ascii(run).ok_or(run), rest);
    }
    // SAFETY: all bytes of the run belong to the class, and all that do are below 0x80.
    (Ok(unsafe { core::str::from_utf8_unchecked(run) }), rest)
}

#[cfg(test)]
mod tests {
    use super::{ascii, ascii_run};
    use crate::class::Class;

    #[test]
    fn runs_of_ascii_are_texts() {
        static LETTERS: Class = Class::new("letters", [0, u64::MAX, 0, 0]);
        static ALL: Class = Class::new("all", [u64::MAX; 4]);
        assert_eq!(ascii_run(&LETTERS, b"abc def", 9), (Ok("abc"), &b" def"[..]));
        assert_eq!(ascii_run(&LETTERS, b"abc def", 2), (Ok("ab"), &b"c def"[..]));
        assert_eq!(ascii_run(&LETTERS, b"\x80", 9), (Ok(""), &b"\x80"[..]));
        assert_eq!(ascii_run(&ALL, b"abc", 3), (Ok("abc"), &b""[..]));
        assert_eq!(ascii_run(&ALL, b"ab\xc3\xa9", 9), (Err(&b"ab\xc3\xa9"[..]), &b""[..]));
        assert_eq!(ascii_run(&ALL, b"ab\xc3\xa9", 2), (Ok("ab"), &b"\xc3\xa9"[..]));
    }

    #[test]
    fn as_the_standard_library_says() {
        let mut bytes = [b'x'; 70];
        for len in 0..=bytes.len() {
            assert_eq!(ascii(&bytes[..len]), core::str::from_utf8(&bytes[..len]).ok());
            for place in 0..len {
                bytes[place] = 0x80;
                assert_eq!(ascii(&bytes[..len]), None);
                bytes[place] = b'x';
            }
        }
    }
}
