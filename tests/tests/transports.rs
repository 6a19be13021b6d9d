//! The adapters: what they write when, how long they wait, and what they tell at the end.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::time::Duration;

use framer_protocols::smtp::server::Event;
use framer_protocols::smtp::{Client, Command, Ehlo, Noop, Reply, Server, StartTls, client};
use framer_runtime::testing::{Faults, tokio::streams};
use framer_runtime::violation::{Misuse, Rule, Violation};
use framer_runtime::{Error, blocking, tokio as adapter};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

/// What is read, a call at a time, and what was written.
#[derive(Default)]
struct Script {
    reads: VecDeque<Vec<u8>>,
    writes: Vec<Vec<u8>>,
}

impl Script {
    fn new(reads: &[&[u8]]) -> Script {
        Script { reads: reads.iter().map(|read| read.to_vec()).collect(), writes: Vec::new() }
    }
}

impl Read for Script {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(mut next) = self.reads.pop_front() else { return Ok(0) };
        let rest = next.split_off(next.len().min(buffer.len()));
        buffer[..next.len()].copy_from_slice(&next);
        if !rest.is_empty() {
            self.reads.push_front(rest);
        }
        Ok(next.len())
    }
}

impl Write for Script {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes.push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Answers everything, and counts the events.
fn serve(conn: &mut blocking::Connection<Script, Server>) -> Result<usize, Error> {
    conn.send(Reply::new(220, "ready"))?;
    let mut count = 0;
    while let Some((event, mut reply)) = conn.next()? {
        count += 1;
        let code = if matches!(event, Event::Quit(_)) { 221 } else { 250 };
        reply.send(Reply::new(code, "so"))?;
    }
    Ok(count)
}

#[test]
fn answers_are_written_once_for_a_batch() {
    let batch = b"EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<a>\r\nRSET\r\nQUIT\r\n";
    let mut conn = blocking::Connection::new(Script::new(&[batch]), Server::new());
    assert_eq!(serve(&mut conn).expect("no violation"), 5);
    let writes = &conn.stream().expect("a stream").writes;
    let texts: Vec<_> = writes.iter().map(|write| String::from_utf8_lossy(write)).collect();
    assert_eq!(texts, ["220 ready\r\n", "250 so\r\n250 so\r\n250 so\r\n250 so\r\n221 so\r\n"]);
}

#[test]
fn many_commands_at_once_need_no_more_room_than_the_limit() {
    let lines = b"RSET\r\n".repeat(50_000);
    let script = Script::new(&[b"EHLO me\r\n", &lines, b"QUIT\r\n"]);
    let mut conn = blocking::Connection::new(script, Server::new());
    assert_eq!(serve(&mut conn).expect("no violation"), 50_002);
    let writes = &conn.stream().expect("a stream").writes;
    let answers: usize = writes.iter().map(Vec::len).sum();
    assert_eq!(answers, 11 + 50_002 * 8);
    let longest = writes.iter().map(Vec::len).max().unwrap_or(0);
    assert!(longest <= 64 * 1024 + 8, "{longest} bytes at once");
}

#[test]
fn the_end_of_the_stream_is_told() {
    let cut = |reads: &[&[u8]]| {
        let mut conn = blocking::Connection::new(Script::new(reads), Server::new());
        serve(&mut conn)
    };
    assert_eq!(cut(&[b"NOOP\r\n"]).expect("a clean end"), 1);
    match cut(&[b"NOOP\r\nQU", b"IT"]) {
        Err(Error::Violation(violation)) => {
            let rule = Rule::EndOfStream { have: 4 };
            let expected = Violation { rule, frame: "Command", start: 6, end: 10 };
            assert_eq!(violation, expected);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_forgets_to_answer_is_told() {
    let script = Script::new(&[b"EHLO me\r\nNOOP\r\n"]);
    let mut conn = blocking::Connection::new(script, Server::new());
    conn.send(Reply::new(220, "ready")).expect("a greeting");
    assert!(matches!(conn.next(), Ok(Some((Event::Ehlo(_), _)))));
    assert!(matches!(conn.next(), Err(Error::Misuse(Misuse::Owed))));
    conn.send(Reply::new(250, "late")).expect("still possible");
    assert!(matches!(conn.next(), Ok(Some((Event::Noop(_), _)))));
}

#[test]
fn an_upgrade_changes_the_stream() {
    let plain = Script::new(&[b"220 ready\r\n", b"250-here\r\n250 STARTTLS\r\n", b"220 go\r\n"]);
    let mut conn = blocking::Connection::new(plain, Client::new());
    let code = |conn: &mut blocking::Connection<Script, Client>| match conn.next() {
        Ok(Some((client::Event::Reply(reply), _))) => reply.code,
        other => panic!("{:?}", other.map(|event| event.is_some())),
    };
    assert_eq!(code(&mut conn), 220);
    conn.send(Ehlo::new("me")).expect("EHLO");
    assert_eq!(code(&mut conn), 250);
    conn.send(StartTls).expect("STARTTLS");
    assert_eq!(code(&mut conn), 220);
    assert!(matches!(conn.next(), Ok(Some((client::Event::Upgrade(_), _)))));
    let mut before = None;
    let secure = Script::new(&[b"250-here\r\n250 STARTTLS\r\n", b"220 go\r\n"]);
    conn.upgrade(|plain| {
        before = Some(plain);
        Ok(secure)
    })
    .expect("an upgrade");
    conn.send(Ehlo::new("me")).expect("EHLO");
    assert_eq!(code(&mut conn), 250);
    assert_eq!(before.expect("the plain stream").writes, [&b"EHLO me\r\n"[..], b"STARTTLS\r\n"]);
    assert_eq!(conn.stream().expect("a stream").writes, [b"EHLO me\r\n"]);
    // Without an upgrade that was told, nothing is handed over.
    let early = conn.upgrade(|_| panic!("it is not due"));
    assert!(matches!(early, Err(Error::Misuse(Misuse::NotUpgraded))));
    // A layer that fails takes the stream with it.
    conn.send(StartTls).expect("STARTTLS");
    assert_eq!(code(&mut conn), 220);
    assert!(matches!(conn.next(), Ok(Some((client::Event::Upgrade(_), _)))));
    let failed = conn.upgrade(|_| Err(io::Error::other("no handshake")));
    assert!(matches!(failed, Err(Error::Io(_))));
    assert!(
        matches!(conn.flush(), Err(Error::Io(error)) if error.kind() == io::ErrorKind::NotConnected)
    );
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_not_waited_for() {
    // One byte a minute is silence, too.
    let slow = Faults::none().cut_into(1..=1).apart(Duration::from_secs(60));
    let (near, mut far) = streams(0, slow, Faults::none());
    far.write_all(b"NOOP                ").await.expect("room");
    let mut conn = adapter::Connection::new(near, Server::new());
    conn.send(Reply::new(220, "ready")).await.expect("a greeting");
    let began = tokio::time::Instant::now();
    let ended = conn.next().await.map(|event| event.is_some());
    match ended {
        Err(Error::Violation(Violation { rule, .. })) => {
            assert_eq!(rule, Rule::TimeLimit { millis: 300_000, state: "Hello" });
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(began.elapsed().as_secs(), 300);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_is_not_waited_for() {
    // Room for one answer and no more.
    let (near, mut far) = duplex(16);
    let mut conn = adapter::Connection::new(near, Server::new());
    conn.send(Reply::new(220, "ready")).await.expect("a greeting");
    far.write_all(b"NOOP\r\n").await.expect("room");
    while let Ok(Some((_, mut reply))) = conn.next().await {
        reply.send(Reply::new(250, "a long answer, which does not fit")).expect("room");
        far.write_all(b"NOOP\r\n").await.expect("room");
    }
    let Err(Error::Violation(violation)) = conn.flush().await else { panic!("it was written") };
    assert_eq!(violation.rule, Rule::TimeLimit { millis: 300_000, state: "Hello" });
}

#[tokio::test]
async fn waiting_may_be_given_up_at_any_time() {
    let (near, mut far) = duplex(4096);
    let mut conn = adapter::Connection::new(near, Server::new());
    conn.send(Reply::new(220, "ready")).await.expect("a greeting");
    for byte in b"NOOP hello\r" {
        far.write_all(&[*byte]).await.expect("room");
        let given_up = tokio::select! {
            biased;
            event = conn.next() => event.map(|event| event.is_some()).expect("no violation"),
            () = tokio::task::yield_now() => false,
        };
        assert!(!given_up);
    }
    far.write_all(b"\n").await.expect("room");
    let argument = match conn.next().await {
        Ok(Some((Event::Noop(Noop { argument }), _))) => {
            argument.map(|argument| argument.text.to_owned())
        }
        other => panic!("{:?}", other.map(|event| event.is_some())),
    };
    assert_eq!(argument.as_deref(), Some("hello"));
    let mut greeting = [0; 11];
    far.read_exact(&mut greeting).await.expect("a greeting");
    assert_eq!(&greeting, b"220 ready\r\n");
}

#[tokio::test]
async fn events_can_be_owned() {
    use framer_runtime::frame::Frame;
    let (near, mut far) = duplex(4096);
    let mut conn = adapter::Connection::new(near, Server::new());
    conn.send(Reply::new(220, "ready")).await.expect("a greeting");
    far.write_all(b"EHLO me\r\nmail from:<A@b> SIZE=5\r\n").await.expect("room");
    let owned = match conn.next().await {
        Ok(Some((Event::Ehlo(ehlo), mut reply))) => {
            reply.send(Reply::new(250, "here")).expect("an answer");
            Command::from(ehlo).owned().expect("it came so")
        }
        other => panic!("{:?}", other.map(|event| event.is_some())),
    };
    assert!(matches!(conn.next().await, Ok(Some((Event::Mail(_), _)))));
    assert_eq!(owned.view(), Command::from(Ehlo::new("me")));
    assert_eq!(owned.as_bytes(), b"EHLO me\r\n");
}
