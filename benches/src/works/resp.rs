//! W5: SET commands of RESP, read 16 KiB at a time, and replies.

mod pieces;
mod replies;

pub(crate) use pieces::in_pieces;
pub(crate) use replies::replies;

use std::cell::LazyCell;

use framer_interpret::{Description, Event as Interpreted};
use framer_protocols::resp::{Command, Request, Value};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Decode;
use framer_runtime::machine::Progress;
use framer_runtime::read::Reader;
use redis_protocol::resp2::decode::decode_range;
use redis_protocol::resp2::types::RangeFrame;

use super::interpreted::{bytes_of, description, elements, field, frame, said, server};
use super::reads::{self, Buffer, READ_BYTES};
use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs;

/// The work on commands and its cases.
pub(crate) fn commands(bytes: usize) -> Group<'static> {
    let input: &'static [u8] = inputs::commands(bytes).leak();
    let resp = LazyCell::new(|| description("resp.frame"));
    Group {
        work: "W5",
        title: "RESP2 SET commands, 16 KiB a read",
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer, as a server", Kind::Ours, move || ours(input, READ_BYTES)),
            Case::new("framer, in memory", Kind::Ours, move || in_memory(input)),
            Case::new("framer, interpreted", Kind::Interpreted, move || interpreted(*resp, input)),
            Case::new("redis-protocol, ranges", Kind::Peer, move || {
                ranges(input, READ_BYTES, READ_BYTES)
            }),
            Case::new("by hand", Kind::Limit, move || by_hand(input)),
            Case::new("the reads alone", Kind::Floor, move || reads::alone(input)),
        ],
    }
}

#[inline]
fn see(tally: &mut Tally, command: &Command<'_>) {
    tally.see(command.name.data);
    for arg in command.args.iter() {
        tally.see(arg.data);
    }
    tally.frame();
}

// By its name in profiles.
#[inline(never)]
fn in_memory(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut reader = Reader::new(input);
    while !reader.is_empty() {
        let request = Request::read(&mut reader).expect("the input is right");
        let Request::Command(command) = request else { panic!("{request:?}") };
        see(&mut tally, &command);
    }
    tally
}

// By its name in profiles.
#[inline(never)]
pub(crate) fn ours(input: &[u8], read_bytes: usize) -> Tally {
    use framer_protocols::resp::server::Event;
    let mut tally = Tally::default();
    let limits = Limits { input_bytes: 4 * READ_BYTES, ..Limits::default() };
    let mut session = Connection::new(framer_protocols::resp::Server::new(), limits);
    let mut rest = input;
    while !rest.is_empty() {
        let spare = session.spare();
        let count = spare.len().min(read_bytes).min(rest.len());
        spare[..count].copy_from_slice(&rest[..count]);
        rest = &rest[count..];
        session.filled(count);
        while let Progress::Event((event, mut sender)) = session.poll().expect("the input is right")
        {
            let Event::Command(command) = event else { panic!("{event:?}") };
            see(&mut tally, &command);
            sender
                .send(Value::from(framer_protocols::resp::Simple::new(b"OK")))
                .expect("an answer");
        }
        let written = session.transmit().len();
        session.transmitted(written);
    }
    tally
}

fn interpreted(resp: &'static Description, input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let limits = Limits { input_bytes: 4 * READ_BYTES, ..Limits::default() };
    let mut session = server(resp, limits);
    let answer = said(resp, "Value", b"+OK\r\n");
    for read in input.chunks(READ_BYTES) {
        assert_eq!(session.receive(read), read.len(), "there is room");
        while let Progress::Event((event, mut sender)) = session.poll().expect("the input is right")
        {
            let Interpreted::Frame { frame: command, .. } = event else { panic!("{event:?}") };
            tally.see(bytes_of(field(frame(field(&command, "name")), "data")));
            for arg in elements(field(&command, "args")).map(frame) {
                tally.see(bytes_of(field(arg, "data")));
            }
            tally.frame();
            sender.send(&answer).expect("an answer");
        }
        let written = session.transmit().len();
        session.transmitted(written);
    }
    tally
}

/// In reads of so many bytes, of which so many may be held.
pub(crate) fn ranges(input: &[u8], read_bytes: usize, held_bytes: usize) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = Buffer::with_reads(read_bytes, input, held_bytes);
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        done = 0;
        while let Some((frame, len)) = decode_range(&read[done..]).expect("the input is right") {
            let RangeFrame::Array(items) = frame else { panic!("{frame:?}") };
            for item in items {
                let RangeFrame::BulkString((start, end)) = item else { panic!("{item:?}") };
                tally.see(&read[done + start..done + end]);
            }
            tally.frame();
            done += len;
        }
    }
    tally
}

/// A number of digits up to CR LF, and what is behind it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0;
    for (place, byte) in bytes.iter().enumerate() {
        match byte {
            b'0'..=b'9' => number = number * 10 + usize::from(byte - b'0'),
            _ => {
                let behind = bytes.get(place..place + 2)?;
                assert_eq!((behind, place > 0), (&b"\r\n"[..], true), "the input is right");
                return Some((number, &bytes[place + 2..]));
            }
        }
        assert!(place < 8, "the input is right");
    }
    None
}

pub(crate) fn by_hand(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = Buffer::new(input, READ_BYTES);
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        done = 0;
        while let Some(len) = command(&read[done..], &mut tally) {
            done += len;
        }
    }
    tally
}

fn command(read: &[u8], tally: &mut Tally) -> Option<usize> {
    let before = *tally;
    let seen = arguments(read, tally);
    if seen.is_none() {
        *tally = before;
    }
    seen
}

/// How long the command is; `None` where it is not whole, but some of it may have been seen.
pub(crate) fn arguments(read: &[u8], tally: &mut Tally) -> Option<usize> {
    let (first, rest) = read.split_first()?;
    assert_eq!(*first, b'*', "the input is right");
    let (count, mut rest) = number(rest)?;
    for _ in 0..count {
        let (first, behind) = rest.split_first()?;
        assert_eq!(*first, b'$', "the input is right");
        let (size, behind) = number(behind)?;
        let (data, behind) = behind.split_at_checked(size)?;
        let (end, behind) = behind.split_at_checked(2)?;
        assert_eq!(end, b"\r\n", "the input is right");
        tally.see(data);
        rest = behind;
    }
    tally.frame();
    Some(read.len() - rest.len())
}
