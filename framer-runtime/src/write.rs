//! Writing the fields of a frame.

mod coded;
mod digits;
mod edge;
mod number;
mod out;
mod reference;

use edge::Edge;
pub use edge::Opened;
pub use out::{Filled, Out};
pub use reference::{Elements, Message};

use crate::class::Class;
use crate::frame::Encoded;
use crate::read::{escaped_run, wide};
use crate::scan::{self, Delimiter, Found, Scan};
use crate::violation::{EncodeError, Rule};

/// Writes a frame behind what a buffer holds.
///
/// Whatever would be read back differently is refused, with the field's name and the rule it
/// would break; who writes a frame names that, with [`told`]. What was written up to there must
/// then be taken back. [`Writer::whole`] does both.
///
/// ```
/// use framer_runtime::read::Digits;
/// use framer_runtime::write::Writer;
///
/// let mut out = Vec::new();
/// let mut writer = Writer::new(&mut out);
/// writer.decimal("code", 250_u16, Digits { min: 3, max: 3, zeros: true }, 200..=599)?;
/// writer.literal(" ok");
/// assert_eq!(out, b"250 ok");
/// # Ok::<(), framer_runtime::violation::EncodeError>(())
/// ```
#[derive(Debug)]
pub struct Writer<'o> {
    out: Out<'o>,
    depth: u16,
    message: Message,
    edge: Option<Edge>,
}

