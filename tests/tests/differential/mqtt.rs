//! Packets of MQTT 3.1.1, against mqttrs.

use std::panic::catch_unwind;

use framer_protocols::mqtt::{ClientPacket, Connect, Granted, Publish, ServerPacket};
use framer_runtime::frame::Frame;
use mqttrs::{Packet, QosPid, SubscribeReturnCodes, decode_slice};

use super::{Compared, changed, frames};

fn quoted(text: &[u8]) -> String {
    format!("`{}`", text.escape_ascii())
}

fn connect(of: &Connect<'_>) -> String {
    let will = of.will.map(|will| {
        let (topic, payload) = (will.topic.text.as_bytes(), will.payload.data);
        format!("{}{}{}{}", quoted(topic), quoted(payload), of.will_quality, of.will_retain)
    });
    let user = of.user.map(|user| quoted(user.text.as_bytes()));
    let password = of.password.map(|password| quoted(password.data));
    let client = quoted(of.client.text.as_bytes());
    format!("connect {} {client} {} {will:?} {user:?} {password:?}", of.keep_alive, of.clean)
}

fn publish(of: &Publish<'_>) -> String {
    let topic = quoted(of.topic.text.as_bytes());
    let id = of.id.unwrap_or_default();
    format!("publish {} {} {} {topic} {id} {}", of.dup, of.quality, of.retain, quoted(of.payload))
}

fn client(packet: &[u8]) -> Option<String> {
    Some(match ClientPacket::decode(packet).ok()? {
        ClientPacket::Connect(of) => connect(&of),
        ClientPacket::Publish(of) => publish(&of),
        ClientPacket::PubAck(of) => format!("puback {}", of.id),
        ClientPacket::PubRec(of) => format!("pubrec {}", of.id),
        ClientPacket::PubRel(of) => format!("pubrel {}", of.id),
        ClientPacket::PubComp(of) => format!("pubcomp {}", of.id),
        ClientPacket::Subscribe(of) => {
            let filter = |text: &str, quality| format!("{}{quality}", quoted(text.as_bytes()));
            let filters = of.filters.iter().map(|of| filter(of.topic.text, of.quality));
            format!("subscribe {} {}", of.id, filters.collect::<Vec<_>>().join(" "))
        }
        ClientPacket::Unsubscribe(of) => {
            let filters = of.filters.iter().map(|of| quoted(of.text.as_bytes()));
            format!("unsubscribe {} {}", of.id, filters.collect::<Vec<_>>().join(" "))
        }
        ClientPacket::PingReq(_) => "pingreq".to_owned(),
        ClientPacket::Disconnect(_) => "disconnect".to_owned(),
    })
}

fn server(packet: &[u8]) -> Option<String> {
    Some(match ServerPacket::decode(packet).ok()? {
        ServerPacket::ConnAck(of) => format!("connack {} {}", of.session_present, of.code),
        ServerPacket::SubAck(of) => {
            let code = |of| match of {
                Granted::AtMostOnce => 0,
                Granted::AtLeastOnce => 1,
                Granted::ExactlyOnce => 2,
                Granted::Refused => 128,
            };
            let codes: Vec<u8> = of.codes.iter().map(code).collect();
            format!("suback {} {codes:?}", of.id)
        }
        ServerPacket::UnsubAck(of) => format!("unsuback {}", of.id),
        ServerPacket::PingResp(_) => "pingresp".to_owned(),
        _ => return None,
    })
}

