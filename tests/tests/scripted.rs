//! Scripted peers: what they say and see over anything that carries bytes, and what they tell when
//! something else comes.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use framer_protocols::framers::CrlfLine;
use framer_protocols::smtp::client::{Event as Heard, Message};
use framer_protocols::smtp::server::Event;
use framer_protocols::smtp::{
    Client, Ehlo, Mail, NullPath, Quit, Reply, Rset, Server, StartTls, Upgrade,
};
use framer_runtime::connection::{Connection, Limits, Sender};
use framer_runtime::framers::{self, Framers, Framing};
use framer_runtime::testing::{Side, blocking, expect, tokio::Peer};
use framer_runtime::violation::Rule;
use framer_runtime::{Error, blocking as adapter, tokio as asynchronous};
use tokio::time::Instant;

/// What is tested: a server that answers what comes by what it is.
fn answer(event: Event<'_>, mut reply: Sender<'_, Server>) {
    let (code, text) = match event {
        Event::Content(_) | Event::Upgrade(_) => return,
        Event::Ehlo(_) => (250, "so\nSTARTTLS"),
        Event::Data(_) => (354, "so"),
        Event::StartTls(_) => (220, "so"),
        Event::Quit(_) => (221, "so"),
        Event::Malformed(_) => (501, "so"),
        Event::Refused(_) => (503, "so"),
        _ => (250, "so"),
    };
    reply.send(Reply::new(code, text)).expect("an answer");
}

fn side() -> Side<Server, fn(Event<'_>, Sender<'_, Server>)> {
    let mut connection = Connection::new(Server::new(), Limits::default());
    connection.send(Reply::new(220, "ready")).expect("a greeting");
    Side::new(connection, answer)
}

fn code(event: Heard<'_>) -> Option<u16> {
    let Heard::Reply(reply) = event else { return None };
    Some(reply.code)
}

/// The peer greets, and says what `code` says.
fn greeted<S: Read + Write>(peer: &mut blocking::Peer<S, Client>) {
    expect!(peer, Heard::Reply(reply) if reply.code == 220);
    peer.say(Ehlo::new("me"));
    let offers = expect!(peer, Heard::Reply(reply) => reply.lines.iter().count());
    assert_eq!(offers, 2);
}

#[test]
fn a_side_without_io() {
    let mut peer = blocking::Peer::new(side(), Client::new());
    greeted(&mut peer);
    // In pieces, and in parts of a message's bytes.
    peer.cut_into(1);
    peer.say(Mail::new(NullPath));
    assert_eq!(peer.expect("an answer", code), 250);
    let rset = peer.encode(Rset);
    let (first, second) = rset.split_at(2);
    peer.write(first);
    peer.write(second);
    assert_eq!(peer.expect("an answer", code), 250);
    // Bytes that are no message of this role.
    peer.write(b"MAIL FROM:<\r\n");
    peer.expect_bytes(b"501 so\r\n");
    peer.say(Quit);
    assert_eq!(peer.expect("an answer", code), 221);
    assert_eq!(peer.expect_end(), Ok(()));
    assert_eq!(peer.stream().failed(), None);
}

/// The stream ends at a place, or nothing comes for a time.
#[test]
fn a_side_is_closed_and_waits() {
    let mut peer = blocking::Peer::new(side(), Client::new());
    greeted(&mut peer);
    peer.write(b"MAI");
    peer.stream().close();
    let failed = peer.stream().failed().map(|violation| violation.rule);
    assert_eq!(failed, Some(Rule::EndOfStream { have: 3 }));
    assert_eq!(peer.expect_end(), Ok(()));

    let mut peer = blocking::Peer::new(side(), Client::new());
    greeted(&mut peer);
    peer.stream().pass(Duration::from_secs(599));
    peer.say(Rset);
    assert_eq!(peer.expect("an answer", code), 250);
    peer.stream().pass(Duration::from_secs(599));
    assert_eq!(peer.stream().failed(), None);
    peer.stream().pass(Duration::from_secs(1));
    let failed = peer.stream().failed().map(|violation| violation.rule);
    assert_eq!(failed, Some(Rule::TimeLimit { millis: 600_000, state: "Ready" }));
    assert_eq!(peer.expect_end(), Ok(()));
}

#[test]
fn an_upgrade_and_another_machine() {
    let mut peer = blocking::Peer::new(side(), Client::new());
    greeted(&mut peer);
    peer.say(StartTls);
    assert_eq!(peer.expect("an answer", code), 220);
    expect!(peer, Heard::Upgrade(Upgrade::Tls));
    peer.upgrade(|mut side| {
        side.connection().upgraded().expect("it was told");
        Ok(side)
    });
    greeted_again(&mut peer);
    // Frames without a session, for what is out of step with every session.
    let line = Framing::of::<CrlfLine<'_>>();
    let framers = Framers::new(line, line);
    let mut peer = peer.continue_with(framers);
    peer.write(b"DATA\r\n");
    expect!(peer, framers::Event::Frame(frame) if frame.bytes() == b"503 so\r\n");
}

