//! Looking for delimiters, a part of the input at a time.

mod delimiter;

use crate::violation::Rule;

pub use delimiter::Delimiter;
pub(crate) use delimiter::{Spot, any_of};

/// A rule that the input broke, by offsets in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub rule: Rule,
    /// First byte concerned.
    pub start: usize,
    /// Byte after the last one concerned.
    pub end: usize,
}

/// How far a frame has been examined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// From the beginning of the frame; no delimiter begins before it.
    at: usize,
    examined: u64,
}

impl Scan {
    /// How many bytes have been examined, over all frames.
    #[must_use]
    pub const fn scanned(&self) -> u64 {
        self.examined
    }

    /// Begins a new frame.
    pub fn reset(&mut self) {
        self.at = 0;
    }

    /// How far the frame has been examined.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// The frame has been examined up to `to`, from where it was before.
    pub(crate) fn advance(&mut self, to: usize) {
        self.examine(self.at, to);
        self.at = to;
    }

    /// So many bytes of what was examined are gone.
    pub(crate) fn forget(&mut self, count: usize) {
        self.at = self.at.saturating_sub(count);
    }

    fn examine(&mut self, from: usize, to: usize) {
        let count = u64::try_from(to.saturating_sub(from)).unwrap_or(u64::MAX);
        self.examined = self.examined.saturating_add(count);
    }
}

/// What the input holds of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// All of it: the offset behind its delimiter.
    End(usize),
    /// Not its end: at least so many bytes are missing.
    More(usize),
    /// More than its limit.
    Overlong,
}

/// Looks for the end of the frame that begins at `from`, at most `max` bytes long with its
/// delimiter. Called again with more bytes behind the same ones, it goes on where it stopped.
///
/// # Errors
/// A byte of the delimiter that stands alone, [`Rule::BareDelimiter`], before the limit.
#[inline]
pub fn delimited(
    input: &[u8],
    from: usize,
    scan: &mut Scan,
    delimiter: &Delimiter,
    max: usize,
) -> Result<Found, Broken> {
    let limit = from.saturating_add(max);
    let window = input.get(..limit.min(input.len())).unwrap_or(input);
    let begun = from.saturating_add(scan.at);
    match delimiter.next(window, begun) {
        Some((place, Spot::Whole(size))) if place.saturating_add(size) <= limit => {
            let end = place.saturating_add(size);
            scan.examine(begun, end);
            scan.at = place.saturating_sub(from);
            return Ok(Found::End(end));
        }
        Some((place, _)) => scan.advance(place.saturating_sub(from)),
        None => {
            let end = window.len().max(begun);
            scan.advance(end.saturating_sub(from));
            let least = delimiter.least();
            if end.saturating_add(least) <= limit {
                return Ok(Found::More(least));
            }
        }
    }
    delimited_late(input, from, scan, delimiter, max)
}

/// The same where the first byte of a delimiter is not the first of a whole one.
#[cold]
fn delimited_late(
    input: &[u8],
    from: usize,
    scan: &mut Scan,
    delimiter: &Delimiter,
    max: usize,
) -> Result<Found, Broken> {
    let limit = from.saturating_add(max);
    let window = input.get(..limit.min(input.len())).unwrap_or(input);
    let mut at = from.saturating_add(scan.at);
    let begun = at;
    let least = delimiter.least();
    let found = loop {
        match delimiter.next(window, at) {
            // That it is too long was known before this byte came.
            Some((place, _)) if place.saturating_add(least) > limit => {
                at = place;
                break Found::Overlong;
            }
            Some((place, Spot::Whole(size))) => {
                at = place;
                let end = place.saturating_add(size);
                break if end <= limit { Found::End(end) } else { Found::Overlong };
            }
            Some((place, Spot::Begun { have, missing })) => {
                at = place;
                let fits = place.saturating_add(have).saturating_add(missing) <= limit;
                break if fits { Found::More(missing) } else { Found::Overlong };
            }
            Some((place, Spot::Alone(_))) if delimiter.lenient() => at = place.saturating_add(1),
            Some((place, Spot::Alone(byte))) => {
                scan.examine(begun, place);
                return Err(alone(byte, place));
            }
            None => {
                at = window.len().max(at);
                let full = at.saturating_add(least) > limit;
                break if full { Found::Overlong } else { Found::More(least) };
            }
        }
    };
    let end = if let Found::End(end) = found { end } else { window.len() };
    scan.examine(begun, end);
    scan.at = at.saturating_sub(from);
    Ok(found)
}

/// What was passed over of an over-long frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Bytes of the input that may be thrown away.
    pub dropped: usize,
    /// Whether they end with the frame's delimiter.
    pub done: bool,
}