impl<'o> Writer<'o> {
    /// Behind what `out` holds.
    #[inline]
    pub fn new(out: impl Into<Out<'o>>) -> Writer<'o> {
        let out = out.into();
        let message = Message::at(out.len());
        Writer { out, depth: 0, message, edge: None }
    }

    /// A frame called `frame` behind what `out` holds, as `write` writes it: all of it or nothing.
    ///
    /// # Errors
    /// What `write` refuses, or [`Rule::NoRoom`].
    #[inline]
    pub fn whole(
        frame: &'static str,
        out: &mut Out<'_>,
        write: impl FnOnce(&mut Writer<'_>) -> Encoded,
    ) -> Encoded {
        let mark = out.len();
        let mut writer = Writer::new(out.reborrow());
        let written = write(&mut writer);
        let written = written.and_then(|()| writer.check_edge());
        close(frame, out, mark, written)
    }

    /// Goes one deeper, at most to `max`; the depth before, for [`Writer::ascend`].
    ///
    /// # Errors
    /// [`Rule::Depth`].
    #[inline]
    pub fn descend(&mut self, max: u16) -> Result<u16, EncodeError> {
        let before = self.depth;
        if before >= max {
            return Err(self.fail("", Rule::Depth { max }));
        }
        self.depth = before.saturating_add(1);
        Ok(before)
    }

    /// Goes back to an earlier depth.
    #[inline]
    pub fn ascend(&mut self, depth: u16) {
        self.depth = depth;
    }

    /// What was written since `begin` is at most `max` bytes.
    ///
    /// # Errors
    /// [`Rule::TooLong`].
    pub fn at_most(&self, begin: usize, max: u64) -> Encoded {
        match wide(self.since(begin).len()) <= max {
            true => Ok(()),
            false => Err(self.fail("", Rule::TooLong { max })),
        }
    }

    /// The place, for [`Writer::since`].
    #[must_use]
    #[inline]
    pub fn mark(&self) -> usize {
        self.out.len()
    }

    /// What was written since.
    #[must_use]
    #[inline]
    pub fn since(&self, mark: usize) -> &[u8] {
        self.out.written().get(mark..).unwrap_or_default()
    }

    /// What was written between two values of [`Writer::mark`].
    #[must_use]
    #[inline]
    pub fn range(&self, begin: usize, end: usize) -> &[u8] {
        self.out.written().get(begin..end).unwrap_or_default()
    }

    /// A literal.
    #[inline]
    pub fn literal(&mut self, literal: &'static str) {
        self.out.extend_from_slice(literal.as_bytes());
    }

    /// Bytes that are no text.
    #[inline]
    pub fn magic(&mut self, bytes: &'static [u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// So many zeros, in the place of what is not known yet; see [`Writer::fill`].
    #[inline]
    pub fn zeros(&mut self, count: usize) {
        self.out.fill(count, 0);
    }

    /// Moves what was written since `end` over the zeros at `place`, which are as many.
    pub fn fill(&mut self, place: usize, end: usize) {
        let count = self.since(end).len();
        let to = place.saturating_add(count);
        if let Some((before, bytes)) = self.out.written_mut().split_at_mut_checked(end)
            && let Some(zeros) = before.get_mut(place..to)
        {
            zeros.copy_from_slice(bytes);
        }
        self.out.truncate(end);
    }

    /// Moves what was written since `end` to `place`, before what was written there; by how many bytes
    /// that has moved.
    pub fn insert(&mut self, place: usize, end: usize) -> usize {
        let count = self.since(end).len();
        let tail = self.out.since_mut(place);
        put_before(tail, count);
        if let Some(edge) = &mut self.edge
            && edge.end > place
        {
            edge.end = edge.end.saturating_add(count);
        }
        count
    }

    /// So many bytes.
    ///
    /// # Errors
    /// [`Rule::Truncated`] or [`Rule::Trailing`] if they are fewer or more.
    #[inline]
    pub fn bytes(&mut self, field: &'static str, bytes: &[u8], count: usize) -> Encoded {
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
    ) -> Encoded {
        let begin = self.mark();
        self.out.extend_from_slice(bytes);
        let ended = self.end_with(begin, delimiter, max);
        ended.map_err(|error| EncodeError { field, ..error })
    }

    /// Bytes that go to the end of the region around them, which is checked where it ends.
    #[inline]
    pub fn rest(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Bytes of a class.
    ///
    /// # Errors
    /// [`Rule::Class`] if some are not, [`Rule::TooShort`] or [`Rule::TooLong`].
    #[inline]
    pub fn run(
        &mut self,
        field: &'static str,
        bytes: &[u8],
        class: &'static Class,
        min: usize,
        max: usize,
    ) -> Encoded {
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
    ) -> Encoded {
        let count = escaped_run(bytes, class, escape, escaped);
        self.whole_run(field, bytes, class, count, min, max)
    }

    /// A run that is read without the bytes of `trim` at both ends has none there.
    ///
    /// # Errors
    /// [`Rule::Ambiguous`] if it has.
    pub fn trimmed(&self, field: &'static str, bytes: &[u8], trim: &Class) -> Encoded {
        match (bytes.first(), bytes.last()) {
            (Some(first), Some(last)) if trim.contains(*first) || trim.contains(*last) => {
                Err(self.fail(field, Rule::Ambiguous))
            }
            _ => Ok(()),
        }
    }

    #[inline]
    fn whole_run(
        &mut self,
        field: &'static str,
        bytes: &[u8],
        class: &'static Class,
        count: usize,
        min: usize,
        max: usize,
    ) -> Encoded {
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
    #[inline]
    pub fn ascii(&self, field: &'static str, text: &str) -> Encoded {
        if text.is_ascii() { Ok(()) } else { Err(self.fail(field, Rule::Ascii)) }
    }

    /// Ends the region with its delimiter, at most `max` bytes in all.
    ///
    /// # Errors
    /// [`Rule::BareDelimiter`] if it holds a byte of the delimiter, [`Rule::Ambiguous`] if it
    /// holds a lenient delimiter or makes it another of its forms, or [`Rule::TooLong`]; what
    /// [`Writer::end_region`] refuses.
    pub fn delimiter(&mut self, opened: Opened, delimiter: &Delimiter, max: usize) -> Encoded {
        self.end_region(opened)?;
        self.end_with(opened.begin, delimiter, max)
    }

    /// Writes a delimiter behind what was written since `begin`, which must not hold it.
    fn end_with(&mut self, begin: usize, delimiter: &Delimiter, max: usize) -> Encoded {
        let clean = !delimiter.is_in(self.since(begin));
        self.out.extend_from_slice(delimiter.bytes());
        let written = self.since(begin);
        if clean && written.len() <= max {
            // What holds no byte of it ends where it begins.
            return Ok(());
        }
        let scan = &mut Scan::default();
        match scan::delimited(written, 0, scan, delimiter, written.len()) {
            Ok(Found::End(end))
                if end == written.len()
                    && delimiter.ending(written) == Some(delimiter.bytes().len()) => {}
            Ok(_) => return Err(self.fail("", Rule::Ambiguous)),
            Err(broken) => return Err(self.fail("", broken.rule)),
        }
        self.at_most(begin, wide(max))
    }

    /// The same for a region that can hold no byte of its delimiter, whatever its fields are.
    ///
    /// # Errors
    /// [`Rule::TooLong`], or what [`Writer::end_region`] refuses.
    #[inline]
    pub fn clean_delimiter(
        &mut self,
        opened: Opened,
        delimiter: &Delimiter,
        max: usize,
    ) -> Encoded {
        self.end_region(opened)?;
        let begin = opened.begin;
        debug_assert!(!delimiter.is_in(self.since(begin)), "as the description says");
        self.out.extend_from_slice(delimiter.bytes());
        self.at_most(begin, wide(max))
    }

    /// The field breaks `rule`. The frame has no name until it is [`told`].
    #[must_use]
    pub fn fail(&self, field: &'static str, rule: Rule) -> EncodeError {
        EncodeError { frame: "", field, rule }
    }
}

/// Ends a frame called `frame` that was written since a place: all of it is there, or it is taken
/// back.
// For itself: what is compiled anew for each frame is a call of it.
#[inline]
fn close(frame: &'static str, out: &mut Out<'_>, mark: usize, written: Encoded) -> Encoded {
    let refused = match out.no_room(mark) {
        Some(rule) => EncodeError { frame: "", field: "", rule },
        None => match written {
            // An error's memory is not looked at where there is none.
            Ok(()) => return Ok(()),
            Err(refused) => refused,
        },
    };
    out.truncate(mark);
    Err(refused.of(frame))
}

/// What became of writing a frame of this name. What is refused in it and in no frame in it is told
/// with that name: as what is [read](crate::frame::told), on the way out.
///
/// # Errors
/// What was refused.
#[inline(always)]
pub fn told(frame: &'static str, written: Encoded) -> Encoded {
    match written {
        Ok(()) => Ok(()),
        Err(error) => Err(error.of(frame)),
    }
}

/// Moves the last `count` bytes to the beginning. They are mostly few: then what they go before is
/// moved at once.
fn put_before(bytes: &mut [u8], count: usize) {
    let mut few = [0; 4];
    let behind = bytes.len().saturating_sub(count);
    if let (Some(few), Some(last)) = (few.get_mut(..count), bytes.get(behind..)) {
        few.copy_from_slice(last);
        bytes.copy_within(..behind, count);
        if let Some(first) = bytes.get_mut(..count) {
            first.copy_from_slice(few);
        }
    } else {
        bytes.rotate_right(count.min(bytes.len()));
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Out, Writer};
    use crate::class::Class;
    use crate::scan::Delimiter;
    use crate::violation::Rule;

    static CRLF: Delimiter = Delimiter::new(b"\r\n", false);
    static DIGIT: Class = Class::new("digit", [0x03ff_0000_0000_0000, 0, 0, 0]);

    /// What was written, or the rule that was broken.
    pub(super) fn written(
        write: impl FnOnce(&mut Writer<'_>) -> super::Encoded,
    ) -> Result<Vec<u8>, Rule> {
        let mut out = Vec::new();
        let done = Writer::whole("F", &mut Out::from(&mut out), write);
        done.map(|()| out).map_err(|error| error.rule)
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
                let opened = w.open();
                w.rest(bytes);
                w.delimiter(opened, &CRLF, 6)
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
                let opened = w.open();
                w.rest(bytes);
                w.delimiter(opened, &LINE, 6)
            })
        };
        assert_eq!(line(b"a\rb"), Ok(b"a\rb\n".to_vec()));
        // The end of the text would be read as the beginning of the delimiter.
        assert_eq!(line(b"a\r"), Err(Rule::Ambiguous));
    }
}
