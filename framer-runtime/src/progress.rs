//! What a look at the input comes to.

/// What a look at the input came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received<E> {
    /// How many bytes of the input are done with, once the event is dropped.
    pub taken: usize,
    /// What came of them.
    pub progress: Progress<E>,
}

impl<E> Received<E> {
    /// The same with another event.
    #[inline(always)]
    pub fn map<F>(self, into: impl FnOnce(E) -> F) -> Received<F> {
        Received { taken: self.taken, progress: self.progress.map(into) }
    }
}

/// An event, or what is missing for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<E> {
    /// The peer did something.
    Event(E),
    /// At least this many more bytes are needed.
    More(usize),
    /// What is in the input waits for a reply of this side, or for the rest of what this side has announced.
    Owed,
    /// The session is over: nothing more is read.
    Closed,
}

impl<E> Progress<E> {
    /// The same with another event.
    #[inline(always)]
    pub fn map<F>(self, into: impl FnOnce(E) -> F) -> Progress<F> {
        match self {
            Progress::Event(event) => Progress::Event(into(event)),
            Progress::More(need) => Progress::More(need),
            Progress::Owed => Progress::Owed,
            Progress::Closed => Progress::Closed,
        }
    }
}
