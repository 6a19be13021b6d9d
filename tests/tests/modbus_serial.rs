//! Modbus over serial lines: known frames, what a line does to them, time limits, every cut.

use std::time::Duration;

use framer_protocols::modbus::*;
use framer_runtime::connection::Connection;
use framer_runtime::datagram::Datagrams;
use framer_runtime::frame::Frame;
use framer_runtime::machine::Progress;
use framer_runtime::violation::{Misuse, Rule};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use framer_tests::seen::{connection, seen};
use proptest::prelude::*;

const OUTPUT_BYTES: usize = 4096;

/// Requests and answers with the sums that other implementations make.
#[test]
fn known_frames() {
    let read: SerialRequest<'_> = ReadHoldingRegisters::new(0, 10).into();
    assert_eq!(encoded(RtuQuery::new(1, read)), b"\x01\x03\0\0\0\x0a\xc5\xcd");
    let read: SerialRequest<'_> = ReadHoldingRegisters::new(107, 3).into();
    assert_eq!(encoded(RtuQuery::new(17, read)), b"\x11\x03\0\x6b\0\x03\x76\x87");
    assert_eq!(encoded(AsciiQuery::new(17, read)), b"\x11\x03\0\x6b\0\x03\x7e");
    let told = [0xae41, 0x5652, 0x4340];
    let answer: SerialResponse<'_> = HoldingRegisters::new(&told).into();
    let wire = b"\x11\x03\x06\xae\x41\x56\x52\x43\x40\x49\xad";
    assert_eq!(encoded(RtuAnswer::new(17, answer)), wire);
    assert_eq!(RtuAnswer::decode(wire), Ok(RtuAnswer::new(17, answer)));
    let failed: SerialResponse<'_> = Failure::new(2, Exception::IllegalDataAddress).into();
    assert_eq!(encoded(RtuAnswer::new(10, failed)), b"\x0a\x82\x02\xb0\xa3");
}

/// The state of both sides behind an exchange.
fn states(client: &Datagrams<rtu::Client>, server: &Datagrams<rtu::Server>) -> [rtu::State; 2] {
    [client.machine().state(), server.machine().state()]
}

/// What the client asks, as it stands on the line.
fn asked(client: &mut Datagrams<rtu::Client>, unit: u8) -> Vec<u8> {
    client.send(RtuQuery::new(unit, WriteRegister::new(1, 2))).expect("it may be asked");
    let wire = client.transmit().expect("a burst").to_vec();
    client.transmitted();
    wire
}

#[test]
fn questions_and_answers() {
    let mut client = Datagrams::new(rtu::Client::new(), OUTPUT_BYTES);
    let mut server = Datagrams::new(rtu::Server::new(), OUTPUT_BYTES);
    let wire = asked(&mut client, 9);
    let turn = server.receive(&wire).expect("a request");
    let Progress::Event((rtu::server::Event::RtuQuery(query), mut reply)) = turn else {
        panic!("no request")
    };
    assert_eq!((query.unit, query.request), (9, WriteRegister::new(1, 2).into()));
    reply.send(RtuAnswer::new(9, RegisterWritten::new(1, 2))).expect("it is asked");
    assert_eq!(states(&client, &server), [rtu::State::Waiting, rtu::State::Idle]);
    let wire = server.transmit().expect("a burst").to_vec();
    let turn = client.receive(&wire).expect("an answer");
    assert!(matches!(turn, Progress::Event((rtu::client::Event::RtuAnswer(_), _))));
    assert_eq!(states(&client, &server), [rtu::State::Idle; 2]);
    // Nobody asked.
    let rule = client.receive(&wire).map(|_| ()).map_err(|violation| violation.rule);
    assert_eq!(rule, Err(Rule::OutOfSequence { state: "Idle" }));
    let unasked = server.send(RtuAnswer::new(9, RegisterWritten::new(1, 2)));
    assert!(matches!(unasked, Err(Misuse::OutOfSequence { .. })), "{unasked:?}");
    // All of them do not answer.
    let wire = asked(&mut client, 0);
    assert!(matches!(server.receive(&wire), Ok(Progress::Event(_))));
    assert_eq!(states(&client, &server), [rtu::State::Idle; 2]);
}

