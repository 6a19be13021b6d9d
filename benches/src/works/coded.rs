//! W7: frames in COBS and SLIP, decoded out of a stream, each into a buffer.

use framer_protocols::framers::{Cobs, Slip};
use memchr::memchr;
use serial_line_ip::Decoder;

use super::reads::{self, Buffer};
use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs;

/// COBS, 64 bytes each.
pub(crate) fn cobs_short(bytes: usize) -> Group<'static> {
    cobs("W7", "COBS frames of 64 bytes", bytes, 64)
}

/// COBS, 1 KiB each.
pub(crate) fn cobs_long(bytes: usize) -> Group<'static> {
    cobs("W7k", "COBS frames of 1 KiB", bytes, 1024)
}

fn cobs(work: &'static str, title: &'static str, bytes: usize, size: usize) -> Group<'static> {
    let input: &'static [u8] = inputs::cobs(bytes, size).leak();
    Group {
        work,
        title,
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer", Kind::Ours, move || by_cobs(input)),
            Case::new("cobs", Kind::Peer, move || by_peer(input)),
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
