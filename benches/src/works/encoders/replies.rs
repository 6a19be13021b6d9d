//! What a server of RESP says.

use framer_protocols::resp::{Array, Bulk, Integer, NullBulk, Simple, Value};
use redis_protocol::resp2::encode::encode_borrowed;
use redis_protocol::resp2::types::BorrowedFrame;

use super::{FRAMES, digits, each, group};
use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs::{self, Answer};

/// Replies with their cases.
pub(crate) fn values(_: usize) -> Group<'static> {
    let answers: &'static [Answer] = inputs::answers(FRAMES).leak();
    let values: Vec<Value<'_>> = answers.iter().map(value).collect();
    let mut group = group("E3", "encoding replies of RESP", values.leak(), answers, write);
    let frames: &'static [BorrowedFrame<'static>] =
        answers.iter().map(borrowed).collect::<Vec<_>>().leak();
    group.cases.push(Case::new("redis-protocol", Kind::Peer, move || by_peer(frames)));
    group
}

fn value(answer: &'static Answer) -> Value<'static> {
    match answer {
        Answer::Done => Simple::new(b"OK").into(),
        Answer::Number(number) => Integer::new(*number).into(),
        Answer::Bulk(data) => Bulk::new(data).into(),
        Answer::Nothing => NullBulk.into(),
        Answer::Several(all) => {
            let items: Vec<Value<'_>> = all.iter().map(|data| Bulk::new(data).into()).collect();
            Array::new(&*items.leak()).into()
        }
    }
}

fn borrowed(answer: &'static Answer) -> BorrowedFrame<'static> {
    match answer {
        Answer::Done => BorrowedFrame::SimpleString(b"OK"),
        Answer::Number(number) => BorrowedFrame::Integer(*number),
        Answer::Bulk(data) => BorrowedFrame::BulkString(data),
        Answer::Nothing => BorrowedFrame::Null,
        Answer::Several(all) => {
            let items: Vec<_> = all.iter().map(|data| BorrowedFrame::BulkString(data)).collect();
            BorrowedFrame::Array(items.leak())
        }
    }
}

fn by_peer(frames: &[BorrowedFrame<'_>]) -> Tally {
    each(frames, |frame, out| {
        // It writes to a slice, at its beginning.
        let begin = out.len();
        out.resize(begin + frame.encode_len(false), 0);
        encode_borrowed(&mut out[begin..], frame, false).expect("the frame is right");
    })
}

fn bulk(data: &[u8], out: &mut Vec<u8>) {
    assert!(data.len() <= 1 << 24, "it is short");
    out.push(b'$');
    digits(data.len() as u64, out);
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\r\n");
}

fn write(answer: &Answer, out: &mut Vec<u8>) {
    match answer {
        Answer::Done => out.extend_from_slice(b"+OK\r\n"),
        Answer::Number(number) => {
            out.push(b':');
            if *number < 0 {
                out.push(b'-');
            }
            digits(number.unsigned_abs(), out);
            out.extend_from_slice(b"\r\n");
        }
        Answer::Bulk(data) => bulk(data, out),
        Answer::Nothing => out.extend_from_slice(b"$-1\r\n"),
        Answer::Several(all) => {
            out.push(b'*');
            digits(all.len() as u64, out);
            out.extend_from_slice(b"\r\n");
            for data in all {
                bulk(data, out);
            }
        }
    }
}
