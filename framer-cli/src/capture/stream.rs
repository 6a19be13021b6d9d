//! One direction of a TCP connection, out of its segments.

use std::collections::BTreeMap;

/// How many bytes may wait for what is missing before them.
const WAITING_BYTES: usize = 16 << 20;

/// The bytes of a direction in their order. Of bytes that come twice the first ones count.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The sequence number of the first byte, and where the next one stands.
    begin: Option<u32>,
    next: u64,
    /// Segments by the places of their first bytes.
    waiting: BTreeMap<u64, Vec<u8>>,
    waiting_bytes: usize,
    /// The place behind the last byte of all, once that is known.
    end: Option<u64>,
    /// What is missing will not come.
    given_up: bool,
}

/// What comes next in a direction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrived {
    Bytes(Vec<u8>),
    /// So many bytes are missing.
    Missing(u64),
}

impl Stream {
    /// A segment that was captured. Without a beginning the first segment is one.
    pub(super) fn segment(&mut self, sequence: u32, begins: bool, ends: bool, payload: &[u8]) {
        // The beginning takes a number of its own.
        let first = if begins { sequence.wrapping_add(1) } else { sequence };
        let begin = *self.begin.get_or_insert(first);
        let Some(place) = self.place(first.wrapping_sub(begin)) else { return };
        let behind = place.saturating_add(wide(payload.len()));
        if ends {
            self.end = self.end.or(Some(behind));
        }
        if behind <= self.next || payload.is_empty() {
            return;
        }
        let longer = |known: &Vec<u8>| known.len() < payload.len();
        if self.waiting.get(&place).is_none_or(longer) {
            let known = self.waiting.insert(place, payload.to_vec());
            self.waiting_bytes += payload.len();
            self.waiting_bytes -= known.map_or(0, |known| known.len());
        }
    }

    /// The place of a number that counts from the first byte: the one nearest to what comes next.
    fn place(&self, number: u32) -> Option<u64> {
        const ROUND: u64 = 1 << 32;
        let round = self.next & !(ROUND - 1);
        let near = round + u64::from(number);
        let candidates = [near.checked_sub(ROUND), Some(near), near.checked_add(ROUND)];
        candidates.into_iter().flatten().min_by_key(|place| place.abs_diff(self.next))
    }

    /// What comes next, if it is there.
    pub(super) fn next(&mut self) -> Option<Arrived> {
        loop {
            let (place, bytes) = self.waiting.pop_first()?;
            let missing = place.saturating_sub(self.next);
            if missing > 0 {
                let overflows = self.waiting_bytes > WAITING_BYTES;
                self.waiting.insert(place, bytes);
                if !self.given_up && !overflows {
                    return None;
                }
                self.next = place;
                return Some(Arrived::Missing(missing));
            }
            self.waiting_bytes -= bytes.len();
            let known = usize::try_from(self.next - place).unwrap_or(usize::MAX);
            if let Some(new) = bytes.get(known..).filter(|new| !new.is_empty()) {
                self.next += wide(new.len());
                return Some(Arrived::Bytes(new.to_vec()));
            }
        }
    }

    /// Nothing more was captured of it.
    pub(super) fn give_up(&mut self) {
        self.given_up = true;
    }

    /// All of it has come, and was given.
    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some_and(|end| self.next >= end)
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Arrived, Stream};

    /// What comes of segments, by the places of their first bytes behind a beginning at `begin`.
    fn whole(begin: u32, segments: &[(u32, &[u8])]) -> Vec<Arrived> {
        let mut stream = Stream::default();
        stream.segment(begin, true, false, b"");
        let mut arrived = Vec::new();
        for (place, bytes) in segments {
            stream.segment(begin.wrapping_add(1).wrapping_add(*place), false, false, bytes);
            arrived.extend(std::iter::from_fn(|| stream.next()));
        }
        stream.give_up();
        arrived.extend(std::iter::from_fn(|| stream.next()));
        arrived
    }

    fn bytes(bytes: &[u8]) -> Arrived {
        Arrived::Bytes(bytes.to_vec())
    }

    #[test]
    fn segments_are_put_in_order() {
        let ordered = [bytes(b"ab"), bytes(b"cd"), bytes(b"ef")];
        assert_eq!(whole(7, &[(0, b"ab"), (4, b"ef"), (2, b"cd")]), ordered);
        // Where the numbers begin again from 0, too.
        assert_eq!(whole(u32::MAX - 3, &[(0, b"ab"), (4, b"ef"), (2, b"cd")]), ordered);
        assert_eq!(whole(u32::MAX, &[(2, b"cd"), (4, b"ef"), (0, b"ab")]), ordered);
    }

    #[test]
    fn what_comes_twice_counts_once() {
        let said = [bytes(b"abc"), bytes(b"de")];
        assert_eq!(whole(0, &[(0, b"abc"), (0, b"abc"), (1, b"XXde")]), said);
        assert_eq!(whole(0, &[(0, b"abc"), (1, b"X"), (2, b"Xde"), (3, b"de")]), said);
        let said = [bytes(b"a"), bytes(b"bcd")];
        assert_eq!(whole(0, &[(1, b"b"), (1, b"bcd"), (2, b"X"), (0, b"a")]), said);
    }

    #[test]
    fn what_is_missing_is_told() {
        let said = [bytes(b"ab"), Arrived::Missing(3), bytes(b"fg")];
        assert_eq!(whole(1, &[(0, b"ab"), (5, b"fg")]), said);
    }

    #[test]
    fn a_direction_ends_behind_its_last_byte() {
        let mut stream = Stream::default();
        stream.segment(10, true, false, b"");
        stream.segment(13, false, true, b"cd");
        assert_eq!(stream.next(), None);
        assert!(!stream.has_ended());
        stream.segment(11, false, false, b"ab");
        assert_eq!((stream.next(), stream.next()), (Some(bytes(b"ab")), Some(bytes(b"cd"))));
        assert!(stream.has_ended());
    }
}
