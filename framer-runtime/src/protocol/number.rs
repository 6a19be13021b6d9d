//! Variables that hold numbers: what they may be, what is asked about them, how they change.

/// How many of them a protocol may have.
pub const MAX_NUMBERS: usize = 8;

/// A variable that holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// Its name.
    pub name: &'static str,
    /// What it is at the beginning, and behind an upgrade.
    pub initial: u64,
    /// The smallest value that it may have.
    pub low: u64,
    /// The largest one.
    pub high: u64,
}

/// A question about a number. Its answer is a bit beside those of the variables that are true or
/// false, so that a [`Rule`](super::Rule) looks at it as at one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Test {
    /// The bit of the answer.
    pub bit: u32,
    /// The number, by its place in [`Protocol::numbers`](super::Protocol::numbers).
    pub number: u8,
    /// How it is compared.
    pub is: Relation,
    /// What it is compared with.
    pub to: Amount,
}

/// How two numbers are compared; the others are the opposite of one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same.
    Equal,
    /// Less.
    Less,
    /// Less or the same.
    AtMost,
}

impl Relation {
    pub(crate) fn holds(self, left: u64, right: u64) -> bool {
        match self {
            Relation::Equal => left == right,
            Relation::Less => left < right,
            Relation::AtMost => left <= right,
        }
    }
}

/// How a number changes. What would leave its range is a violation of who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It becomes so much.
    To,
    /// So much is added.
    Add,
    /// So much is taken away.
    Subtract,
}

/// How much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Always as much.
    Constant(u64),
    /// What the expression at the place in the description gives for the frame.
    Site(u8),
    /// What another number is, by its place.
    Number(u8),
}
