//! Bytes received and not yet done with.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::memory;

/// The smallest room to read into, and what an idle connection holds, in bytes.
const LEAST_BYTES: usize = 1024;

/// The largest room to read into where no frame asks for more, in bytes: as much as the system
/// gives at once, as a rule.
const MOST_BYTES: usize = 64 * 1024;

/// Received bytes in one piece, with a hard limit.
///
/// Memory follows what was received: the buffer grows while reads fill it, and shrinks while
/// they do not.
///
/// ```
/// use framer_runtime::input::Input;
///
/// let mut input = Input::new(4096);
/// input.receive(b"one\ntwo\n");
/// let line = &input.unread()[..3];
/// assert_eq!(line, b"one");
/// input.consume(4);
/// assert_eq!(input.unread(), b"two\n");
/// ```
///
/// What was borrowed is in use as long as it is looked at: consuming it before is no Rust.
///
/// ```compile_fail,E0502
/// # use framer_runtime::input::Input;
/// # let mut input = Input::new(4096);
/// let line = &input.unread()[..3];
/// input.consume(4);
/// assert_eq!(line, b"one");
/// ```
#[derive(Clone, Debug)]
pub struct Input {
    /// Nothing where nothing has come yet, or nothing is expected for a while.
    held: Option<Box<Held>>,
    limit: usize,
    peak: usize,
}

/// Bytes, and the room around them.
#[derive(Clone, Debug)]
struct Held {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// How large the buffer is to be when it is empty next.
    wanted: usize,
    /// How much was done with at once: it is as large then, too, since the next frame may be.
    taken: usize,
}

impl Input {
    /// An empty input of at most `limit_bytes`, without memory yet.
    #[must_use]
    pub const fn new(limit_bytes: usize) -> Input {
        let limit = if limit_bytes > LEAST_BYTES { limit_bytes } else { LEAST_BYTES };
        Input { held: None, limit, peak: 0 }
    }

    /// The bytes that are not done with.
    #[must_use]
    pub fn unread(&self) -> &[u8] {
        let held = self.held.as_deref();
        held.and_then(|held| held.buffer.get(held.start..held.end)).unwrap_or_default()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.as_deref().map_or(0, Held::len)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most memory that was held at once, in bytes.
    #[must_use]
    pub const fn peak_bytes(&self) -> usize {
        self.peak
    }

    /// Grants at least so many bytes.
    pub(crate) fn grant(&mut self, limit_bytes: usize) {
        self.limit = self.limit.max(limit_bytes);
    }

    /// How many bytes it may take, at most.
    #[cfg(feature = "tokio")]
    pub(crate) fn free_bytes(&self) -> usize {
        self.limit.saturating_sub(self.len())
    }

    /// Whether it holds no memory.
    #[cfg(feature = "tokio")]
    pub(crate) const fn rests(&self) -> bool {
        self.held.is_none()
    }

    /// Nothing comes for a while: gives its memory back, if all of it was read.
    #[cfg(feature = "tokio")]
    pub(crate) fn rest(&mut self) {
        if self.is_empty() {
            self.held = None;
        }
    }

    /// Room to read into; empty when the limit is reached.
    pub fn spare(&mut self) -> &mut [u8] {
        self.spare_for(0)
    }

    /// The same where so many bytes are missing of a frame, or none if that is not known: then there
    /// is room for them as soon as as much has come.
    pub(crate) fn spare_for(&mut self, missing: usize) -> &mut [u8] {
        let limit = self.limit;
        let held = self.held.get_or_insert_with(Held::new);
        held.make_room(limit, missing);
        self.peak = self.peak.max(held.buffer.capacity());
        held.room()
    }

    /// So many bytes of [`Input::spare`] were read into.
    pub fn filled(&mut self, count: usize) {
        let limit = self.limit;
        if let Some(held) = &mut self.held {
            held.filled(count, limit);
        }
    }

    /// Copies in as much of `bytes` as there is room for; how much that was.
    pub fn receive(&mut self, bytes: &[u8]) -> usize {
        if bytes.is_empty() {
            return 0;
        }
        let wanted = bytes.len().min(self.limit);
        let held = self.held.get_or_insert_with(Held::new);
        held.wanted = held.wanted.max(wanted);
        memory::receive(self, bytes)
    }

    /// So many of the unread bytes are done with.
    pub fn consume(&mut self, count: usize) {
        if let Some(held) = &mut self.held {
            held.consume(count);
        }
    }
}

impl Held {
    fn new() -> Box<Held> {
        Box::new(Held { buffer: Vec::new(), start: 0, end: 0, wanted: LEAST_BYTES, taken: 0 })
    }

