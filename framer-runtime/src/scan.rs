//! Looking for delimiters, a part of the input at a time.

use memchr::{memchr, memchr2, memchr3};

use crate::violation::Rule;

/// A byte string that ends something.
#[derive(Debug, PartialEq, Eq)]
pub struct Delimiter {
    bytes: &'static [u8],
    lenient: bool,
}

impl Delimiter {
    /// The delimiter of these bytes, at least one and at most three different ones. Unless
    /// `lenient`, none of them may stand alone.
    #[must_use]
    pub const fn new(bytes: &'static [u8], lenient: bool) -> Delimiter {
        Delimiter { bytes, lenient }
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// Whether its bytes may stand alone.
    #[must_use]
    pub const fn lenient(&self) -> bool {
        self.lenient
    }

    /// The next byte of `input` at or behind `from` that the delimiter holds, and what it is.
    pub(crate) fn next(&self, input: &[u8], from: usize) -> Option<(usize, Spot)> {
        let rest = input.get(from..)?;
        let found = match *self.bytes {
            [one] => memchr(one, rest),
            [one, two] => memchr2(one, two, rest),
            [one, two, three] => memchr3(one, two, three, rest),
            _ => rest.iter().position(|byte| self.bytes.contains(byte)),
        }?;
        let place = from.saturating_add(found);
        let rest = input.get(place..)?;
        let spot = match rest.get(..self.bytes.len()) {
            Some(bytes) if bytes == self.bytes => Spot::Whole,
            None if self.bytes.starts_with(rest) => Spot::Begun(rest.len()),
            _ => Spot::Alone(*rest.first()?),
        };
        Some((place, spot))
    }
}

/// What a byte of the delimiter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// The first of the whole delimiter.
    Whole,
    /// The first of what may become the delimiter; so many of its bytes are there.
    Begun(usize),
    /// Not of the delimiter.
    Alone(u8),
}

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
pub fn delimited(
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
    let size = delimiter.bytes.len();
    let found = loop {
        // Whether the byte is part of a delimiter may be told beyond the limit.
        let next = delimiter.next(window, at).map(|(place, spot)| match spot {
            Spot::Begun(_) => delimiter.next(input, place).unwrap_or((place, spot)),
            _ => (place, spot),
        });
        match next {
            Some((place, Spot::Whole)) => {
                at = place;
                let end = place.saturating_add(size);
                break if end <= limit { Found::End(end) } else { Found::Overlong };
            }
            Some((place, Spot::Begun(have))) => {
                at = place;
                let fits = place.saturating_add(size) <= limit;
                let missing = size.saturating_sub(have);
                break if fits { Found::More(missing) } else { Found::Overlong };
            }
            Some((place, Spot::Alone(_))) if delimiter.lenient => at = place.saturating_add(1),
            Some((place, Spot::Alone(byte))) => {
                scan.examine(begun, place);
                return Err(alone(byte, place));
            }
            None => {
                at = window.len().max(at);
                let full = at.saturating_add(size) > limit;
                break if full { Found::Overlong } else { Found::More(size) };
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
            Some((place, Spot::Whole)) => {
                let dropped = place.saturating_add(delimiter.bytes.len());
                Skipped { dropped, done: true }
            }
            Some((place, Spot::Begun(_))) => Skipped { dropped: place, done: false },
            Some((place, Spot::Alone(_))) if delimiter.lenient => {
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
        let cases: [(&[u8], Result<Found, Broken>); 9] = [
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
