//! Messages of DNS, against hickory-proto.

use framer_interpret::{Frame, Value};
use framer_runtime::frame::Decoded;
use framer_tests::bundled;
use hickory_proto::op::Message;
use hickory_proto::rr::{Name, RData, Record};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use super::{Compared, changed, frames};

fn field<'f>(frame: &'f Frame<'_>, name: &str) -> &'f Value<'f> {
    frame.get(name).expect("it is declared")
}

fn number(frame: &Frame<'_>, name: &str) -> u64 {
    field(frame, name).number().expect("a number")
}

fn list<'f>(frame: &'f Frame<'_>, name: &str) -> impl Iterator<Item = &'f Frame<'f>> {
    let Value::List(elements) = field(frame, name) else { panic!("{name} is a list") };
    elements.iter().map(|element| element.value.frame().expect("a frame"))
}

/// A name in the words of both.
fn name(frame: &Frame<'_>) -> String {
    let frame = field(frame, "name").frame().expect("a frame");
    let labels = list(frame, "labels").map(|label| match field(label, "text") {
        Value::Bytes(text) => text.escape_ascii().to_string(),
        other => panic!("{other:?} is no label"),
    });
    labels.collect::<Vec<_>>().join(".")
}

/// A record, with the address in it, if it is one.
fn record(frame: &Frame<'_>) -> String {
    let (kind, class) = (number(frame, "kind"), number(frame, "class"));
    let data = field(frame, "data").frame().expect("a frame");
    let address = match (&*data.name, data.get("address")) {
        ("A", Some(Value::Number(address))) => format!("{address:08x}"),
        ("Aaaa", Some(Value::Bytes(address))) => {
            address.iter().map(|byte| format!("{byte:02x}")).collect()
        }
        _ => String::new(),
    };
    format!("{} {kind} {class} {} {address}", name(frame), number(frame, "ttl"))
}

fn read(message: &[u8]) -> Decoded<Value<'_>> {
    let schema = bundled::named("dns-udp").protocol().description().schema("Message");
    schema.expect("it is declared").decode(message)
}

fn ours(message: &[u8]) -> Option<String> {
    let value = read(message).ok()?;
    let frame = value.frame().expect("a frame");
    let question =
        |of: &Frame<'_>| format!("? {} {} {}", name(of), number(of, "kind"), number(of, "class"));
    let mut lines = vec![number(frame, "id").to_string()];
    lines.extend(list(frame, "questions").map(question));
    for part in ["answers", "authorities"] {
        lines.extend(list(frame, part).map(record));
    }
    Some(lines.join("\n"))
}

fn their_name(name: &Name) -> String {
    name.iter().map(|label| label.escape_ascii().to_string()).collect::<Vec<_>>().join(".")
}

fn their_record(record: &Record) -> String {
    let address = match &record.data {
        RData::A(address) => format!("{:08x}", address.0.to_bits()),
        RData::AAAA(address) => format!("{:032x}", address.0.to_bits()),
        _ => String::new(),
    };
    let (kind, class) = (u16::from(record.record_type()), u16::from(record.dns_class));
    format!("{} {kind} {class} {} {address}", their_name(&record.name), record.ttl)
}

fn theirs(message: &[u8]) -> Option<String> {
    let mut decoder = BinDecoder::new(message);
    let read = Message::read(&mut decoder).ok()?;
    if !decoder.is_empty() {
        return None;
    }
    let mut lines = vec![read.metadata.id.to_string()];
    lines.extend(read.queries.iter().map(|query| {
        let (kind, class) = (u16::from(query.query_type()), u16::from(query.query_class()));
        format!("? {} {kind} {class}", their_name(query.name()))
    }));
    lines.extend(read.answers.iter().chain(&read.authorities).map(their_record));
    Some(lines.join("\n"))
}

/// Whether a record is of a kind that has no type of its own here.
fn is_other(record: &Frame<'_>) -> bool {
    let known = [1, 2, 5, 6, 12, 15, 16, 28, 33, 257];
    record.name != "Opt" && !known.contains(&number(record, "kind"))
}

/// Why hickory-proto and we differ: it looks into more kinds of records, and at fewer bits.
fn reason(message: &[u8]) -> Option<&'static str> {
    if message.get(3)? & 0x40 != 0 {
        return Some("a reserved bit, which it does not look at");
    }
    match read(message) {
        Err(invalid) if invalid.frame == "Setting" => {
            Some("an option of EDNS that is cut off, which it does not look at")
        }
        Err(_) => None,
        Ok(value) => {
            let frame = value.frame()?;
            let parts = ["answers", "authorities", "additionals"];
            let other = parts.iter().any(|part| list(frame, part).any(is_other));
            other.then_some("records of kinds that have no type here, which it looks into")
        }
    }
}

#[test]
fn messages() {
    let mut compared = Compared::default();
    for message in changed(&frames("dns-udp", "Message")) {
        compared.add(&message, ours(&message), theirs(&message), || reason(&message));
    }
    compared.finish();
}
