//! A length that its field cannot hold is refused before a byte is written, in each protocol that has lengths: nothing wraps.

use framer_protocols::{
    dns, framers, imap, memcached, modbus, mqtt, nats, nmea, packetstream, pop3, proxy, resp, smtp,
    tftp, tinyproto, websocket,
};
use framer_runtime::violation::Rule;
use framer_tests::frames::refused;

fn range(low: u64, high: u64) -> Rule {
    Rule::Range { low, high }
}

/// A prefix that is one byte, two, four, eight, in digits or in groups of seven bits.
#[test]
fn framers() {
    let data = vec![0; 16_777_217];
    let refused_all = [
        refused(framers::Sized8::new(&data[..256])),
        refused(framers::SizedI8::new(&data[..128])),
        refused(framers::Sized16::new(&data[..65_536])),
        refused(framers::Sized16Le::new(&data[..65_536])),
        refused(framers::SizedI16::new(&data[..32_768])),
        refused(framers::SizedI16Le::new(&data[..32_768])),
        refused(framers::PaddedSized16::new(&data[..65_536])),
        refused(framers::Sized16LePadded::new(&data[..65_536])),
        refused(framers::Sized32::new(&data)),
        refused(framers::Sized32Le::new(&data)),
        refused(framers::Sized64::new(&data)),
        refused(framers::Sized64Le::new(&data)),
        refused(framers::SizedLeb128::new(&data)),
        refused(framers::SizedBase128::new(&data)),
        refused(framers::Netstring::new(&data)),
    ];
    let most = [255, 127, 65_535, 65_535, 32_767, 32_767, 65_535, 65_535];
    let most = most.into_iter().chain([16_777_216; 7]);
    let wanted: Vec<_> = most.map(|most| ("size", range(0, most))).collect();
    assert_eq!(refused_all.as_slice(), wanted);
}

#[test]
fn proxy() {
    let long = vec![0; 65_536];
    let fact = proxy::OtherFact::new(0xe0, &long);
    assert_eq!(refused(proxy::More::new(fact)), ("length", range(0, 65_535)));
    let local = proxy::Local::new(0, &long);
    assert_eq!(refused(local), ("length", range(0, 65_535)));
    let line = proxy::Text::new(proxy::Line::from(proxy::Unknown::new(&long[..95])));
    assert_eq!(refused(line).1, Rule::TooLong { max: 101 });
}

#[test]
fn dns() {
    let long = vec![0; 65_536];
    let name = dns::Name::new(&[]);
    let record = |data| dns::Record::new(name, dns::Class::Internet, 0, dns::Other::new(99, data));
    assert_eq!(refused(record(&long)), ("size", range(0, 65_535)));
    assert_eq!(refused(dns::Setting::new(1, &long)), ("size", range(0, 65_535)));
    assert_eq!(refused(dns::Text::new(&long[..256])), ("size", range(0, 255)));
    assert_eq!(refused(dns::Label::new(&long[..64])), ("size", range(1, 63)));
    let records = [record(&long[..65_535])];
    let message = dns::Message {
        id: 1,
        response: true,
        operation: dns::Operation::Query,
        authoritative: false,
        truncated: false,
        recursion_desired: false,
        recursion_available: false,
        authentic: false,
        checking_disabled: false,
        code: dns::Outcome::NoError,
        questions: (&[]).into(),
        answers: (&records).into(),
        authorities: (&[]).into(),
        additionals: (&[]).into(),
    };
    assert_eq!(refused(dns::Framed::new(message)), ("length", range(0, 65_535)));
    let many = vec![record(&[]); 65_536];
    let message = dns::Message { answers: many.as_slice().into(), ..message };
    assert_eq!(refused(message), ("answer_count", range(0, 65_535)));
}

