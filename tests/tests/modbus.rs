//! Modbus over TCP: the examples of its specification, every cut, what breaks a rule.

use framer_protocols::modbus::{self, *};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::machine::{Machine, Progress};
use framer_runtime::protocol::Key;
use framer_runtime::violation::{Misuse, Rule, Violation};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::encoded;
use proptest::prelude::*;

/// The examples of the Application Protocol Specification V1.1b3, sections 6.1 to 6.18 and 7.
#[test]
fn examples_of_the_specification() {
    let coils = [0xcd, 0x6b, 0x05];
    let inputs = [0xac, 0xdb, 0x35];
    let requests: [(Request<'_>, &[u8]); 11] = [
        (ReadCoils::new(19, 19).into(), b"\x01\x00\x13\x00\x13"),
        (ReadInputs::new(196, 22).into(), b"\x02\x00\xc4\x00\x16"),
        (ReadHoldingRegisters::new(107, 3).into(), b"\x03\x00\x6b\x00\x03"),
        (ReadInputRegisters::new(8, 1).into(), b"\x04\x00\x08\x00\x01"),
        (WriteCoil::new(172, 0xff00).into(), b"\x05\x00\xac\xff\x00"),
        (WriteRegister::new(1, 3).into(), b"\x06\x00\x01\x00\x03"),
        (WriteCoils::new(19, 10, &[0xcd, 0x01]).into(), b"\x0f\x00\x13\x00\x0a\x02\xcd\x01"),
        (WriteRegisters::new(1, &[10, 258]).into(), b"\x10\x00\x01\x00\x02\x04\x00\x0a\x01\x02"),
        (MaskWriteRegister::new(4, 0xf2, 0x25).into(), b"\x16\x00\x04\x00\xf2\x00\x25"),
        (
            ReadWriteRegisters::new(3, 6, 14, &[255, 255, 255]).into(),
            b"\x17\x00\x03\x00\x06\x00\x0e\x00\x03\x06\x00\xff\x00\xff\x00\xff",
        ),
        (ReadFifo::new(1246).into(), b"\x18\x04\xde"),
    ];
    for (request, wire) in requests {
        assert_eq!(Request::decode(wire), Ok(request));
        assert_eq!(encoded(request), wire);
        assert_eq!(request.number(), wire[0]);
    }
    let responses: [(Response<'_>, &[u8]); 12] = [
        (Coils::new(&coils).into(), b"\x01\x03\xcd\x6b\x05"),
        (Inputs::new(&inputs).into(), b"\x02\x03\xac\xdb\x35"),
        (HoldingRegisters::new(&[555, 0, 100]).into(), b"\x03\x06\x02\x2b\x00\x00\x00\x64"),
        (InputRegisters::new(&[10]).into(), b"\x04\x02\x00\x0a"),
        (CoilWritten::new(172, 0xff00).into(), b"\x05\x00\xac\xff\x00"),
        (RegisterWritten::new(1, 3).into(), b"\x06\x00\x01\x00\x03"),
        (CoilsWritten::new(19, 10).into(), b"\x0f\x00\x13\x00\x0a"),
        (RegistersWritten::new(1, 2).into(), b"\x10\x00\x01\x00\x02"),
        (RegisterMasked::new(4, 0xf2, 0x25).into(), b"\x16\x00\x04\x00\xf2\x00\x25"),
        (
            RegistersReadWritten::new(&[254, 2765, 1, 3, 13, 255]).into(),
            b"\x17\x0c\x00\xfe\x0a\xcd\x00\x01\x00\x03\x00\x0d\x00\xff",
        ),
        (Fifo::new(&[440, 4740]).into(), b"\x18\x00\x06\x00\x02\x01\xb8\x12\x84"),
        (Failure::new(1, Exception::IllegalDataAddress).into(), b"\x81\x02"),
    ];
    for (response, wire) in responses {
        assert_eq!(Response::decode(wire), Ok(response));
        assert_eq!(encoded(response), wire);
    }
    // The guide's example, section 3.1.3 and appendix: a header before it.
    let query = Query::new(0x1501, 0xff, ReadInputRegisters::new(0, 1));
    assert_eq!(encoded(query), b"\x15\x01\0\0\0\x06\xff\x04\0\0\0\x01");
}

/// What a server sees, answering each with a failure.
fn served(pieces: &[&[u8]]) -> (Vec<String>, Vec<u8>) {
    let mut server = Connection::new(modbus::tcp::Server::new(), Limits::default());
    let mut seen = Vec::new();
    for piece in pieces {
        server.receive(piece);
        loop {
            match server.poll() {
                Ok(Progress::Event((modbus::tcp::server::Event::Query(query), mut reply))) => {
                    seen.push(format!("{query:?}"));
                    let code = Exception::ServerDeviceBusy;
                    let response = Failure::new(query.request.number(), code);
                    let answer = Answer::new(query.transaction, query.unit, response);
                    reply.send(answer).expect("it answers");
                }
                Ok(Progress::More(_)) => break,
                Ok(other) => panic!("{other:?}"),
                Err(violation) => {
                    seen.push(violation.to_string());
                    return (seen, server.transmit().to_vec());
                }
            }
        }
    }
    if let Err(violation) = server.end_of_stream() {
        seen.push(violation.to_string());
    }
    (seen, server.transmit().to_vec())
}

#[test]
fn every_cut_is_the_same() {
    let mut input = encoded(Query::new(1, 9, WriteRegisters::new(1, &[10, 258])));
    input.extend(encoded(Query::new(2, 9, ReadCoils::new(0, 1))));
    input.extend(encoded(Query::new(0xffff, 9, OtherRequest::new(100, b"what?"))));
    let (seen, written) = same_in_every_cut(&input, served);
    assert_eq!((seen.len(), written.len()), (3, 27));
    input.truncate(input.len() - 1);
    let (seen, _) = same_in_every_cut(&input, served);
    assert!(seen[2].contains("ended after 12 bytes"), "{seen:?}");
    for bad in [
        &b"\0\x01\0\0\0\x02\x09\x07\0\x01\0\x01\0\0\0"[..],
        b"\0\x01\0\0\0\x09\x09\x0f\0\0\0\x08\x02\x01\x01",
        b"\0\x01\0\0\0\xff\x09",
    ] {
        same_in_every_cut(bad, served);
    }
}

/// What ends a session on these bytes.
fn violation<M: Machine>(machine: M, input: &[u8]) -> Violation {
    let mut connection = Connection::new(machine, Limits::default());
    connection.receive(input);
    match connection.poll() {
        Err(violation) => violation,
        Ok(_) => panic!("no violation"),
    }
}

#[test]
fn broken_rules() {
    let server = |input| {
        let Violation { rule, start, end, .. } = violation(modbus::tcp::Server::new(), input);
        (rule, start, end)
    };
    // A length is judged as soon as it is there, not when as many bytes are.
    let length = Rule::Range { low: 2, high: 254 };
    assert_eq!(server(b"\0\x01\0\0\0\x01"), (length, 4, 6));
    assert_eq!(server(b"\0\x01\0\0\xff\xff"), (length, 4, 6));
    assert_eq!(server(b"\0\x01\0\x01"), (Rule::Range { low: 0, high: 0 }, 2, 4));
    let longer = b"\0\x01\0\0\0\x07\x09\x01\0\0\0\x01\0";
    assert_eq!(server(longer), (Rule::Trailing, 12, 13));
    let shorter = b"\0\x01\0\0\0\x05\x09\x01\0\0\0";
    assert_eq!(server(shorter), (Rule::Truncated, 10, 11));
    let count = b"\0\x01\0\0\0\x0b\x09\x10\0\0\0\x02\x02\0\x01\0\x01";
    assert_eq!(server(count), (Rule::Derived("size"), 12, 13));
    let answer = b"\0\x07\0\0\0\x03\x01\x81\x02";
    let unasked = Rule::UnexpectedReply { state: "Open" };
    let violation = violation(modbus::tcp::Client::new(), answer);
    assert_eq!((violation.rule, violation.end), (unasked, 9));
}

#[test]
fn answers_come_in_any_order() {
    let mut client = Connection::new(modbus::tcp::Client::new(), Limits::default());
    for transaction in 1..=16 {
        let query = Query::new(transaction, 0, ReadFifo::new(0));
        client.send(query).expect("up to sixteen may be outstanding");
        let again = client.send(query);
        let full = Misuse::Pending { max: 16 };
        let used = Misuse::KeyInUse { key: Key::from(u64::from(transaction)) };
        assert_eq!(again, Err(if transaction == 16 { full } else { used }));
    }
    for transaction in (1..=16).rev() {
        client.receive(&encoded(Answer::new(transaction, 0, Fifo::new(&[]))));
        let Ok(Progress::Event((modbus::tcp::client::Event::Answer(answer), _))) = client.poll()
        else {
            panic!("no answer")
        };
        assert_eq!(answer.transaction, transaction);
    }
    // Its number is free again.
    client.send(Query::new(3, 0, ReadFifo::new(0))).expect("3 is answered");
    client.receive(&encoded(Answer::new(4, 0, Fifo::new(&[]))));
    let rule = Rule::UnexpectedReply { state: "Open" };
    assert_eq!(client.poll().map(|_| ()).map_err(|violation| violation.rule), Err(rule));
    // A request under a number that is in use ends the session.
    let mut server = Connection::new(modbus::tcp::Server::new(), Limits::default());
    let query = encoded(Query::new(3, 0, ReadFifo::new(0)));
    server.receive(&[query.clone(), query].concat());
    assert!(matches!(server.poll(), Ok(Progress::Event(_))));
    let rule = Rule::KeyInUse { key: Key::from(3), state: "Open" };
    assert_eq!(server.poll().map(|_| ()).map_err(|violation| violation.rule), Err(rule));
}

fn request<'a>(number: u8, [a, b, c]: [u16; 3], words: &'a [u16], bytes: &'a [u8]) -> Request<'a> {
    match number {
        0 => ReadCoils::new(a, b).into(),
        1 => ReadInputs::new(a, b).into(),
        2 => ReadHoldingRegisters::new(a, b).into(),
        3 => ReadInputRegisters::new(a, b).into(),
        4 => WriteCoil::new(a, b).into(),
        5 => WriteRegister::new(a, b).into(),
        6 => WriteCoils::new(a, b, bytes).into(),
        7 => WriteRegisters::new(a, words).into(),
        8 => MaskWriteRegister::new(a, b, c).into(),
        9 => ReadWriteRegisters::new(a, b, c, words).into(),
        10 => ReadFifo::new(a).into(),
        _ => OtherRequest::new(65 + number, bytes).into(),
    }
}

fn response(number: u8, [a, b, c]: [u16; 3], words: &[u16]) -> Response<'_> {
    match number {
        0 => Coils::new(b"coils").into(),
        1 => Inputs::new(b"").into(),
        2 => HoldingRegisters::new(words).into(),
        3 => InputRegisters::new(words).into(),
        4 => CoilWritten::new(a, b).into(),
        5 => RegisterWritten::new(a, b).into(),
        6 => CoilsWritten::new(a, b).into(),
        7 => RegistersWritten::new(a, b).into(),
        8 => RegisterMasked::new(a, b, c).into(),
        9 => RegistersReadWritten::new(words).into(),
        10 => Fifo::new(words.get(..31).unwrap_or(words)).into(),
        11 => {
            let code = Exception::from_number(a.to_be_bytes()[1]).expect("any number");
            Failure::new(b.to_be_bytes()[1] & 0x7f, code).into()
        }
        _ => OtherResponse::new(65 + number, b"anything").into(),
    }
}

proptest! {
    #[test]
    fn every_frame_comes_back(
        number in 0..13_u8,
        numbers: [u16; 3],
        words in prop::collection::vec(any::<u16>(), 1..=121),
        transaction: u16,
        unit: u8,
    ) {
        let query = Query::new(transaction, unit, request(number, numbers, &words, b"\x01\x02"));
        let wire = encoded(query);
        prop_assert_eq!(Query::decode(&wire), Ok(query));
        let answer = Answer::new(transaction, unit, response(number, numbers, &words));
        let wire = encoded(answer);
        prop_assert_eq!(Answer::decode(&wire), Ok(answer));
        let owned = answer.owned().expect("it can be written");
        prop_assert_eq!(owned.view(), answer);
    }

    #[test]
    fn what_is_read_is_written_the_same(
        pdu in prop::collection::vec(any::<u8>(), 1..24),
        function in 0..30_u8,
    ) {
        let mut pdu = pdu;
        pdu[0] = function;
        if let Ok(request) = Request::decode(&pdu) {
            prop_assert_eq!(encoded(request), pdu.clone());
        }
        if let Ok(response) = Response::decode(&pdu) {
            prop_assert_eq!(encoded(response), pdu);
        }
    }
}
