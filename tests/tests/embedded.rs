//! Connections of devices: over streams of `embedded-io` and `embedded-io-async`, in memory of a
//! fixed size.

use std::convert::Infallible;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use embedded_io_adapters::std::FromStd;
use embedded_io_adapters::tokio_1::FromTokio;
use framer_protocols::modbus::tcp::{Client, Server, client, server};
use framer_protocols::modbus::{
    Answer, HoldingRegisters, Query, ReadHoldingRegisters, Request, Response,
};
use framer_runtime::connection::{self, Turn};
use framer_runtime::frame::Frame as _;
use framer_runtime::machine::{Machine, Progress};
use framer_runtime::memory::Fixed;
use framer_runtime::violation::{EncodeError, Misuse, Rule};
use framer_runtime::{
    blocking, embedded_io as waiting, embedded_io_async as tasks, tokio as async_io,
};

/// What the other side says, at most so many bytes at once, and what it is told, so many at once,
/// too.
#[derive(Debug)]
struct Wire<'w> {
    says: &'w [u8],
    step: usize,
    told: Vec<u8>,
    /// Nothing is ready before the next look at it.
    late: bool,
}

impl<'w> Wire<'w> {
    fn new(says: &'w [u8], step: usize) -> Wire<'w> {
        Wire { says, step, told: Vec::new(), late: false }
    }
}

impl embedded_io::ErrorType for Wire<'_> {
    type Error = Infallible;
}

impl embedded_io::Read for Wire<'_> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Infallible> {
        assert!(!room.is_empty(), "nothing can be read into no room");
        let count = self.step.min(room.len()).min(self.says.len());
        let (now, later) = self.says.split_at(count);
        room[..count].copy_from_slice(now);
        self.says = later;
        Ok(count)
    }
}

impl embedded_io::Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let count = self.step.min(bytes.len());
        self.told.extend(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl embedded_io::ReadReady for Wire<'_> {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        self.late = !self.late;
        Ok(!self.late)
    }
}

impl embedded_io_async::Read for Wire<'_> {
    async fn read(&mut self, room: &mut [u8]) -> Result<usize, Infallible> {
        embedded_io::Read::read(self, room)
    }
}

impl embedded_io_async::Write for Wire<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        embedded_io::Write::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

const INPUT: usize = Server::INPUT_BOUND;
const OUTPUT: usize = Server::OUTPUT_BOUND;

/// Answers a question for registers with their addresses.
fn answer(turn: Turn<'_, Server, Fixed<'_>>) -> Result<(), Misuse> {
    let (server::Event::Query(query), mut reply) = turn;
    let Request::ReadHoldingRegisters(asked) = query.request else { panic!("{query:?}") };
    let values: Vec<u16> = (asked.start..asked.start + asked.count).collect();
    let response = Response::from(HoldingRegisters::new(&values[..]));
    reply.send(Answer::new(query.transaction, query.unit, response))
}

fn question(number: u16) -> Query<'static> {
    Query::new(number, 1, Request::from(ReadHoldingRegisters::new(number, 120)))
}

/// Twenty questions, and the answers that belong to them.
fn conversation() -> (Vec<u8>, Vec<u8>) {
    let (mut asked, mut told) = (Vec::new(), Vec::new());
    for number in 0..20 {
        question(number).encode(&mut asked).expect("a question");
        let values: Vec<u16> = (number..number + 120).collect();
        let response = Response::from(HoldingRegisters::new(&values[..]));
        Answer::new(number, 1, response).encode(&mut told).expect("an answer");
    }
    (asked, told)
}