#[test]
fn modbus() {
    let values = [0; 124];
    assert_eq!(refused(modbus::WriteRegisters::new(0, &values)), ("count", range(1, 123)));
    let read_and_written = modbus::ReadWriteRegisters::new(0, 1, 0, &values[..122]);
    assert_eq!(refused(read_and_written), ("write_count", range(1, 121)));
    assert_eq!(refused(modbus::WriteCoils::new(0, 1, &[0; 256])), ("size", range(0, 255)));
    assert_eq!(refused(modbus::Fifo::new(&values[..32])), ("count", range(0, 31)));
    let other = modbus::OtherRequest::new(100, &[0; 253]);
    assert_eq!(refused(modbus::Query::new(1, 0, other)), ("length", range(2, 254)));
    assert_eq!(refused(modbus::AsciiLine::new([0; 256].as_slice())).1, Rule::TooLong { max: 513 });
    let rtu = modbus::RtuAnswer::new(1, modbus::Coils::new(&[0; 255]));
    assert_eq!(refused(rtu).1, Rule::TooLong { max: 256 });
}

#[test]
fn mqtt() {
    let long = vec![0; 16_777_216];
    let text = "x".repeat(65_536);
    assert_eq!(refused(mqtt::Text::new(&text)), ("length", range(0, 65_535)));
    assert_eq!(refused(mqtt::Binary::new(&long[..65_536])), ("length", range(0, 65_535)));
    let topic = mqtt::Text::new("t");
    let publish =
        mqtt::Publish { dup: false, quality: 0, retain: false, topic, id: None, payload: &long };
    assert_eq!(refused(publish), ("length", range(0, 16_777_216)));
}

#[test]
fn announced_payloads() {
    let size = |most| ("size", range(0, most));
    assert_eq!(refused(imap::Announced::new(false, 1 << 63, false)), size((1 << 63) - 1));
    assert_eq!(refused(memcached::Set::new(b"k", 0, 0, (1 << 30) + 1, false)), size(1 << 30));
    assert_eq!(refused(memcached::Value::new(b"k", 0, (1 << 30) + 1)), size(1 << 30));
    assert_eq!(refused(nats::Pub::new("a", (64 << 20) + 1)), size(64 << 20));
    assert_eq!(refused(nats::Msg::new("a", "1", (64 << 20) + 1)), size(64 << 20));
    let text = websocket::Opcode::Text;
    let most = (1 << 63) - 1;
    assert_eq!(refused(websocket::ClientFrame::new(true, text, 1 << 63, 1)), size(most));
    assert_eq!(refused(websocket::ServerFrame::new(true, text, 1 << 63)), size(most));
    assert_eq!(refused(tinyproto::Size::new(0xf100_0000)), ("bytes", range(0, 0xf0ff_ffff)));
}

#[test]
fn resp_and_packetstream() {
    let long = vec![0; 16_777_217];
    assert_eq!(refused(resp::Bulk::new(&long)), ("size", range(0, 16_777_216)));
    assert_eq!(refused(resp::Arg::new(&long)), ("size", range(0, 16_777_216)));
    let many = vec![resp::Value::from(resp::Null); 1_048_577];
    assert_eq!(refused(resp::Array::new(&many)), ("count", range(0, 1_048_576)));
    let record =
        packetstream::Record { tag: 1, flags: 0, channel: None, kind: None, payload: &long };
    assert_eq!(refused(record), ("length", range(2, 16_777_216)));
}

/// Where there is no length, the line or the datagram has one.
#[test]
fn lines_and_datagrams() {
    let long = "x".repeat(70_000);
    let command = smtp::Command::from(smtp::Unknown::new(long.as_bytes()));
    assert_eq!(refused(command).1, Rule::TooLong { max: 12_288 });
    let command = pop3::Command::from(pop3::User::new(&long));
    assert_eq!(refused(command).1, Rule::TooLong { max: 255 });
    let command = memcached::Command::from(memcached::Unknown::new(long.as_bytes()));
    assert_eq!(refused(command).1, Rule::TooLong { max: 65_536 });
    assert_eq!(refused(tftp::ReadRequest::new(&long, "octet")).1, Rule::TooLong { max: 256 });
    let fields = [nmea::Value::new(&long[..72])];
    let start = nmea::Start::Parametric;
    let sentence = nmea::Sentence { start, address: "GPTXT", fields: (&fields).into() };
    assert_eq!(refused(sentence).1, Rule::TooLong { max: 82 });
}
