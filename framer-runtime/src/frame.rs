//! What every generated frame can do, and frames that hold their own bytes.

#[cfg(feature = "alloc")]
mod owned;

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

#[cfg(feature = "alloc")]
use bytes::Bytes;
#[cfg(feature = "alloc")]
pub use owned::Owned;

use crate::protocol::Cut;
use crate::read::Reader;
use crate::violation::{EncodeError, Invalid};
use crate::write::{Filled, Out, Writer};

/// As long as most frames are at most, in bytes: so that one which becomes its own is written
/// without more room being made step by step.
#[cfg(feature = "alloc")]
const SHORT_BYTES: usize = 256;

/// What was read, or which rule it breaks.
pub type Decoded<T> = Result<T, Invalid>;

/// Whether it was written.
pub type Encoded = Result<(), EncodeError>;

/// A view of bytes: a frame, or a choice of frames or values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no frame",
    label = "cannot be read from bytes",
    note = "`#[derive(Frame)]` makes a struct or an enum one"
)]
pub trait Decode: Sized {
    /// The same over bytes that live for `'a`.
    type View<'a>: Decode;

    /// Its name in the description.
    const NAME: &'static str;

    /// The name with which the rules are told that are broken in it; none for a value, which is
    /// told as a part of the frame that it is in.
    const FRAME: &'static str = "";

    /// Whether it takes a byte at least and ends by itself, so that nothing which follows it is
    /// ever read as a part of it.
    ///
    /// Otherwise it can be no element of a list, and only stand last or in a region of its own.
    const ENDS: bool = false;

    /// Reads one where `reader` stands, and moves behind it.
    ///
    /// # Errors
    /// The first rule that is broken, with the name of the frame in this one that breaks it; if it
    /// is this one itself, who reads it [names](Invalid::of) it.
    fn read<'a, const AGAIN: bool>(reader: &mut Reader<'a, AGAIN>) -> Decoded<Self::View<'a>>;

    /// Reads one where `reader` stands, which was read there before, and moves behind it. `None`
    /// where it was not, and breaks a rule.
    #[inline]
    fn read_again<'a>(reader: &mut Reader<'a, true>) -> Option<Self::View<'a>> {
        Self::read(reader).ok()
    }

    /// Reads one if it stands there as a whole; otherwise `reader` does not move.
    fn read_optional<'a, const AGAIN: bool>(
        reader: &mut Reader<'a, AGAIN>,
    ) -> Option<Self::View<'a>> {
        Self::read_optional_before(reader, |_| Ok(()))
    }

    /// Reads one if it stands there as a whole, and `behind` it what must; otherwise `reader` does
    /// not move.
    fn read_optional_before<'a, const AGAIN: bool>(
        reader: &mut Reader<'a, AGAIN>,
        behind: impl FnOnce(&mut Reader<'a>) -> Decoded<()>,
    ) -> Option<Self::View<'a>> {
        // Whether it stands there is told by the rules that it keeps, whoever asks.
        let mut trial = reader.same::<false>();
        let frame = Self::read(&mut trial).ok()?;
        behind(&mut trial.clone()).ok()?;
        *reader = trial.same();
        Some(frame)
    }

    /// Which alternative of a choice this is, by a bit, for a list to remember which of them it
    /// holds: who asks it for another one need not look at its elements again. Every bit where that
    /// is not remembered.
    #[inline]
    fn alternative(_element: &Self::View<'_>) -> u32 {
        u32::MAX
    }

    /// Whether its bytes may refer to others of the message around it, or its list does.
    const REFERS: bool = false;

    /// Where a list of these goes on, in bytes from the beginning of the message, if that is what
    /// stands here in the place of one. A rule that is broken there is [`told`] with a name.
    fn jump<const AGAIN: bool>(_reader: &mut Reader<'_, AGAIN>) -> Option<Decoded<u64>> {
        None
    }

    /// What a text stands for, where a text can stand for all of it, as in a line of a reply.
    fn from_text(_text: &str) -> Option<Self::View<'_>> {
        None
    }
}

