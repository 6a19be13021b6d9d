//! Where frames are written.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::read::wide;
use crate::violation::Rule;

/// Where frames are written: behind what a vector holds, which grows with them, or into memory of a
/// fixed size.
///
/// What has no room in memory of a fixed size is not written at all: whoever writes a frame is told
/// [`Rule::NoRoom`].
///
/// ```
/// use framer_runtime::write::{Filled, Out};
///
/// framer_runtime::framer! {
///     frame Block { size: u8 = len(data), data: bytes [size] }
/// }
/// use framer_runtime::frame::Frame;
///
/// let (mut memory, mut filled) = ([0; 8], Filled::default());
/// let mut out = Out::fixed(&mut memory, &mut filled);
/// Block::new(b"abc").encode_to(&mut out)?;
/// assert!(Block::new(b"defg").encode_to(&mut out).is_err());
/// Block::new(b"def").encode_to(&mut out)?;
/// assert_eq!(out.written(), b"\x03abc\x03def");
/// # Ok::<(), framer_runtime::violation::EncodeError>(())
/// ```
#[derive(Debug)]
pub struct Out<'o>(Form<'o>);

#[derive(Debug)]
enum Form<'o> {
    #[cfg(feature = "alloc")]
    Grows(&'o mut Vec<u8>),
    Fixed {
        memory: &'o mut [u8],
        filled: &'o mut Filled,
    },
}

/// How much of memory of a fixed size has been written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    bytes: usize,
    /// Something had no room, and what came behind it was not written either.
    over: bool,
}

impl Filled {
    /// So many bytes.
    #[must_use]
    pub const fn new(bytes: usize) -> Filled {
        Filled { bytes, over: false }
    }

    /// How many bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.bytes
    }
}

#[cfg(feature = "alloc")]
impl<'o> From<&'o mut Vec<u8>> for Out<'o> {
    #[inline]
    fn from(grows: &'o mut Vec<u8>) -> Out<'o> {
        Out(Form::Grows(grows))
    }
}

