//! An input as a socket would give it: so many bytes a read.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use framer_runtime::cutter::Cutter;
use framer_runtime::frame::{Framed, Owned};
use framer_runtime::violation::Violation;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::codec::Decoder;

use crate::harness::Tally;

/// How many bytes a read gives.
pub(crate) const READ_BYTES: usize = 16 * 1024;

/// Gives every frame that generated code cuts out of the input to `consume`.
///
/// # Panics
/// If the input breaks a rule.
#[inline]
pub(crate) fn cut<F: Framed>(input: &[u8], consume: impl FnMut(F::View<'_>)) {
    cut_by::<F>(READ_BYTES, input, consume);
}

/// The same of frames that borrow nothing.
///
/// # Panics
/// If the input breaks a rule.
#[inline]
pub(crate) fn cut_owned<F: Framed>(input: &[u8], mut consume: impl FnMut(Owned<F>)) {
    read_by(READ_BYTES, input, |cutter: &mut Cutter<F>| {
        cutter.each_owned(|frame| consume(frame.expect("each frame is right")))
    });
}

/// The same in reads of so many bytes; how many bytes were examined.
///
/// # Panics
/// As [`cut`].
#[inline]
pub(crate) fn cut_by<F: Framed>(
    read_bytes: usize,
    input: &[u8],
    mut consume: impl FnMut(F::View<'_>),
) -> u64 {
    read_by(read_bytes, input, |cutter: &mut Cutter<F>| {
        cutter.each(|frame| consume(frame.expect("each frame is right")))
    })
}

/// Reads the input, and has all frames cut out that are there after each read.
#[inline]
fn read_by<F: Framed>(
    read_bytes: usize,
    input: &[u8],
    mut each: impl FnMut(&mut Cutter<F>) -> Result<usize, Violation>,
) -> u64 {
    let mut cutter = Cutter::<F>::new(2 * READ_BYTES);
    let mut rest = input;
    while !rest.is_empty() {
        let spare = cutter.spare();
        let count = spare.len().min(rest.len()).min(read_bytes);
        let (read, behind) = rest.split_at(count);
        spare[..count].copy_from_slice(read);
        rest = behind;
        cutter.filled(count);
        each(&mut cutter).expect("the input is right");
    }
    cutter.end_of_stream().expect("the input is whole");
    cutter.scanned()
}

/// Gives the input to a codec of tokio-util, as its `Framed` would.
///
/// # Panics
/// If the codec refuses it.
pub(crate) fn decoded<D: Decoder>(input: &[u8], codec: D, see: impl FnMut(D::Item))
where
    D::Error: std::fmt::Debug,
{
    decoded_by(READ_BYTES, input, codec, see);
}

/// The same in reads of so many bytes.
pub(crate) fn decoded_by<D: Decoder>(
    read_bytes: usize,
    input: &[u8],
    mut codec: D,
    mut see: impl FnMut(D::Item),
) where
    D::Error: std::fmt::Debug,
{
    let mut buffer = BytesMut::with_capacity(2 * READ_BYTES);
    for read in input.chunks(read_bytes) {
        buffer.extend_from_slice(read);
        while let Some(item) = codec.decode(&mut buffer).expect("the input is right") {
            see(item);
        }
    }
    assert!(!buffer.has_remaining());
}

/// A buffer as a program of one protocol would write it: what is left of a frame moves to the front,
/// and a read goes behind it.
pub(crate) struct Buffer<'a> {
    input: &'a [u8],
    bytes: Vec<u8>,
    filled: usize,
    read_bytes: usize,
}

impl<'a> Buffer<'a> {
    pub(crate) fn new(input: &'a [u8], largest: usize) -> Buffer<'a> {
        Buffer::with_reads(READ_BYTES, input, largest)
    }

    /// The same in reads of so many bytes.
    pub(crate) fn with_reads(read_bytes: usize, input: &'a [u8], largest: usize) -> Buffer<'a> {
        Buffer { input, bytes: vec![0; largest + read_bytes], filled: 0, read_bytes }
    }

    /// Drops what is done with and reads once; how many bytes are there, `None` at the end.
    #[inline]
    pub(crate) fn read(&mut self, done: usize) -> Option<&[u8]> {
        if done > 0 {
            self.bytes.copy_within(done..self.filled, 0);
            self.filled -= done;
        }
        let count = self.read_bytes.min(self.input.len());
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

/// The input as a stream, for libraries that read by themselves: each read gives what there is room
/// for, up to so many bytes, and what is written goes nowhere.
#[derive(Debug)]
pub(crate) struct Stream<'a> {
    rest: &'a [u8],
    most: usize,
}

impl<'a> Stream<'a> {
    pub(crate) fn new(input: &'a [u8], most: usize) -> Stream<'a> {
        Stream { rest: input, most }
    }

    /// What the next read gives, where there is so much room for it.
    #[inline]
    pub(crate) fn next(&mut self, room: usize) -> &'a [u8] {
        let (read, rest) = self.rest.split_at(room.min(self.most).min(self.rest.len()));
        self.rest = rest;
        read
    }
}

impl Read for Stream<'_> {
    #[inline]
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.next(into.len());
        into[..read.len()].copy_from_slice(read);
        Ok(read.len())
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Stream<'_> {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        into.put_slice(self.next(into.remaining()));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream<'_> {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// The reads, whose bytes nobody looks at.
pub(crate) fn alone(input: &[u8]) -> Tally {
    alone_by(READ_BYTES, input)
}

/// The same in reads of so many bytes.
pub(crate) fn alone_by(read_bytes: usize, input: &[u8]) -> Tally {
    let mut buffer = Buffer::with_reads(read_bytes, input, 0);
    let mut tally = Tally::default();
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        tally.see(read);
        done = read.len();
    }
    tally
}