#[test]
fn an_answer_that_does_not_come() {
    let seconds = |count: u64| Duration::from_secs(count);
    let mut client = Datagrams::new(rtu::Client::new(), OUTPUT_BYTES);
    client.handle_time(seconds(0)).expect("it begins");
    asked(&mut client, 9);
    client.handle_time(seconds(0)).expect("it waits");
    assert_eq!(client.next_time(), Some(seconds(1)));
    client.handle_time(seconds(2)).expect("it goes on");
    assert_eq!(client.machine().state(), rtu::State::Idle);
    let late = b"\x09\x06\0\x01\0\x02\x58\x83";
    let rule = client.receive(late).map(|_| ()).map_err(|violation| violation.rule);
    assert_eq!(rule, Err(Rule::OutOfSequence { state: "Idle" }));
    asked(&mut client, 9);
    assert!(matches!(client.receive(late), Ok(Progress::Event(_))));
}

/// Whatever changed a burst, it is told and dropped, and the next one is taken.
#[test]
fn bursts_that_are_spoiled() {
    let good = encoded(RtuQuery::new(9, WriteRegisters::new(1, &[10, 258])));
    let mut server = Datagrams::new(rtu::Server::new(), OUTPUT_BYTES);
    let hear = |server: &mut Datagrams<rtu::Server>, burst: &[u8]| {
        let heard = server.receive(burst);
        heard.map(|turn| matches!(turn, Progress::Event(_))).map_err(|violation| violation.rule)
    };
    for place in 0..good.len() {
        for bit in 0..8 {
            let mut spoiled = good.clone();
            spoiled[place] ^= 1 << bit;
            hear(&mut server, &spoiled).expect_err("a bit has changed");
        }
        hear(&mut server, &good[..place]).expect_err("it ends too early");
        assert_eq!(hear(&mut server, &good), Ok(true));
    }
    assert_eq!(hear(&mut server, &[&good[..], b"\0"].concat()), Err(Rule::Trailing));
    assert_eq!(hear(&mut server, &[&good[..], &good].concat()), Err(Rule::Trailing));
    assert_eq!(hear(&mut server, b"\x09\x63\0\0"), Err(Rule::Choice));
    let count = b"\x09\x10\0\0\0\x7c\xf8";
    assert_eq!(hear(&mut server, count), Err(Rule::Range { low: 1, high: 123 }));
    assert_eq!(hear(&mut server, &good), Ok(true));
    // Units end at 247, and no answer is of all of them.
    assert_eq!(refused(RtuQuery::new(248, ReadFifo::new(1))).0, "unit");
    assert_eq!(refused(RtuAnswer::new(0, Fifo::new(&[]))).0, "unit");
}

const LINES: &[u8] = b":1103006B00037E\r\n:F7031389000A60\r\n";

/// What a server makes of lines: what each holds, or what is wrong with it.
fn lines(server: &mut Connection<ascii::Server>, pieces: &[&[u8]]) -> Vec<String> {
    let mut heard = Vec::new();
    for piece in pieces {
        server.receive(piece);
        loop {
            match server.poll().expect("it goes on") {
                Progress::Event((ascii::server::Event::AsciiLine(line), _)) => {
                    let message = line.message.to_vec();
                    heard.push(match AsciiQuery::decode(&message) {
                        Ok(query) => format!("{} {:?}", query.unit, query.request),
                        Err(invalid) => invalid.rule.to_string(),
                    });
                }
                Progress::Event((ascii::server::Event::Malformed(violation), _)) => {
                    heard.push(violation.rule.to_string());
                }
                _ => break,
            }
        }
    }
    heard
}

#[test]
fn lines_in_every_cut() {
    let hear = |pieces: &[&[u8]]| lines(&mut connection(ascii::Server::new()), pieces);
    let heard = same_in_every_cut(LINES, hear);
    let of = |unit, start, count| {
        let read: SerialRequest<'_> = ReadHoldingRegisters::new(start, count).into();
        format!("{unit} {read:?}")
    };
    assert_eq!(heard, [of(17, 107, 3), of(247, 5001, 10)]);
    // Noise, a line that lost its end, one that lost a digit, another sum, small letters.
    let noisy =
        b"\xff\r\n:1103:1103006B00037E\r\n:1103006B0003E\r\n:1103006B00037F\r\n:1103006b00037e\r\n";
    let heard = same_in_every_cut(noisy, hear);
    assert_eq!(heard.len(), 6, "{heard:?}");
    assert_eq!((&heard[2], &heard[5]), (&of(17, 107, 3), &of(17, 107, 3)));
    assert!(heard[1].contains("Digits") && heard[3].contains("Digits"), "{heard:?}");
    assert!(heard[4].contains("`lrc`"), "{heard:?}");
}

