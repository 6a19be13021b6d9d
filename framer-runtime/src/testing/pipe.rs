//! One direction of a simulated stream.

use core::time::Duration;
use std::collections::VecDeque;
use std::vec::Vec;

use super::chance::Chance;
use super::faults::{End, Faults};

/// Bytes under way, in order, with the time at which each piece arrives.
#[derive(Debug)]
pub(super) struct Pipe {
    faults: Faults,
    under_way: VecDeque<(Duration, Vec<u8>)>,
    /// How many bytes these are.
    bytes: usize,
    /// When the last of them arrives.
    last: Duration,
    /// How many bytes were written, without those that are lost.
    written: u64,
    end: Option<(Duration, End)>,
}

impl Pipe {
    pub(super) fn new(faults: Faults) -> Pipe {
        let mut pipe = Pipe {
            faults,
            under_way: VecDeque::new(),
            bytes: 0,
            last: Duration::ZERO,
            written: 0,
            end: None,
        };
        pipe.insert_if_due();
        pipe.end_if_due();
        pipe
    }

    /// Whether nothing more is written: what is, is lost.
    pub(super) const fn is_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Takes what there is room for; how many bytes that was.
    pub(super) fn write(&mut self, now: Duration, bytes: &[u8], chance: &mut Chance) -> usize {
        if self.is_ended() {
            return bytes.len();
        }
        let room = self.faults.window_bytes.saturating_sub(self.bytes);
        let mut rest = bytes.get(..room).unwrap_or(bytes);
        let taken = rest.len();
        while !rest.is_empty() && !self.is_ended() {
            let (piece, behind) = rest.split_at(self.piece(rest.len(), chance));
            let arrives = self.arrival(now, chance);
            self.push(arrives, piece);
            self.written = self.written.saturating_add(wide(piece.len()));
            self.insert_if_due();
            self.end_if_due();
            rest = behind;
        }
        taken
    }

    /// Puts a piece behind the last.
    fn push(&mut self, arrives: Duration, piece: &[u8]) {
        let uncut = *self.faults.pieces.start() == usize::MAX;
        match self.under_way.back_mut() {
            // What nobody cuts comes in as few pieces as it can.
            Some((same, last)) if *same == arrives && uncut => last.extend_from_slice(piece),
            _ => self.under_way.push_back((arrives, piece.to_vec())),
        }
        self.bytes = self.bytes.saturating_add(piece.len());
    }

    /// How long the next piece is.
    fn piece(&self, len: usize, chance: &mut Chance) -> usize {
        let (least, most) = (*self.faults.pieces.start(), *self.faults.pieces.end());
        let span = wide(most.saturating_sub(least)).saturating_add(1);
        // 0 is the longest: of numbers that were made up the smallest are the least trouble.
        let less = usize::try_from(chance.below(span)).unwrap_or(usize::MAX);
        let piece = most.saturating_sub(less).clamp(1, len);
        let end = self.faults.end.map(|(after, _)| after);
        let inserted = self.faults.inserted.as_ref().map(|(after, _)| *after);
        let until = end.into_iter().chain(inserted).min();
        let left = until.and_then(|until| usize::try_from(until.saturating_sub(self.written)).ok());
        left.map_or(piece, |left| piece.min(left))
    }

    fn arrival(&mut self, now: Duration, chance: &mut Chance) -> Duration {
        // The first piece has none before it.
        let apart = if self.written == 0 { Duration::ZERO } else { self.faults.apart };
        let arrives = now.saturating_add(chance.time(&self.faults.delay));
        self.last = arrives.max(self.last.saturating_add(apart));
        self.last
    }

    /// What nobody has said comes with what it stands behind.
    fn insert_if_due(&mut self) {
        if let Some((_, bytes)) = self.faults.inserted.take_if(|(after, _)| *after <= self.written)
        {
            self.push(self.last, &bytes);
        }
    }

    fn end_if_due(&mut self) {
        if let Some((after, end)) = self.faults.end
            && self.written >= after
        {
            // What came before a loss can still be read.
            let later = Duration::from_nanos(u64::from(end == End::Reset));
            self.end = Some((self.last.saturating_add(later), end));
        }
    }

    /// Nothing more is written.
    pub(super) fn close(&mut self, now: Duration, chance: &mut Chance) {
        if !self.is_ended() {
            self.end = Some((self.arrival(now, chance), End::Closed));
        }
    }

    /// What is under way is lost, and the end is there.
    pub(super) fn reset(&mut self, now: Duration) {
        self.under_way.clear();
        self.bytes = 0;
        self.end = Some((now, End::Reset));
    }

    /// A piece that has arrived.
    pub(super) fn arrived(&self, now: Duration) -> Option<&[u8]> {
        let (arrives, piece) = self.under_way.front()?;
        (*arrives <= now).then_some(piece.as_slice())
    }

    /// So many bytes of it were read.
    pub(super) fn read(&mut self, count: usize) {
        let Some((_, piece)) = self.under_way.front_mut() else { return };
        let count = count.min(piece.len());
        piece.drain(..count);
        if piece.is_empty() {
            self.under_way.pop_front();
        }
        self.bytes = self.bytes.saturating_sub(count);
    }

    /// How it has ended: in order once all that was written has been read, and by a loss at once.
    pub(super) fn ended(&self, now: Duration) -> Option<End> {
        let (_, end) = self.end.filter(|(at, _)| *at <= now)?;
        match end {
            End::Closed => self.under_way.is_empty().then_some(end),
            End::Reset => Some(end),
            End::Silent => None,
        }
    }

    /// When something arrives next, if that is later than now.
    pub(super) fn next(&self, now: Duration) -> Option<Duration> {
        let piece = self.under_way.front().map(|(arrives, _)| *arrives);
        let end = self.end.map(|(at, _)| at);
        piece.into_iter().chain(end).filter(|next| *next > now).min()
    }

    /// Whether more may be written.
    pub(super) fn has_room(&self) -> bool {
        self.is_ended() || self.bytes < self.faults.window_bytes
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
