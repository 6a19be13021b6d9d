//! Replies of RESP2, out of memory that holds all of them.

use std::cell::LazyCell;

use framer_interpret::{Frame, Schema, Value as Interpreted};
use framer_protocols::resp::Value;
use framer_runtime::frame::{Decode, Frame as _};
use framer_runtime::read::Reader;
use nom::IResult;
use nom::bytes::streaming::{tag, take, take_until};
use nom::character::streaming::{crlf, i64 as number};
use redis_protocol::resp2::decode::decode_range;
use redis_protocol::resp2::types::RangeFrame;

use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs;
use crate::works::interpreted::{bytes_of, elements, field, frame, schema};

/// How many replies are looked at in a run.
const REPLIES: usize = 10_000;

/// The work and its cases.
pub(crate) fn replies(_: usize) -> Group<'static> {
    let input: &'static [u8] = inputs::answered(REPLIES).leak();
    let schema = LazyCell::new(|| schema("resp.frame", "Value"));
    Group {
        work: "W5r",
        title: "RESP2 replies, in memory",
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer", Kind::Ours, move || ours(input)),
            Case::new("framer, owned", Kind::Ours, move || owned(input)),
            Case::new("framer, interpreted", Kind::Interpreted, move || {
                interpreted(*schema, input)
            }),
            Case::new("nom, a grammar", Kind::Peer, move || by_nom(input)),
            Case::new("redis-protocol, ranges", Kind::Peer, move || by_ranges(input)),
            Case::new("redis", Kind::Peer, move || by_redis(input)),
            Case::new("by hand", Kind::Limit, move || by_hand(input)),
        ],
    }
}

// By its name in profiles.
#[inline(never)]
fn ours(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut reader = Reader::new(input);
    while !reader.is_empty() {
        look(&Value::read(&mut reader).expect("the input is right"), &mut tally);
        tally.frame();
    }
    tally
}

fn look(value: &Value<'_>, tally: &mut Tally) {
    match value {
        Value::Simple(simple) => tally.see(simple.text),
        Value::Integer(integer) => tally.number(integer.value.cast_unsigned()),
        Value::Bulk(bulk) => tally.see(bulk.data),
        Value::NullBulk(_) => tally.number(0),
        Value::Array(array) => array.items.iter().for_each(|item| look(&item, tally)),
        other => panic!("the input is right, and not {other:?}"),
    }
}

fn owned(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut reader = Reader::new(input);
    while !reader.is_empty() {
        let value = Value::read(&mut reader).expect("the input is right");
        look(&value.owned().expect("it was read").view(), &mut tally);
        tally.frame();
    }
    tally
}

fn interpreted(schema: Schema, input: &[u8]) -> Tally {
    fn look(value: &Frame<'_>, tally: &mut Tally) {
        match &*value.name {
            "Simple" => tally.see(bytes_of(field(value, "text"))),
            "Integer" => match field(value, "value") {
                Interpreted::Signed(number) => tally.number(number.cast_unsigned()),
                other => panic!("the input is right, and not {other:?}"),
            },
            "Bulk" => tally.see(bytes_of(field(value, "data"))),
            "NullBulk" => tally.number(0),
            "Array" => {
                elements(field(value, "items")).for_each(|item| look(frame(item), tally));
            }
            other => panic!("the input is right, and not {other:?}"),
        }
    }
    let mut tally = Tally::default();
    let mut reader = Reader::new(input);
    while !reader.is_empty() {
        let value = schema.read(&mut reader).expect("the input is right");
        look(frame(&value), &mut tally);
        tally.frame();
    }
    tally
}

