//! Frames out of bytes that come in any pieces, without a protocol.

use core::marker::PhantomData;

use crate::find::{Finder, More, What, decode, decode_whole};
use crate::frame::{Decoded, Framed};
use crate::input::Input;
use crate::protocol::Cut;
use crate::read::Reader;
use crate::violation::Violation;

/// Cuts frames out of bytes that come in any pieces: what a connection does for a protocol, for
/// one frame behind the other.
///
/// ```
/// mod netstring {
///     framer_runtime::framer! {
///         frame Netstring {
///             size: dec u32 [1..=6] = len(data), ":", data: bytes [size], ",",
///         }
///     }
/// }
/// use framer_runtime::cutter::{Cutter, Cutting};
/// use netstring::Netstring;
///
/// let mut cutter = Cutter::<Netstring>::new(64 * 1024);
/// cutter.receive(b"5:hello,3:a");
/// let Cutting::Frame(frame) = cutter.poll()? else { panic!("it is there") };
/// assert_eq!(frame.data, b"hello");
/// assert!(matches!(cutter.poll()?, Cutting::More(3)));
/// // Two bytes are missing: what was there is no frame.
/// assert!(cutter.end_of_stream().is_err());
/// # Ok::<(), framer_runtime::violation::Violation>(())
/// ```
#[derive(Debug)]
pub struct Cutter<F> {
    cuts: Cuts,
    frame: PhantomData<fn() -> F>,
}

/// What the bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cutting<F> {
    /// A frame.
    Frame(F),
    /// Something whose end is known and that breaks a rule; what follows is read.
    Malformed(Violation),
    /// At least so many more bytes are needed.
    More(usize),
}

impl<F: Framed> Cutter<F> {
    /// A cutter that holds at most so many bytes which are not done with. At least twice the
    /// longest frame is granted.
    #[must_use]
    pub fn new(input_bytes: usize) -> Cutter<F> {
        Cutter { cuts: Cuts::new(F::NAME, F::CUT, input_bytes), frame: PhantomData }
    }

    /// Room to read into; empty when the input is full of what is not done with.
    pub fn spare(&mut self) -> &mut [u8] {
        self.cuts.spare()
    }

    /// So many bytes of [`Cutter::spare`] were read into.
    pub fn filled(&mut self, count: usize) {
        self.cuts.filled(count);
    }

    /// Takes bytes in, as many as there is room for; how many that was.
    pub fn receive(&mut self, bytes: &[u8]) -> usize {
        self.cuts.receive(bytes)
    }

    /// The next frame. Its bytes are done with at the next call.
    ///
    /// # Errors
    /// A boundary that cannot be found: final, and every later call returns it again.
    pub fn poll(&mut self) -> Result<Cutting<F::View<'_>>, Violation> {
        self.cuts.poll(|reader| F::read(reader))
    }

    /// The bytes have ended.
    ///
    /// # Errors
    /// [`Rule::EndOfStream`](crate::violation::Rule::EndOfStream), where they ended inside a frame, or the violation that was final.
    pub fn end_of_stream(&mut self) -> Result<(), Violation> {
        self.cuts.end_of_stream()
    }

    /// How many bytes of the stream belong to what has been given.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.cuts.position()
    }

    /// How many bytes have been examined to find boundaries. What is read is not counted: where a
    /// frame is there as a whole when it is first looked at, that may be all.
    #[must_use]
    pub fn scanned(&self) -> u64 {
        self.cuts.scanned()
    }

    /// The most memory that was held at once, in bytes.
    #[must_use]
    pub fn peak_bytes(&self) -> usize {
        self.cuts.peak_bytes()
    }
}

/// A [`Cutter`] of frames whose type is not known: what reads one is told each time.
#[derive(Debug)]
pub struct Cuts {
    name: &'static str,
    cut: Cut,
    finder: Finder,
    input: Input,
    /// Bytes of the last frame, or of what is passed over.
    taken: usize,
}

impl Cuts {
    /// Cuts frames called `name`, holding at most so many bytes which are not done with. At least
    /// twice the longest frame is granted.
    #[must_use]
    pub fn new(name: &'static str, cut: Cut, input_bytes: usize) -> Cuts {
        let least = cut.bound().saturating_mul(2);
        let input = Input::new(input_bytes.max(least));
        Cuts { name, cut, finder: Finder::default(), input, taken: 0 }
    }

    /// As [`Cutter::spare`].
    pub fn spare(&mut self) -> &mut [u8] {
        self.settle();
        self.input.spare()
    }

    /// As [`Cutter::filled`].
    pub fn filled(&mut self, count: usize) {
        self.input.filled(count);
    }

    /// As [`Cutter::receive`].
    pub fn receive(&mut self, bytes: &[u8]) -> usize {
        self.settle();
        self.input.receive(bytes)
    }

    /// The next frame, as `read` reads it. Its bytes are done with at the next call.
    ///
    /// # Errors
    /// As [`Cutter::poll`].
    pub fn poll<'a, F>(
        &'a mut self,
        read: impl Fn(&mut Reader<'a>) -> Decoded<F>,
    ) -> Result<Cutting<F>, Violation> {
        self.settle();
        if let Some(violation) = self.finder.failed() {
            return Err(violation);
        }
        if let Some(bytes) = self.finder.whole(self.cut, self.input.unread()) {
            if let Some((frame, taken)) = decode_whole(self.name, self.cut, bytes, &read) {
                self.taken = taken;
                self.finder.take(taken);
                return Ok(Cutting::Frame(frame));
            }
            self.finder.missed();
        }
        let (taken, what) = match self.finder.look(self.name, self.cut, self.input.unread())? {
            Ok(found) => found,
            Err(More { taken, need }) => {
                self.taken = taken;
                return Ok(Cutting::More(need));
            }
        };
        self.taken = taken;
        if let (What::Overlong, Some(violation)) = (what, self.finder.overlong()) {
            self.finder.take(taken);
            return Ok(Cutting::Malformed(violation));
        }
        let bytes = self.input.unread().get(..taken).unwrap_or_default();
        let cutting = match decode(self.name, self.cut, bytes, read) {
            Ok(frame) => Cutting::Frame(frame),
            Err(invalid) => Cutting::Malformed(self.finder.invalid(invalid)),
        };
        self.finder.take(taken);
        Ok(cutting)
    }

    /// As [`Cutter::end_of_stream`].
    ///
    /// # Errors
    /// As [`Cutter::end_of_stream`].
    pub fn end_of_stream(&mut self) -> Result<(), Violation> {
        self.settle();
        self.finder.end_of_stream(self.name, self.input.len(), false)
    }

    /// How many bytes of the stream belong to what has been given.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.finder.position()
    }

    /// How many bytes have been examined to find boundaries. What is read is not counted: where a
    /// frame is there as a whole when it is first looked at, that may be all.
    #[must_use]
    pub fn scanned(&self) -> u64 {
        self.finder.scanned()
    }

    /// The most memory that was held at once, in bytes.
    #[must_use]
    pub fn peak_bytes(&self) -> usize {
        self.input.peak_bytes()
    }

    /// Drops the bytes of the last frame.
    fn settle(&mut self) {
        self.input.consume(core::mem::take(&mut self.taken));
    }
}
