//! What becomes of bytes behind the frame that upgrades, and what goes on with the transport.

use std::io::{self, Read, Write};
use std::time::Duration;

use framer_runtime::connection::Connection;
use framer_runtime::machine::Progress;
use framer_runtime::testing::{Faults, Pair, Turn, seeds};
use framer_runtime::violation::{Misuse, Rule};
use framer_runtime::{blocking, tokio as adapter};
use framer_tests::seen::connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

mod described {
    framer_runtime::framer! {
        delimiter LF = "\n";
        enum Ask in until LF max 32 { Strict { "strict" }, Loose { "loose" }, Open { "open" } }
        frame Tell in until LF max 32 { "go" }

        protocol Plain over stream {
            roles client, server;
            client speaks Ask;
            server speaks Tell;
            pending fifo max 1;
            state Start {
                client Strict => awaits { _ => { upgrade Secure } };
                client Loose => awaits { _ => { upgrade Fresh discard } };
                client Open => awaits { _ => { upgrade Other carry } };
            }
        }
    }
}
use described::plain::{self, Client, Server, Tell, Upgrade};
use described::plain::{Ask, Loose, Open, Strict};

/// A client that has read the answer to `ask` with `behind` in the same segment, as far as it goes.
fn answered(ask: Ask, behind: &[u8]) -> Result<(Connection<Client>, Option<Upgrade>), Rule> {
    let mut client = connection(Client::new());
    client.send(ask).expect("a request");
    client.receive(&[b"go\n", behind].concat());
    let mut layer = None;
    loop {
        match client.poll() {
            Ok(Progress::Event((plain::client::Event::Upgrade(to), _))) => layer = Some(to),
            Ok(Progress::Event(_)) => {}
            Ok(_) => return Ok((client, layer)),
            Err(violation) => return Err(violation.rule),
        }
    }
}

#[test]
fn what_stands_behind_is_refused_dropped_or_carried() {
    let rule = answered(Strict.into(), b"injected").map(|(_, layer)| layer);
    assert_eq!(rule, Err(Rule::BeforeUpgrade { layer: "Secure" }));
    let (client, layer) = answered(Strict.into(), b"").expect("nothing is wrong");
    assert_eq!((layer, client.into_received()), (Some(Upgrade::Secure), Vec::new()));
    let (client, layer) = answered(Loose.into(), b"stale").expect("nothing is wrong");
    assert_eq!((layer, client.into_received()), (Some(Upgrade::Fresh), Vec::new()));
    let (client, layer) = answered(Open.into(), b"first").expect("nothing is wrong");
    assert_eq!((layer, client.into_received()), (Some(Upgrade::Other), b"first".to_vec()));
}

/// What is dropped counts as read: the session that goes on begins with what comes then.
#[test]
fn behind_what_is_dropped_the_session_goes_on() {
    let (mut client, _) = answered(Loose.into(), b"stale").expect("nothing is wrong");
    assert_eq!(client.receive(b"more"), 0);
    client.upgraded().expect("it was told");
    client.send(Ask::from(Strict)).expect("a request");
    client.receive(b"go\n");
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
}

#[test]
fn what_is_carried_is_the_first_that_another_protocol_reads() {
    let mut server = connection(Server::new());
    server.receive(b"open\nstrict\n");
    let Ok(Progress::Event((_, mut reply))) = server.poll() else { panic!("a request") };
    reply.send(Tell).expect("an answer");
    assert!(matches!(server.poll(), Ok(Progress::Event((plain::server::Event::Upgrade(_), _)))));
    let mut next = server.continue_with(Server::new()).expect("an upgrade");
    assert_eq!(next.transmit(), b"go\n");
    let event = next.poll().expect("nothing is wrong");
    assert!(matches!(event, Progress::Event((plain::server::Event::Strict(_), _))));
}