fn theirs(packet: &[u8]) -> Option<String> {
    Some(match decode_slice(packet).ok()?? {
        Packet::Connect(of) => {
            let will = of.last_will.map(|will| {
                let (topic, payload) = (quoted(will.topic.as_bytes()), quoted(will.message));
                format!("{topic}{payload}{}{}", will.qos as u8, will.retain)
            });
            let user = of.username.map(|user| quoted(user.as_bytes()));
            let (client, password) = (quoted(of.client_id.as_bytes()), of.password.map(quoted));
            format!(
                "connect {} {client} {} {will:?} {user:?} {password:?}",
                of.keep_alive, of.clean_session
            )
        }
        Packet::Publish(of) => {
            let (quality, id) = match of.qospid {
                QosPid::AtMostOnce => (0, 0),
                QosPid::AtLeastOnce(id) => (1, id.get()),
                QosPid::ExactlyOnce(id) => (2, id.get()),
            };
            let (topic, payload) = (quoted(of.topic_name.as_bytes()), quoted(of.payload));
            format!("publish {} {quality} {} {topic} {id} {payload}", of.dup, of.retain)
        }
        Packet::Puback(id) => format!("puback {}", id.get()),
        Packet::Pubrec(id) => format!("pubrec {}", id.get()),
        Packet::Pubrel(id) => format!("pubrel {}", id.get()),
        Packet::Pubcomp(id) => format!("pubcomp {}", id.get()),
        Packet::Subscribe(of) => {
            let filters = of
                .topics
                .iter()
                .map(|of| format!("{}{}", quoted(of.topic_path.as_bytes()), of.qos as u8));
            format!("subscribe {} {}", of.pid.get(), filters.collect::<Vec<_>>().join(" "))
        }
        Packet::Unsubscribe(of) => {
            let filters = of.topics.iter().map(|of| quoted(of.as_bytes()));
            format!("unsubscribe {} {}", of.pid.get(), filters.collect::<Vec<_>>().join(" "))
        }
        Packet::Connack(of) => format!("connack {} {}", of.session_present, of.code as u8),
        Packet::Suback(of) => {
            let code = |code: &SubscribeReturnCodes| match code {
                SubscribeReturnCodes::Success(quality) => *quality as u8,
                SubscribeReturnCodes::Failure => 128,
            };
            let codes: Vec<u8> = of.return_codes.iter().map(code).collect();
            format!("suback {} {codes:?}", of.pid.get())
        }
        Packet::Unsuback(id) => format!("unsuback {}", id.get()),
        Packet::Pingreq => "pingreq".to_owned(),
        Packet::Pingresp => "pingresp".to_owned(),
        Packet::Disconnect => "disconnect".to_owned(),
    })
}

/// The size of the fixed header, and of what it announces; whether no byte of it is in vain.
fn announced(packet: &[u8]) -> Option<(usize, usize, bool)> {
    let bytes = packet.get(1..)?.iter().take(4);
    let len = 1 + bytes.clone().position(|byte| byte & 0x80 == 0)?;
    let size = bytes
        .take(len)
        .enumerate()
        .fold(0, |size, (place, byte)| size | usize::from(byte & 0x7f) << (7 * place));
    Some((1 + len, size, len == 1 || packet[len] != 0))
}

/// What mqttrs takes and we do not, told from the bytes.
fn reason(packet: &[u8]) -> Option<&'static str> {
    let (header, size, canonical) = announced(packet)?;
    let body = &packet[header..];
    if !canonical {
        return Some("a length in more bytes than needed");
    }
    Some(match packet[0] >> 4 {
        1 => {
            let flags = *body.get(7)?;
            match () {
                () if flags & 1 != 0 => "a reserved flag of Connect",
                () if flags & 0x44 == 0 && flags & 0x38 != 0 => "a will's flags without a will",
                () if flags & 0xc0 == 0x40 => "a password without a user",
                () => "bytes behind the last field",
            }
        }
        2 if size == 2 && body[0] > 1 => "a reserved flag of ConnAck",
        3 if packet[0] & 0x0e == 8 => "a repeated message that nobody answers",
        8 | 10 if size == 2 => "no filter",
        9 if size == 2 => "no code",
        2 | 4..=7 | 11..=14 => "bytes behind the last field",
        _ => return None,
    })
}

#[test]
fn packets() {
    let mut compared = Compared::default();
    let seeds: Vec<Vec<u8>> = ["ClientPacket", "ServerPacket"]
        .iter()
        .flat_map(|of| frames("mqtt", of))
        .filter(|packet| packet.get(8) != Some(&5))
        .collect();
    for packet in changed(&seeds) {
        let whole = announced(&packet).is_some_and(|of| of.0 + of.1 == packet.len());
        let ours = client(&packet).or_else(|| server(&packet));
        let read = if whole { catch_unwind(|| theirs(&packet)) } else { Ok(None) };
        let panicked = read.is_err();
        compared.add(&packet, ours, read.ok().flatten(), || reason(&packet));
        if panicked {
            *compared.reasons.entry("it panics").or_default() += 1;
        }
    }
    compared.finish();
}
