//! In small reads: heads of HTTP/1.1, read 64 bytes at a time, each answered.

use framer_protocols::http1::server::Event;
use framer_protocols::http1::{Response, Server};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::Progress;
use memchr::memmem;

use super::super::examined_once;
use super::{HEADS, LONG, by_hand, httparse, look, pico_since};
use crate::harness::{Case, Group, Kind, Tally};
use crate::works::reads::Buffer;

/// How many bytes a read gives.
const READ_BYTES: usize = 64;

const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// The work and its cases.
pub(crate) fn in_pieces(_: usize) -> Group<'static> {
    let input: &'static [u8] = LONG.repeat(HEADS).into_bytes().leak();
    Group {
        work: "WDh",
        title: "HTTP/1.1 heads of 12 fields, 64 bytes a read",
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer, as a server", Kind::Ours, move || ours(input)),
            Case::new("httparse", Kind::Peer, move || {
                each(input, |read, _, tally| httparse(read, tally))
            }),
            Case::new("picohttpparser", Kind::Peer, move || each(input, pico_since)),
            Case::new("by hand, from where it was", Kind::Limit, move || each(input, whole)),
        ],
    }
}

// By its name in profiles.
#[inline(never)]
fn ours(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut session = Connection::new(Server::new(), Limits::default());
    for read in input.chunks(READ_BYTES) {
        session.receive(read);
        while let Progress::Event((event, mut sender)) = session.poll().expect("the input is right")
        {
            let Event::Request(request) = event else { continue };
            look(&request, &mut tally);
            tally.frame();
            sender.send(Response::new(1, 204, b"No Content", &[])).expect("an answer");
        }
        let written = session.transmit();
        if !written.is_empty() {
            assert_eq!(written, ANSWER);
            let count = written.len();
            session.transmitted(count);
        }
    }
    examined_once(session.scanned(), input);
    tally
}

/// Gives what there is of a head, and how much of it was given before, until one is whole.
fn each(input: &[u8], parse: fn(&[u8], usize, &mut Tally) -> Option<usize>) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = Buffer::with_reads(READ_BYTES, input, LONG.len());
    let mut out = Vec::new();
    let (mut done, mut looked) = (0, 0);
    while let Some(read) = buffer.read(done) {
        done = parse(read, looked, &mut tally).unwrap_or(0);
        looked = read.len() - done;
        if done > 0 {
            // The next one is not whole: it is longer than a read.
            tally.frame();
            out.clear();
            out.extend_from_slice(ANSWER);
        }
    }
    tally
}

/// Looks for the end behind what was looked at, or within what of an end may stand there; then the
/// head is read.
fn whole(read: &[u8], looked: usize, tally: &mut Tally) -> Option<usize> {
    let from = looked.saturating_sub(3);
    let end = from + memmem::find(&read[from..], b"\r\n\r\n")? + 4;
    by_hand::head(&read[..end], tally);
    Some(end)
}