#[test]
fn every_cut_is_answered_alike_in_the_least_memory() {
    let (asked, told) = conversation();
    for step in [1, 2, 3, 7, 100, 10_000] {
        let (mut input, mut output) = ([0; INPUT], [0; OUTPUT]);
        let server = connection::Connection::fixed(Server::new(), &mut input, &mut output);
        let mut side = waiting::Connection::new(Wire::new(&asked, step), server);
        while let Some(turn) = side.next().expect("nothing is wrong") {
            answer(turn).expect("there is room for an answer");
        }
        let (wire, inner) = side.into_parts().expect("nothing is wrong");
        assert!(wire.told == told, "{step} bytes at once");
        assert!(inner.peak_bytes() <= (INPUT, OUTPUT));

        let (mut input, mut output) = ([0; INPUT], [0; OUTPUT]);
        let server = connection::Connection::fixed(Server::new(), &mut input, &mut output);
        let mut side = waiting::Connection::new(Wire::new(&asked, step), server);
        loop {
            match side.try_next().expect("nothing is wrong") {
                Progress::Event(turn) => answer(turn).expect("there is room for an answer"),
                Progress::More(_) => {}
                Progress::Closed => break,
                Progress::Owed => panic!("it was answered"),
            }
        }
        assert!(
            side.into_parts().expect("nothing is wrong").0.told == told,
            "{step} bytes at once"
        );
    }
}

#[tokio::test]
async fn so_it_is_by_a_task() {
    let (asked, told) = conversation();
    for step in [1, 2, 3, 7, 100, 10_000] {
        let (mut input, mut output) = ([0; INPUT], [0; OUTPUT]);
        let server = connection::Connection::fixed(Server::new(), &mut input, &mut output);
        let mut side = tasks::Connection::new(Wire::new(&asked, step), server);
        while let Some(turn) = side.next().await.expect("nothing is wrong") {
            answer(turn).expect("there is room for an answer");
        }
        let (wire, _) = side.into_parts().await.expect("nothing is wrong");
        assert!(wire.told == told, "{step} bytes at once");
    }
}

#[test]
fn what_is_cut_off_is_told() {
    let (asked, _) = conversation();
    let (mut input, mut output) = ([0; INPUT], [0; OUTPUT]);
    let server = connection::Connection::fixed(Server::new(), &mut input, &mut output);
    let mut side = waiting::Connection::new(Wire::new(&asked[..5], 2), server);
    let Err(waiting::Error::Violation(violation)) = side.next() else { panic!("it was cut off") };
    assert_eq!(violation.rule, Rule::EndOfStream { have: 5 });
}

#[test]
fn what_waits_is_written_where_more_has_no_room() {
    let (mut input, mut output) = ([0; 2 * Client::INPUT_BOUND], [0; Client::OUTPUT_BOUND]);
    let client = connection::Connection::fixed(Client::new(), &mut input, &mut output);
    let mut side = waiting::Connection::new(Wire::new(b"", 3), client);
    for number in 0..16 {
        side.send(question(number)).expect("what waits is written");
    }
    let more = side.send(question(16));
    assert_eq!(more, Err(waiting::Error::Misuse(Misuse::Pending { max: 16 })));
    let (wire, inner) = side.into_parts().expect("nothing is wrong");
    assert_eq!(wire.told.len(), 16 * 12);
    assert_eq!(inner.peak_bytes().1, 12);
}

/// A server on a port of its own, whose session runs in a thread.
fn served<T: Send + 'static>(
    session: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (std::net::SocketAddr, std::thread::JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("it has one");
    (place, std::thread::spawn(move || session(listener.accept().expect("a peer").0)))
}

#[test]
fn a_device_serves_over_tcp() {
    let (place, session) = served(|stream| {
        let (mut input, mut output) = ([0; 2 * INPUT], [0; OUTPUT]);
        let server = connection::Connection::fixed(Server::new(), &mut input, &mut output);
        let mut side = waiting::Connection::new(FromStd::new(stream), server);
        let mut count = 0;
        while let Some(turn) = side.next().expect("nothing is wrong") {
            answer(turn).expect("there is room for an answer");
            count += 1;
        }
        count
    });
    let stream = TcpStream::connect(place).expect("it listens");
    let mut side = blocking::Connection::new(stream, Client::new());
    for number in 0..50 {
        side.send(question(number)).expect("it may be asked");
        let Some((client::Event::Answer(told), _)) = side.next().expect("an answer") else {
            panic!("it is not over")
        };
        assert_eq!(told.transaction, number);
    }
    drop(side);
    assert_eq!(session.join().expect("it does not panic"), 50);
}