impl<'o> Out<'o> {
    /// Behind what `memory` holds already: `filled` says how much that is, and goes on.
    pub const fn fixed(memory: &'o mut [u8], filled: &'o mut Filled) -> Out<'o> {
        Out(Form::Fixed { memory, filled })
    }

    /// The same place, for something else to write to.
    #[inline]
    pub const fn reborrow(&mut self) -> Out<'_> {
        Out(match &mut self.0 {
            #[cfg(feature = "alloc")]
            Form::Grows(out) => Form::Grows(out),
            Form::Fixed { memory, filled } => Form::Fixed { memory, filled },
        })
    }

    /// What was written, with what was there before.
    #[must_use]
    #[inline]
    pub fn written(&self) -> &[u8] {
        match &self.0 {
            #[cfg(feature = "alloc")]
            Form::Grows(out) => out,
            Form::Fixed { memory, filled } => memory.get(..filled.bytes).unwrap_or_default(),
        }
    }

    /// The same, to be changed.
    #[inline]
    pub(crate) fn written_mut(&mut self) -> &mut [u8] {
        match &mut self.0 {
            #[cfg(feature = "alloc")]
            Form::Grows(out) => out,
            Form::Fixed { memory, filled } => memory.get_mut(..filled.bytes).unwrap_or_default(),
        }
    }

    /// How many bytes were written, with what was there before.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.written().len()
    }

    /// Whether nothing was written, and nothing was there before.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.written().is_empty()
    }

    /// What was written since it was so long.
    #[inline]
    pub(crate) fn since_mut(&mut self, mark: usize) -> &mut [u8] {
        self.written_mut().get_mut(mark..).unwrap_or_default()
    }

    /// There is room for so many bytes more.
    ///
    /// # Errors
    /// [`Rule::NoRoom`] otherwise.
    pub(crate) fn room_for(&self, count: usize) -> Result<(), Rule> {
        match &self.0 {
            Form::Fixed { memory, filled } => {
                let room = memory.len().saturating_sub(filled.bytes);
                if count > room { Err(Rule::NoRoom { bytes: wide(room) }) } else { Ok(()) }
            }
            #[cfg(feature = "alloc")]
            Form::Grows(_) => Ok(()),
        }
    }

    /// All of it, or none of it, and nothing that comes behind it.
    #[inline]
    pub(crate) fn extend_from_slice(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            #[cfg(feature = "alloc")]
            Form::Grows(out) => out.extend_from_slice(bytes),
            Form::Fixed { .. } => self.extend_fixed(bytes),
        }
    }

    /// The same in memory of a fixed size; of its own, so that what grows is short enough to stand
    /// where it is needed.
    fn extend_fixed(&mut self, bytes: &[u8]) {
        #[cfg_attr(not(feature = "alloc"), expect(irrefutable_let_patterns, reason = "one form"))]
        let Form::Fixed { memory, filled } = &mut self.0 else { return };
        let end = filled.bytes.saturating_add(bytes.len());
        match memory.get_mut(filled.bytes..end).filter(|_| !filled.over) {
            Some(room) => {
                room.copy_from_slice(bytes);
                filled.bytes = end;
            }
            None => filled.over = true,
        }
    }

    /// The same of blocks that are made on the way. Room is made once for all of them.
    #[inline]
    pub(crate) fn extend_from_blocks<const N: usize>(
        &mut self,
        blocks: impl Iterator<Item = [u8; N]>,
    ) {
        match &mut self.0 {
            #[cfg(feature = "alloc")]
            Form::Grows(out) => out.extend(blocks.flatten()),
            Form::Fixed { .. } => blocks.for_each(|block| self.extend_fixed(&block)),
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, byte: u8) {
        match &mut self.0 {
            #[cfg(feature = "alloc")]
            Form::Grows(out) => out.push(byte),
            Form::Fixed { .. } => self.extend_from_slice(&[byte]),
        }
    }

    /// So many bytes of one value.
    pub(crate) fn fill(&mut self, count: usize, byte: u8) {
        match &mut self.0 {
            #[cfg(feature = "alloc")]
            Form::Grows(out) => out.resize(out.len().saturating_add(count), byte),
            Form::Fixed { memory, filled } => {
                let end = filled.bytes.saturating_add(count);
                match memory.get_mut(filled.bytes..end).filter(|_| !filled.over) {
                    Some(room) => {
                        room.fill(byte);
                        filled.bytes = end;
                    }
                    None => filled.over = true,
                }
            }
        }
    }

    /// Takes back what was written since it was so long.
    #[inline]
    pub(crate) fn truncate(&mut self, len: usize) {
        match &mut self.0 {
            #[cfg(feature = "alloc")]
            Form::Grows(out) => out.truncate(len),
            Form::Fixed { filled, .. } => filled.bytes = filled.bytes.min(len),
        }
    }

    /// Ends what was written since it was so long: all of it is there, or it is taken back.
    pub(crate) fn close(&mut self, mark: usize, written: Result<(), Rule>) -> Result<(), Rule> {
        let closed = self.no_room(mark).map_or(written, Err);
        if closed.is_err() {
            self.truncate(mark);
        }
        closed
    }

    /// The rule that is broken where there was no room for all that was written since it was so
    /// long. What is written next is asked anew.
    #[inline]
    pub(crate) fn no_room(&mut self, mark: usize) -> Option<Rule> {
        match &mut self.0 {
            Form::Fixed { memory, filled } if filled.over => {
                filled.over = false;
                Some(Rule::NoRoom { bytes: wide(memory.len().saturating_sub(mark)) })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Filled, Out};
    use crate::violation::Rule;

    #[test]
    fn what_has_no_room_is_not_written_nor_what_follows_it() {
        let (mut memory, mut filled) = ([9; 4], Filled::new(1));
        let mut out = Out::fixed(&mut memory, &mut filled);
        assert_eq!(out.room_for(3), Ok(()));
        assert_eq!(out.room_for(4), Err(Rule::NoRoom { bytes: 3 }));
        out.extend_from_slice(b"ab");
        out.extend_from_slice(b"cd");
        out.push(b'e');
        out.fill(1, 0);
        assert_eq!(out.written(), b"\x09ab");
        assert_eq!(out.close(1, Ok(())), Err(Rule::NoRoom { bytes: 3 }));
        assert_eq!((out.len(), out.room_for(3)), (1, Ok(())));
        out.fill(2, b'0');
        out.push(b'1');
        assert_eq!(out.close(1, Ok(())), Ok(()));
        assert_eq!(out.close(3, Err(Rule::Number)), Err(Rule::Number));
        assert_eq!(out.reborrow().written(), b"\x0900");
        assert_eq!(filled.bytes(), 3);
    }

    #[test]
    fn a_vector_grows() {
        let mut grows = Vec::from(b"a");
        let mut out = Out::from(&mut grows);
        out.extend_from_slice(b"bc");
        out.fill(2, b'0');
        out.push(b'd');
        out.since_mut(3)[0] = b'-';
        assert_eq!(out.written(), b"abc-0d");
        assert_eq!(out.close(2, Err(Rule::Number)), Err(Rule::Number));
        assert_eq!((out.len(), out.room_for(usize::MAX)), (2, Ok(())));
        assert_eq!(grows, b"ab");
    }
}