/// Passes over a frame that [`delimited`] found over-long, up to behind its delimiter. What may
/// be the beginning of the delimiter is kept; the next call takes what is left and more.
///
/// # Errors
/// A byte of the delimiter that stands alone, [`Rule::BareDelimiter`].
pub fn skip(input: &[u8], scan: &mut Scan, delimiter: &Delimiter) -> Result<Skipped, Broken> {
    let begun = scan.at;
    let mut at = scan.at;
    scan.at = 0;
    loop {
        let skipped = match delimiter.next(input, at) {
            Some((place, Spot::Whole(size))) => {
                Skipped { dropped: place.saturating_add(size), done: true }
            }
            Some((place, Spot::Begun { .. })) => Skipped { dropped: place, done: false },
            Some((place, Spot::Alone(_))) if delimiter.lenient() => {
                at = place.saturating_add(1);
                continue;
            }
            Some((place, Spot::Alone(byte))) => {
                scan.examine(begun, place);
                return Err(alone(byte, place));
            }
            None => Skipped { dropped: input.len(), done: false },
        };
        scan.examine(begun, skipped.dropped);
        return Ok(skipped);
    }
}

pub(crate) fn alone(byte: u8, place: usize) -> Broken {
    let rule = Rule::BareDelimiter { byte };
    Broken { rule, start: place, end: place.saturating_add(1) }
}

#[cfg(test)]
mod tests {
    use super::{Broken, Delimiter, Found, Scan, Skipped, delimited, skip};
    use crate::violation::Rule;

    static CRLF: Delimiter = Delimiter::new(b"\r\n", false);
    static LENIENT: Delimiter = Delimiter::new(b"\r\n", true);
    static LINE: Delimiter = Delimiter::any(b"\r\n", &[b"\n"], b"\r\n", true);
    static EITHER: Delimiter = Delimiter::any(b"\r\n", &[b";"], b"\r\n;", false);

    fn whole(input: &[u8], delimiter: &Delimiter, max: usize) -> Result<Found, Broken> {
        delimited(input, 0, &mut Scan::default(), delimiter, max)
    }

    /// The answer after each byte of the input came alone, up to the first that is final.
    fn bytewise(input: &[u8], delimiter: &Delimiter, max: usize) -> (Result<Found, Broken>, u64) {
        let mut scan = Scan::default();
        let mut last = Ok(Found::More(0));
        for end in 0..=input.len() {
            last = delimited(&input[..end], 0, &mut scan, delimiter, max);
            if !matches!(last, Ok(Found::More(_))) {
                break;
            }
        }
        (last, scan.scanned())
    }

    fn bare(byte: u8, start: usize) -> Result<Found, Broken> {
        Err(Broken { rule: Rule::BareDelimiter { byte }, start, end: start + 1 })
    }

    #[test]
    fn ends_are_found_in_every_split() {
        let cases: [(&[u8], Result<Found, Broken>); 10] = [
            // That it is too long is known before the byte that stands alone.
            (b"abcdefg\nx", Ok(Found::Overlong)),
            (b"ab\r\ncd", Ok(Found::End(4))),
            (b"\r\n", Ok(Found::End(2))),
            (b"abcdef\r\n", Ok(Found::End(8))),
            (b"abcdefg\r\n", Ok(Found::Overlong)),
            (b"abcdefghi", Ok(Found::Overlong)),
            (b"ab\ncd\r\n", bare(b'\n', 2)),
            (b"ab\rcd\r\n", bare(b'\r', 2)),
            (b"ab\r\r\n", bare(b'\r', 2)),
            (b"a\0\r\n", Ok(Found::End(4))),
        ];
        for (input, wanted) in cases {
            assert_eq!(whole(input, &CRLF, 8), wanted, "{input:?}");
            assert_eq!(bytewise(input, &CRLF, 8).0, wanted, "{input:?} in bytes");
        }
        assert_eq!(whole(b"a\rb\nc\r\n", &LENIENT, 8), Ok(Found::End(7)));
        assert_eq!(whole(b"ab", &CRLF, 8), Ok(Found::More(2)));
        assert_eq!(whole(b"ab\r", &CRLF, 8), Ok(Found::More(1)));
    }

