//! Memory of a fixed size, which the caller gives.

use super::{InputMemory, OutputMemory};
use crate::write::{Filled, Out};

/// Received bytes in memory of a fixed size.
#[derive(Debug)]
pub struct FixedInput<'b> {
    memory: &'b mut [u8],
    start: usize,
    end: usize,
    peak: usize,
}

impl<'b> FixedInput<'b> {
    /// Nothing was received yet.
    pub const fn new(memory: &'b mut [u8]) -> FixedInput<'b> {
        FixedInput { memory, start: 0, end: 0, peak: 0 }
    }
}

impl InputMemory for FixedInput<'_> {
    fn unread(&self) -> &[u8] {
        self.memory.get(self.start..self.end).unwrap_or_default()
    }

    fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
    }

    fn spare(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.end == self.memory.len() {
            self.memory.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end.saturating_sub(self.start));
        }
        self.memory.get_mut(self.end..).unwrap_or_default()
    }

    fn filled(&mut self, count: usize) {
        self.end = self.end.saturating_add(count).min(self.memory.len());
        self.peak = self.peak.max(self.end);
    }

    fn make_room_for(&mut self, frame_bytes: usize) -> bool {
        frame_bytes <= self.memory.len()
    }

    fn peak_bytes(&self) -> usize {
        self.peak
    }
}

/// Bytes to be sent in memory of a fixed size. It is full when the longest message has no room.
#[derive(Debug)]
pub struct FixedOutput<'b> {
    memory: &'b mut [u8],
    start: usize,
    filled: Filled,
    message_bytes: usize,
    peak: usize,
}

impl<'b> FixedOutput<'b> {
    /// Nothing is to be sent yet, and the longest message has so many bytes.
    pub const fn new(memory: &'b mut [u8], message_bytes: usize) -> FixedOutput<'b> {
        FixedOutput { memory, start: 0, filled: Filled::new(0), message_bytes, peak: 0 }
    }
}

impl OutputMemory for FixedOutput<'_> {
    fn pending(&self) -> &[u8] {
        self.memory.get(self.start..self.filled.bytes()).unwrap_or_default()
    }

    fn transmitted(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.filled.bytes());
        if self.start == self.filled.bytes() {
            (self.start, self.filled) = (0, Filled::default());
        }
    }

    fn limit_bytes(&self) -> usize {
        // What waits before a message, where the longest one has room behind it.
        self.memory.len().saturating_sub(self.message_bytes).saturating_add(1)
    }

    fn is_full(&self) -> bool {
        self.pending().len() >= self.limit_bytes()
    }

    fn append<T>(&mut self, write: impl FnOnce(&mut Out<'_>) -> T) -> T {
        if self.start > 0 {
            let waiting = self.pending().len();
            self.memory.copy_within(self.start..self.filled.bytes(), 0);
            (self.start, self.filled) = (0, Filled::new(waiting));
        }
        let done = write(&mut Out::fixed(self.memory, &mut self.filled));
        self.peak = self.peak.max(self.filled.bytes());
        done
    }

    fn make_room_for(&mut self, message_bytes: usize) -> bool {
        self.message_bytes = self.message_bytes.max(message_bytes);
        message_bytes <= self.memory.len()
    }

    fn peak_bytes(&self) -> usize {
        self.peak
    }
}

#[cfg(test)]
mod tests {
    use super::{FixedInput, FixedOutput, InputMemory, OutputMemory};

    #[test]
    fn what_is_unread_stays_in_order() {
        let mut memory = [0; 7];
        let mut input = FixedInput::new(&mut memory);
        let (mut sent, mut read) = (0_u8, 0_u8);
        for step in 1..1000_usize {
            let bytes = [sent, sent.wrapping_add(1), sent.wrapping_add(2), sent.wrapping_add(3)];
            let taken = input.receive(&bytes[..step % 5]);
            sent = sent.wrapping_add(u8::try_from(taken).unwrap());
            let take = input.unread().len().min(step % 4);
            for byte in &input.unread()[..take] {
                assert_eq!(*byte, read);
                read = read.wrapping_add(1);
            }
            input.consume(take);
        }
        assert_eq!(input.peak_bytes(), 7);
        assert!(input.make_room_for(7) && !input.make_room_for(8));
        let left = input.unread().len();
        assert_eq!(input.receive(&[0; 9]), 7 - left);
        assert!(input.spare().is_empty());
    }

    #[test]
    fn the_longest_message_has_room_or_it_is_full() {
        let mut memory = [0; 8];
        let mut output = FixedOutput::new(&mut memory, 5);
        for (say, full) in [(b"ab", false), (b"cd", true)] {
            output.append(|out| out.extend_from_slice(say));
            assert_eq!(output.is_full(), full);
        }
        output.transmitted(1);
        assert!(!output.is_full());
        output.append(|out| out.extend_from_slice(b"efghi"));
        assert_eq!(output.pending(), b"bcdefghi");
        assert!(output.is_full());
        output.transmitted(9);
        assert_eq!((output.pending(), output.peak_bytes()), (&b""[..], 8));
    }
}
