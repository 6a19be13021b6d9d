//! W6: a DNS query, and a PUBLISH of MQTT.

mod derived;

use std::cell::LazyCell;

use bytes::{Bytes, BytesMut};
use framer_interpret::Schema;
use framer_protocols::dns::Message;
use framer_protocols::mqtt::ClientPacket;
use framer_runtime::frame::{Frame as _, Owned};
use hickory_proto::serialize::binary::BinDecodable;

use super::interpreted::{bytes_of, elements, field, frame, number, schema};
use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs;

/// How many messages are looked at in a run.
const MESSAGES: usize = 10_000;

/// Queries for the address of a name of 2 to 4 labels, with their cases.
pub(crate) fn queries(_: usize) -> Group<'static> {
    let queries: &'static [Vec<u8>] = inputs::queries(MESSAGES).leak();
    let message = LazyCell::new(|| schema("dns.frame", "Message"));
    let each = move |parse: fn(&[u8], &mut Tally)| move || every(queries, parse);
    Group {
        work: "W6",
        title: "a DNS header and question",
        bytes: queries.iter().map(Vec::len).sum(),
        goal: None,
        cases: vec![
            Case::new("framer", Kind::Ours, each(query)),
            Case::new("framer, owned", Kind::Ours, each(owned_query)),
            Case::new("framer, interpreted", Kind::Interpreted, move || {
                every(queries, |bytes, tally| interpreted_query(*message, bytes, tally))
            }),
            Case::new("hickory-proto", Kind::Peer, each(by_hickory)),
            Case::new("binrw", Kind::Peer, each(derived::query_of_binrw)),
            Case::new("deku", Kind::Peer, each(derived::query_of_deku)),
            Case::new("deku, bit fields", Kind::Peer, each(derived::query_of_deku_in_bits)),
            Case::new("by hand", Kind::Limit, each(query_by_hand)),
        ],
    }
}

/// Messages of about 90 bytes, with their cases.
pub(crate) fn publishes(_: usize) -> Group<'static> {
    let publishes: &'static [Vec<u8>] = inputs::publishes(MESSAGES).leak();
    let packet = LazyCell::new(|| schema("mqtt.frame", "ClientPacket"));
    let each = move |parse: fn(&[u8], &mut Tally)| move || every(publishes, parse);
    Group {
        work: "W6m",
        title: "an MQTT PUBLISH of 90 bytes",
        bytes: publishes.iter().map(Vec::len).sum(),
        goal: None,
        cases: vec![
            Case::new("framer", Kind::Ours, each(publish)),
            Case::new("framer, owned", Kind::Ours, each(owned_publish)),
            Case::new("framer, interpreted", Kind::Interpreted, move || {
                every(publishes, |bytes, tally| interpreted_publish(*packet, bytes, tally))
            }),
            Case::new("mqttrs", Kind::Peer, each(by_mqttrs)),
            Case::new("mqttbytes, as in rumqttc", Kind::Peer, each(by_mqttbytes)),
            Case::new("binrw", Kind::Peer, each(derived::publish_of_binrw)),
            Case::new("deku", Kind::Peer, each(derived::publish_of_deku)),
            Case::new("by hand", Kind::Limit, each(publish_by_hand)),
        ],
    }
}

fn every(messages: &[Vec<u8>], parse: impl Fn(&[u8], &mut Tally)) -> Tally {
    let mut tally = Tally::default();
    for message in messages {
        parse(message, &mut tally);
        tally.frame();
    }
    tally
}

// By its name in profiles.
#[inline(never)]
fn query(bytes: &[u8], tally: &mut Tally) {
    look_at_query(&Message::decode(bytes).expect("the query is right"), tally);
}

#[inline]
fn look_at_query(message: &Message<'_>, tally: &mut Tally) {
    tally.number(message.id.into());
    for question in message.questions.iter() {
        for label in question.name.labels.iter() {
            tally.see(label.text);
        }
        tally.number(question.kind.into());
    }
}

fn owned_query(bytes: &[u8], tally: &mut Tally) {
    let message = Owned::<Message<'_>>::decode(Bytes::copy_from_slice(bytes));
    look_at_query(&message.expect("the query is right").view(), tally);
}

fn interpreted_query(schema: Schema, bytes: &[u8], tally: &mut Tally) {
    let message = schema.decode(bytes).expect("the query is right");
    let message = frame(&message);
    tally.number(number(field(message, "id")));
    for question in elements(field(message, "questions")).map(frame) {
        for label in elements(field(frame(field(question, "name")), "labels")).map(frame) {
            tally.see(bytes_of(field(label, "text")));
        }
        tally.number(number(field(question, "kind")));
    }
}