#[tokio::test]
async fn a_task_of_a_device_asks_over_tcp() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let place = listener.local_addr().expect("it has one");
    let serving = async {
        let (stream, _) = listener.accept().await.expect("a peer");
        let mut side = async_io::Connection::new(stream, Server::new());
        while let Some((server::Event::Query(query), mut reply)) = side.next().await? {
            let values = [query.transaction];
            let response = Response::from(HoldingRegisters::new(&values[..]));
            reply.send(Answer::new(query.transaction, query.unit, response))?;
        }
        Ok::<_, framer_runtime::Error>(())
    };
    let asking = async {
        let stream = tokio::net::TcpStream::connect(place).await.expect("it listens");
        let (mut input, mut output) = ([0; 2 * Client::INPUT_BOUND], [0; Client::OUTPUT_BOUND]);
        let client = connection::Connection::fixed(Client::new(), &mut input, &mut output);
        let mut side = tasks::Connection::new(FromTokio::new(stream), client);
        for number in 0..16 {
            side.send(question(number)).await.expect("it may be asked");
        }
        for number in 0..16 {
            let turn = side.next().await.expect("an answer");
            let Some((client::Event::Answer(told), _)) = turn else { panic!("it is not over") };
            assert_eq!(told.transaction, number);
        }
    };
    let (served, ()) = tokio::join!(serving, asking);
    served.expect("nothing is wrong");
}

framer_runtime::framer! {
    delimiter LF = "\n";
    class digit = '0'..='9';
    frame Size in until LF max 6 { bytes: dec u32 [1..=5] }
    frame Block(size: u64) { stream data: bytes [size], "\r\n" }
    frame Line in until LF max 20 { text: bytes to end }
    /// Blocks of a client, of which a server may say something.
    protocol Blocks over stream {
        roles client, server;
        client speaks Size;
        server speaks Line;
        state Open within 10 s else close {
            client Size => { client then Block(bytes) };
            server Line => stay;
        }
    }
}

#[test]
fn a_part_that_has_no_room_is_refused_and_nothing_is_lost() {
    assert_eq!(blocks::Client::OUTPUT_BOUND, 16 + 2 * 2);
    let (mut input, mut output) = ([0; 20], [0; 24]);
    let client = connection::Connection::fixed(blocks::Client::new(), &mut input, &mut output);
    let mut side = waiting::Connection::new(Wire::new(b"", 5), client);
    let block = |data| blocks::client::Message::Block(data);
    side.send(blocks::Size::new(30)).expect("it may be said");
    let rule = Rule::NoRoom { bytes: 24 };
    let refused = EncodeError { frame: "Block", field: "", rule };
    assert_eq!(side.send(block(&[1; 25])), Err(Misuse::Encode(refused).into()));
    side.send(block(&[1; 24])).expect("as much as there is room for, once the size was written");
    side.send(block(&[2; 6])).expect("with what stands behind it");
    side.send(blocks::Size::new(23)).expect("it may be said");
    let rule = Rule::NoRoom { bytes: 24 };
    let refused = EncodeError { frame: "Block", field: "", rule };
    assert_eq!(side.send(block(&[3; 23])), Err(Misuse::Encode(refused).into()));
    side.send(block(&[3; 1])).expect("a part");
    side.send(block(&[3; 22])).expect("with what stands behind it");
    side.send(blocks::Size::new(0)).expect("nothing, with what stands behind it");
    let told = side.into_parts().expect("nothing is wrong").0.told;
    let expected =
        [&b"30\n"[..], &[1; 24], &[2; 6], b"\r\n23\n", &[3; 23], b"\r\n0\n\r\n"].concat();
    assert_eq!(told, expected);
}