/// What was read of a frame of this name. A rule that is broken in it and in no frame in it is told
/// with that name: on the way out, so that nothing is done for it where none is.
///
/// # Errors
/// The rule that is broken.
#[inline(always)]
pub fn told<T>(frame: &'static str, read: Decoded<T>) -> Decoded<T> {
    match read {
        Ok(read) => Ok(read),
        Err(invalid) => Err(invalid.of(frame)),
    }
}

/// A frame that stands by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no frame",
    label = "cannot be written as bytes",
    note = "`#[derive(Frame)]` makes a struct or an enum one"
)]
pub trait Frame: Decode {
    /// Writes it.
    ///
    /// # Errors
    /// The first field that would not be read back as it is, with the name of the frame in this one
    /// that it is in; if that is this one itself, who writes it [names](EncodeError::of) it.
    fn write(&self, writer: &mut Writer<'_>) -> Encoded;

    /// Reads `bytes`, which are one frame and nothing else.
    ///
    /// # Errors
    /// The first rule that is broken, with the place in `bytes`.
    fn decode(bytes: &[u8]) -> Decoded<Self::View<'_>> {
        let mut reader = Reader::new(bytes);
        // No more is compiled for each frame than that.
        match Self::read(&mut reader) {
            Ok(frame) if reader.is_empty() => Ok(frame),
            Ok(_) => Err(reader.trailing().of(Self::NAME)),
            Err(invalid) => Err(invalid.of(Self::NAME)),
        }
    }

    /// Writes it behind what `out` holds.
    ///
    /// # Errors
    /// The first field that would not be read back as it is; then nothing was written.
    #[cfg(feature = "alloc")]
    fn encode(&self, out: &mut Vec<u8>) -> Encoded {
        self.encode_to(&mut out.into())
    }

    /// Writes it behind what `out` holds, which may be memory of a fixed size.
    ///
    /// # Errors
    /// The first field that would not be read back as it is, or
    /// [`Rule::NoRoom`](crate::violation::Rule::NoRoom); then nothing was written.
    fn encode_to(&self, out: &mut Out<'_>) -> Encoded {
        Writer::whole(Self::NAME, out, |writer| self.write(writer))
    }

    /// Writes it to the beginning of `memory`: what was written. Where a length or a checksum in
    /// digits is known only when the rest is written, that needs as many bytes more for a moment.
    ///
    /// # Errors
    /// As [`Frame::encode_to`].
    ///
    /// ```
    /// use framer_runtime::frame::Frame;
    ///
    /// framer_runtime::framer! {
    ///     frame Block { size: u8 = len(data), data: bytes [size] }
    /// }
    /// let mut memory = [0; 16];
    /// assert_eq!(Block::new(b"abc").encode_to_slice(&mut memory)?, b"\x03abc");
    /// # Ok::<(), framer_runtime::violation::EncodeError>(())
    /// ```
    fn encode_to_slice<'m>(&self, memory: &'m mut [u8]) -> Result<&'m mut [u8], EncodeError> {
        let mut filled = Filled::default();
        self.encode_to(&mut Out::fixed(memory, &mut filled))?;
        Ok(memory.get_mut(..filled.bytes()).unwrap_or_default())
    }

    /// A copy that borrows nothing.
    ///
    /// # Errors
    /// The first field that would not be read back as it is.
    #[cfg(feature = "alloc")]
    fn owned(&self) -> Result<Owned<Self::View<'static>>, EncodeError>
    where
        Self::View<'static>: Frame,
    {
        let mut out = Vec::with_capacity(SHORT_BYTES);
        self.encode(&mut out)?;
        // What is short is kept as long as it is.
        let short = out.len() <= SHORT_BYTES;
        let bytes = if short { Bytes::copy_from_slice(&out) } else { out.into() };
        Owned::decode(bytes).map_err(|invalid| EncodeError {
            frame: invalid.frame,
            field: "",
            rule: invalid.rule,
        })
    }
}

/// A frame that says where it ends, of a description without a protocol: what
/// [`Cutter`](crate::cutter::Cutter) cuts out of a stream.
pub trait Framed: Frame {
    /// How its end is found.
    const CUT: Cut;
}
