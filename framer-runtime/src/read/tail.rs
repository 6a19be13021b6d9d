//! What stands at the end of a region, behind a text that takes all the rest.

use super::{Outside, Reader};
use crate::class::Class;

/// A part of what may stand at the end of a region.
#[derive(Clone, Copy, Debug)]
pub enum Tail {
    /// These bytes, perhaps in any letter case.
    Literal(&'static [u8], bool),
    /// One of two, or nothing where there is no second.
    Flag(&'static [u8], Option<&'static [u8]>),
    /// Digits, of base 16 where it says so. How many there may be is told when they are read.
    Digits(bool),
    /// At least so many bytes of a class. How many there may be is told when they are read.
    Run(&'static Class, usize),
}

impl Tail {
    /// How many bytes at the end of `bytes` it takes.
    fn taken(self, bytes: &[u8]) -> Option<usize> {
        let run = |of: &dyn Fn(u8) -> bool| bytes.iter().rev().take_while(|b| of(**b)).count();
        let digit =
            |hex: bool| move |b: u8| if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
        match self {
            Tail::Literal(literal, nocase) => {
                let from = bytes.len().checked_sub(literal.len())?;
                let end = bytes.get(from..)?;
                let alike = if nocase { end.eq_ignore_ascii_case(literal) } else { end == literal };
                alike.then_some(literal.len())
            }
            Tail::Flag(on, _) if bytes.ends_with(on) => Some(on.len()),
            Tail::Flag(_, Some(off)) => bytes.ends_with(off).then_some(off.len()),
            Tail::Flag(_, None) => Some(0),
            Tail::Digits(hex) => Some(run(&digit(hex))).filter(|count| *count > 0),
            Tail::Run(class, min) => {
                Some(run(&|byte| class.contains(byte))).filter(|count| *count >= min)
            }
        }
    }
}

/// How many bytes stand before what has the shape of `tail` at the end of `bytes`: all of them, where
/// nothing has.
///
/// ```
/// use framer_runtime::read::{Tail, before};
///
/// const SIZE: &[Tail] =
///     &[Tail::Literal(b"{", false), Tail::Digits(false), Tail::Literal(b"}", false)];
/// assert_eq!(before(b"LOGIN {5}", SIZE), 6);
/// assert_eq!(before(b"LOGIN {}", SIZE), 8);
/// ```
#[must_use]
pub fn before(bytes: &[u8], tail: &[Tail]) -> usize {
    let begin = tail.iter().rev().try_fold(bytes.len(), |end, part| {
        let left = bytes.get(..end)?;
        end.checked_sub(part.taken(left)?)
    });
    begin.unwrap_or(bytes.len())
}

impl<'a, const AGAIN: bool> Reader<'a, AGAIN> {
    /// Goes into the region before the tail, or of all that is left, as [`Reader::open`].
    pub fn open_before(&mut self, tail: &[Tail]) -> Outside<'a> {
        let size = before(self.rest(), tail);
        self.narrow(size, size)
    }
}

#[cfg(test)]
mod tests {
    use super::{Tail, before};

    const LITERAL: &[Tail] = &[
        Tail::Flag(b"~", None),
        Tail::Literal(b"{", false),
        Tail::Digits(false),
        Tail::Flag(b"+", None),
        Tail::Literal(b"}", false),
    ];

    #[test]
    fn the_shape_is_found_from_the_end() {
        let left = |text: &str| &text.as_bytes()[..before(text.as_bytes(), LITERAL)] == b"a ";
        for shaped in ["a {0}", "a {310+}", "a ~{4}", "a {00000000000000000000000000001}"] {
            assert!(left(shaped), "{shaped}");
        }
        for plain in ["a {}", "a {+}", "a 3}", "a {3", "a {3} ", "a {-3}", "a {3++}", ""] {
            assert_eq!(before(plain.as_bytes(), LITERAL), plain.len(), "{plain}");
        }
        assert_eq!(before(b"{{1}{2}", LITERAL), 4);
        assert_eq!(before(b"{7}", LITERAL), 0);
    }

    #[test]
    fn a_flag_of_two_must_be_one_of_them() {
        let tail = &[Tail::Literal(b"n", true), Tail::Flag(b"=", Some(b":")), Tail::Digits(true)];
        assert_eq!(
            ["xN=aF", "xn:0", "xn0", "x=1"].map(|of| before(of.as_bytes(), tail)),
            [1, 1, 3, 3]
        );
    }
}