fn by_nom(input: &[u8]) -> Tally {
    fn value<'a>(input: &'a [u8], tally: &mut Tally) -> IResult<&'a [u8], ()> {
        let (input, kind) = take(1_usize)(input)?;
        match kind {
            b"+" => {
                let (input, text) = take_until("\r\n")(input)?;
                tally.see(text);
                Ok((crlf(input)?.0, ()))
            }
            b":" => {
                let (input, value) = number(input)?;
                tally.number(value.cast_unsigned());
                Ok((crlf(input)?.0, ()))
            }
            b"$" => {
                let (input, size) = number(input)?;
                let (input, _) = crlf(input)?;
                let Ok(size) = usize::try_from(size) else {
                    tally.number(0);
                    return Ok((input, ()));
                };
                let (input, data) = take(size)(input)?;
                tally.see(data);
                Ok((tag("\r\n")(input)?.0, ()))
            }
            _ => {
                let (input, count) = number(input)?;
                let (mut rest, _) = crlf(input)?;
                for _ in 0..count {
                    (rest, ()) = value(rest, tally)?;
                }
                Ok((rest, ()))
            }
        }
    }
    let mut tally = Tally::default();
    let mut rest = input;
    while !rest.is_empty() {
        (rest, ()) = value(rest, &mut tally).expect("the input is right");
        tally.frame();
    }
    tally
}

fn by_ranges(input: &[u8]) -> Tally {
    fn look(input: &[u8], frame: &RangeFrame, tally: &mut Tally) {
        match frame {
            RangeFrame::SimpleString((start, end)) | RangeFrame::BulkString((start, end)) => {
                tally.see(&input[*start..*end]);
            }
            RangeFrame::Integer(number) => tally.number(number.cast_unsigned()),
            RangeFrame::Null => tally.number(0),
            RangeFrame::Array(items) => items.iter().for_each(|item| look(input, item, tally)),
            other => panic!("the input is right, and not {other:?}"),
        }
    }
    let mut tally = Tally::default();
    let mut rest = input;
    while !rest.is_empty() {
        let decoded = decode_range(rest).expect("the input is right");
        let (frame, len) = decoded.expect("the input is whole");
        look(rest, &frame, &mut tally);
        tally.frame();
        rest = &rest[len..];
    }
    tally
}

fn by_redis(input: &[u8]) -> Tally {
    fn look(value: &redis::Value, tally: &mut Tally) {
        match value {
            redis::Value::Okay => tally.see(b"OK"),
            redis::Value::SimpleString(text) => tally.see(text.as_bytes()),
            redis::Value::Int(number) => tally.number(number.cast_unsigned()),
            redis::Value::BulkString(data) => tally.see(data),
            redis::Value::Nil => tally.number(0),
            redis::Value::Array(items) => items.iter().for_each(|item| look(item, tally)),
            other => panic!("the input is right, and not {other:?}"),
        }
    }
    let mut tally = Tally::default();
    let mut parser = redis::Parser::new();
    let mut rest = input;
    for _ in 0..REPLIES {
        look(&parser.parse_value(&mut rest).expect("the input is right"), &mut tally);
        tally.frame();
    }
    tally
}

fn by_hand(input: &[u8]) -> Tally {
    fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
        let end = memchr::memchr(b'\r', bytes).expect("the input is right");
        assert_eq!(bytes.get(end + 1), Some(&b'\n'), "the input is right");
        (&bytes[..end], &bytes[end + 2..])
    }
    fn value<'a>(bytes: &'a [u8], tally: &mut Tally) -> &'a [u8] {
        let (kind, rest) = bytes.split_first().expect("the input is right");
        match kind {
            b'+' => {
                let (text, rest) = line(rest);
                tally.see(text);
                rest
            }
            b'$' if rest.starts_with(b"-1\r\n") => {
                tally.number(0);
                &rest[4..]
            }
            b':' => {
                let (number, rest) = super::number(rest).expect("the input is right");
                tally.number(number as u64);
                rest
            }
            b'$' => {
                let (size, rest) = super::number(rest).expect("the input is right");
                let (data, rest) = rest.split_at(size);
                tally.see(data);
                rest.strip_prefix(b"\r\n").expect("the input is right")
            }
            _ => {
                let (count, mut rest) = super::number(rest).expect("the input is right");
                for _ in 0..count {
                    rest = value(rest, tally);
                }
                rest
            }
        }
    }
    let mut tally = Tally::default();
    let mut rest = input;
    while !rest.is_empty() {
        rest = value(rest, &mut tally);
        tally.frame();
    }
    tally
}
