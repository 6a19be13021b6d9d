//! Frames for programs that are built on `tokio_util::codec`.

use core::fmt;
use core::marker::PhantomData;
use std::vec::Vec;

use bytes::{Buf, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use crate::error::Error;
use crate::find::{Finder, More, What};
use crate::frame::{Frame, Framed, Owned};
use crate::machine::Failed;
use crate::violation::{Misuse, Violation};

/// How much room is made at once for what is missing of a frame, in bytes, or so many times as much
/// as has come of it: memory follows what was received.
const RESERVED_BYTES: usize = 8 * 1024;
const RESERVED_TIMES: usize = 8;

/// Reads frames of the type `R`, and writes frames of the type `W`: the codec of a
/// [`tokio_util::codec::Framed`], which is a `Stream` and a `Sink`.
///
/// A frame shares the bytes that were read: nothing is copied. A program moves over from a codec of its own
/// by exchanging this for it, with what was read and not decoded yet
/// ([`Framed::map_codec`](tokio_util::codec::Framed::map_codec)); and on to a connection of a whole protocol with
/// [`Framed::into_parts`](tokio_util::codec::Framed::into_parts) and
/// [`Connection::from_parts`](crate::tokio::Connection::from_parts).
///
/// What breaks a rule is an [`Error::Violation`]. If its end is known, what follows it is read; otherwise every
/// later call returns the same.
///
/// ```
/// use framer_runtime::codec::Codec;
/// use tokio_util::bytes::BytesMut;
/// use tokio_util::codec::{Decoder, Encoder};
///
/// framer_runtime::framer! {
///     delimiter LF = "\n";
///     frame Line in until LF max 80 { text: utf8 to end }
/// }
///
/// let mut codec = Codec::<Line<'static>>::new();
/// let mut input = BytesMut::from("one\ntw");
/// let line = codec.decode(&mut input)?.expect("it is whole");
/// assert_eq!(line.view().text, "one");
/// assert!(codec.decode(&mut input)?.is_none());
/// assert!(codec.decode_eof(&mut input).is_err());
///
/// let mut output = BytesMut::new();
/// codec.encode(Line::new("three"), &mut output)?;
/// assert_eq!(&output[..], b"three\n");
/// # Ok::<(), framer_runtime::Error>(())
/// ```
pub struct Codec<R, W = R> {
    finder: Finder,
    /// What is written, before it is where it belongs.
    written: Vec<u8>,
    frames: PhantomData<fn() -> (R, W)>,
}

impl<R, W> Codec<R, W> {
    /// At the beginning of a frame.
    #[must_use]
    pub fn new() -> Codec<R, W> {
        Codec { finder: Finder::default(), written: Vec::new(), frames: PhantomData }
    }

    /// How many bytes belong to what has been given.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.finder.position()
    }

    /// How many bytes have been examined to find boundaries.
    #[must_use]
    pub fn scanned(&self) -> u64 {
        self.finder.scanned()
    }
}

impl<R, W> Default for Codec<R, W> {
    fn default() -> Codec<R, W> {
        Codec::new()
    }
}

impl<R, W> fmt::Debug for Codec<R, W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Codec").field("position", &self.position()).finish_non_exhaustive()
    }
}

impl<R: Framed, W> Codec<R, W> {
    // What it gives is made where it is returned: a copy of what has just been written is waited for.
    #[inline(always)]
    fn next(&mut self, input: &mut BytesMut) -> Result<Option<Owned<R>>, Violation> {
        if let Some(violation) = self.finder.failed() {
            return Err(violation);
        }
        let (taken, what) = match self.finder.look(R::NAME, &R::CUT, input) {
            Ok(Ok(found)) => found,
            Err(Failed) => return Err(self.finder.kept()),
            Ok(Err(More { taken, need })) => {
                input.advance(taken);
                let most = input.len().saturating_mul(RESERVED_TIMES).max(RESERVED_BYTES);
                input.reserve(need.min(most));
                return Ok(None);
            }
        };
        // It is looked at where it lies. To share it is to count atomically, for which all that was
        // written before is waited for, and what is looked at behind it waits, too.
        let broken = match (what, self.finder.overlong()) {
            (What::Overlong, Some(violation)) => Some(violation),
            _ => {
                let read = Owned::<R>::check(input.get(..taken).unwrap_or_default());
                read.err().map(|invalid| self.finder.invalid(invalid))
            }
        };
        self.finder.take(taken);
        let bytes = input.split_to(taken).freeze();
        match broken {
            None => Ok(Some(Owned::decoded(bytes))),
            Some(violation) => Err(violation),
        }
    }
}

impl<R: Framed, W> Decoder for Codec<R, W> {
    type Item = Owned<R>;
    type Error = Error;

    #[inline]
    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Owned<R>>, Error> {
        Ok(self.next(input)?)
    }

    /// [`Rule::EndOfStream`](crate::violation::Rule::EndOfStream), where the bytes end inside a frame.
    fn decode_eof(&mut self, input: &mut BytesMut) -> Result<Option<Owned<R>>, Error> {
        if let Some(frame) = self.next(input)? {
            return Ok(Some(frame));
        }
        self.finder.end_of_stream(R::NAME, input.len(), false)?;
        Ok(None)
    }
}

impl<'f, R, W> Encoder<W::View<'f>> for Codec<R, W>
where
    W: Framed,
    W::View<'f>: Frame,
{
    type Error = Error;

    fn encode(&mut self, frame: W::View<'f>, output: &mut BytesMut) -> Result<(), Error> {
        self.written.clear();
        frame.encode(&mut self.written).map_err(Misuse::Encode)?;
        output.extend_from_slice(&self.written);
        Ok(())
    }
}
