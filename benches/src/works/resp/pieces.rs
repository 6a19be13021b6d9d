//! In small reads: a reply of 1,000 strings, read 1,460 bytes at a time.

use framer_protocols::resp::client::Event;
use framer_protocols::resp::{Arg, Client, Command, Value};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::Progress;

use super::super::examined_once;
use super::{number, ranges};
use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs;
use crate::works::reads::{Buffer, Stream};

/// How many bytes a read gives: what a packet holds.
const READ_BYTES: usize = 1460;

const REPLIES: usize = 8;
const STRINGS: usize = 1000;
const STRING_BYTES: usize = 100;

/// More than one reply takes.
const LARGEST: usize = STRINGS * (STRING_BYTES + 16);

/// The work and its cases.
pub(crate) fn in_pieces(_: usize) -> Group<'static> {
    let input: &'static [u8] = inputs::arrays(REPLIES, STRINGS, STRING_BYTES).leak();
    Group {
        work: "WDr",
        title: "RESP2 replies of 1,000 strings of 100 bytes, 1,460 bytes a read",
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer, as a client", Kind::Ours, move || ours(input)),
            Case::new("redis-protocol, ranges", Kind::Peer, move || {
                ranges(input, READ_BYTES, LARGEST)
            }),
            Case::new("redis", Kind::Peer, move || by_redis(input)),
            Case::new("by hand, from where it was", Kind::Limit, move || by_hand(input)),
        ],
    }
}

// By its name in profiles.
#[inline(never)]
fn ours(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let limits = Limits { input_bytes: 2 * LARGEST, ..Limits::default() };
    let mut session = Connection::new(Client::new(), limits);
    // All are asked for at once.
    for _ in 0..REPLIES {
        session.send(Command::new(Arg::new(b"KEYS"), &[Arg::new(b"*")])).expect("a command");
    }
    let written = session.transmit().len();
    session.transmitted(written);
    for read in input.chunks(READ_BYTES) {
        session.receive(read);
        while let Progress::Event((event, _)) = session.poll().expect("the input is right") {
            let Event::Array(array) = event else { panic!("{event:?}") };
            for item in array.items.iter() {
                let Value::Bulk(bulk) = item else { panic!("{item:?}") };
                tally.see(bulk.data);
            }
            tally.frame();
        }
    }
    examined_once(session.scanned(), input);
    tally
}

fn by_redis(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut parser = redis::Parser::new();
    let mut stream = Stream::new(input, READ_BYTES);
    for _ in 0..REPLIES {
        let value = parser.parse_value(&mut stream).expect("the input is right");
        let redis::Value::Array(items) = value else { panic!("{value:?}") };
        for item in items {
            let redis::Value::BulkString(data) = item else { panic!("{item:?}") };
            tally.see(&data);
        }
        tally.frame();
    }
    tally
}

/// How far a reply has been understood.
#[derive(Default)]
struct Progressed {
    /// How many strings it has, once that is known.
    count: Option<usize>,
    /// Where those that are whole stand.
    strings: Vec<(usize, usize)>,
    /// What comes next begins here.
    at: usize,
}

impl Progressed {
    /// Goes on; whether the reply is whole.
    fn advance(&mut self, read: &[u8]) -> Option<()> {
        let count = match self.count {
            Some(count) => count,
            None => {
                let (count, rest) = number(read[self.at..].strip_prefix(b"*")?)?;
                self.at = read.len() - rest.len();
                *self.count.insert(count)
            }
        };
        while self.strings.len() < count {
            let (size, rest) = number(read[self.at..].strip_prefix(b"$")?)?;
            let begin = read.len() - rest.len();
            let (end, _) = rest.get(size..)?.split_first_chunk::<2>()?;
            assert_eq!(end, b"\r\n", "the input is right");
            self.strings.push((begin, begin + size));
            self.at = begin + size + 2;
        }
        Some(())
    }
}

fn by_hand(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = Buffer::with_reads(READ_BYTES, input, LARGEST);
    let mut reply = Progressed::default();
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        done = 0;
        if reply.advance(read).is_some() {
            for (begin, end) in reply.strings.drain(..) {
                tally.see(&read[begin..end]);
            }
            tally.frame();
            (reply.count, done) = (None, reply.at);
            reply.at = 0;
        }
    }
    tally
}
