//! What every generated frame can do, and frames that hold their own bytes.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use bytes::Bytes;

use crate::protocol::Cut;
use crate::read::Reader;
use crate::violation::{EncodeError, Invalid};
use crate::write::{Filled, Out, Writer};

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

    /// Whether it takes a byte at least and ends by itself, so that nothing which follows it is ever
    /// read as a part of it.
    ///
    /// Otherwise it can be no element of a list, and only stand last or in a region of its own.
    const ENDS: bool = false;

    /// Reads one where `reader` stands, and moves behind it.
    ///
    /// # Errors
    /// The first rule that is broken.
    fn read<'a>(reader: &mut Reader<'a>) -> Decoded<Self::View<'a>>;

    /// Reads one if it stands there as a whole; otherwise `reader` does not move.
    fn read_optional<'a>(reader: &mut Reader<'a>) -> Option<Self::View<'a>> {
        Self::read_optional_before(reader, |_| Ok(()))
    }

    /// Reads one if it stands there as a whole, and `behind` it what must; otherwise `reader` does
    /// not move.
    fn read_optional_before<'a>(
        reader: &mut Reader<'a>,
        behind: impl FnOnce(&mut Reader<'a>) -> Decoded<()>,
    ) -> Option<Self::View<'a>> {
        let mut trial = *reader;
        let outer = trial.named(Self::NAME);
        let frame = Self::read(&mut trial).ok()?;
        trial.named(outer);
        behind(&mut trial.clone()).ok()?;
        *reader = trial;
        Some(frame)
    }

    /// Whether its bytes may refer to others of the message around it, or its list does.
    const REFERS: bool = false;

    /// Where a list of these goes on, in bytes from the beginning of the message, if that is what
    /// stands here in the place of one.
    fn jump(_reader: &mut Reader<'_>) -> Option<Decoded<u64>> {
        None
    }

    /// What a text stands for, where a text can stand for all of it, as in a line of a reply.
    fn from_text(_text: &str) -> Option<Self::View<'_>> {
        None
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
    /// The first field that would not be read back as it is.
    fn write(&self, writer: &mut Writer<'_>) -> Encoded;

    /// Reads `bytes`, which are one frame and nothing else.
    ///
    /// # Errors
    /// The first rule that is broken, with the place in `bytes`.
    fn decode(bytes: &[u8]) -> Decoded<Self::View<'_>> {
        let mut reader = Reader::new(Self::NAME, bytes);
        let frame = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(frame)
    }

    /// Writes it behind what `out` holds.
    ///
    /// # Errors
    /// The first field that would not be read back as it is; then nothing was written.
    fn encode(&self, out: &mut Vec<u8>) -> Encoded {
        self.encode_to(&mut out.into())
    }

    /// Writes it behind what `out` holds, which may be memory of a fixed size.
    ///
    /// # Errors
    /// As [`Frame::encode`], and [`Rule::NoRoom`](crate::violation::Rule::NoRoom).
    fn encode_to(&self, out: &mut Out<'_>) -> Encoded {
        Writer::whole(Self::NAME, out, |writer| self.write(writer))
    }

    /// Writes it to the beginning of `memory`: what was written.
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
    fn owned(&self) -> Result<Owned<Self::View<'static>>, EncodeError>
    where
        Self::View<'static>: Frame,
    {
        let mut out = Vec::new();
        self.encode(&mut out)?;
        Owned::decode(Bytes::from(out)).map_err(|invalid| EncodeError {
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

/// A frame with the bytes it views. A clone shares them.
pub struct Owned<F> {
    bytes: Bytes,
    frame: PhantomData<fn() -> F>,
}

impl<F: Frame> Owned<F> {
    /// A frame from its bytes.
    ///
    /// # Errors
    /// The first rule that they break.
    pub fn decode(bytes: Bytes) -> Decoded<Owned<F>> {
        F::decode(&bytes)?;
        Ok(Owned { bytes, frame: PhantomData })
    }

    /// The same of bytes that were cut as [`Framed::CUT`] says: its end is not looked for again.
    #[cfg(feature = "codec")]
    pub(crate) fn cut(bytes: Bytes) -> Decoded<Owned<F>>
    where
        F: Framed,
    {
        crate::find::decode(F::NAME, F::CUT, &bytes, |reader| F::read(reader))?;
        Ok(Owned { bytes, frame: PhantomData })
    }

    /// The frame.
    ///
    /// # Panics
    /// Never: the bytes were decoded before, and cannot have changed.
    #[must_use]
    pub fn view(&self) -> F::View<'_> {
        F::decode(&self.bytes).unwrap_or_else(|invalid| panic!("checked bytes: {invalid}"))
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its bytes.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

impl<F> Clone for Owned<F> {
    fn clone(&self) -> Owned<F> {
        Owned { bytes: self.bytes.clone(), frame: PhantomData }
    }
}

impl<F> PartialEq for Owned<F> {
    fn eq(&self, other: &Owned<F>) -> bool {
        self.bytes == other.bytes
    }
}

impl<F> Eq for Owned<F> {}

impl<F: Frame> fmt::Debug for Owned<F>
where
    for<'a> F::View<'a>: fmt::Debug,
{
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(formatter)
    }
}
