//! What a network does to what is said.

use core::ops::RangeInclusive;
use core::time::Duration;
use std::vec::Vec;

use super::chance::Chance;

/// What happens to one direction of a simulated network. What is not asked for does not happen.
///
/// ```
/// use framer_runtime::testing::Faults;
/// use std::time::Duration;
///
/// // Slow, in pieces, and with an end of the stream behind byte 100.
/// let faults = Faults::none()
///     .delayed(Duration::ZERO..=Duration::from_millis(50))
///     .cut_into(1..=20)
///     .closed_after(100);
/// # drop(faults);
/// ```
#[derive(Clone, Debug)]
pub struct Faults {
    pub(super) delay: RangeInclusive<Duration>,
    pub(super) apart: Duration,
    pub(super) pieces: RangeInclusive<usize>,
    pub(super) window_bytes: usize,
    pub(super) end: Option<(u64, End)>,
    pub(super) lost: u64,
    pub(super) doubled: u64,
    pub(super) inserted: Option<(u64, Vec<u8>)>,
}

/// How a direction of a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The reader is told that no more comes; the other direction goes on.
    Closed,
    /// Both directions are lost, with all that is under way.
    Reset,
    /// What is written is lost, and nobody is told.
    Silent,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults::none()
    }
}

impl Faults {
    /// None: everything arrives at once and as it was written, and 64 KiB may be under way.
    #[must_use]
    pub const fn none() -> Faults {
        Faults {
            delay: Duration::ZERO..=Duration::ZERO,
            apart: Duration::ZERO,
            pieces: usize::MAX..=usize::MAX,
            window_bytes: 64 * 1024,
            end: None,
            lost: 0,
            doubled: 0,
            inserted: None,
        }
    }

    /// Whatever may happen: delays up to two seconds, pieces, small windows, sometimes an end of
    /// any kind, and loss of datagrams. Of a chance that is all zeros it is [`none`](Faults::none).
    #[must_use]
    pub fn any(chance: &mut Chance) -> Faults {
        let delay = Duration::from_millis(chance.below(2_000));
        let faults = Faults::none().delayed(Duration::ZERO..=delay);
        let faults = match chance.below(4) {
            0 => faults,
            1 => faults.cut_into(1..=1),
            2 => faults.cut_into(1..=64),
            _ => faults.cut_into(1..=8).apart(Duration::from_millis(chance.below(50))),
        };
        let faults = match chance.below(2) {
            0 => faults,
            _ => faults.window(usize::try_from(chance.below(512)).unwrap_or(512)),
        };
        let end = chance.below(9);
        // Early ends are as likely as late ones.
        let most = 1 << chance.below(13);
        let faults = match end {
            6 => faults.closed_after(chance.below(most)),
            7 => faults.reset_after(chance.below(most)),
            8 => faults.silent_after(chance.below(most)),
            _ => faults,
        };
        match chance.below(3) {
            0 => faults,
            1 => faults.losing_one_in(2 + chance.below(10)),
            _ => faults.doubling_one_in(2 + chance.below(10)),
        }
    }

    /// Each piece is under way so long. Pieces of a stream stay in order; datagrams pass one
    /// another.
    #[must_use]
    pub const fn delayed(mut self, delay: RangeInclusive<Duration>) -> Faults {
        self.delay = delay;
        self
    }

    /// Pieces arrive so far apart at least. Of a stream only; with [`cut_into`](Faults::cut_into)
    /// it is a byte a second, for example.
    #[must_use]
    pub const fn apart(mut self, time: Duration) -> Faults {
        self.apart = time;
        self
    }

    /// What is written arrives in pieces of so many bytes. Of a stream only.
    #[must_use]
    pub const fn cut_into(mut self, bytes: RangeInclusive<usize>) -> Faults {
        self.pieces = bytes;
        self
    }

    /// So many bytes are under way at once at most: who does not read makes the other side wait. Of
    /// a stream only.
    #[must_use]
    pub const fn window(mut self, bytes: usize) -> Faults {
        self.window_bytes = if bytes == 0 { 1 } else { bytes };
        self
    }

    /// Behind so many bytes the reader is told that no more comes, and the rest is lost. The other
    /// direction goes on. Of a stream only.
    #[must_use]
    pub const fn closed_after(mut self, bytes: u64) -> Faults {
        self.end = Some((bytes, End::Closed));
        self
    }

    /// Behind so many bytes the connection is lost, in both directions. Of a stream only.
    #[must_use]
    pub const fn reset_after(mut self, bytes: u64) -> Faults {
        self.end = Some((bytes, End::Reset));
        self
    }

    /// Behind so many bytes nothing arrives any more, and nobody is told. Of a stream only.
    #[must_use]
    pub const fn silent_after(mut self, bytes: u64) -> Faults {
        self.end = Some((bytes, End::Silent));
        self
    }

    /// Behind so many bytes come these, which nobody on the other side has said. Of a stream only.
    #[must_use]
    pub fn inserted_after(mut self, bytes: u64, inserted: impl Into<Vec<u8>>) -> Faults {
        self.inserted = Some((bytes, inserted.into()));
        self
    }

    /// One in so many datagrams is lost.
    #[must_use]
    pub const fn losing_one_in(mut self, count: u64) -> Faults {
        self.lost = count;
        self
    }

    /// One in so many datagrams comes twice.
    #[must_use]
    pub const fn doubling_one_in(mut self, count: u64) -> Faults {
        self.doubled = count;
        self
    }
}
