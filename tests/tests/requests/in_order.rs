//! Requests one behind the other: who waits for what, and how long.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use framer_runtime::requests::{Failed, Heard, Request};
use framer_runtime::tokio::Connection;
use framer_runtime::violation::Misuse;
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::{Instant, sleep};
use tower::{Service, ServiceExt, service_fn};

use super::{Answering, Word, ask, echo, lines, of_server, served, slowly, text, text_of};

#[tokio::test(start_paused = true)]
async fn replies_come_in_the_order_of_the_requests() {
    let client = served(1024, service_fn(slowly));
    let began = Instant::now();
    let order = Arc::new(AtomicUsize::new(0));
    let asked = ["400", "300", "200", "100"].map(|millis| {
        let (client, order) = (client.clone(), Arc::clone(&order));
        async move {
            let said = text_of(client.ask(ask(millis)).await).expect("it answers");
            assert_eq!(said, millis);
            (order.fetch_add(1, Ordering::Relaxed), began.elapsed().as_millis())
        }
    });
    // They are worked on at once, and the first holds up the others.
    assert_eq!(join_all(asked).await, [(0, 400), (1, 400), (2, 400), (3, 400)]);
}

/// More requests than may be outstanding wait for a place; none is refused.
#[tokio::test(start_paused = true)]
async fn as_many_as_the_description_lets_be_outstanding() {
    let client = served(1024, service_fn(slowly));
    let began = Instant::now();
    let asked = (0..100).map(|_| client.ask(ask("10")));
    assert!(join_all(asked).await.into_iter().all(|said| said == Ok(text("10"))));
    assert_eq!(began.elapsed().as_millis(), 100 / 4 * 10);
}

#[tokio::test]
async fn layers_go_over_a_client() {
    let silent = service_fn(async |_: Heard<Word>| std::future::pending::<Answering>().await);
    let client = served(1024, silent);
    let layered = tower::ServiceBuilder::new().timeout(Duration::from_millis(20)).service(client);
    let failed = layered.oneshot(Request::from(ask("hello"))).await.expect_err("nobody answers");
    assert!(failed.is::<tower::timeout::error::Elapsed>(), "{failed}");
}

#[tokio::test(start_paused = true)]
async fn a_request_waits_as_long_as_it_says() {
    let client = served(1024, service_fn(slowly));
    let late = Request::from(ask("200")).within(Duration::from_millis(100));
    assert_eq!(client.ask(late).await, Err(Failed::TimedOut));
    // The answer of the one that was given up is nobody else's.
    let soon = Request::from(ask("20")).within(Duration::from_millis(150));
    assert_eq!(client.ask(soon).await, Ok(text("20")));
}

/// A request that was given up before it was said is not said.
#[tokio::test(start_paused = true)]
async fn what_is_cancelled_in_time_is_not_said() {
    let heard = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&heard);
    let client = served(
        1024,
        service_fn(move |heard| {
            count.fetch_add(1, Ordering::Relaxed);
            slowly(heard)
        }),
    );
    let four = join_all((0..4).map(|_| client.ask(ask("100"))));
    let never = Request::from(ask("1")).within(Duration::from_millis(50));
    let (four, never) = tokio::join!(four, client.ask(never));
    assert!(four.into_iter().all(|said| said == Ok(text("100"))));
    assert_eq!(never, Err(Failed::TimedOut), "there was no place");

    let mut waiting = client.clone();
    let (first, second) = (waiting.ready().await.expect("a place").call(ask("1").into()), client);
    drop(first);
    assert_eq!(second.ask(ask("2")).await, Ok(text("2")));
    assert_eq!(heard.load(Ordering::Relaxed), 5);
}

/// What cannot be said is told to who asks, and nobody else is touched.
#[tokio::test]
async fn what_cannot_be_said_is_told() {
    let client = served(1024, service_fn(echo));
    let wrong = client.ask(ask("two\nlines")).await;
    assert!(matches!(wrong, Err(Failed::Misuse(Misuse::Encode(_)))), "{wrong:?}");
    assert_eq!(client.ask(ask("one")).await, Ok(text("one")));
}

/// What is said within the grace goes out together.
#[tokio::test(start_paused = true)]
async fn little_requests_go_out_together() {
    let (near, mut far) = duplex(1024);
    let requests = of_server().flush_grace(Duration::from_millis(10));
    let (client, driver) = requests.client(Connection::new(near, lines::Client::new()));
    tokio::spawn(driver.run());
    let began = Instant::now();
    let asked = join_all((0..3).map(|number| {
        let client = client.clone();
        async move {
            sleep(Duration::from_millis(4 * number)).await;
            client.ask(ask("x")).await
        }
    }));
    let peer = async {
        let mut asked = [0; 64];
        let count = far.read(&mut asked).await.expect("it asks");
        assert_eq!((count, began.elapsed().as_millis()), (12, 10));
        far.write_all(b"done 0 a\ndone 0 b\ndone 0 c\n").await.expect("it reads");
    };
    let (said, ()) = tokio::join!(asked, peer);
    assert_eq!(said, ["a", "b", "c"].map(|said| Ok(text(said))));
}

/// A stream that keeps what is written until it is flushed: all of it leaves, however slowly the
/// peer reads.
#[tokio::test(start_paused = true)]
async fn what_is_said_leaves_a_stream_that_keeps_it() {
    let (near, mut far) = duplex(3);
    let buffered = tokio::io::BufStream::new(near);
    let connection = Connection::new(buffered, lines::Client::new());
    let (client, driver) = of_server().client(connection);
    tokio::spawn(driver.run());
    let peer = async {
        let mut asked = Vec::new();
        while !asked.ends_with(b"\n") {
            sleep(Duration::from_millis(1)).await;
            asked.push(far.read_u8().await.expect("it asks"));
        }
        far.write_all(b"done 0 yes\n").await.expect("it reads");
        asked
    };
    let (said, asked) = tokio::join!(client.ask(ask("a question of some length")), peer);
    assert_eq!((said, &asked[..]), (Ok(text("yes")), &b"0 a question of some length\n"[..]));
}