fn greeted_again<S: Read + Write>(peer: &mut blocking::Peer<S, Client>) {
    peer.say(Ehlo::new("me"));
    expect!(peer, Heard::Reply(reply) if reply.code == 250);
}

#[test]
fn a_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let to = listener.local_addr().expect("its address");
    // What is tested is the client here.
    let tested = std::thread::spawn(move || -> Result<u16, Error> {
        let stream = TcpStream::connect(to)?;
        let mut connection = adapter::Connection::new(stream, Client::new());
        connection.next()?;
        connection.send(Ehlo::new("me"))?;
        let Some((Heard::Reply(reply), _)) = connection.next()? else { panic!("no reply") };
        let code = reply.code;
        connection.next()?;
        Ok(code)
    });
    let (stream, _) = listener.accept().expect("a client");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("it is there");
    let mut peer = blocking::Peer::new(stream, Server::new());
    peer.say(Reply::new(220, "ready"));
    expect!(peer, Event::Ehlo(ehlo) if ehlo.domain == "me");
    peer.cut_into(1);
    peer.say(Reply::new(550, "not you"));
    peer.stream().shutdown(Shutdown::Write).expect("it is open");
    assert_eq!(peer.expect_end(), Ok(()));
    assert_eq!(tested.join().expect("it does not panic").expect("no fault"), 550);
}

/// What is told of a test that fails.
fn told(test: impl FnOnce()) -> String {
    let failed = catch_unwind(AssertUnwindSafe(test)).expect_err("it fails");
    *failed.downcast::<String>().expect("a text")
}

#[test]
fn what_is_told_of_a_failure() {
    let line = line!() + 5;
    let text = told(|| {
        let mut peer = blocking::Peer::new(side(), Client::new());
        greeted(&mut peer);
        peer.say(Mail::new(NullPath));
        expect!(peer, Heard::Reply(reply) if reply.code == 550);
    });
    let wanted = format!(
        r#"at tests/tests/scripted.rs:{line}:9
expected Heard::Reply(reply) if reply.code == 550
but came Reply(Reply {{ code: 250, lines: [ReplyLine {{ enhanced: None, text: "so" }}] }})
the conversation so far:
  sees  0..11        "220 ready\r\n"
        Reply(Reply {{ code: 220, lines: [ReplyLine {{ enhanced: None, text: "ready" }}] }})
  says  0..9         "EHLO me\r\n"
  sees  11..33       "250-so\r\n250 STARTTLS\r\n"
        Reply(Reply {{ code: 250, lines: [ReplyLine {{ enhanced: None, text: "so" }}, ReplyLine {{ enhanced: None, text: "STARTTLS" }}] }})
  says  9..23        "MAIL FROM:<>\r\n"
  sees  33..41       "250 so\r\n"
        Reply(Reply {{ code: 250, lines: [ReplyLine {{ enhanced: None, text: "so" }}] }})"#
    );
    assert_eq!(text, wanted);

    let came = |text: &str| text.lines().nth(2).expect("a line").to_owned();
    let greeted_peer = || {
        let mut peer = blocking::Peer::new(side(), Client::new());
        greeted(&mut peer);
        peer
    };
    let text = told(|| expect!(greeted_peer(), Heard::Reply(_)));
    assert_eq!(came(&text), "but came nothing");
    let text = told(|| greeted_peer().say(Message::ContentEnd));
    assert_eq!(came(&text), "but came Content may not be sent while Command is due");
    let text = told(|| greeted_peer().expect_bytes(b"250"));
    assert_eq!(text.lines().nth(1), Some("expected the bytes \"250\""));
    let text = told(|| {
        let mut peer = greeted_peer();
        peer.write(b"NOOP\r\n");
        expect!(peer, Heard::Reply(_));
    });
    assert_eq!(came(&text), "but came Reply: reply out of turn in state Ready (bytes 33..41)");
    assert!(text.ends_with("\nnot looked at, from byte 33: \"250 so\\r\\n\""), "{text}");
    let text = told(|| {
        let mut peer = greeted_peer();
        peer.say(Rset);
        let _ = peer.expect_end();
    });
    assert!(came(&text).starts_with("but came Reply(Reply { code: 250"), "{text}");
    let text = told(|| {
        let mut peer = greeted_peer();
        peer.write(b"QUIT\r\n");
        peer.expect_bytes(b"221 so\r\n");
        expect!(peer, Heard::Reply(_));
    });
    assert_eq!(came(&text), "but came the end of the stream");
}

