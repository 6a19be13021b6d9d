//! How the bytes of one direction are cut, and what that goes back to.

use alloc::vec;
use alloc::vec::Vec;
use core::any::type_name;
use core::fmt;

use crate::frame::Framed;
use crate::protocol::{Cut, KindId};
use crate::violation::{EncodeError, Misuse, Rule};

/// What `Framing::bytes` is called in violations.
const BYTES: &str = "bytes";

/// What `Framing::rest` is called in violations.
const REST: &str = "rest";

/// No rules look at what is switched by hand.
const NO_KIND: KindId = KindId(0);

/// A way of cutting one direction.
#[derive(Clone, Copy)]
pub struct Framing {
    name: &'static str,
    /// The type that is written so.
    of: &'static str,
    cut: Cut,
    bytes: u64,
}

impl Framing {
    /// Frames of this type, one behind the other, until it is switched.
    #[must_use]
    pub fn of<F: Framed>() -> Framing {
        Framing { name: F::NAME, of: type_name::<F::View<'_>>(), cut: F::CUT, bytes: 0 }
    }

    /// The next `count` bytes, in parts as they come. They take no memory, however many are
    /// announced.
    #[must_use]
    pub const fn bytes(count: u64) -> Framing {
        let cut = Cut::Counted { kind: NO_KIND, tail: &[], mask: 0 };
        Framing { name: BYTES, of: BYTES, cut, bytes: count }
    }

    /// All bytes that come, in parts as they come, until it is switched or the stream ends.
    #[must_use]
    pub const fn rest() -> Framing {
        Framing { name: REST, of: REST, cut: Cut::Rest { kind: NO_KIND }, bytes: 0 }
    }

    /// The name of the frame in its description; `bytes` or `rest`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether frames of this type are cut so.
    pub(super) fn is<F: Framed>(&self) -> bool {
        self.of == type_name::<F::View<'_>>()
    }
}

impl PartialEq for Framing {
    fn eq(&self, other: &Framing) -> bool {
        (self.of, self.bytes) == (other.of, other.bytes)
    }
}

impl Eq for Framing {}

impl fmt::Debug for Framing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cut {
            Cut::Counted { .. } => write!(formatter, "Framing({BYTES} {})", self.bytes),
            _ => write!(formatter, "Framing({})", self.name),
        }
    }
}

/// The framings of one direction: the top one is in force, and what is popped uncovers the one below.
#[derive(Clone, Debug)]
pub struct Stack {
    levels: Vec<Level>,
    /// How often it was switched.
    turns: u64,
}

#[derive(Clone, Copy, Debug)]
struct Level {
    framing: Framing,
    /// How many of its bytes are still to pass.
    left: u64,
    /// They have passed, and nothing is below it.
    ended: bool,
}

impl Level {
    const fn new(framing: Framing) -> Level {
        Level { framing, left: framing.bytes, ended: false }
    }
}

impl Stack {
    /// How many framings may lie on one another.
    pub const MAX_DEPTH: usize = 64;

    pub(super) fn new(framing: Framing) -> Stack {
        Stack { levels: vec![Level::new(framing)], turns: 0 }
    }

    /// Puts `framing` into the place of the top one.
    pub fn set(&mut self, framing: Framing) {
        self.turns = self.turns.wrapping_add(1);
        self.levels.pop();
        self.levels.push(Level::new(framing));
    }

    /// Puts `framing` upon the top one, which is in force again once this is popped, or all of its
    /// bytes have passed.
    ///
    /// # Errors
    /// [`Misuse::Depth`] beyond [`Stack::MAX_DEPTH`].
    pub fn push(&mut self, framing: Framing) -> Result<(), Misuse> {
        if self.levels.len() >= Stack::MAX_DEPTH {
            return Err(Misuse::Depth { max: Stack::MAX_DEPTH });
        }
        self.turns = self.turns.wrapping_add(1);
        self.levels.push(Level::new(framing));
        Ok(())
    }

    /// Takes the top one away; `None` if it is the only one, which stays.
    pub fn pop(&mut self) -> Option<Framing> {
        if self.levels.len() < 2 {
            return None;
        }
        self.turns = self.turns.wrapping_add(1);
        self.levels.pop().map(|level| level.framing)
    }

    /// The one in force.
    #[must_use]
    pub fn current(&self) -> Framing {
        self.levels.last().map_or(Framing::rest(), |level| level.framing)
    }

    /// How many bytes of [`Framing::bytes`] are still to pass, if that is in force.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.levels.last().map_or(0, |level| level.left)
    }

    /// How many bytes are still to pass on all levels.
    pub(super) fn all_left(&self) -> u64 {
        self.levels.iter().fold(0, |left, level| left.saturating_add(level.left))
    }

    /// How many there are.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.levels.len()
    }

    pub(super) const fn turns(&self) -> u64 {
        self.turns
    }

    /// The longest frame that any of them has, in bytes.
    pub(super) fn bound(&self) -> usize {
        self.levels.iter().map(|level| level.framing.cut.bound()).max().unwrap_or(0)
    }

    /// How what comes next is cut, if anything says so.
    pub(super) fn due(&self) -> Option<Cut> {
        self.levels.last().filter(|level| !level.ended).map(|level| level.framing.cut)
    }

    /// So many bytes have passed.
    pub(super) fn passed(&mut self, bytes: u64) {
        if let Some(level) = self.levels.last_mut() {
            level.left = level.left.saturating_sub(bytes);
        }
    }

    /// All bytes have passed: what is below is in force again.
    pub(super) fn end(&mut self) {
        if self.pop().is_none()
            && let Some(level) = self.levels.last_mut()
        {
            level.ended = true;
        }
    }

    /// A frame may be said.
    ///
    /// # Errors
    /// [`Misuse::Framing`], where something else is due.
    pub(super) fn permits(&mut self, framing: Framing) -> Result<(), Misuse> {
        self.end_empty();
        match self.due() {
            Some(_) if self.current().of == framing.of => Ok(()),
            due => Err(self.other(framing.name, due)),
        }
    }

    /// So many bytes may be said, and have been.
    ///
    /// # Errors
    /// [`Misuse::Framing`], where frames are due, or [`Misuse::Encode`], if it is more than is left.
    pub(super) fn say(&mut self, bytes: u64) -> Result<(), Misuse> {
        self.end_empty();
        match self.due() {
            Some(Cut::Rest { .. }) => Ok(()),
            Some(Cut::Counted { .. }) if bytes > self.left() => {
                let rule = Rule::TooLong { max: self.left() };
                Err(Misuse::Encode(EncodeError { frame: BYTES, field: "", rule }))
            }
            Some(Cut::Counted { .. }) => {
                self.passed(bytes);
                self.end_empty();
                Ok(())
            }
            due => Err(self.other(BYTES, due)),
        }
    }

    /// Ends what has no byte left to be said.
    fn end_empty(&mut self) {
        while let Some(Cut::Counted { .. }) = self.due()
            && self.left() == 0
        {
            self.end();
        }
    }

    fn other(&self, frame: &'static str, due: Option<Cut>) -> Misuse {
        let expected = if due.is_some() { self.current().name } else { "another framing" };
        Misuse::Framing { frame, expected }
    }
}
