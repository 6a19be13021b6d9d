//! An input as a socket would give it: so many bytes a read.

use framer_runtime::cutter::{Cutter, Cutting};
use framer_runtime::frame::Framed;

use crate::harness::Tally;

/// How many bytes a read gives.
pub(crate) const READ_BYTES: usize = 16 * 1024;

/// Gives every frame that generated code cuts out of the input to `consume`.
///
/// # Panics
/// If the input breaks a rule.
#[inline]
pub(crate) fn cut<F: Framed>(input: &[u8], mut consume: impl FnMut(F::View<'_>)) {
    let mut cutter = Cutter::<F>::new(2 * READ_BYTES);
    let mut rest = input;
    while !rest.is_empty() {
        let spare = cutter.spare();
        let count = spare.len().min(rest.len()).min(READ_BYTES);
        let (read, behind) = rest.split_at(count);
        spare[..count].copy_from_slice(read);
        rest = behind;
        cutter.filled(count);
        while let Cutting::Frame(frame) = cutter.poll().expect("the input is right") {
            consume(frame);
        }
    }
    cutter.end_of_stream().expect("the input is whole");
}

/// A buffer as a program of one protocol would write it: what is left of a frame moves to the front,
/// and a read goes behind it.
pub(crate) struct Buffer<'a> {
    input: &'a [u8],
    bytes: Vec<u8>,
    filled: usize,
}

impl<'a> Buffer<'a> {
    pub(crate) fn new(input: &'a [u8], largest: usize) -> Buffer<'a> {
        Buffer { input, bytes: vec![0; largest + READ_BYTES], filled: 0 }
    }

    /// Drops what is done with and reads once; how many bytes are there, `None` at the end.
    #[inline]
    pub(crate) fn read(&mut self, done: usize) -> Option<&[u8]> {
        self.bytes.copy_within(done..self.filled, 0);
        self.filled -= done;
        let count = READ_BYTES.min(self.input.len());
        if count == 0 {
            return None;
        }
        let (read, rest) = self.input.split_at(count);
        self.bytes[self.filled..self.filled + count].copy_from_slice(read);
        self.input = rest;
        self.filled += count;
        Some(&self.bytes[..self.filled])
    }
}

/// The reads, whose bytes nobody looks at.
pub(crate) fn alone(input: &[u8]) -> Tally {
    let mut buffer = Buffer::new(input, 0);
    let mut tally = Tally::default();
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        tally.see(read);
        done = read.len();
    }
    tally
}
