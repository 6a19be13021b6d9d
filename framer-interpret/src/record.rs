//! Frames with fields.

mod bits;
mod lists;
mod literals;
mod number;
mod optional;
mod read;
mod tails;
mod text;
mod write;

pub(crate) use bits::read as read_bits;
pub(crate) use lists::{element_flag, flag_list};
pub(crate) use literals::{starts, write_literal};
pub(crate) use number::read_number;
pub(crate) use read::{pass, read};
pub(crate) use write::{Written, write};

/// A limit in bytes as the runtime counts in memory.
pub(crate) fn small(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
