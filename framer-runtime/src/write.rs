//! Writing the fields of a frame.

mod coded;
mod number;
mod reference;

pub use reference::{Elements, Message};

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::class::Class;
use crate::read::{Digits, Number, Signed, escaped_run, in_word};
use crate::scan::{self, Delimiter, Found, Scan};
use crate::violation::{EncodeError, Rule};

/// Writes a frame behind what a buffer holds.
///
/// Whatever would be read back differently is refused, with the field's name and the rule it
/// would break. What was written up to there must then be taken back, as
/// [`Frame::encode`](crate::frame::Frame::encode) does.
///
/// ```
/// use framer_runtime::read::Digits;
/// use framer_runtime::write::Writer;
///
/// let mut out = Vec::new();
/// let mut writer = Writer::new("Reply", &mut out);
/// writer.decimal("code", 250_u16, Digits { min: 3, max: 3, zeros: true }, 200..=599)?;
/// writer.literal(" ok");
/// assert_eq!(out, b"250 ok");
/// # Ok::<(), framer_runtime::violation::EncodeError>(())
/// ```
#[derive(Debug)]
pub struct Writer<'o> {
    frame: &'static str,
    out: &'o mut Vec<u8>,
    depth: u16,
    message: Message,
    edge: Option<Edge>,
}

/// What was written last that says what may follow, in a region that has not ended yet.
#[derive(Clone, Copy, Debug)]
struct Edge {
    frame: &'static str,
    end: usize,
    /// It is a word. Otherwise nothing at all may follow.
    word: bool,
}

