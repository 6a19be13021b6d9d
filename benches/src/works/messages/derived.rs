//! The same messages as types of binrw and deku, which derive what reads them.

use std::io::Cursor;

use binrw::helpers::{until, until_exclusive};
use binrw::{BinRead, binread};
use deku::{DekuContainerRead, DekuRead};

use crate::harness::Tally;

#[derive(BinRead)]
#[br(big)]
#[expect(dead_code, reason = "what follows from others, or is the same in all, nobody looks at")]
struct QueryOfBinrw {
    id: u16,
    flags: u16,
    count: u16,
    /// Answers, authorities and additionals.
    #[br(assert(others == [0; 3]))]
    others: [u16; 3],
    #[br(count = count)]
    questions: Vec<QuestionOfBinrw>,
}

#[derive(BinRead)]
#[br(big)]
#[expect(dead_code, reason = "what follows from others, or is the same in all, nobody looks at")]
struct QuestionOfBinrw {
    #[br(parse_with = until_exclusive(|label: &LabelOfBinrw| label.text.is_empty()))]
    labels: Vec<LabelOfBinrw>,
    kind: u16,
    class: u16,
}

#[binread]
struct LabelOfBinrw {
    #[br(temp, assert(size < 64))]
    size: u8,
    #[br(count = size)]
    text: Vec<u8>,
}

pub(super) fn query_of_binrw(bytes: &[u8], tally: &mut Tally) {
    let query = QueryOfBinrw::read(&mut Cursor::new(bytes)).expect("the query is right");
    tally.number(query.id.into());
    for question in &query.questions {
        for label in &question.labels {
            tally.see(&label.text);
        }
        tally.number(question.kind.into());
    }
}

#[derive(DekuRead)]
#[expect(dead_code, reason = "what follows from others, or is the same in all, nobody looks at")]
struct QueryOfDeku {
    #[deku(endian = "big")]
    id: u16,
    #[deku(endian = "big")]
    flags: u16,
    #[deku(endian = "big")]
    count: u16,
    #[deku(endian = "big", assert_eq = "[0; 3]")]
    others: [u16; 3],
    #[deku(count = "count")]
    questions: Vec<QuestionOfDeku>,
}

#[derive(DekuRead)]
#[expect(dead_code, reason = "what follows from others, or is the same in all, nobody looks at")]
struct QuestionOfDeku {
    #[deku(until = "|label: &LabelOfDeku| label.text.is_empty()")]
    labels: Vec<LabelOfDeku>,
    #[deku(endian = "big")]
    kind: u16,
    #[deku(endian = "big")]
    class: u16,
}

#[derive(DekuRead)]
#[expect(dead_code, reason = "what follows from others, or is the same in all, nobody looks at")]
struct LabelOfDeku {
    #[deku(assert = "*size < 64")]
    size: u8,
    #[deku(count = "size")]
    text: Vec<u8>,
}

pub(super) fn query_of_deku(bytes: &[u8], tally: &mut Tally) {
    let (_, query) = QueryOfDeku::from_bytes((bytes, 0)).expect("the query is right");
    look_at_query_of_deku(query.id, &query.questions, tally);
}

fn look_at_query_of_deku(id: u16, questions: &[QuestionOfDeku], tally: &mut Tally) {
    tally.number(id.into());
    for question in questions {
        let (_, labels) = question.labels.split_last().expect("the last one is empty");
        for label in labels {
            tally.see(&label.text);
        }
        tally.number(question.kind.into());
    }
}

/// The same with each flag as a field.
#[derive(DekuRead)]
#[expect(dead_code, reason = "what follows from others, or is the same in all, nobody looks at")]
struct QueryOfDekuInBits {
    #[deku(endian = "big")]
    id: u16,
    #[deku(bits = 1)]
    response: bool,
    #[deku(bits = 4)]
    opcode: u8,
    #[deku(bits = 1)]
    authoritative: bool,
    #[deku(bits = 1)]
    truncated: bool,
    #[deku(bits = 1)]
    recursion_desired: bool,
    #[deku(bits = 1)]
    recursion_available: bool,
    #[deku(bits = 3)]
    zero: u8,
    #[deku(bits = 4)]
    result: u8,
    #[deku(endian = "big")]
    count: u16,
    #[deku(endian = "big", assert_eq = "[0; 3]")]
    others: [u16; 3],
    #[deku(count = "count")]
    questions: Vec<QuestionOfDeku>,
}

pub(super) fn query_of_deku_in_bits(bytes: &[u8], tally: &mut Tally) {
    let (_, query) = QueryOfDekuInBits::from_bytes((bytes, 0)).expect("the query is right");
    look_at_query_of_deku(query.id, &query.questions, tally);
}

/// A length in seven bits a byte, the lowest first.
fn length(bytes: &[u8]) -> usize {
    assert!(bytes.len() <= 4, "the packet is right");
    bytes.iter().rev().fold(0, |length, byte| length << 7 | usize::from(byte & 0x7f))
}

/// How many bytes a packet has behind its topic and, where the first says so, its number.
fn rest(first: u8, bytes: &[u8], topic: usize) -> usize {
    assert!(first >> 4 == 3 && first >> 1 & 3 < 3, "the packet is right");
    let before = 2 + topic + if first & 6 == 0 { 0 } else { 2 };
    length(bytes).checked_sub(before).expect("the packet is right")
}

#[binread]
#[br(big)]
#[expect(dead_code, reason = "what follows from others, or is the same in all, nobody looks at")]
struct PublishOfBinrw {
    first: u8,
    #[br(parse_with = until(|byte: &u8| *byte < 0x80))]
    length: Vec<u8>,
    #[br(temp)]
    size: u16,
    #[br(count = size, try_map = String::from_utf8)]
    topic: String,
    #[br(if(first & 6 != 0))]
    id: u16,
    #[br(count = rest(first, &length, topic.len()))]
    payload: Vec<u8>,
}

pub(super) fn publish_of_binrw(bytes: &[u8], tally: &mut Tally) {
    let publish = PublishOfBinrw::read(&mut Cursor::new(bytes)).expect("the packet is right");
    tally.see(publish.topic.as_bytes());
    tally.number(publish.id.into());
    tally.see(&publish.payload);
}

#[derive(DekuRead)]
#[expect(dead_code, reason = "what follows from others, or is the same in all, nobody looks at")]
struct PublishOfDeku {
    first: u8,
    #[deku(until = "|byte: &u8| *byte < 0x80")]
    length: Vec<u8>,
    #[deku(endian = "big")]
    size: u16,
    #[deku(count = "size")]
    topic: Vec<u8>,
    #[deku(endian = "big", cond = "*first & 6 != 0")]
    id: Option<u16>,
    #[deku(count = "rest(*first, length, topic.len())")]
    payload: Vec<u8>,
}

pub(super) fn publish_of_deku(bytes: &[u8], tally: &mut Tally) {
    let (_, publish) = PublishOfDeku::from_bytes((bytes, 0)).expect("the packet is right");
    let topic = std::str::from_utf8(&publish.topic).expect("the packet is right");
    tally.see(topic.as_bytes());
    tally.number(publish.id.unwrap_or(0).into());
    tally.see(&publish.payload);
}
