//! Frames out of bytes that come in any pieces, without a protocol.

use core::marker::PhantomData;

use bytes::Bytes;

use crate::find::{Finder, More, What, decode, least_behind};
use crate::frame::{Decoded, Framed, Owned};
use crate::input::Input;
use crate::machine::Failed;
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

    /// Gives each frame that is there to `see`, or what broke a rule where what follows is read; how
    /// many more bytes are needed at least. It does what [`Cutter::poll`] does over and over, in
    /// less time.
    ///
    /// ```
    /// use framer_runtime::cutter::Cutter;
    ///
    /// framer_runtime::framer! {
    ///     delimiter LF = "\n";
    ///     frame Word in until LF max 80 { text: utf8 to end }
    /// }
    ///
    /// let mut cutter = Cutter::<Word>::new(1024);
    /// cutter.receive(b"one\ntwo\nthr");
    /// let mut words = Vec::new();
    /// let need = cutter.each(|word| words.extend(word.map(|word| word.text.to_owned())))?;
    /// assert_eq!((words, need), (vec!["one".to_owned(), "two".to_owned()], 1));
    /// # Ok::<(), framer_runtime::violation::Violation>(())
    /// ```
    ///
    /// # Errors
    /// As [`Cutter::poll`]; what came before was given.
    #[inline]
    pub fn each(
        &mut self,
        mut see: impl FnMut(Result<F::View<'_>, Violation>),
    ) -> Result<usize, Violation> {
        // What is known of the frame is known of the loop.
        self.cuts.each(&F::CUT, |reader| F::read(reader), |frame, _| see(frame))
    }

    /// The same with frames that borrow nothing: each holds a copy of its bytes, as they came. That takes
    /// less time than [`Frame::owned`], which writes the frame anew.
    ///
    /// ```
    /// use framer_runtime::cutter::Cutter;
    ///
    /// framer_runtime::framer! {
    ///     delimiter LF = "\n";
    ///     frame Word in until LF max 80 { text: utf8 to end }
    /// }
    ///
    /// let mut cutter = Cutter::<Word>::new(1024);
    /// cutter.receive(b"one\ntwo\nthr");
    /// let mut words = Vec::new();
    /// cutter.each_owned(|word| words.extend(word))?;
    /// cutter.receive(b"ee\n");
    /// let texts: Vec<&str> = words.iter().map(|word| word.view().text).collect();
    /// assert_eq!(texts, ["one", "two"]);
    /// # Ok::<(), framer_runtime::violation::Violation>(())
    /// ```
    ///
    /// # Errors
    /// As [`Cutter::poll`]; what came before was given.
    ///
    /// [`Frame::owned`]: crate::frame::Frame::owned
    #[inline]
    pub fn each_owned(
        &mut self,
        mut see: impl FnMut(Result<Owned<F>, Violation>),
    ) -> Result<usize, Violation> {
        let own = |bytes| Owned::decoded(Bytes::copy_from_slice(bytes));
        self.cuts.each(
            &F::CUT,
            |reader| F::read(reader),
            |frame, bytes| see(frame.map(|_| own(bytes))),
        )
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

/// The frame that `input` begins with and what is behind it, where it is right and there as a whole.
#[inline(always)]
fn read_here<'a, F>(
    cut: &Cut,
    input: &'a [u8],
    read: impl Fn(&mut Reader<'a>) -> Decoded<F>,
) -> Option<(F, &'a [u8])> {
    let mut reader = Reader::new(input);
    let frame = read(&mut reader).ok()?;
    let behind = reader.rest();
    // How long it is is not counted from the beginning: what comes next is read from there.
    let bytes = input.len().saturating_sub(behind.len());
    (bytes <= cut.bound()).then_some((frame, behind))
}

impl Finder {
    /// The frame that `input` begins with and what is behind it, if it may be read before its end is
    /// looked for, and can. Otherwise it may be wrong or not be there as a whole: it is not read so
    /// again.
    ///
    /// # Errors
    /// As [`Cutter::poll`].
    #[inline]
    fn read_whole<'a, F>(
        &mut self,
        cut: &Cut,
        input: &'a [u8],
        read: impl Copy + Fn(&mut Reader<'a>) -> Decoded<F>,
    ) -> Result<Option<(F, &'a [u8])>, Violation> {
        if let Some(violation) = self.failed() {
            return Err(violation);
        }
        let Some(bytes) = self.whole(cut, input) else { return Ok(None) };
        let read = read_here(cut, bytes, read);
        match &read {
            Some((_, behind)) => self.take(bytes.len().saturating_sub(behind.len())),
            None => self.looked(),
        }
        Ok(read)
    }

    /// Gives every frame that `input` begins with to `see`, with its bytes, as long as each may be read
    /// before its end is looked for, and can; what is behind them.
    ///
    /// # Errors
    /// As [`Cutter::poll`].
    #[inline(always)]
    fn read_all_whole<'a, F>(
        &mut self,
        cut: &Cut,
        input: &'a [u8],
        read: impl Copy + Fn(&mut Reader<'a>) -> Decoded<F>,
        see: &mut impl FnMut(Result<F, Violation>, &'a [u8]),
    ) -> Result<&'a [u8], Violation> {
        if let Some(violation) = self.failed() {
            return Err(violation);
        }
        let Some(mut least) = self.least(cut) else { return Ok(input) };
        let (mut rest, mut last, mut wrong) = (input, 0, false);
        while rest.len() >= least && !wrong {
            match read_here(cut, rest, read) {
                Some((frame, behind)) => {
                    let count = rest.len().saturating_sub(behind.len());
                    see(Ok(frame), rest.get(..count).unwrap_or_default());
                    (rest, last, least) = (behind, count, least_behind(count));
                }
                None => wrong = true,
            }
        }
        // That they have been taken is told once, not for each.
        if last > 0 {
            self.take_all(input.len().saturating_sub(rest.len()), last);
        }
        if wrong {
            self.looked();
        }
        Ok(rest)
    }

    /// What `input` begins with, whose end is looked for, and how many bytes that takes.
    ///
    /// # Errors
    /// As [`Cutter::poll`].
    #[inline]
    fn look_and_cut<'a, F>(
        &mut self,
        name: &'static str,
        cut: &Cut,
        input: &'a [u8],
        read: impl Fn(&mut Reader<'a>) -> Decoded<F>,
    ) -> Result<(usize, Cutting<F>), Violation> {
        let (taken, what) = match self.look(name, cut, input) {
            Ok(Ok(found)) => found,
            Ok(Err(More { taken, need })) => return Ok((taken, Cutting::More(need))),
            Err(Failed) => return Err(self.kept()),
        };
        let cutting = match (what, self.overlong()) {
            (What::Overlong, Some(violation)) => Cutting::Malformed(violation),
            _ => match decode(name, cut, input.get(..taken).unwrap_or_default(), read) {
                Ok(frame) => Cutting::Frame(frame),
                Err(invalid) => Cutting::Malformed(self.invalid(invalid)),
            },
        };
        self.take(taken);
        Ok((taken, cutting))
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
        self.input.spare_for(self.finder.missing(self.input.len()))
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
        read: impl Copy + Fn(&mut Reader<'a>) -> Decoded<F>,
    ) -> Result<Cutting<F>, Violation> {
        self.settle();
        let (name, cut) = (self.name, &self.cut);
        let input = self.input.unread();
        if let Some((frame, behind)) = self.finder.read_whole(cut, input, read)? {
            self.taken = input.len().saturating_sub(behind.len());
            return Ok(Cutting::Frame(frame));
        }
        let (taken, cutting) = self.finder.look_and_cut(name, cut, input, read)?;
        self.taken = taken;
        Ok(cutting)
    }

    /// As [`Cutter::each`], of frames that are cut so, each with its bytes.
    #[inline]
    fn each<'a, F>(
        &'a mut self,
        cut: &Cut,
        read: impl Copy + Fn(&mut Reader<'a>) -> Decoded<F>,
        mut see: impl FnMut(Result<F, Violation>, &'a [u8]),
    ) -> Result<usize, Violation> {
        self.settle();
        let Cuts { name, finder, input, taken, .. } = self;
        let input = input.unread();
        let mut rest = input;
        loop {
            rest = finder.read_all_whole(cut, rest, read, &mut see)?;
            *taken = input.len().saturating_sub(rest.len());
            let (count, cutting) = finder.look_and_cut(name, cut, rest, read)?;
            let (bytes, behind) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            rest = behind;
            *taken = input.len().saturating_sub(rest.len());
            match cutting {
                Cutting::Frame(frame) => see(Ok(frame), bytes),
                Cutting::Malformed(violation) => see(Err(violation), bytes),
                Cutting::More(need) => return Ok(need),
            }
        }
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