#[test]
fn lines_that_are_too_long() {
    let mut server = connection(ascii::Server::new());
    assert_eq!(seen(&mut server, "", &[&[b':'; 1], &[b'0'; 100_000]]), Vec::<String>::new());
    assert!(server.peak_bytes().0 <= 128 * 1024, "{:?}", server.peak_bytes());
    let heard = lines(&mut server, &[b"\r\n", LINES]);
    assert_eq!(heard.len(), 3);
    assert!(heard[0].contains("longer than 513 bytes"), "{heard:?}");
}

#[test]
fn what_is_written_as_digits() {
    let query = encoded(AsciiQuery::new(17, ReadHoldingRegisters::new(107, 3)));
    let mut client = connection(ascii::Client::new());
    client.send(AsciiLine::new(query.as_slice())).expect("it may be asked");
    assert_eq!(client.transmit(), b":1103006B00037E\r\n");
    assert_eq!(refused(AsciiLine::new([0; 256].as_slice())).1, Rule::TooLong { max: 513 });
}

fn request() -> impl Strategy<Value = (u8, u16, u16, Vec<u16>)> {
    (0..11_u8, any::<u16>(), any::<u16>(), prop::collection::vec(any::<u16>(), 1..=121))
}

proptest! {
    #[test]
    fn every_request_comes_back(unit in 0..=247_u8, (kind, one, other, values) in request()) {
        let bits: Vec<u8> = values.iter().map(|value| value.to_le_bytes()[0]).collect();
        let request: SerialRequest<'_> = match kind {
            0 => ReadCoils::new(one, other).into(),
            1 => ReadInputs::new(one, other).into(),
            2 => ReadHoldingRegisters::new(one, other).into(),
            3 => ReadInputRegisters::new(one, other).into(),
            4 => WriteCoil::new(one, other).into(),
            5 => WriteRegister::new(one, other).into(),
            6 => WriteCoils::new(one, other, &bits).into(),
            7 => WriteRegisters::new(one, values.as_slice()).into(),
            8 => MaskWriteRegister::new(one, other, 7).into(),
            9 => ReadWriteRegisters::new(one, other, 7, values.as_slice()).into(),
            _ => ReadFifo::new(one).into(),
        };
        let query = RtuQuery::new(unit, request);
        let wire = encoded(query);
        prop_assert_eq!(RtuQuery::decode(&wire), Ok(query));
        let query = AsciiQuery::new(unit, request);
        let message = encoded(query);
        prop_assert_eq!(AsciiQuery::decode(&message), Ok(query));
        let line = AsciiLine::new(message.as_slice());
        let wire = encoded(line);
        prop_assert_eq!(AsciiLine::decode(&wire), Ok(line));
        prop_assert_eq!(encoded(AsciiLine::decode(&wire).expect("a line")), wire);
    }

    #[test]
    fn every_response_comes_back(unit in 1..=247_u8, (kind, one, other, values) in request()) {
        let bits: Vec<u8> = values.iter().map(|value| value.to_le_bytes()[0]).collect();
        let few = &values[..values.len().min(31)];
        let response: SerialResponse<'_> = match kind {
            0 => Coils::new(&bits).into(),
            1 => Inputs::new(&bits).into(),
            2 => HoldingRegisters::new(values.as_slice()).into(),
            3 => InputRegisters::new(values.as_slice()).into(),
            4 => CoilWritten::new(one, other).into(),
            5 => RegisterWritten::new(one, other).into(),
            6 => CoilsWritten::new(one, other).into(),
            7 => RegistersWritten::new(one, other).into(),
            8 => RegisterMasked::new(one, other, 7).into(),
            9 => RegistersReadWritten::new(values.as_slice()).into(),
            _ if one > other => Failure::new(3, Exception::ServerDeviceBusy).into(),
            _ => Fifo::new(few).into(),
        };
        let answer = RtuAnswer::new(unit, response);
        let wire = encoded(answer);
        prop_assert_eq!(RtuAnswer::decode(&wire), Ok(answer));
        let answer = AsciiAnswer::new(unit, response);
        let message = encoded(answer);
        prop_assert_eq!(AsciiAnswer::decode(&message), Ok(answer));
    }
}
