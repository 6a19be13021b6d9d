//! Both sides ask, and both have payloads.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use framer_runtime::requests::{Answer, Failed, Heard, Part, Request, Requests};
use framer_runtime::tokio::Connection;
use futures_util::{StreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::{Instant, sleep};
use tower::service_fn;

framer_runtime::framer! {
    delimiter LF = "\n";
    enum Said in until LF max 32 {
        Ask { "ask ", id: dec u16 [1..=4], " ", size: dec u32 [1..=6] },
        More { "more ", id: dec u16 [1..=4] },
        Told { "told ", id: dec u16 [1..=4] },
    }
    frame Body(size: u64) { stream data: bytes [size] }
    protocol Both over stream {
        roles left, right;
        left speaks Said;
        right speaks Said;
        pending by id max 8;
        #[allow(F0402, "each side asks when it likes")]
        state Open {
            left Ask => { left then Body(size) } awaits { More => again, Told => stay };
            right Ask => { right then Body(size) } awaits { More => again, Told => stay };
        }
    }
}

use both::{Ask, Left, More, Told, left};

/// What is kept of an event: which request it is, or of whose payload.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Asked(u16),
    Told(u16),
    Data(Vec<u8>),
    End,
}

fn of_left() -> Requests<Left, Word> {
    Requests::new(|event: left::Event<'_>| match event {
        left::Event::Ask(ask) => Word::Asked(ask.id),
        left::Event::More(more) => Word::Told(more.id),
        left::Event::Told(told) => Word::Told(told.id),
        left::Event::Body(data) => Word::Data(data.to_vec()),
        left::Event::BodyEnd => Word::End,
    })
}

/// Asks with a payload of so many bytes, one a millisecond.
fn ask(size: u32) -> Request<Left> {
    let head = Part::new(move |id, speaker| speaker.send(Ask::new(number(id), size)));
    let bytes = stream::iter(0..size).then(async |_| {
        sleep(Duration::from_millis(1)).await;
        Part::new(|_, speaker| speaker.send(left::Message::Body(b"a")))
    });
    Request::new(head).then(bytes)
}

/// Answers three times, once in four milliseconds.
fn answer(id: u16) -> Answer<Left> {
    let more = move |_| Part::new(move |_, speaker| speaker.send(More::new(id)));
    let last = Part::new(move |_, speaker| speaker.send(Told::new(id)));
    let rest = stream::iter([more(2), last]).then(async |part| {
        sleep(Duration::from_millis(4)).await;
        part
    });
    Answer::from(more(1)).then(rest)
}

fn number(id: u64) -> u16 {
    u16::try_from(id).expect("a small number")
}

/// What answers does not come between a payload of a request, whichever was begun before.
#[tokio::test(start_paused = true)]
async fn nothing_comes_between_a_payload() {
    let (near, mut far) = duplex(1024);
    let service = service_fn(async |heard: Heard<Word>| match heard.one().await? {
        Word::Asked(id) => Ok::<_, Failed>(answer(id)),
        other => panic!("{other:?}"),
    });
    let (client, driver) = of_left().both(Connection::new(near, Left::new()), service);
    tokio::spawn(driver.run());
    let peer = async {
        let mut said = [0; 13];
        far.read_exact(&mut said[..9]).await.expect("it asks");
        // While the payload comes, this side asks.
        far.write_all(b"ask 7 0\n").await.expect("it reads");
        far.read_exact(&mut said[9..]).await.expect("it goes on");
        assert_eq!(&said, b"ask 1 5\naaaaa");
        far.write_all(b"told 1\n").await.expect("it reads");
        let mut answers = [0; 21];
        far.read_exact(&mut answers).await.expect("it answers");
        assert_eq!(&answers, b"more 7\nmore 7\ntold 7\n");
        // And the other way round.
        far.write_all(b"ask 8 0\n").await.expect("it reads");
        let mut said = [0; 40];
        far.read_exact(&mut said).await.expect("it answers and asks");
        let payload = b"ask 1 10\naaaaaaaaaa";
        let at = said.windows(19).position(|part| part == payload).expect("in one piece");
        let answers = [&said[..at], &said[at + 19..]].concat();
        assert_eq!((at, &answers[..]), (7, &b"more 8\nmore 8\ntold 8\n"[..]));
        far.write_all(b"told 1\n").await.expect("it reads");
    };
    let asking = async {
        let first = client.ask(ask(5)).await;
        // Behind all answers to the other's first, and the first to its second.
        sleep(Duration::from_millis(10)).await;
        (first, client.ask(ask(10)).await)
    };
    let (said, ()) = tokio::join!(asking, peer);
    assert_eq!(said, (Ok(Word::Told(1)), Ok(Word::Told(1))));
}

/// A driver that is to stop hears what has begun to its end, and nothing more, though a request
/// that was given up is not answered.
#[tokio::test(start_paused = true)]
async fn who_is_to_stop_hears_nothing_new() {
    let (near, far) = duplex(4);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heard);
    let service = service_fn(move |mut asked: Heard<Word>| {
        let seen = Arc::clone(&seen);
        async move {
            let Some(Word::Asked(id)) = asked.next().await? else { panic!() };
            seen.lock().expect("no panic").push(id);
            // Until then no more is read than waits for this.
            sleep(Duration::from_secs(10)).await;
            while asked.next().await?.is_some() {}
            sleep(Duration::from_secs(10)).await;
            let told = Part::new(move |_, speaker| speaker.send(Told::new(id)));
            Ok::<_, Failed>(Answer::from(told))
        }
    });
    let (client, driver) = of_left().both(Connection::new(near, Left::new()), service);
    let began = Instant::now();
    let driven = tokio::spawn(driver.run_until(sleep(Duration::from_secs(5))));
    let (mut hear, mut say) = tokio::io::split(far);
    let hearing = async {
        let mut said = Vec::new();
        hear.read_to_end(&mut said).await.expect("its end");
        said
    };
    let saying = async {
        say.write_all(b"ask 1 200\n").await.expect("it reads");
        say.write_all(&[b'x'; 200]).await.expect("it reads");
        // This is read no more.
        say.write_all(b"ask 2 0\n").await.expect_err("it is gone")
    };
    let late = client.ask(ask(0).within(Duration::from_secs(1)));
    let (late, said, _) = tokio::join!(late, hearing, saying);
    assert_eq!((late, &said[..]), (Err(Failed::TimedOut), &b"ask 1 0\ntold 1\n"[..]));
    assert_eq!(*heard.lock().expect("no panic"), [1]);
    assert!(driven.await.expect("no panic").expect("it ends well").is_none());
    assert_eq!(began.elapsed(), Duration::from_secs(20));
}
