//! Texts: up to a delimiter, runs of a class, UTF-8 and ASCII.

use super::Reader;
use crate::ascii::{ascii, ascii_before, ascii_run};
use crate::class::Class;
use crate::scan::{Delimiter, any_of};
use crate::violation::{Invalid, Rule};

/// What stands behind a run, and is not of its class.
///
/// It is no rule of the run: whatever stands there is read, or refused, behind it. Who reads again
/// looks for it instead of looking at each byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// This byte.
    Byte(u8),
    /// Nothing: the run goes to the end of the region.
    End,
}

impl<'a, const AGAIN: bool> Reader<'a, AGAIN> {
    /// What stands before the next delimiter; the place is then behind it.
    ///
    /// # Errors
    /// As [`Reader::open`].
    #[inline]
    pub fn until(&mut self, delimiter: &Delimiter, max: usize) -> Result<&'a [u8], Invalid> {
        let outside = self.open(delimiter, max)?;
        let bytes = self.take_rest();
        self.close(outside)?;
        Ok(bytes)
    }

    /// As many bytes of a class as there are, at most `max`.
    ///
    /// # Errors
    /// [`Rule::TooShort`] if they are fewer than `min`.
    #[inline]
    pub fn run(
        &mut self,
        class: &'static Class,
        min: usize,
        max: usize,
    ) -> Result<&'a [u8], Invalid> {
        let window = self.rest().get(..max).unwrap_or(self.rest());
        self.taken_run(class, class.run(window), min)
    }

    /// The same, where it is known what stands behind them.
    ///
    /// # Errors
    /// As [`Reader::run`].
    #[inline(always)]
    pub fn run_to(
        &mut self,
        stop: Stop,
        class: &'static Class,
        min: usize,
        max: usize,
    ) -> Result<&'a [u8], Invalid> {
        match stop {
            Stop::Byte(byte) if AGAIN => match any_of(&[byte], self.rest()) {
                Some(place) => Ok(self.take(place)),
                None => self.run(class, min, max),
            },
            Stop::End if AGAIN => Ok(self.take_rest()),
            _ => self.run(class, min, max),
        }
    }

    /// The same as a text of ASCII.
    ///
    /// # Errors
    /// As [`Reader::ascii_run`].
    #[inline(always)]
    pub fn ascii_run_to(
        &mut self,
        stop: Stop,
        class: &'static Class,
        min: usize,
        max: usize,
    ) -> Result<&'a str, Invalid> {
        let text = match stop {
            Stop::Byte(byte) if AGAIN => ascii_before(byte, self.rest()),
            Stop::End if AGAIN => ascii(self.rest()),
            _ => None,
        };
        let Some(text) = text else { return self.ascii_run(class, min, max) };
        self.skip(text.len());
        Ok(text)
    }

    /// As many bytes of a class as there are, at most `max`, as a text of ASCII.
    ///
    /// # Errors
    /// [`Rule::TooShort`] if they are fewer than `min`, or [`Rule::Ascii`].
    // Where the class is known, what is left of it is a call for the run.
    #[inline(always)]
    pub fn ascii_run(
        &mut self,
        class: &'static Class,
        min: usize,
        max: usize,
    ) -> Result<&'a str, Invalid> {
        let begin = self.position();
        match self.text_run(class, min, max)? {
            Ok(text) => Ok(text),
            Err(bytes) => self.ascii(begin, bytes),
        }
    }

    /// The same as a text of UTF-8.
    ///
    /// # Errors
    /// [`Rule::TooShort`] if they are fewer than `min`, or [`Rule::Utf8`].
    #[inline(always)]
    pub fn utf8_run(
        &mut self,
        class: &'static Class,
        min: usize,
        max: usize,
    ) -> Result<&'a str, Invalid> {
        let begin = self.position();
        match self.text_run(class, min, max)? {
            Ok(text) => Ok(text),
            Err(bytes) => self.beyond_ascii(begin, bytes),
        }
    }

    /// The same as a text, where it is ASCII.
    #[inline(always)]
    fn text_run(
        &mut self,
        class: &'static Class,
        min: usize,
        max: usize,
    ) -> Result<Result<&'a str, &'a [u8]>, Invalid> {
        let begin = self.position();
        let (run, rest) = ascii_run(class, self.rest, max);
        self.rest = rest;
        let count = run.map_or_else(<[u8]>::len, str::len);
        match AGAIN || count >= min {
            true => Ok(run),
            false => Err(self.fail_since(begin, Rule::TooShort { class: class.name(), min })),
        }
    }

    /// As [`Reader::run`], where a byte of `escaped` may stand behind the byte `escape`.
    ///
    /// # Errors
    /// [`Rule::TooShort`] if they are fewer than `min`.
    #[inline]
    pub fn run_escaped(
        &mut self,
        class: &'static Class,
        escape: u8,
        escaped: &'static Class,
        min: usize,
        max: usize,
    ) -> Result<&'a [u8], Invalid> {
        let window = self.rest().get(..max).unwrap_or(self.rest());
        self.taken_run(class, escaped_run(window, class, escape, escaped), min)
    }

    #[inline]
    fn taken_run(
        &mut self,
        class: &'static Class,
        count: usize,
        min: usize,
    ) -> Result<&'a [u8], Invalid> {
        let begin = self.position();
        let bytes = self.take(count);
        if !AGAIN && bytes.len() < min {
            return Err(self.fail_since(begin, Rule::TooShort { class: class.name(), min }));
        }
        Ok(bytes)
    }

    /// `text`, a run of `class` that begins at this position, without the bytes of `trim` at both
    /// ends.
    ///
    /// # Errors
    /// [`Rule::TooShort`] if fewer than `min` bytes are left.
    #[inline]
    pub fn trimmed<T: Trim>(
        &self,
        begin: usize,
        text: T,
        class: &'static Class,
        trim: &'static Class,
        min: usize,
    ) -> Result<T, Invalid> {
        let text = text.trim(trim);
        if !AGAIN && text.as_ref().len() < min {
            return Err(self.fail_since(begin, Rule::TooShort { class: class.name(), min }));
        }
        Ok(text)
    }

    /// `bytes`, which begin at this position, as a text.
    ///
    /// # Errors
    /// [`Rule::Utf8`] with the place of the first byte that is none.
    #[inline]
    pub fn utf8(&self, begin: usize, bytes: &'a [u8]) -> Result<&'a str, Invalid> {
        match ascii(bytes) {
            Some(text) => Ok(text),
            None => self.beyond_ascii(begin, bytes),
        }
    }

    fn beyond_ascii(&self, begin: usize, bytes: &'a [u8]) -> Result<&'a str, Invalid> {
        core::str::from_utf8(bytes).map_err(|error| {
            let start = begin.saturating_add(error.valid_up_to());
            let len = error.error_len().unwrap_or(1);
            self.fail_between(start, start.saturating_add(len), Rule::Utf8)
        })
    }

    /// `bytes`, which begin at this position, as a text of ASCII.
    ///
    /// # Errors
    /// [`Rule::Ascii`] with the place of the first byte that is none.
    #[inline]
    pub fn ascii(&self, begin: usize, bytes: &'a [u8]) -> Result<&'a str, Invalid> {
        ascii(bytes).ok_or_else(|| {
            let place = bytes.iter().position(|byte| !byte.is_ascii());
            let start = begin.saturating_add(place.unwrap_or(0));
            self.fail_between(start, start.saturating_add(1), Rule::Ascii)
        })
    }
}

/// What loses bytes at its ends; see [`Reader::trimmed`].
pub trait Trim: AsRef<[u8]> + Copy {
    /// The same without ASCII of the class at both ends, and without any byte of it where it is no
    /// text.
    #[must_use]
    fn trim(self, class: &Class) -> Self;
}

impl Trim for &[u8] {
    #[inline]
    fn trim(self, class: &Class) -> Self {
        let mut kept = self;
        while let [first, rest @ ..] = kept
            && class.contains(*first)
        {
            kept = rest;
        }
        while let [rest @ .., last] = kept
            && class.contains(*last)
        {
            kept = rest;
        }
        kept
    }
}

impl Trim for &str {
    #[inline]
    fn trim(self, class: &Class) -> Self {
        let trimmed = |char: char| u8::try_from(char).is_ok_and(|byte| class.contains(byte));
        self.trim_matches(|char: char| char.is_ascii() && trimmed(char))
    }
}

/// How many bytes at the beginning are of the class, or an escape with its byte.
pub(crate) fn escaped_run(bytes: &[u8], class: &Class, escape: u8, escaped: &Class) -> usize {
    let mut count: usize = 0;
    loop {
        count = match bytes.get(count..) {
            Some([first, second, ..]) if *first == escape && escaped.contains(*second) => {
                count.saturating_add(2)
            }
            Some([first, ..]) if *first != escape && class.contains(*first) => {
                count.saturating_add(1)
            }
            _ => return count,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Reader, Stop};

    static TOKEN: Class = Class::new("token", [0, 0x07ff_fffe_07ff_fffe, 0, 0]);
    static TEXT: Class = Class::new("text", [!0x2400, !0, !0, !0]);

    /// What is read the first time is read again, by looking for what stands behind it.
    #[test]
    fn a_run_ends_where_it_ended() {
        for len in 0..70 {
            for rest in [":", ": value", ":0123456789012345678901234567890123456789"] {
                let line = alloc::format!("{}{rest}", &"abcdefghij".repeat(7)[..len]);
                let first = || Reader::new(line.as_bytes());
                let again = || Reader::again(line.as_bytes());
                for stop in [Stop::Byte(b':'), Stop::Byte(b'!'), Stop::End] {
                    let mut reader = first();
                    let text = reader.ascii_run_to(stop, &TOKEN, 0, 100).unwrap();
                    assert_eq!((text, reader.position()), (&line[..len], len), "{stop:?}");
                    let mut reader = first();
                    assert_eq!(reader.run_to(stop, &TOKEN, 0, 100).unwrap(), text.as_bytes());
                }
                let mut reader = again();
                let text = reader.ascii_run_to(Stop::Byte(b':'), &TOKEN, 0, 100).unwrap();
                assert_eq!((text, reader.position()), (&line[..len], len));
                let mut reader = again();
                let bytes = reader.run_to(Stop::Byte(b':'), &TOKEN, 0, 100).unwrap();
                assert_eq!((bytes, reader.position()), (text.as_bytes(), len));
                assert_eq!(again().ascii_run_to(Stop::End, &TEXT, 0, 200).unwrap(), line);
                assert_eq!(again().run_to(Stop::End, &TEXT, 0, 200).unwrap(), line.as_bytes());
            }
        }
    }

    /// Whoever says that bytes were read before may be wrong: a text is one, even so.
    #[test]
    fn what_is_no_text_never_becomes_one() {
        for len in 0..70 {
            let bytes = [&b"x".repeat(len)[..], b"\xff:", &b"y".repeat(40)].concat();
            for stop in [Stop::Byte(b':'), Stop::End] {
                let mut reader = Reader::again(&bytes);
                let text = reader.ascii_run_to(stop, &TOKEN, 0, 200).unwrap();
                assert_eq!(text.as_bytes(), &bytes[..len]);
            }
        }
    }
}