impl<'o> Writer<'o> {
    /// Behind what `out` holds, a frame called `frame`.
    pub fn new(frame: &'static str, out: &'o mut Vec<u8>) -> Writer<'o> {
        let message = Message::at(out.len());
        Writer { frame, out, depth: 0, message, edge: None }
    }

    /// Goes on in a frame of another name; the name before.
    pub fn named(&mut self, frame: &'static str) -> &'static str {
        core::mem::replace(&mut self.frame, frame)
    }

    /// Goes one deeper, at most to `max`; the depth before, for [`Writer::ascend`].
    ///
    /// # Errors
    /// [`Rule::Depth`].
    pub fn descend(&mut self, max: u16) -> Result<u16, EncodeError> {
        let before = self.depth;
        if before >= max {
            return Err(self.fail("", Rule::Depth { max }));
        }
        self.depth = before.saturating_add(1);
        Ok(before)
    }

    /// Goes back to an earlier depth.
    pub fn ascend(&mut self, depth: u16) {
        self.depth = depth;
    }

    /// What was written since `begin` is at most `max` bytes.
    ///
    /// # Errors
    /// [`Rule::TooLong`].
    pub fn at_most(&self, begin: usize, max: u64) -> Result<(), EncodeError> {
        match u64::try_from(self.since(begin).len()).is_ok_and(|len| len <= max) {
            true => Ok(()),
            false => Err(self.fail("", Rule::TooLong { max })),
        }
    }

    /// The place, for [`Writer::since`].
    #[must_use]
    pub fn mark(&self) -> usize {
        self.out.len()
    }

    /// What was written since.
    #[must_use]
    pub fn since(&self, mark: usize) -> &[u8] {
        self.out.get(mark..).unwrap_or_default()
    }

    /// What was written between two values of [`Writer::mark`].
    #[must_use]
    pub fn range(&self, begin: usize, end: usize) -> &[u8] {
        self.out.get(begin..end).unwrap_or_default()
    }

    /// A literal.
    pub fn literal(&mut self, literal: &'static str) {
        self.out.extend_from_slice(literal.as_bytes());
    }

    /// A literal behind which no letter, digit, `-` or `_` may follow in its region. Whether one
    /// does is told by the next word, or at the end of the region.
    ///
    /// # Errors
    /// [`Rule::Ambiguous`] if one follows an earlier word.
    pub fn word(
        &mut self,
        literal: &'static (impl AsRef<[u8]> + ?Sized),
    ) -> Result<(), EncodeError> {
        self.magic(literal.as_ref());
        self.check_edge()?;
        self.edge = Some(Edge { frame: self.frame, end: self.mark(), word: true });
        Ok(())
    }

    /// Nothing stands here, since the region ends. Whether it does is told by the next word, or at
    /// the end of the region.
    ///
    /// # Errors
    /// [`Rule::Ambiguous`] if something follows what ends earlier, or an earlier word.
    pub fn nothing(&mut self) -> Result<(), EncodeError> {
        self.check_edge()?;
        self.edge = Some(Edge { frame: self.frame, end: self.mark(), word: false });
        Ok(())
    }

    /// The region that began at `begin` ends here: what is written next does not follow its words.
    ///
    /// # Errors
    /// [`Rule::Ambiguous`] if a letter, digit, `-` or `_` follows a [`Writer::word`] in it, or
    /// anything [`Writer::nothing`].
    pub fn end_region(&mut self, begin: usize) -> Result<(), EncodeError> {
        self.check_edge()?;
        // A word that ends where the region begins stands before it.
        self.edge = self.edge.filter(|edge| edge.end < begin || edge.word && edge.end == begin);
        Ok(())
    }

    fn check_edge(&self) -> Result<(), EncodeError> {
        let Some(Edge { frame, end, word }) = self.edge else { return Ok(()) };
        match self.since(end).first() {
            Some(byte) if !word || in_word(byte) => {
                Err(EncodeError { frame, field: "", rule: Rule::Ambiguous })
            }
            _ => Ok(()),
        }
    }

    /// Bytes that are no text.
    pub fn magic(&mut self, bytes: &'static [u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// So many zeros, in the place of what is not known yet; see [`Writer::fill`].
    pub fn zeros(&mut self, count: usize) {
        self.out.resize(self.out.len().saturating_add(count), 0);
    }

    /// Moves what was written since `end` over the zeros at `place`, which are as many.
    pub fn fill(&mut self, place: usize, end: usize) {
        let count = self.since(end).len();
        let to = place.saturating_add(count);
        if let Some((before, bytes)) = self.out.split_at_mut_checked(end)
            && let Some(zeros) = before.get_mut(place..to)
        {
            zeros.copy_from_slice(bytes);
        }
        self.out.truncate(end);
    }

    /// Moves what was written since `end` to `place`, before what was written there.
    pub fn insert(&mut self, place: usize, end: usize) {
        let count = self.since(end).len();
        if let Some(tail) = self.out.get_mut(place..) {
            tail.rotate_right(count.min(tail.len()));
        }
        if let Some(edge) = &mut self.edge
            && edge.end > place
        {
            edge.end = edge.end.saturating_add(count);
        }
    }

    /// A number in decimal digits.
    ///
    /// # Errors
    /// [`Rule::Range`] if it is none of `values`, [`Rule::Number`] if it does not fit the digits.
    pub fn decimal<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        digits: Digits,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.number(field, value, digits, 10, values)
    }

    /// A number in decimal digits, behind a `-` if it is less than zero.
    ///
    /// # Errors
    /// [`Rule::Number`] if it does not fit the digits.
    pub fn decimal_int<T: Signed>(
        &mut self,
        field: &'static str,
        value: T,
        digits: Digits,
    ) -> Result<(), EncodeError> {
        let value: i64 = value.into();
        if value < 0 {
            self.out.push(b'-');
        }
        self.number(field, value.unsigned_abs(), digits, 10, 0..=u64::MAX)
    }

    /// A number in hexadecimal digits, in lower case.
    ///
    /// # Errors
    /// [`Rule::Range`] if it is none of `values`, [`Rule::Number`] if it does not fit the digits.
    pub fn hexadecimal<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        digits: Digits,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.number(field, value, digits, 16, values)
    }

    /// The same, in capital letters.
    ///
    /// # Errors
    /// As [`Writer::hexadecimal`].
    pub fn hexadecimal_upper<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        digits: Digits,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        let mark = self.mark();
        self.hexadecimal(field, value, digits, values)?;
        if let Some(written) = self.out.get_mut(mark..) {
            written.make_ascii_uppercase();
        }
        Ok(())
    }

    fn number<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        digits: Digits,
        radix: u32,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.within(field, value, &values)?;
        let mark = self.mark();
        let mut left = value.wide();
        loop {
            let digit = u32::try_from(left % u64::from(radix)).unwrap_or(0);
            let digit = char::from_digit(digit, radix).unwrap_or('0');
            self.out.extend(u8::try_from(digit));
            left /= u64::from(radix);
            if left == 0 {
                break;
            }
        }
        while digits.zeros && self.since(mark).len() < digits.min {
            self.out.push(b'0');
        }
        if let Some(written) = self.out.get_mut(mark..) {
            written.reverse();
        }
        match digits.value(self.since(mark), radix) {
            Some(_) => Ok(()),
            None => Err(self.fail(field, Rule::Number)),
        }
    }

    fn within<T: Number>(
        &self,
        field: &'static str,
        value: T,
        values: &RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        if values.contains(&value) {
            return Ok(());
        }
        let (low, high) = (values.start().wide(), values.end().wide());
        Err(self.fail(field, Rule::Range { low, high }))
    }

    /// So many bytes.
    ///
    /// # Errors
    /// [`Rule::Truncated`] or [`Rule::Trailing`] if they are fewer or more.
    pub fn bytes(
        &mut self,
        field: &'static str,
        bytes: &[u8],
        count: usize,
    ) -> Result<(), EncodeError> {
        match bytes.len() {
            len if len < count => Err(self.fail(field, Rule::Truncated)),
            len if len > count => Err(self.fail(field, Rule::Trailing)),
            _ => {
                self.out.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// Bytes up to a delimiter, at most `max` with it.
    ///
    /// # Errors
    /// As [`Writer::delimiter`].
    pub fn until(
        &mut self,
        field: &'static str,
        bytes: &[u8],
        delimiter: &Delimiter,
        max: usize,
    ) -> Result<(), EncodeError> {
        let begin = self.mark();
        self.out.extend_from_slice(bytes);
        let ended = self.delimiter(begin, delimiter, max);
        ended.map_err(|error| EncodeError { field, ..error })
    }

    /// Bytes that go to the end of the region around them, which is checked where it ends.
    pub fn rest(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Bytes of a class.
    ///
    /// # Errors
    /// [`Rule::Class`] if some are not, [`Rule::TooShort`] or [`Rule::TooLong`].
    pub fn run(
        &mut self,
        field: &'static str,
        bytes: &[u8],
        class: &'static Class,
        min: usize,
        max: usize,
    ) -> Result<(), EncodeError> {
        self.whole_run(field, bytes, class, class.run(bytes), min, max)
    }

    /// The same, where a byte of `escaped` may stand behind the byte `escape`.
    ///
    /// # Errors
    /// [`Rule::Class`] if some are neither, [`Rule::TooShort`] or [`Rule::TooLong`].
    #[allow(clippy::too_many_arguments, reason = "they are the words of the description")]
    pub fn run_escaped(
        &mut self,
        field: &'static str,
        bytes: &[u8],
        class: &'static Class,
        escape: u8,
        escaped: &'static Class,
        min: usize,
        max: usize,
    ) -> Result<(), EncodeError> {
        let count = escaped_run(bytes, class, escape, escaped);
        self.whole_run(field, bytes, class, count, min, max)
    }

    /// A run that is read without the bytes of `trim` at both ends has none there.
    ///
    /// # Errors
    /// [`Rule::Ambiguous`] if it has.
    pub fn trimmed(
        &self,
        field: &'static str,
        bytes: &[u8],
        trim: &Class,
    ) -> Result<(), EncodeError> {
        match (bytes.first(), bytes.last()) {
            (Some(first), Some(last)) if trim.contains(*first) || trim.contains(*last) => {
                Err(self.fail(field, Rule::Ambiguous))
            }
            _ => Ok(()),
        }
    }

    fn whole_run(
        &mut self,
        field: &'static str,
        bytes: &[u8],
        class: &'static Class,
        count: usize,
        min: usize,
        max: usize,
    ) -> Result<(), EncodeError> {
        let class = class.name();
        if count < bytes.len() {
            return Err(self.fail(field, Rule::Class { class }));
        }
        if count < min {
            return Err(self.fail(field, Rule::TooShort { class, min }));
        }
        if count > max {
            let max = u64::try_from(max).unwrap_or(u64::MAX);
            return Err(self.fail(field, Rule::TooLong { max }));
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// A text must be of ASCII.
    ///
    /// # Errors
    /// [`Rule::Ascii`] otherwise.
    pub fn ascii(&self, field: &'static str, text: &str) -> Result<(), EncodeError> {
        if text.is_ascii() { Ok(()) } else { Err(self.fail(field, Rule::Ascii)) }
    }

    /// Ends the region that began at `begin` with its delimiter, at most `max` bytes in all.
    ///
    /// # Errors
    /// [`Rule::BareDelimiter`] if it holds a byte of the delimiter, [`Rule::Ambiguous`] if it
    /// holds a lenient delimiter or makes it another of its forms, or [`Rule::TooLong`]; what
    /// [`Writer::end_region`] refuses.
    pub fn delimiter(
        &mut self,
        begin: usize,
        delimiter: &Delimiter,
        max: usize,
    ) -> Result<(), EncodeError> {
        self.end_region(begin)?;
        self.out.extend_from_slice(delimiter.bytes());
        let written = self.since(begin);
        let scan = &mut Scan::default();
        match scan::delimited(written, 0, scan, delimiter, written.len()) {
            Ok(Found::End(end))
                if end == written.len()
                    && delimiter.ending(written) == Some(delimiter.bytes().len()) => {}
            Ok(_) => return Err(self.fail("", Rule::Ambiguous)),
            Err(broken) => return Err(self.fail("", broken.rule)),
        }
        if written.len() > max {
            let max = u64::try_from(max).unwrap_or(u64::MAX);
            return Err(self.fail("", Rule::TooLong { max }));
        }
        Ok(())
    }

    /// The field breaks `rule`.
    #[must_use]
    pub fn fail(&self, field: &'static str, rule: Rule) -> EncodeError {
        EncodeError { frame: self.frame, field, rule }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::Writer;
    use crate::class::Class;
    use crate::read::Digits;
    use crate::scan::Delimiter;
    use crate::violation::Rule;

    static CRLF: Delimiter = Delimiter::new(b"\r\n", false);
    static DIGIT: Class = Class::new("digit", [0x03ff_0000_0000_0000, 0, 0, 0]);

    fn written(
        write: impl FnOnce(&mut Writer<'_>) -> Result<(), super::EncodeError>,
    ) -> Result<Vec<u8>, Rule> {
        let mut out = Vec::new();
        let done = write(&mut Writer::new("F", &mut out));
        done.map(|()| out).map_err(|error| error.rule)
    }

    #[test]
    fn numbers() {
        let digits = Digits { min: 1, max: 3, zeros: false };
        assert_eq!(written(|w| w.decimal("n", 0_u8, digits, 0..=255)), Ok(b"0".to_vec()));
        assert_eq!(written(|w| w.decimal("n", 250_u8, digits, 0..=255)), Ok(b"250".to_vec()));
        let padded = Digits { min: 3, max: 3, zeros: true };
        assert_eq!(written(|w| w.decimal("n", 7_u16, padded, 0..=999)), Ok(b"007".to_vec()));
        assert_eq!(written(|w| w.decimal("n", 1000_u16, padded, 0..=2000)), Err(Rule::Number));
        let range = Rule::Range { low: 200, high: 599 };
        assert_eq!(written(|w| w.decimal("n", 199_u16, padded, 200..=599)), Err(range));
        assert_eq!(written(|w| w.hexadecimal("n", 0xab_u8, digits, 0..=255)), Ok(b"ab".to_vec()));
        let upper = written(|w| w.hexadecimal_upper("n", 0xab_u8, digits, 0..=255));
        assert_eq!(upper, Ok(b"AB".to_vec()));
        assert_eq!(written(|w| w.uint("n", 0x0102_u16, false, 0..=999)), Ok(b"\x01\x02".to_vec()));
        assert_eq!(written(|w| w.uint("n", 0x0102_u16, true, 0..=999)), Ok(b"\x02\x01".to_vec()));
    }

    #[test]
    fn what_would_be_read_differently_is_refused() {
        assert_eq!(written(|w| w.run("r", b"123", &DIGIT, 1, 3)), Ok(b"123".to_vec()));
        assert_eq!(
            written(|w| w.run("r", b"12a", &DIGIT, 1, 3)),
            Err(Rule::Class { class: "digit" })
        );
        assert_eq!(written(|w| w.run("r", b"1234", &DIGIT, 1, 3)), Err(Rule::TooLong { max: 3 }));
        let short = Rule::TooShort { class: "digit", min: 1 };
        assert_eq!(written(|w| w.run("r", b"", &DIGIT, 1, 3)), Err(short));
        let line = |bytes: &'static [u8]| {
            written(|w| {
                let begin = w.mark();
                w.rest(bytes);
                w.delimiter(begin, &CRLF, 6)
            })
        };
        assert_eq!(line(b"abcd"), Ok(b"abcd\r\n".to_vec()));
        assert_eq!(line(b""), Ok(b"\r\n".to_vec()));
        assert_eq!(line(b"abcde"), Err(Rule::TooLong { max: 6 }));
        assert_eq!(line(b"a\nb"), Err(Rule::BareDelimiter { byte: b'\n' }));
        assert_eq!(line(b"ab\r"), Err(Rule::BareDelimiter { byte: b'\r' }));
        assert_eq!(line(b"a\r\nb"), Err(Rule::Ambiguous));
        static LINE: Delimiter = Delimiter::any(b"\n", &[b"\r\n"], b"\n\r", true);
        let line = |bytes: &'static [u8]| {
            written(|w| {
                let begin = w.mark();
                w.rest(bytes);
                w.delimiter(begin, &LINE, 6)
            })
        };
        assert_eq!(line(b"a\rb"), Ok(b"a\rb\n".to_vec()));
        // The end of the text would be read as the beginning of the delimiter.
        assert_eq!(line(b"a\r"), Err(Rule::Ambiguous));
    }

    #[test]
    fn what_follows_a_word_is_not_a_part_of_it() {
        assert_eq!(written(|w| w.word("GET")), Ok(b"GET".to_vec()));
        let followed = |bytes: &'static [u8]| {
            written(|w| {
                w.word("GET")?;
                w.magic(bytes);
                w.end_region(0)
            })
        };
        assert_eq!(followed(b" x"), Ok(b"GET x".to_vec()));
        for byte in [b"x", b"9", b"-", b"_"] {
            assert_eq!(followed(byte), Err(Rule::Ambiguous));
        }
        // Another word tells of the one before it.
        assert_eq!(
            written(|w| w.word("A").and_then(|()| w.word("B")).and_then(|()| w.word(" "))),
            Err(Rule::Ambiguous)
        );
        // What follows the region of a word is none of its business.
        let region = written(|w| {
            let begin = w.mark();
            w.word("A")?;
            w.end_region(begin)?;
            w.literal("B");
            w.end_region(0)
        });
        assert_eq!(region, Ok(b"AB".to_vec()));
        // A region that begins behind a word is what follows it.
        let before = written(|w| {
            w.word("A")?;
            let begin = w.mark();
            w.end_region(begin)?;
            w.literal("B");
            w.end_region(0)
        });
        assert_eq!(before, Err(Rule::Ambiguous));
    }

    #[test]
    fn a_word_moves_with_what_is_put_before_it() {
        let moved = |follows: &'static str| {
            written(|w| {
                let place = w.mark();
                w.literal(" ");
                w.word("A")?;
                w.literal(follows);
                let end = w.mark();
                w.literal("12");
                w.insert(place, end);
                w.end_region(0)
            })
        };
        assert_eq!(moved("!"), Ok(b"12 A!".to_vec()));
        assert_eq!(moved("!b"), Ok(b"12 A!b".to_vec()));
        assert_eq!(moved("b"), Err(Rule::Ambiguous));
    }
}