/// What is tested over tokio.
async fn serve(stream: tokio::io::DuplexStream) -> Result<(), Error> {
    let mut connection = asynchronous::Connection::new(stream, Server::new());
    connection.send(Reply::new(220, "ready")).await?;
    while let Some((event, reply)) = connection.next().await? {
        answer(event, reply);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn over_tokio_and_its_clock() {
    let (mut peer, stream) = Peer::duplex(Client::new());
    let served = tokio::spawn(serve(stream));
    expect!(peer, Heard::Reply(reply) if reply.code == 220).await;
    let began = Instant::now();
    // A byte a second is taken, as long as the message comes.
    peer.cut_into(1, Duration::from_secs(1));
    peer.say(Ehlo::new("me")).await;
    expect!(peer, Heard::Reply(reply) if reply.code == 250).await;
    assert_eq!(began.elapsed().as_secs(), 8);
    peer.cut_into(usize::MAX, Duration::ZERO);
    peer.say(Mail::new(NullPath)).await;
    assert_eq!(peer.expect("an answer", code).await, 250);
    peer.write(b"nonsense\r\n").await;
    peer.expect_bytes(b"250 so\r\n").await;
    peer.expect_silence(Duration::from_secs(500)).await;
    peer.write(b"RS").await;
    peer.patience(Duration::from_secs(3600));
    assert_eq!(peer.expect_end().await, Ok(()));
    // Ten minutes after the last command.
    assert_eq!(began.elapsed().as_secs(), 8 + 600);
    let ended = served.await.expect("it does not panic");
    assert!(matches!(ended, Err(Error::Violation(_))), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn half_closed_over_tokio() {
    let (mut peer, stream) = Peer::duplex(Client::new());
    let served = tokio::spawn(serve(stream));
    expect!(peer, Heard::Reply(_)).await;
    peer.write(b"EHLO me\r\nRS").await;
    peer.close().await;
    peer.expect_bytes(b"250-so\r\n250 STARTTLS\r\n").await;
    assert_eq!(peer.expect_end().await, Ok(()));
    let Err(Error::Violation(violation)) = served.await.expect("it does not panic") else {
        panic!("half a command is no end");
    };
    assert_eq!(violation.rule, Rule::EndOfStream { have: 2 });
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_over_tokio() {
    let (mut peer, stream) = Peer::duplex(Client::new());
    let served = tokio::spawn(async {
        let mut connection = asynchronous::Connection::new(stream, Server::new());
        connection.send(Reply::new(220, "ready")).await?;
        while let Some((event, reply)) = connection.next().await? {
            if let Event::Upgrade(_) = event {
                connection.upgrade(async |stream| Ok(stream)).await?;
            } else {
                answer(event, reply);
            }
        }
        Ok::<(), Error>(())
    });
    expect!(peer, Heard::Reply(reply) if reply.code == 220).await;
    for _ in 0..2 {
        peer.say(Ehlo::new("me")).await;
        expect!(peer, Heard::Reply(reply) if reply.code == 250).await;
        peer.say(StartTls).await;
        expect!(peer, Heard::Reply(reply) if reply.code == 220).await;
        expect!(peer, Heard::Upgrade(Upgrade::Tls)).await;
        peer.upgrade(async |stream| Ok(stream)).await;
    }
    peer.say(Quit).await;
    assert_eq!(peer.expect("an answer", code).await, 221);
    assert_eq!(peer.expect_end().await, Ok(()));
    assert!(served.await.expect("it does not panic").is_ok());
}

/// Who does not read is not waited for, either.
#[tokio::test(start_paused = true)]
#[should_panic(expected = "\nexpected that \"xxxx\" can be written\nbut came nothing\n")]
async fn patience_ends_for_what_is_not_read() {
    let (here, _there) = tokio::io::duplex(1000);
    let mut peer = Peer::new(here, Client::new());
    peer.cut_into(4, Duration::ZERO);
    peer.write(&[b'x'; 1004]).await;
}

#[tokio::test(start_paused = true)]
async fn patience_ends() {
    let line = line!() + 3;
    let waiting = tokio::spawn(async {
        let (mut peer, _stream) = Peer::duplex(Client::new());
        expect!(peer, Heard::Reply(_)).await;
    });
    let told = waiting.await.expect_err("nothing comes").into_panic();
    let told = told.downcast::<String>().expect("a text");
    let wanted = format!("at tests/tests/scripted.rs:{line}:9\nexpected Heard::Reply(_)\n");
    assert_eq!(*told, wanted + "but came nothing\nthe conversation so far:\n  nothing");
}