#[test]
fn the_time_is_what_the_caller_says() {
    let (mut input, mut output) = ([0; 64], [0; 64]);
    let server = connection::Connection::fixed(blocks::Server::new(), &mut input, &mut output);
    let mut side = waiting::Connection::new(Wire::new(b"2\nab\r\n", 1), server);
    let seconds = Duration::from_secs;
    assert_eq!(side.next_time(), Some(seconds(10)));
    let mut events = 0;
    for now in 0.. {
        side.handle_time(seconds(now)).expect("it goes on");
        match side.try_next().expect("nothing is wrong") {
            Progress::Event(_) => events += 1,
            _ => {
                if side.stream().says.is_empty() {
                    break;
                }
            }
        }
    }
    // The size, two parts and their end.
    assert_eq!(events, 4);
    let last = side.next_time().expect("the state has a limit");
    side.handle_time(last - Duration::from_nanos(1)).expect("it goes on");
    let ended = side.handle_time(last).map_err(|violation| violation.rule);
    assert_eq!(ended, Err(Rule::TimeLimit { millis: 10_000, state: "Open" }));
}

#[tokio::test(start_paused = true)]
async fn a_task_waits_no_longer_than_the_state_lasts() {
    let (stream, mut peer) = tokio::io::duplex(64);
    tokio::spawn(async move {
        // A byte a second is no size.
        while tokio::io::AsyncWriteExt::write_all(&mut peer, b"0").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
    });
    let (mut input, mut output) = ([0; 64], [0; 64]);
    let server = connection::Connection::fixed(blocks::Server::new(), &mut input, &mut output);
    let mut side = tasks::Connection::new(FromTokio::new(stream), server);
    let began = tokio::time::Instant::now();
    let ended = loop {
        if let Err(violation) = side.handle_time(began.elapsed()) {
            break violation.rule;
        }
        let until = began + side.next_time().expect("the state has a limit");
        if let Ok(event) = tokio::time::timeout_at(until, side.next()).await {
            panic!("{:?}", event.map(|event| event.is_some()));
        }
    };
    assert_eq!(ended, Rule::TimeLimit { millis: 10_000, state: "Open" });
    assert_eq!(began.elapsed().as_secs(), 10);
}

framer_runtime::framer! {
    delimiter END = "\n";
    frame Ask in until END max 8 { text: bytes to end }
    protocol Before over stream {
        roles client, server;
        client speaks Ask;
        server speaks Ask;
        pending fifo max 1;
        state Open { client Ask => awaits { _ => { upgrade Blocks carry } }; }
    }
}

/// What the other protocol reads first, in an output of that size.
fn carried<const OUTPUT: usize>() -> Result<Vec<u8>, Misuse> {
    let (mut input, mut output) = ([0; blocks::Client::INPUT_BOUND], [0; OUTPUT]);
    let mut first = connection::Connection::fixed(before::Server::new(), &mut input, &mut output);
    first.receive(b"go on\n");
    let Ok(Progress::Event((before::server::Event::Ask(ask), mut reply))) = first.poll() else {
        panic!("it was asked")
    };
    reply.send(ask).expect("an answer");
    assert!(matches!(first.poll(), Ok(Progress::Event((before::server::Event::Upgrade(_), _)))));
    first.receive(b"so\n");
    let mut second = first.continue_with(blocks::Client::new())?;
    second.receive(b"so\n");
    let Ok(Progress::Event((blocks::client::Event::Line(line), _))) = second.poll() else {
        panic!("it was carried")
    };
    Ok(line.text.to_vec())
}

#[test]
fn memory_too_small_for_another_protocol_is_told() {
    assert_eq!(carried::<20>(), Ok(b"so".to_vec()));
    assert_eq!(carried::<19>(), Err(Misuse::Memory { input_bytes: 20, output_bytes: 20 }));
}
