//! Requests and responses over described protocols, in order, of one side and of both.

mod both;
mod ends;
mod halves;
mod in_order;
mod in_parts;
mod puts;

use std::time::Duration;

use framer_runtime::Error;
use framer_runtime::requests::{Answer, Client, Failed, Heard, Part, Requests};
use framer_runtime::tokio::Connection;
use tokio::io::{DuplexStream, duplex};
use tokio::time::sleep;
use tower::Service;

framer_runtime::framer! {
    delimiter LF = "\n";
    /// What is asked, and how long what comes behind it is.
    frame Ask in until LF max 64 { size: dec u32 [1..=6], " ", text: utf8 to end }
    /// A part of an answer, or the last of it and how long what comes behind that is.
    enum Told in until LF max 64 {
        More { word "more", " ", text: utf8 to end },
        Done { word "done", " ", size: dec u32 [1..=6], " ", text: utf8 to end },
    }
    frame Body(size: u64) { stream data: bytes [size] }
    protocol Lines over stream {
        roles client, server;
        client speaks Ask;
        server speaks Told;
        pending fifo max 4;
        state Open within 1 h else close {
            client Ask => { client then Body(size) } awaits {
                More => again,
                Done => stay { server then Body(size) },
            };
        }
    }
}

use lines::{Ask, Done, More, client, server};

/// What a program makes of events.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Text(String),
    Data(Vec<u8>),
    End,
}

fn text(text: &str) -> Word {
    Word::Text(text.to_owned())
}

type Asking = Client<lines::Client, Word>;
type Answering = Result<Answer<lines::Server>, Failed>;

fn of_server() -> Requests<lines::Client, Word> {
    Requests::new(|event: client::Event<'_>| match event {
        client::Event::More(more) => text(more.text),
        client::Event::Done(done) => text(done.text),
        client::Event::Body(data) => Word::Data(data.to_vec()),
        client::Event::BodyEnd => Word::End,
    })
}

fn of_client() -> Requests<lines::Server, Word> {
    Requests::new(|event: server::Event<'_>| match event {
        server::Event::Ask(ask) => text(ask.text),
        server::Event::Body(data) => Word::Data(data.to_vec()),
        server::Event::BodyEnd => Word::End,
    })
}

/// A client, driven, over one end of a pipe.
fn asking(stream: DuplexStream) -> Asking {
    let (client, driver) = of_server().client(Connection::new(stream, lines::Client::new()));
    tokio::spawn(driver.run());
    client
}

/// What a server of `service` comes to.
fn serving<V>(stream: DuplexStream, service: V) -> tokio::task::JoinHandle<Result<(), Error>>
where
    V: Service<Heard<Word>, Response = Answer<lines::Server>, Error = Failed> + Send + 'static,
    V::Future: Send + 'static,
{
    let driver = of_client().serve(Connection::new(stream, lines::Server::new()), service);
    tokio::spawn(async { driver.run().await.map(|upgrade| assert!(upgrade.is_none())) })
}

/// A client over a pipe of so many bytes to a server of `service`.
fn served<V>(bytes: usize, service: V) -> Asking
where
    V: Service<Heard<Word>, Response = Answer<lines::Server>, Error = Failed> + Send + 'static,
    V::Future: Send + 'static,
{
    let (near, far) = duplex(bytes);
    serving(far, service);
    asking(near)
}

/// Asks without a body.
fn ask(text: &str) -> Part<lines::Client> {
    let text = text.to_owned();
    Part::new(move |_, speaker| speaker.send(Ask::new(0, &text)))
}

/// Answers without a body.
fn done(text: &str) -> Part<lines::Server> {
    let text = text.to_owned();
    Part::new(move |_, speaker| speaker.send(Done::new(0, &text)))
}

/// Answers, and not for the last time.
fn more(text: &str) -> Part<lines::Server> {
    let text = text.to_owned();
    Part::new(move |_, speaker| speaker.send(More::new(&text)))
}

fn text_of(word: Result<Word, Failed>) -> Result<String, Failed> {
    word.map(|word| match word {
        Word::Text(text) => text,
        other => panic!("{other:?} is no text"),
    })
}

async fn echo(heard: Heard<Word>) -> Answering {
    Ok(Answer::from(done(&text_of(heard.one().await)?)))
}

/// Waits as long as the text says, and says it.
async fn slowly(heard: Heard<Word>) -> Answering {
    let text = text_of(heard.one().await)?;
    sleep(Duration::from_millis(text.parse().expect("a number"))).await;
    Ok(Answer::from(done(&text)))
}