    #[test]
    fn one_of_several_ends() {
        type Case = (&'static [u8], &'static Delimiter, Result<Found, Broken>, Option<usize>);
        let cases: [Case; 9] = [
            (b"ab\r\ncd", &LINE, Ok(Found::End(4)), Some(2)),
            (b"ab\ncd\r\n", &LINE, Ok(Found::End(3)), Some(1)),
            (b"a\r\r\n", &LINE, Ok(Found::End(4)), Some(2)),
            (b"a\rb\n", &LINE, Ok(Found::End(4)), Some(1)),
            (b"abcdefg\n", &LINE, Ok(Found::End(8)), Some(1)),
            (b"abcdefg\r\n", &LINE, Ok(Found::Overlong), None),
            (b"ab;\r\n", &EITHER, Ok(Found::End(3)), Some(1)),
            (b"ab\r\n;", &EITHER, Ok(Found::End(4)), Some(2)),
            (b"ab\r;", &EITHER, bare(b'\r', 2), None),
        ];
        for (input, delimiter, wanted, size) in cases {
            assert_eq!(whole(input, delimiter, 8), wanted, "{input:?}");
            assert_eq!(bytewise(input, delimiter, 8).0, wanted, "{input:?} in bytes");
            if let Ok(Found::End(end)) = wanted {
                assert_eq!(delimiter.ending(&input[..end]), size);
            }
        }
        assert_eq!(whole(b"ab", &LINE, 8), Ok(Found::More(1)));
        assert_eq!(whole(b"ab\r", &EITHER, 8), Ok(Found::More(1)));
        let mut scan = Scan::default();
        let skipped = skip(b"abcdefghi\nnext", &mut scan, &LINE);
        assert_eq!(skipped, Ok(Skipped { dropped: 10, done: true }));
    }

    #[test]
    fn bytes_that_stand_alone_in_what_is_passed_over() {
        let skipped = |input: &[u8], delimiter| skip(input, &mut Scan::default(), delimiter);
        let alone = Broken { rule: Rule::BareDelimiter { byte: b'\n' }, start: 1, end: 2 };
        assert_eq!(skipped(b"a\nb\r\nc", &CRLF), Err(alone));
        let done = Skipped { dropped: 6, done: true };
        assert_eq!(skipped(b"a\nb\r\r\n", &LENIENT), Ok(done));
        assert_eq!(skipped(b"a\nbb\r\nc", &LENIENT), Ok(done));
        assert_eq!(skipped(b"a\nb\r", &LENIENT), Ok(Skipped { dropped: 3, done: false }));
    }

    #[test]
    fn places_of_a_scan() {
        let mut scan = Scan::default();
        scan.advance(7);
        scan.advance(9);
        assert_eq!((scan.at(), scan.scanned()), (9, 9));
        scan.forget(5);
        assert_eq!((scan.at(), scan.scanned()), (4, 9));
        scan.forget(5);
        scan.advance(2);
        assert_eq!((scan.at(), scan.scanned()), (2, 11));
        scan.reset();
        assert_eq!((scan.at(), scan.scanned()), (0, 11));
    }

    #[test]
    fn the_first_byte_of_any() {
        assert_eq!(CRLF.first(b"ab\r\n"), Some((2, 4)));
        assert_eq!(CRLF.first(b"a\rb\r\n"), None);
        assert_eq!(LINE.first(b"abc\n\r\n"), Some((3, 4)));
        assert_eq!(CRLF.only(), Some(*b"\r\n"));
        assert_eq!((LENIENT.only(), EITHER.only()), (None, None));
    }

    #[test]
    fn no_byte_is_examined_twice_but_a_begun_delimiter() {
        let mut line = alloc::vec![b'x'; 1 << 20];
        line.extend(b"\r\n");
        let (found, examined) = bytewise(&line, &CRLF, 1 << 21);
        assert_eq!(found, Ok(Found::End(line.len())));
        assert_eq!(examined, u64::try_from(line.len()).unwrap() + 1);
    }

    #[test]
    fn over_long_frames_are_passed_over_in_every_split() {
        let input = b"abcdefghijkl\r\nnext\r\n";
        for cut in 0..input.len() {
            let mut scan = Scan::default();
            let mut left = &input[..cut];
            let mut total = 0;
            let mut overlong = delimited(left, 0, &mut scan, &CRLF, 8).unwrap() == Found::Overlong;
            if overlong {
                let skipped = skip(left, &mut scan, &CRLF).unwrap();
                total += skipped.dropped;
                if skipped.done {
                    assert_eq!(total, 14);
                    continue;
                }
            }
            left = &input[total..];
            if !overlong {
                overlong = delimited(left, 0, &mut scan, &CRLF, 8).unwrap() == Found::Overlong;
            }
            assert!(overlong);
            let skipped = skip(left, &mut scan, &CRLF).unwrap();
            assert_eq!(
                (skipped, total + skipped.dropped),
                (Skipped { dropped: 14 - total, done: true }, 14)
            );
        }
    }
}
