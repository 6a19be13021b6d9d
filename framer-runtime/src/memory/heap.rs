//! Memory of the heap.

use super::{InputMemory, Memory, OutputMemory};
use crate::input::Input;
use crate::output::Output;
use crate::write::Out;

/// On the heap: memory follows what is received and said, up to limits.
#[derive(Clone, Copy, Debug)]
pub enum Heap {}

impl Memory for Heap {
    type Input = Input;
    type Output = Output;
}

impl InputMemory for Input {
    fn unread(&self) -> &[u8] {
        Input::unread(self)
    }

    fn consume(&mut self, count: usize) {
        Input::consume(self, count);
    }

    fn spare(&mut self) -> &mut [u8] {
        Input::spare(self)
    }

    fn spare_for(&mut self, missing: usize) -> &mut [u8] {
        Input::spare_for(self, missing)
    }

    fn filled(&mut self, count: usize) {
        Input::filled(self, count);
    }

    /// Twice as much is granted, so that moving what is unread costs no more than it was to
    /// receive.
    fn make_room_for(&mut self, frame_bytes: usize) -> bool {
        self.grant(frame_bytes.saturating_mul(2));
        true
    }

    fn peak_bytes(&self) -> usize {
        Input::peak_bytes(self)
    }

    fn receive(&mut self, bytes: &[u8]) -> usize {
        Input::receive(self, bytes)
    }
}

impl OutputMemory for Output {
    fn pending(&self) -> &[u8] {
        Output::pending(self)
    }

    fn transmitted(&mut self, count: usize) {
        Output::transmitted(self, count);
    }

    fn limit_bytes(&self) -> usize {
        Output::limit_bytes(self)
    }

    fn is_full(&self) -> bool {
        Output::is_full(self)
    }

    fn append<T>(&mut self, write: impl FnOnce(&mut Out<'_>) -> T) -> T {
        Output::append(self, write)
    }

    fn make_room_for(&mut self, _message_bytes: usize) -> bool {
        true
    }

    fn peak_bytes(&self) -> usize {
        Output::peak_bytes(self)
    }
}
