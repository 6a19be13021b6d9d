//! Where a connection holds what was received and what is to be sent.

mod fixed;
#[cfg(feature = "alloc")]
mod heap;

use core::fmt::Debug;

pub use fixed::{FixedInput, FixedOutput};

#[cfg(feature = "alloc")]
pub use heap::Heap;

use crate::write::Out;

/// Where a connection holds what was received and what is to be sent: on the heap, or in memory
/// that is [`Fixed`].
pub trait Memory {
    /// What was received.
    type Input: InputMemory;
    /// What is to be sent.
    type Output: OutputMemory;
}

/// What a connection has where nothing else is said: without the feature `alloc`, what is there
/// from the beginning of the program to its end.
#[cfg(feature = "alloc")]
pub type Standard = Heap;

/// What a connection has where nothing else is said.
#[cfg(not(feature = "alloc"))]
pub type Standard = Fixed<'static>;

/// In memory that the caller gives, as large as the description needs it.
#[derive(Clone, Copy, Debug)]
pub struct Fixed<'b>(core::marker::PhantomData<&'b mut [u8]>);

impl<'b> Memory for Fixed<'b> {
    type Input = FixedInput<'b>;
    type Output = FixedOutput<'b>;
}

/// What was received and is not done with, in one piece.
pub trait InputMemory: Debug {
    /// The bytes that are not done with.
    fn unread(&self) -> &[u8];

    /// So many of them are done with.
    fn consume(&mut self, count: usize);

    /// Room to read into; empty when there is none.
    fn spare(&mut self) -> &mut [u8];

    /// The same where so many bytes are missing of a frame, or none if that is not known.
    fn spare_for(&mut self, missing: usize) -> &mut [u8] {
        let _ = missing;
        self.spare()
    }

    /// So many bytes of the room were read into.
    fn filled(&mut self, count: usize);

    /// A frame of so many bytes is to lie in it as a whole; whether it can.
    fn make_room_for(&mut self, frame_bytes: usize) -> bool;

    /// The most memory that was held at once, in bytes.
    fn peak_bytes(&self) -> usize;

    /// Copies in as much of `bytes` as there is room for; how much that was.
    fn receive(&mut self, bytes: &[u8]) -> usize {
        receive(self, bytes)
    }
}

/// Copies in as much of `bytes` as there is room for, as room is made.
pub(crate) fn receive(input: &mut (impl InputMemory + ?Sized), bytes: &[u8]) -> usize {
    let mut taken = 0_usize;
    while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
        let spare = input.spare();
        let count = spare.len().min(rest.len());
        let (Some(to), Some(from)) = (spare.get_mut(..count), rest.get(..count)) else {
            break;
        };
        if count == 0 {
            break;
        }
        to.copy_from_slice(from);
        input.filled(count);
        taken = taken.saturating_add(count);
    }
    taken
}

/// What is to be sent.
pub trait OutputMemory: Debug {
    /// What is to be sent next.
    fn pending(&self) -> &[u8];

    /// So many bytes of it were sent.
    fn transmitted(&mut self, count: usize);

    /// How many bytes may wait before no further message is taken.
    fn limit_bytes(&self) -> usize;

    /// Whether no further message is taken.
    fn is_full(&self) -> bool;

    /// Lets `write` append to what is to be sent.
    fn append<T>(&mut self, write: impl FnOnce(&mut Out<'_>) -> T) -> T;

    /// A message of so many bytes is to have room in it; whether it can.
    fn make_room_for(&mut self, message_bytes: usize) -> bool;

    /// The most memory that was held at once, in bytes.
    fn peak_bytes(&self) -> usize;
}
