//! W7: frames in COBS and SLIP, decoded out of a stream, each into a buffer.

use framer_protocols::framers::{Cobs, Slip};
use memchr::memchr;
use postcard::accumulator::{CobsAccumulator, FeedResult};
use serde::Deserialize;
use serial_line_ip::Decoder;

use super::reads::{self, Buffer};
use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs;

/// COBS, 64 bytes each.
pub(crate) fn cobs_short(bytes: usize) -> Group<'static> {
    cobs("W7", "COBS frames of 64 bytes", bytes, 64, accumulated::<2>)
}

/// COBS, 1 KiB each.
pub(crate) fn cobs_long(bytes: usize) -> Group<'static> {
    cobs("W7k", "COBS frames of 1 KiB", bytes, 1024, accumulated::<32>)
}

fn cobs(
    work: &'static str,
    title: &'static str,
    bytes: usize,
    size: usize,
    accumulated: fn(&[u8]) -> Tally,
) -> Group<'static> {
    let input: &'static [u8] = inputs::cobs(bytes, size).leak();
    Group {
        work,
        title,
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer", Kind::Ours, move || by_cobs(input)),
            Case::new("cobs", Kind::Peer, move || by_peer(input)),
            Case::new("postcard's accumulator", Kind::Peer, move || accumulated(input)),
            Case::new("by hand", Kind::Limit, move || frames(input, 0, cobs_by_hand)),
            Case::new("the reads alone", Kind::Floor, move || reads::alone(input)),
        ],
    }
}

/// SLIP, 64 bytes each.
pub(crate) fn slip(bytes: usize) -> Group<'static> {
    let input: &'static [u8] = inputs::slip(bytes, 64).leak();
    Group {
        work: "W7s",
        title: "SLIP frames of 64 bytes",
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer", Kind::Ours, move || by_slip(input)),
            Case::new("serial-line-ip", Kind::Peer, move || by_serial_line(input)),
            Case::new("by hand", Kind::Limit, move || frames(input, 0xc0, slip_by_hand)),
            Case::new("the reads alone", Kind::Floor, move || reads::alone(input)),
        ],
    }
}

fn see(tally: &mut Tally, data: &[u8]) {
    tally.see(data);
    tally.frame();
}

// By its name in profiles.
#[inline(never)]
fn by_cobs(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut out = [0; 2048];
    reads::cut::<Cobs<'_>>(input, |frame| {
        see(&mut tally, frame.data.copy_to(&mut out).expect("there is room"));
    });
    tally
}

// By its name in profiles.
#[inline(never)]
fn by_slip(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut out = [0; 2048];
    reads::cut::<Slip<'_>>(input, |frame| {
        see(&mut tally, frame.data.copy_to(&mut out).expect("there is room"));
    });
    tally
}

fn by_peer(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut out = [0; 2048];
    let mut buffer = Buffer::new(input, 2048);
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        done = 0;
        while let Some(end) = memchr(0, &read[done..]) {
            let report = cobs::decode(&read[done..done + end], &mut out).expect("it is right");
            see(&mut tally, &out[..report.frame_size()]);
            done += end + 1;
        }
    }
    tally
}

/// So many times 32 bytes, which serde makes a value of.
fn accumulated<const TIMES: usize>(input: &[u8]) -> Tally
where
    [[u8; 32]; TIMES]: for<'de> Deserialize<'de>,
{
    let mut tally = Tally::default();
    let mut frames = CobsAccumulator::<2048>::new();
    let mut buffer = Buffer::new(input, 0);
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        done = read.len();
        let mut rest = read;
        while let FeedResult::Success { data, remaining } = frames.feed::<[[u8; 32]; TIMES]>(rest) {
            see(&mut tally, data.as_flattened());
            rest = remaining;
        }
    }
    tally
}

fn by_serial_line(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = Buffer::new(input, 2048);
    let mut done = 0;
    let mut out = [0; 2048];
    while let Some(read) = buffer.read(done) {
        done = 0;
        while let Some(end) = memchr(0xc0, &read[done..]) {
            let mut decoder = Decoder::new();
            // It wants an end before the first byte, too.
            decoder.decode(&[0xc0], &mut []).expect("it is right");
            let frame = &read[done..done + end + 1];
            let (_, data, ended) = decoder.decode(frame, &mut out).expect("it is right");
            assert!(ended, "the input is right");
            see(&mut tally, data);
            done += end + 1;
        }
    }
    tally
}

/// Every frame up to a byte, decoded into a buffer.
#[inline]
fn frames(input: &[u8], end: u8, decode: fn(&[u8], &mut [u8; 2048]) -> usize) -> Tally {
    let mut tally = Tally::default();
    let mut out = [0; 2048];
    let mut buffer = Buffer::new(input, 2048);
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        done = 0;
        while let Some(len) = memchr(end, &read[done..]) {
            let count = decode(&read[done..done + len], &mut out);
            see(&mut tally, &out[..count]);
            done += len + 1;
        }
    }
    tally
}

fn cobs_by_hand(mut bytes: &[u8], out: &mut [u8; 2048]) -> usize {
    let mut count = 0;
    while let Some((code, rest)) = bytes.split_first() {
        let (block, behind) = rest.split_at(usize::from(*code) - 1);
        out[count..count + block.len()].copy_from_slice(block);
        count += block.len();
        if *code < 0xff && !behind.is_empty() {
            out[count] = 0;
            count += 1;
        }
        bytes = behind;
    }
    count
}

fn slip_by_hand(mut bytes: &[u8], out: &mut [u8; 2048]) -> usize {
    let mut count = 0;
    while let Some(run) = memchr(0xdb, bytes) {
        out[count..count + run].copy_from_slice(&bytes[..run]);
        count += run;
        out[count] = match bytes[run + 1] {
            0xdc => 0xc0,
            0xdd => 0xdb,
            other => panic!("the input is right, and not {other}"),
        };
        count += 1;
        bytes = &bytes[run + 2..];
    }
    out[count..count + bytes.len()].copy_from_slice(bytes);
    count + bytes.len()
}
