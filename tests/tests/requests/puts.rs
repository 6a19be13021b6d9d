//! What the peer may decline, and what nobody answers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use framer_runtime::Error;
use framer_runtime::requests::{Answer, Failed, Heard, Part, Request, Requests};
use framer_runtime::tokio::Connection;
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::sleep;
use tower::service_fn;

framer_runtime::framer! {
    delimiter LF = "\n";
    enum Ask in until LF max 32 {
        Put { "put ", size: dec u32 [1..=6] },
        Get { "get ", text: utf8 to end },
        Note { "note ", text: utf8 to end },
    }
    enum Told in until LF max 32 {
        Go { "go ", size: dec u32 [1..=6] },
        No { "no" },
        It { "it ", text: utf8 to end },
    }
    frame Body(size: u64) { stream data: bytes [size] }
    protocol Puts over stream {
        roles client, server;
        client speaks Ask;
        server speaks Told;
        pending fifo max 4;
        any state {
            client Put => awaits { Go => stay { client then Body(size) }, _ => stay };
            client Get => awaits { _ => stay };
        }
        state Open { client Note => Noted; }
        state Noted { client Note => Open; }
    }
}

use puts::{Get, It, Note, Put, client, server};

fn of_server() -> Requests<puts::Client, String> {
    Requests::new(|event: client::Event<'_>| match event {
        client::Event::Go(go) => format!("go {}", go.size),
        client::Event::No(_) => "no".to_owned(),
        client::Event::It(it) => it.text.to_owned(),
    })
}

fn get(text: &'static str) -> Part<puts::Client> {
    Part::new(move |_, speaker| speaker.send(Get::new(text)))
}

fn note(text: &'static str) -> Part<puts::Client> {
    Part::new(move |_, speaker| speaker.send(Note::new(text)))
}

/// A payload of six bytes, in two pieces.
fn put() -> Request<puts::Client> {
    let piece = |data: &'static [u8]| {
        Part::new(move |_, speaker| speaker.send(client::Message::Body(data)))
    };
    let head = Part::new(|_, speaker| speaker.send(Put::new(6)));
    Request::new(head).then(stream::iter([piece(b"abc"), piece(b"def")]))
}

/// What the answer does not ask for is not said, and keeps nobody waiting.
#[tokio::test(start_paused = true)]
async fn what_is_declined_is_not_said() {
    for (said, wire) in [("no", "put 6\n"), ("go 6", "put 6\nabcdef")] {
        let (near, mut far) = duplex(1024);
        let (client, driver) = of_server().client(Connection::new(near, puts::Client::new()));
        let driven = tokio::spawn(driver.run());
        let peer = async {
            let mut wire = vec![0; 6];
            far.read_exact(&mut wire).await.expect("it asks");
            far.write_all(format!("{said}\n").as_bytes()).await.expect("it reads");
            while !wire.ends_with(b"get x\n") {
                wire.push(far.read_u8().await.expect("it asks again"));
            }
            far.write_all(b"it is\n").await.expect("it reads");
            wire
        };
        let asking = async {
            let mut heard = client.ask_for_all(put()).await.expect("it is answered");
            assert_eq!(heard.next().await, Ok(Some(said.to_owned())));
            assert_eq!(heard.next().await, Ok(None), "nothing follows");
            assert_eq!(client.ask(get("x")).await, Ok("is".to_owned()));
            drop(client);
        };
        let ((), bytes) = tokio::join!(asking, peer);
        assert_eq!(String::from_utf8_lossy(&bytes), format!("{wire}get x\n"));
        assert!(driven.await.expect("no panic").expect("it ends well").is_none());
    }
}

/// What awaits nothing is heard behind what does, and nothing is said to it.
#[tokio::test(start_paused = true)]
async fn what_awaits_nothing_comes_behind_what_does() {
    let (mut near, far) = duplex(1024);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heard);
    let requests = Requests::<puts::Server, _>::new(|event: server::Event<'_>| match event {
        server::Event::Get(get) => (true, get.text.to_owned()),
        server::Event::Note(note) => (false, note.text.to_owned()),
        other => panic!("{other:?}"),
    });
    let service = service_fn(move |asked: Heard<(bool, String)>| {
        let seen = Arc::clone(&seen);
        async move {
            let (asks, text) = asked.one().await?;
            seen.lock().expect("no panic").push(text.clone());
            if !asks {
                return Ok(Answer::none());
            }
            sleep(Duration::from_secs(1)).await;
            Ok::<_, Failed>(Answer::from(Part::new(move |_, speaker| speaker.send(It::new(&text)))))
        }
    });
    let driver = requests.serve(Connection::new(far, puts::Server::new()), service);
    let served = tokio::spawn(driver.run());
    near.write_all(b"get a\nnote b\nget c\nnote d\n").await.expect("it is read");
    near.shutdown().await.expect("its end");
    let mut said = String::new();
    near.read_to_string(&mut said).await.expect("it answers");
    assert_eq!(said, "it a\nit c\n");
    assert_eq!(*heard.lock().expect("no panic"), ["a", "b", "c", "d"]);
    assert!(served.await.expect("no panic").expect("it ends well").is_none());
}

/// The same from the side that says it: who waits for an answer of it is told that there is none.
#[tokio::test(start_paused = true)]
async fn who_waits_for_what_is_not_answered_is_told() {
    let (near, mut far) = duplex(1024);
    let (client, driver) = of_server().client(Connection::new(near, puts::Client::new()));
    let driven: tokio::task::JoinHandle<Result<_, Error>> = tokio::spawn(driver.run());
    let peer = async {
        let mut asked = [0; 19];
        far.read_exact(&mut asked).await.expect("it asks");
        assert_eq!(&asked, b"get a\nnote b\nget c\n");
        sleep(Duration::from_secs(1)).await;
        far.write_all(b"it A\nit C\n").await.expect("it reads");
    };
    let asked =
        async { tokio::join!(client.ask(get("a")), client.ask(note("b")), client.ask(get("c"))) };
    let (said, ()) = tokio::join!(asked, peer);
    assert_eq!(said, (Ok("A".to_owned()), Err(Failed::NoReply), Ok("C".to_owned())));
    drop(client);
    assert!(driven.await.expect("no panic").expect("it ends well").is_none());
}
