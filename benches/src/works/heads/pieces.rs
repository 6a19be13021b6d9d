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
    let input: &'static [u8] = heads(HEADS).leak();
    Group {
        work: "WDh",
        title: "HTTP/1.1 heads of 12 fields, 64 bytes a read",
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer, as a server", Kind::Ours, move || ours(input, READ_BYTES)),
            Case::new("httparse", Kind::Peer, move || by_httparse(input, READ_BYTES)),
            Case::new("picohttpparser", Kind::Peer, move || each(input, READ_BYTES, pico_since)),
            Case::new("by hand, from where it was", Kind::Limit, move || {
                each(input, READ_BYTES, whole)
            }),
        ],
    }
}

/// So many heads, one behind the other.
pub(crate) fn heads(count: usize) -> Vec<u8> {
    LONG.repeat(count).into_bytes()
}

// By its name in profiles.
#[inline(never)]
pub(crate) fn ours(input: &[u8], read_bytes: usize) -> Tally {
    let mut tally = Tally::default();
    let mut session = Connection::new(Server::new(), Limits::default());
    for mut read in input.chunks(read_bytes) {
        while !read.is_empty() {
            read = &read[session.receive(read)..];
            while let Progress::Event((event, mut sender)) =
                session.poll().expect("the input is right")
            {
                let Event::Request(request) = event else { continue };
                look(&request, &mut tally);
                tally.frame();
                sender.send(Response::new(1, 204, b"No Content", &[])).expect("an answer");
            }
            let written = session.transmit();
            assert_eq!(written.len() % ANSWER.len(), 0);
            let count = written.len();
            session.transmitted(count);
        }
    }
    examined_once(session.scanned(), input);
    tally
}

pub(crate) fn by_httparse(input: &[u8], read_bytes: usize) -> Tally {
    each(input, read_bytes, |read, _, tally| httparse(read, tally))
}

/// Gives what there is of a head, and how much of it was given before, until one is whole.
fn each(
    input: &[u8],
    read_bytes: usize,
    parse: fn(&[u8], usize, &mut Tally) -> Option<usize>,
) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = Buffer::with_reads(read_bytes, input, LONG.len());
    let mut out = Vec::new();
    let (mut done, mut looked) = (0, 0);
    while let Some(read) = buffer.read(done) {
        done = 0;
        out.clear();
        while let Some(len) = parse(&read[done..], looked, &mut tally) {
            done += len;
            looked = 0;
            tally.frame();
            out.extend_from_slice(ANSWER);
        }
        looked = read.len() - done;
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
