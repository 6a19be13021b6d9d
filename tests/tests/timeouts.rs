//! Threads that wait no longer than the description says.

use std::io::{ErrorKind, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use framer_runtime::Error;
use framer_runtime::blocking::Connection;
use framer_runtime::connection::Limits;
use framer_runtime::violation::Rule;

framer_runtime::framer! {
    delimiter LF = "\n";
    frame Line in until LF max 64000 { text: utf8 to end }
    protocol Talk over stream {
        roles client, server;
        client speaks Line;
        server speaks Line;
        state Open within 400 ms else close {
            client Line => stay;
            server Line => stay;
        }
    }
}

use talk::{Line, Server};

const TIME_LIMIT: Rule = Rule::TimeLimit { millis: 400, state: "Open" };

/// Both ends of a connection.
fn ends() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("it has one");
    let client = TcpStream::connect(place).expect("it listens");
    (client, listener.accept().expect("a peer").0)
}

fn both_timeouts(stream: &TcpStream, timeout: Option<Duration>) -> std::io::Result<()> {
    stream.set_read_timeout(timeout)?;
    stream.set_write_timeout(timeout)
}

/// The rule that ended it, not before the limit, and not much later, however busy the machine is.
fn ended<T>(result: Result<T, Error>, began: Instant) -> Rule {
    let Err(Error::Violation(violation)) = result else { panic!("it ended otherwise") };
    let took = began.elapsed();
    assert!((Duration::from_millis(400)..Duration::from_secs(10)).contains(&took), "{took:?}");
    violation.rule
}

#[test]
fn who_says_nothing_is_left() {
    let (_client, stream) = ends();
    let began = Instant::now();
    let mut side = Connection::new(stream, Server::new()).with_timeout(TcpStream::set_read_timeout);
    assert_eq!(ended(side.next(), began), TIME_LIMIT);
}

#[test]
fn a_byte_now_and_then_is_no_line() {
    let (mut client, stream) = ends();
    let began = Instant::now();
    let mut side = Connection::new(stream, Server::new()).with_timeout(TcpStream::set_read_timeout);
    std::thread::spawn(move || {
        while client.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(30));
        }
    });
    assert_eq!(ended(side.next(), began), TIME_LIMIT);
}

#[test]
fn who_does_not_read_is_left() {
    let (_client, stream) = ends();
    let limits = Limits { output_bytes: 1 << 26, ..Limits::default() };
    let mut side =
        Connection::with_limits(stream, Server::new(), limits).with_timeout(both_timeouts);
    let text = "x".repeat(60_000);
    // More than the system takes in.
    for _ in 0..1000 {
        side.send(Line::new(&text)).expect("it waits here");
    }
    let (began, flushed) = (Instant::now(), side.flush());
    let Err(Error::Violation(violation)) = flushed else { panic!("{flushed:?}") };
    assert_eq!(violation.rule, TIME_LIMIT);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn a_timeout_of_the_program_stays_its_own() {
    let (mut client, stream) = ends();
    stream.set_read_timeout(Some(Duration::from_millis(50))).expect("it can wait so");
    let mut side = Connection::new(stream, Server::new());
    client.write_all(b"he").expect("it is open");
    let woken = side.next().map(|_| ());
    let Err(Error::Io(error)) = woken else { panic!("{woken:?}") };
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    // Nothing was lost.
    client.write_all(b"llo\n").expect("it is open");
    let Ok(Some((talk::server::Event::Line(line), _))) = side.next() else { panic!("it came") };
    assert_eq!(line.text, "hello");
    let began = Instant::now();
    let last = loop {
        match side.next() {
            Err(Error::Io(_)) => {}
            Err(Error::Violation(violation)) => break violation.rule,
            other => panic!("{:?}", other.map(|event| event.is_some())),
        }
    };
    assert_eq!(last, TIME_LIMIT);
    assert!(began.elapsed() >= Duration::from_millis(400));
}