/// What the peer said before a layer that secures what it says is never read as if it came through
/// that layer, whatever the program does.
#[test]
fn nothing_is_read_behind_a_layer_that_came_before_it() {
    let answering = |ask: &[u8]| {
        let mut server = connection(Server::new());
        server.receive(&[ask, b"\nloose\n"].concat());
        let Ok(Progress::Event((_, mut reply))) = server.poll() else { panic!("a request") };
        reply.send(Tell).expect("an answer");
        server
    };
    // Not told yet: the bytes are still to be judged.
    for ask in [&b"strict"[..], b"loose", b"open"] {
        let mut server = answering(ask);
        assert_eq!(server.upgraded(), Err(Misuse::NotUpgraded));
        assert!(server.continue_with(Server::new()).is_err());
    }
    let mut server = answering(b"strict");
    let rule = server.poll().expect_err("bytes behind it").rule;
    assert_eq!(rule, Rule::BeforeUpgrade { layer: "Secure" });
    assert_eq!(server.upgraded(), Err(Misuse::NotUpgraded));
    assert!(server.continue_with(Server::new()).is_err());
    // Dropped: the session goes on without them.
    let mut server = answering(b"loose");
    assert!(matches!(server.poll(), Ok(Progress::Event((plain::server::Event::Upgrade(_), _)))));
    assert_eq!(server.upgraded(), Ok(()));
    assert!(matches!(server.poll(), Ok(Progress::More(_))));
    // Carried: for another protocol, never for this one.
    let mut server = answering(b"open");
    assert!(matches!(server.poll(), Ok(Progress::Event((plain::server::Event::Upgrade(_), _)))));
    assert_eq!(server.upgraded(), Err(Misuse::NotUpgraded));
    assert_eq!(server.into_received(), b"loose\n");
}

/// Both sides go on with another protocol, and what was said ahead of it crosses into it.
#[test]
fn both_sides_go_on_with_another_protocol() {
    for seed in seeds(50) {
        let slow = Faults::none().delayed(Duration::ZERO..=Duration::from_secs(1)).cut_into(1..=2);
        let mut pair = Pair::new(&seed, Client::new(), Server::new()).faults(slow);
        pair.left().send(Ask::from(Open)).expect("a request");
        let Some(Turn::Right(_, mut reply)) = pair.next() else { panic!("a request") };
        reply.send(Tell).expect("an answer");
        let upgrade = pair.next();
        assert!(matches!(upgrade, Some(Turn::Right(plain::server::Event::Upgrade(_), _))));
        let mut pair = pair.continue_right(Server::new()).expect("it was told");
        assert!(matches!(pair.next(), Some(Turn::Left(plain::client::Event::Tell(_), _))));
        let upgrade = pair.next();
        assert!(matches!(upgrade, Some(Turn::Left(plain::client::Event::Upgrade(_), _))));
        let mut pair = pair.continue_left(Client::new()).expect("it was told");
        pair.left().send(Ask::from(Strict)).expect("a request");
        let ask = pair.next();
        assert!(matches!(ask, Some(Turn::Right(plain::server::Event::Strict(_), _))), "{ask:?}");
        assert_eq!(pair.continue_left(Client::new()).map(drop), Err(Misuse::NotUpgraded));
    }
}

/// What is read at once, and what was written.
struct Script(&'static [u8], Vec<u8>);

impl Read for Script {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Read::read(&mut self.0, buffer)
    }
}

impl Write for Script {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(&mut self.1, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_blocking_connection_is_taken_apart() {
    let mut server = blocking::Connection::new(Script(b"open\nraw", Vec::new()), Server::new());
    while let Some((event, mut reply)) = server.next().expect("nothing is wrong") {
        match event {
            plain::server::Event::Upgrade(_) => break,
            _ => reply.send(Tell).expect("an answer"),
        }
    }
    let (stream, received) = server.into_parts().expect("it is written");
    assert_eq!((stream.1.as_slice(), received.as_slice()), (&b"go\n"[..], &b"raw"[..]));
}

#[tokio::test]
async fn a_connection_of_tokio_is_taken_apart() {
    let (near, mut far) = duplex(64);
    far.write_all(b"open\nraw").await.expect("room");
    let mut server = adapter::Connection::new(near, Server::new());
    while let Some((event, mut reply)) = server.next().await.expect("nothing is wrong") {
        match event {
            plain::server::Event::Upgrade(_) => break,
            _ => reply.send(Tell).expect("an answer"),
        }
    }
    let (near, received) = server.into_parts().await.expect("it is written");
    assert_eq!(received, b"raw");
    drop(near);
    let mut written = Vec::new();
    far.read_to_end(&mut written).await.expect("the end");
    assert_eq!(written, b"go\n");
}