    const fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    fn room(&mut self) -> &mut [u8] {
        self.buffer.get_mut(self.end..).unwrap_or_default()
    }

    fn filled(&mut self, count: usize, limit: usize) {
        let room = self.buffer.len().saturating_sub(self.end);
        let count = count.min(room);
        self.end = self.end.saturating_add(count);
        if count == room {
            // There was more to read than there was room; a frame that is larger makes its own.
            let twice = self.buffer.len().saturating_mul(2).min(MOST_BYTES);
            self.wanted = self.wanted.max(twice).min(limit);
        } else if count < room / 4 {
            self.wanted = (self.wanted / 2).max(LEAST_BYTES);
        }
    }

    fn consume(&mut self, count: usize) {
        if count > 0 {
            self.taken = count;
        }
        self.start = self.start.saturating_add(count).min(self.end);
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    #[inline]
    fn make_room(&mut self, limit: usize, missing: usize) {
        let room = self.buffer.len().saturating_sub(self.end);
        if self.len() == 0 || room < missing.max(1) {
            self.make_more_room(limit, missing);
        }
    }

    fn make_more_room(&mut self, limit: usize, missing: usize) {
        if self.len() == 0 {
            let size = self.wanted.max(self.taken);
            if self.buffer.len() > size {
                self.buffer = Vec::new();
            }
            self.resize(size);
        }
        // What is moved is at most what was consumed before it: in total no more than what was
        // received.
        let room = self.buffer.len().saturating_sub(self.end);
        let full = room == 0 && self.buffer.len() >= limit;
        if self.start > 0 && room < missing.max(1) && (full || self.start >= self.len()) {
            self.move_unread();
        } else if room == 0 && !full {
            // No more than has come already. A read that ends with the frame leaves nothing behind it
            // that would have to be moved.
            let twice = self.buffer.len().saturating_mul(2);
            let whole = self.end.saturating_add(missing);
            let size = if missing > 0 { whole.min(twice) } else { twice };
            self.resize(size.min(limit));
        }
    }

    /// Moves what is unread to the beginning, of a larger buffer if reads have filled this one.
    fn move_unread(&mut self) {
        let len = self.len();
        if self.wanted > self.buffer.len() {
            let mut buffer = Vec::with_capacity(self.wanted);
            buffer.extend_from_slice(self.buffer.get(self.start..self.end).unwrap_or_default());
            self.buffer = buffer;
        } else {
            self.buffer.copy_within(self.start..self.end, 0);
        }
        (self.start, self.end) = (0, len);
        self.resize(self.wanted.max(self.buffer.len()));
    }

    fn resize(&mut self, len: usize) {
        let len = len.max(self.end);
        self.buffer.reserve_exact(len.saturating_sub(self.buffer.len()));
        self.buffer.resize(len, 0);
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Input, LEAST_BYTES, MOST_BYTES};

    #[test]
    fn memory_follows_what_is_received() {
        let mut input = Input::new(64 * 1024);
        assert_eq!(input.peak_bytes(), 0);
        assert_eq!(input.receive(b"HELO\r\n"), 6);
        assert_eq!((input.unread(), input.peak_bytes()), (&b"HELO\r\n"[..], LEAST_BYTES));
        assert_eq!(input.receive(&[b'x'; 100_000]), 64 * 1024 - 6);
        assert!(input.spare().is_empty());
        assert_eq!(input.peak_bytes(), 64 * 1024);
        input.consume(64 * 1024);
        for _ in 0..10 {
            input.receive(b"NOOP\r\n");
            input.consume(6);
        }
        assert_eq!(input.spare().len(), LEAST_BYTES);
        assert_eq!(input.held.map(|held| held.buffer.capacity()), Some(LEAST_BYTES));
    }

    /// How much room there is to read into when so many bytes of it were filled and consumed.
    fn room_after(input: &mut Input, filled: &[usize]) -> usize {
        for count in filled {
            input.spare();
            input.filled(*count);
            input.consume(*count);
        }
        input.spare().len()
    }

    #[test]
    fn room_follows_what_is_filled() {
        let mut input = Input::new(1 << 20);
        assert_eq!(room_after(&mut input, &[]), 1024);
        assert_eq!(room_after(&mut input, &[1023]), 1024);
        assert_eq!(room_after(&mut input, &[1024]), 2048);
        assert_eq!(room_after(&mut input, &[2048]), 4096);
        // A quarter is enough to keep it.
        assert_eq!(room_after(&mut input, &[1024]), 4096);
        assert_eq!(room_after(&mut input, &[1023]), 2048);
        let held = input.held.as_ref().map(|held| held.buffer.capacity());
        assert_eq!(held, Some(2048), "what is more is given back at once");
        assert_eq!(room_after(&mut input, &[511, 0, 0]), 1024);
        // It grows to 64 KiB, where no frame asks for more.
        let full: [usize; 10] = core::array::from_fn(|place| (1024 << place).min(64 * 1024));
        assert_eq!(room_after(&mut input, &full), 64 * 1024);
        assert_eq!(input.peak_bytes(), 64 * 1024);
    }

    /// What is moved is no more than what was consumed before it.
    #[test]
    fn what_is_left_is_moved_late() {
        let mut input = Input::new(4096);
        input.receive(&[b'x'; 1024]);
        input.consume(511);
        assert_eq!(input.spare().len(), 1024, "it grows, and nothing is moved");
        assert_eq!(input.held.as_ref().map(|held| held.start), Some(511));
        input.filled(1024);
        input.consume(769);
        input.spare();
        assert_eq!(input.held.as_ref().map(|held| held.start), Some(0), "less of it is left");
    }

    /// As much as was consumed at once is there again, though nothing is consumed behind it.
    #[test]
    fn what_was_consumed_at_once_is_remembered() {
        let (mut input, size) = (Input::new(1 << 20), 65_540);
        while input.len() < size {
            let missing = size - input.len();
            let room = input.spare_for(missing).len();
            input.filled(room.min(missing));
        }
        input.consume(size);
        input.consume(0);
        assert_eq!(input.spare().len(), size);
    }

    /// What is read of a frame whose length is known lies where it is read to, and stays there.
    #[test]
    fn frames_of_a_known_length_are_read_into_their_place() {
        let mut input = Input::new(1 << 20);
        let size = 65_540;
        for round in 0..5 {
            let mut read = Vec::new();
            while input.len() < size {
                let missing = if input.len() < 4 { 0 } else { size - input.len() };
                let room = input.spare_for(missing).len();
                assert!(room <= input.len().max(size), "memory follows what has come");
                let count = room.min(100_000);
                read.push(count);
                input.filled(count);
            }
            assert_eq!(input.len(), size, "nothing behind it was read");
            if round > 0 {
                assert_eq!(read, [size]);
            }
            input.consume(size);
        }
        assert_eq!(input.peak_bytes(), size);
        // What is left of another one is moved before its rest comes, rather than read in two parts.
        assert_eq!(input.spare_for(0).len(), size);
        input.filled(size - 10);
        input.consume(60_000);
        assert_eq!(input.spare_for(3).len(), 10);
        assert_eq!(input.spare_for(9000).len(), 60_010);
        // As large frames do not come any more, there is less room.
        input.consume(size);
        for _ in 0..10 {
            input.receive(b"NOOP\r\n");
            input.consume(6);
        }
        assert_eq!(input.spare().len(), LEAST_BYTES);
    }

    #[test]
    fn room_grows_though_a_part_of_a_frame_is_always_left() {
        let mut input = Input::new(1 << 20);
        let mut rooms = Vec::new();
        for _ in 0..9 {
            let room = input.spare().len();
            rooms.push(room);
            input.filled(room);
            // Whole frames of 36 bytes.
            input.consume(input.len() / 36 * 36);
            assert!(!input.is_empty(), "a part of one is left");
        }
        assert_eq!(rooms.first(), Some(&LEAST_BYTES));
        assert!(rooms.iter().all(|room| *room <= MOST_BYTES));
        assert!(rooms.last().is_some_and(|room| *room > MOST_BYTES - 36), "{rooms:?}");
    }

    #[test]
    fn what_is_unread_is_moved_when_it_is_the_smaller_part() {
        let mut input = Input::new(4096);
        input.receive(&[b'x'; 1024]);
        input.consume(511);
        assert_eq!(input.spare().len(), 1024, "513 of 1024 are left, and it grows");
        let mut input = Input::new(4096);
        input.receive(&[b'x'; 1024]);
        input.consume(512);
        assert_eq!(
            input.spare().len(),
            1536,
            "512 of 1024 are left, and moved to 2048 that a read may fill"
        );
    }

    #[test]
    fn limits_are_granted_and_memory_is_given_back() {
        let mut input = Input::new(2048);
        input.grant(1000);
        assert_eq!(input.receive(&[b'x'; 5000]), 2048);
        input.grant(4000);
        assert_eq!(input.receive(&[b'x'; 5000]), 4000 - 2048);
        input.consume(3000);
        assert_eq!(input.len(), 1000);
    }

    #[cfg(feature = "tokio")]
    #[test]
    fn an_input_that_rests_holds_nothing() {
        let mut input = Input::new(2048);
        assert!(input.rests());
        assert_eq!(input.free_bytes(), 2048);
        input.receive(b"line\n");
        assert_eq!(input.free_bytes(), 2043);
        input.rest();
        assert!(!input.rests(), "something is unread");
        input.consume(5);
        assert!(!input.rests());
        input.rest();
        assert!(input.rests());
    }

    #[test]
    fn a_high_limit_alone_takes_no_memory() {
        let mut input = Input::new(128 * 1024 * 1024);
        for round in 0..1000 {
            input.receive(&[b'x'; 16 * 1024]);
            // The beginning of a frame is left as a rule, and sometimes nothing.
            let left = if round % 50 == 0 { 0 } else { 40 };
            input.consume(input.len() - left);
        }
        assert!(input.peak_bytes() <= 64 * 1024, "{}", input.peak_bytes());
        // A frame that is larger has its room.
        assert_eq!(input.receive(&[b'x'; 1_000_000]), 1_000_000);
        assert!(input.peak_bytes() <= 2 * 1024 * 1024, "{}", input.peak_bytes());
    }

    #[test]
    fn what_is_unread_stays_in_order() {
        let mut input = Input::new(2048);
        let (mut sent, mut read) = (0_u64, 0_u64);
        for step in 1..4000_usize {
            let bytes: Vec<u8> = (sent..).take(step % 97).map(|n| n.to_le_bytes()[0]).collect();
            sent += u64::try_from(input.receive(&bytes)).unwrap();
            let take = input.len().min(step % 89);
            for byte in &input.unread()[..take] {
                assert_eq!(*byte, read.to_le_bytes()[0]);
                read += 1;
            }
            input.consume(take);
        }
        assert!(read > 100_000, "{read}");
        assert!(input.peak_bytes() <= 2048);
    }
}
