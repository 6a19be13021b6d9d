//! Modbus and MQTT.

use framer_protocols::modbus::{Query, ReadHoldingRegisters, Request};
use framer_protocols::mqtt::{Publish, Text};
use mqttrs::{Packet, Pid, QosPid};

use super::{FRAMES, each, group};
use crate::harness::{Case, Group, Kind};
use crate::inputs::{self, Message};

/// What asks a device for its registers, with its cases.
pub(crate) fn queries(_: usize) -> Group<'static> {
    let asked: &'static [[u16; 3]] = inputs::registers(FRAMES).leak();
    let queries: Vec<Query<'_>> = asked
        .iter()
        .map(|[number, start, count]| {
            Query::new(*number, 1, Request::from(ReadHoldingRegisters::new(*start, *count)))
        })
        .collect();
    group("E4", "encoding queries of Modbus, 12 bytes", queries.leak(), asked, query)
}

fn query(&[number, start, count]: &[u16; 3], out: &mut Vec<u8>) {
    let mut query = [0, 0, 0, 0, 0, 6, 1, 3, 0, 0, 0, 0];
    query[..2].copy_from_slice(&number.to_be_bytes());
    query[8..10].copy_from_slice(&start.to_be_bytes());
    query[10..].copy_from_slice(&count.to_be_bytes());
    out.extend_from_slice(&query);
}

/// Messages of about 90 bytes, with their cases.
pub(crate) fn publishes(_: usize) -> Group<'static> {
    let messages: &'static [Message] = inputs::messages(FRAMES).leak();
    let publishes: Vec<Publish<'_>> = messages
        .iter()
        .map(|message| Publish {
            dup: false,
            quality: u8::from(message.id.is_some()),
            retain: false,
            topic: Text::new(&message.topic),
            id: message.id,
            payload: &message.payload,
        })
        .collect();
    let title = "encoding PUBLISH of MQTT, 90 bytes";
    let mut group = group("E5", title, publishes.leak(), messages, publish);
    group.cases.push(Case::new("mqttrs", Kind::Peer, move || each(messages, by_mqttrs)));
    group
}

fn by_mqttrs(message: &Message, out: &mut Vec<u8>) {
    let packet = Packet::Publish(mqttrs::Publish {
        dup: false,
        qospid: match message.id {
            Some(id) => QosPid::AtLeastOnce(Pid::try_from(id).expect("it is not zero")),
            None => QosPid::AtMostOnce,
        },
        retain: false,
        topic_name: &message.topic,
        payload: &message.payload,
    });
    // It writes to a slice, at its beginning.
    let begin = out.len();
    out.resize(begin + 256, 0);
    let len = mqttrs::encode_slice(&packet, &mut out[begin..]).expect("the packet is right");
    out.truncate(begin + len);
}

fn publish(message: &Message, out: &mut Vec<u8>) {
    let topic = u16::try_from(message.topic.len()).expect("it is short");
    let id = if message.id.is_some() { 2 } else { 0 };
    let mut left = 2 + message.topic.len() + id + message.payload.len();
    assert!(left < 1 << 24, "it is short");
    out.push(if message.id.is_some() { 0x32 } else { 0x30 });
    loop {
        let low = (left & 0x7f) as u8;
        left >>= 7;
        out.push(if left > 0 { low | 0x80 } else { low });
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(&topic.to_be_bytes());
    out.extend_from_slice(message.topic.as_bytes());
    if let Some(id) = message.id {
        out.extend_from_slice(&id.to_be_bytes());
    }
    out.extend_from_slice(&message.payload);
}
