//! In small reads: lines of 4 KiB, read 64 bytes at a time.

use framer_protocols::framers::CrlfLine;
use memchr::memchr;

use super::super::examined_once;
use super::{LONGEST, lines_codec, see, winnow};
use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs;
use crate::works::reads::{self, Buffer};

/// How many bytes a read gives.
const READ_BYTES: usize = 64;

/// How many bytes a line has, without its end.
const LINE_BYTES: usize = 4096;

/// How long the input is: some peers look at each line 64 times.
const INPUT_BYTES: usize = 1 << 20;

/// The work and its cases.
pub(crate) fn in_pieces(_: usize) -> Group<'static> {
    let input: &'static [u8] = inputs::long_lines(INPUT_BYTES, LINE_BYTES).leak();
    Group {
        work: "WDl",
        title: "CR LF lines of 4 KiB, 64 bytes a read",
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer, borrowed", Kind::Ours, move || borrowed(input, READ_BYTES)),
            Case::new("winnow Partial", Kind::Peer, move || winnow(input, READ_BYTES)),
            Case::new("tokio-util LinesCodec", Kind::Peer, move || lines_codec(input, READ_BYTES)),
            Case::new("memchr, from where it was", Kind::Limit, move || by_hand(input, READ_BYTES)),
            Case::new("the reads alone", Kind::Floor, move || reads::alone_by(READ_BYTES, input)),
        ],
    }
}

// By its name in profiles.
#[inline(never)]
pub(crate) fn borrowed(input: &[u8], read_bytes: usize) -> Tally {
    let mut tally = Tally::default();
    let examined = reads::cut_by::<CrlfLine<'_>>(read_bytes, input, |line| {
        see(&mut tally, line.text);
    });
    examined_once(examined, input);
    tally
}

pub(crate) fn by_hand(input: &[u8], read_bytes: usize) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = Buffer::with_reads(read_bytes, input, LONGEST);
    let (mut done, mut looked) = (0, 0);
    while let Some(read) = buffer.read(done) {
        done = 0;
        while let Some(found) = memchr(b'\r', &read[looked..]) {
            let end = looked + found;
            match read.get(end + 1) {
                Some(b'\n') => see(&mut tally, &read[done..end]),
                Some(_) => panic!("the input is right"),
                None => {
                    looked = end;
                    break;
                }
            }
            done = end + 2;
            looked = done;
        }
        if read.get(looked) != Some(&b'\r') {
            looked = read.len();
        }
        looked -= done;
    }
    tally
}