fn by_hickory(bytes: &[u8], tally: &mut Tally) {
    let message = hickory_proto::op::Message::from_bytes(bytes).expect("the query is right");
    tally.number(message.metadata.id.into());
    for question in &message.queries {
        for label in question.name().iter() {
            tally.see(label);
        }
        tally.number(u16::from(question.query_type()).into());
    }
}

fn query_by_hand(bytes: &[u8], tally: &mut Tally) {
    let number = |at: usize| u16::from_be_bytes(bytes[at..at + 2].try_into().expect("two bytes"));
    tally.number(number(0).into());
    assert_eq!([number(4), number(6), number(8), number(10)], [1, 0, 0, 0], "the query is right");
    let mut at = 12;
    loop {
        let size = usize::from(bytes[at]);
        at += 1;
        if size == 0 {
            break;
        }
        assert!(size < 64, "the query is right");
        tally.see(&bytes[at..at + size]);
        at += size;
    }
    tally.number(number(at).into());
    assert_eq!(at + 4, bytes.len(), "the query is right");
}

// By its name in profiles.
#[inline(never)]
fn publish(bytes: &[u8], tally: &mut Tally) {
    look_at_publish(&ClientPacket::decode(bytes).expect("the packet is right"), tally);
}

#[inline]
fn look_at_publish(packet: &ClientPacket<'_>, tally: &mut Tally) {
    let ClientPacket::Publish(publish) = packet else { panic!("{packet:?}") };
    tally.see(publish.topic.text.as_bytes());
    tally.number(publish.id.unwrap_or(0).into());
    tally.see(publish.payload);
}

fn owned_publish(bytes: &[u8], tally: &mut Tally) {
    let packet = Owned::<ClientPacket<'_>>::decode(Bytes::copy_from_slice(bytes));
    look_at_publish(&packet.expect("the packet is right").view(), tally);
}

fn interpreted_publish(schema: Schema, bytes: &[u8], tally: &mut Tally) {
    let packet = schema.decode(bytes).expect("the packet is right");
    let publish = frame(&packet);
    tally.see(bytes_of(field(frame(field(publish, "topic")), "text")));
    let id = field(publish, "id");
    tally.number(if id.is_there() { number(id) } else { 0 });
    tally.see(bytes_of(field(publish, "payload")));
}

fn by_mqttrs(bytes: &[u8], tally: &mut Tally) {
    let packet = mqttrs::decode_slice(bytes).expect("the packet is right");
    let Some(mqttrs::Packet::Publish(publish)) = packet else { panic!("{packet:?}") };
    tally.see(publish.topic_name.as_bytes());
    tally.number(publish.qospid.pid().map_or(0, mqttrs::Pid::get).into());
    tally.see(publish.payload);
}

fn by_mqttbytes(bytes: &[u8], tally: &mut Tally) {
    // It takes packets out of a buffer of its own kind.
    let packet = mqttbytes::v4::read(&mut BytesMut::from(bytes), 1 << 20);
    let packet = packet.expect("the packet is right");
    let mqttbytes::v4::Packet::Publish(publish) = packet else { panic!("{packet:?}") };
    tally.see(publish.topic.as_bytes());
    tally.number(publish.pkid.into());
    tally.see(&publish.payload);
}

fn publish_by_hand(bytes: &[u8], tally: &mut Tally) {
    let quality = bytes[0] >> 1 & 3;
    assert!(bytes[0] >> 4 == 3 && quality < 3, "the packet is right");
    let (mut size, mut at) = (0, 1);
    loop {
        let byte = bytes[at];
        size |= usize::from(byte & 0x7f) << (7 * (at - 1));
        at += 1;
        if byte < 0x80 {
            break;
        }
        assert!(at < 5, "the packet is right");
    }
    assert_eq!(at + size, bytes.len(), "the packet is right");
    let len = usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
    let topic = std::str::from_utf8(&bytes[at + 2..at + 2 + len]).expect("the packet is right");
    tally.see(topic.as_bytes());
    at += 2 + len;
    let id = if quality > 0 {
        at += 2;
        u16::from_be_bytes([bytes[at - 2], bytes[at - 1]])
    } else {
        0
    };
    tally.number(id.into());
    tally.see(&bytes[at..]);
}
