//! A server of sessions: where it listens, how many it lets go on, who is told what, and how it
//! stops. The clock is virtual.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use framer_runtime::Error;
use framer_runtime::net::{
    Address, Counts, Ended, Live, Observe, Pending, Scheme, Schemes, Server, Session, Stopped,
    Stream, Tcp, Wrapper,
};
use framer_runtime::tokio::Connection;
use framer_tests::small::echo::echo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use url::Url;

async fn serve(stream: Stream, session: Session) -> Result<(), Error> {
    let mut connection = Connection::new(stream, echo::Server::new());
    while let Some((echo::server::Event::Line(line), mut reply)) = connection.next().await? {
        match line.text {
            "panic" => panic!("as it was asked to"),
            "forever" => sleep(Duration::from_secs(1_000_000)).await,
            text => session.set_state(text),
        }
        reply.send(echo::Line::new(line.text))?;
    }
    Ok(())
}

type Client = Connection<Stream, echo::Client>;

async fn client(schemes: &Schemes, to: &str) -> Client {
    Connection::new(schemes.connect(to).await.expect("it opens"), echo::Client::new())
}

async fn ask(client: &mut Client, text: &str) -> Result<String, Error> {
    client.send(echo::Line::new(text)).await?;
    match client.next().await? {
        Some((echo::client::Event::Line(line), _)) => Ok(line.text.to_owned()),
        None => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
    }
}

/// A server in memory, and what shows it.
async fn started(
    schemes: &Schemes,
    with: impl FnOnce(Server) -> Server,
) -> (Live, JoinHandle<Stopped>) {
    let server = with(Server::bind(schemes, ["memory:echo"]).await.expect("it listens"));
    (server.live(), tokio::spawn(server.serve(serve)))
}

/// Lets everything go on that can.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn several_places_and_one_table() {
    let schemes = Schemes::default();
    let folder = tempfile::tempdir().expect("a folder");
    let socket = format!("unix:{}", folder.path().join("s").display());
    let urls =
        ["tcp://127.0.0.1:0", "tcp://[::1]:0", "udp://127.0.0.1:0", socket.as_str(), "memory:echo"];
    let server = Server::bind(&schemes, urls).await.expect("it listens");
    let places: Vec<String> = server.urls().map(str::to_owned).collect();
    let live = server.live();
    let serving = tokio::spawn(server.serve(serve));
    let mut clients = Vec::new();
    for place in &places {
        let mut client = client(&schemes, place).await;
        assert_eq!(ask(&mut client, "hello").await.expect("it answers"), "hello");
        clients.push(client);
    }
    let sessions = live.sessions();
    assert_eq!(sessions.len(), 5);
    let locals: Vec<String> = sessions.iter().map(|one| one.local.to_string()).collect();
    assert_eq!(locals, places);
    for (place, session) in (1..).zip(&sessions) {
        let facts = (session.id, session.received, session.sent, session.state.as_str());
        assert_eq!(facts, (place, 6, 6, "hello"));
    }
    drop(clients.pop());
    while live.sessions().len() > 4 {
        sleep(Duration::from_millis(1)).await;
    }
    let totals = live.totals();
    let (ended, moved) =
        (totals.well + totals.failed + totals.cut_off, (totals.received, totals.sent));
    assert_eq!((totals.begun, totals.live, ended, moved), (5, 4, 1, (30, 30)));
    // A session that is cut off tells its peer nothing.
    assert!(live.abort(1) && !live.abort(5) && !live.abort(6));
    assert!(ask(&mut clients[0], "more").await.is_err());
    live.stop(Duration::from_secs(5));
    drop(clients);
    let stopped = timeout(Duration::from_secs(10), serving).await.expect("it stops");
    // The peer of a UDP socket cannot tell that it is gone.
    assert_eq!(stopped.expect("it does not panic").cut_off, 1);
    assert!(schemes.connect(&places[0]).await.is_err(), "it listens no more");
    // Nowhere, where one of the places cannot be had.
    let twice = Server::bind(&schemes, ["memory:two", "memory:two"]).await.map(|_| ());
    assert_eq!(twice.expect_err("it is in use").kind(), io::ErrorKind::AddrInUse);
    Server::bind(&schemes, ["memory:two"]).await.expect("it is free");
}

#[tokio::test(start_paused = true)]
async fn those_who_are_too_many_wait_for_a_place() {
    let schemes = Schemes::default();
    let (live, _serving) = started(&schemes, |server| server.max_sessions(2)).await;
    let mut first = client(&schemes, "memory:echo").await;
    let mut second = client(&schemes, "memory:echo").await;
    let mut third = client(&schemes, "memory:echo").await;
    assert_eq!(ask(&mut first, "1").await.expect("it answers"), "1");
    assert_eq!(ask(&mut second, "2").await.expect("it answers"), "2");
    let waits = timeout(Duration::from_secs(3600), ask(&mut third, "3")).await;
    assert!(waits.is_err());
    assert_eq!((live.totals().begun, live.sessions().len()), (2, 2));
    drop(first);
    assert!(matches!(third.next().await, Ok(Some(_))));
    assert_eq!(live.totals().begun, 3);
}

#[tokio::test(start_paused = true)]
async fn those_who_are_too_many_are_told() {
    let schemes = Schemes::default();
    let (live, _serving) = started(&schemes, |server| {
        server.max_sessions(1).refuse(|mut stream| async move { stream.write_all(b"full\n").await })
    })
    .await;
    let mut first = client(&schemes, "memory:echo").await;
    assert_eq!(ask(&mut first, "1").await.expect("it answers"), "1");
    let mut second = schemes.connect("memory:echo").await.expect("it opens");
    let mut told = String::new();
    second.read_to_string(&mut told).await.expect("it ends");
    assert_eq!((told.as_str(), live.totals().begun), ("full\n", 1));
    drop(first);
    settle().await;
    let mut third = client(&schemes, "memory:echo").await;
    assert_eq!(ask(&mut third, "3").await.expect("there is a place"), "3");
}

#[tokio::test(start_paused = true)]
async fn it_stops_when_its_sessions_have_ended_or_at_the_deadline() {
    let schemes = Schemes::default();
    let server = Server::bind(&schemes, ["memory:echo"]).await.expect("it listens");
    let live = server.live();
    // A session ends when it is told to stop, but for the second one.
    let serving = tokio::spawn(server.serve(|stream, mut session: Session| async move {
        let going_on = serve(stream, session.clone());
        if session.id() == 2 {
            return going_on.await;
        }
        tokio::select! {
            ended = going_on => ended,
            () = session.stopping() => {
                assert!(session.is_stopping());
                Ok(())
            }
        }
    }));
    let mut idle = client(&schemes, "memory:echo").await;
    let mut busy = client(&schemes, "memory:echo").await;
    assert_eq!(ask(&mut idle, "1").await.expect("it answers"), "1");
    assert_eq!(ask(&mut busy, "busy").await.expect("it answers"), "busy");
    let began = tokio::time::Instant::now();
    live.stop(Duration::from_secs(30));
    let stopped = serving.await.expect("it does not panic");
    assert_eq!(stopped, Stopped { finished: 1, cut_off: 1 });
    assert_eq!(began.elapsed().as_secs(), 30);
    assert!(idle.next().await.expect("the stream ended").is_none());
    assert_eq!(live.sessions(), []);
}

/// Everybody who waits for it is told, though they have given up waiting once, and others for good.
#[tokio::test(start_paused = true)]
async fn several_wait_for_the_end_of_a_session() {
    for stops in [true, false] {
        let schemes = Schemes::default();
        let server = Server::bind(&schemes, ["memory:echo"]).await.expect("it listens");
        let (live, told) = (server.live(), Arc::new(Mutex::new(0)));
        let count = Arc::clone(&told);
        tokio::spawn(server.serve(move |stream, session: Session| {
            for number in 0..3 {
                let (mut waiting, count) = (session.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    let early = timeout(Duration::from_secs(1), waiting.stopping()).await;
                    assert!(early.is_err() && !waiting.is_stopping());
                    if number > 0 {
                        waiting.stopping().await;
                        *count.lock().expect("no panic") += 1;
                    }
                });
            }
            serve(stream, session)
        }));
        let mut peer = client(&schemes, "memory:echo").await;
        assert_eq!(ask(&mut peer, "1").await.expect("it answers"), "1");
        sleep(Duration::from_secs(2)).await;
        assert_eq!(*told.lock().expect("no panic"), 0);
        if stops {
            live.stop(Duration::from_secs(30));
        } else {
            drop(peer);
        }
        sleep(Duration::from_secs(1)).await;
        assert_eq!(*told.lock().expect("no panic"), 2, "{stops}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_dropped_cuts_off_all() {
    let schemes = Schemes::default();
    let (live, serving) = started(&schemes, |server| server).await;
    let mut client = client(&schemes, "memory:echo").await;
    assert_eq!(ask(&mut client, "1").await.expect("it answers"), "1");
    serving.abort();
    assert!(serving.await.expect_err("it was dropped").is_cancelled());
    settle().await;
    assert_eq!(live.sessions(), []);
    assert!(client.next().await.expect("the stream ended").is_none());
    let gone = schemes.connect("memory:echo").await.expect_err("nobody listens");
    assert_eq!(gone.kind(), io::ErrorKind::ConnectionRefused);
}

/// Writes down what it is told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn tell(&self, what: String) {
        self.0.lock().expect("nobody panics").push(what);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics"))
    }
}

impl Observe for Told {
    fn not_accepted(&self, local: &Address, error: &io::Error) {
        self.tell(format!("not accepted at {local}: {error}"));
    }

    fn refused(&self, peer: &Address) {
        self.tell(format!("refused {peer}"));
    }

    fn begun(&self, session: &Counts) {
        self.tell(format!("{} begun", session.id));
    }

    fn ended(&self, session: &Counts, how: &Ended) {
        let how = match how {
            Ended::Well => "well".to_owned(),
            Ended::Failed(error) => error.to_string(),
            Ended::CutOff => "cut off".to_owned(),
        };
        let Counts { id, received, sent, .. } = session;
        self.tell(format!("{id} ended with {received} and {sent} bytes: {how}"));
    }
}

#[tokio::test(start_paused = true)]
async fn who_observes_is_told() {
    let schemes = Schemes::default();
    let told = Told::default();
    let (live, serving) = started(&schemes, |server| {
        let server = server.observed(told.clone()).max_sessions(1);
        server.refuse(|_| async { Ok(()) })
    })
    .await;
    let mut first = client(&schemes, "memory:echo").await;
    assert_eq!(ask(&mut first, "1").await.expect("it answers"), "1");
    let mut too_many = schemes.connect("memory:echo").await.expect("it opens");
    assert_eq!(too_many.read(&mut [0]).await.expect("it ends"), 0);
    drop(first);
    settle().await;
    assert_eq!(told.take(), ["1 begun", "refused memory:echo", "1 ended with 2 and 2 bytes: well"]);
    // A violation, a panic, and a session that is cut off.
    let mut raw = schemes.connect("memory:echo").await.expect("it opens");
    raw.write_all(&[b'x'; 81]).await.expect("it is written");
    let mut rest = Vec::new();
    raw.read_to_end(&mut rest).await.expect("it ends");
    assert_eq!(
        told.take(),
        ["2 begun", "2 ended with 81 and 0 bytes: Line: longer than 80 bytes (bytes 0..80)"]
    );
    let mut panics = client(&schemes, "memory:echo").await;
    assert!(ask(&mut panics, "panic").await.is_err());
    settle().await;
    assert_eq!(told.take(), ["3 begun", "3 ended with 6 and 0 bytes: cut off"]);
    let mut busy = client(&schemes, "memory:echo").await;
    assert_eq!(ask(&mut busy, "a").await.expect("it answers"), "a");
    live.stop(Duration::ZERO);
    assert_eq!(serving.await.expect("it does not panic").cut_off, 1);
    assert_eq!(told.take(), ["4 begun", "4 ended with 2 and 2 bytes: cut off"]);
}

/// A layer that waits for a byte of the peer.
struct Slow;

impl Wrapper for Slow {
    fn connected<'a>(&'a self, stream: Stream, _: &'a Url) -> Pending<'a, Stream> {
        Box::pin(async { Ok(stream) })
    }

    fn accepted(&self, mut stream: Stream) -> Pending<'_, Stream> {
        Box::pin(async {
            match stream.read_u8().await? {
                b'!' => Ok(stream),
                _ => Err(io::Error::from(io::ErrorKind::InvalidData)),
            }
        })
    }
}

#[tokio::test]
async fn layers_may_take_so_long() {
    let schemes = Schemes::default().with("slow", Scheme::new(Tcp).wrapped(Slow));
    let told = Told::default();
    let server = Server::bind(&schemes, ["slow://127.0.0.1:0"]).await.expect("it listens");
    let server = server.observed(told.clone()).layers_within(Duration::from_millis(50));
    let to = server.urls().next().expect("a place").to_owned();
    let _serving = tokio::spawn(server.serve(serve));
    let mut silent = schemes.connect(&to).await.expect("it opens");
    assert_eq!(silent.read(&mut [0]).await.expect("it is closed"), 0);
    let mut wrong = schemes.connect(&to).await.expect("it opens");
    wrong.write_all(b"?").await.expect("it is written");
    assert_eq!(wrong.read(&mut [0]).await.expect("it is closed"), 0);
    assert!(to.starts_with("slow://127.0.0.1:"), "{to}");
    let mut right = schemes.connect(&to).await.expect("it opens");
    right.write_all(b"!hello\n").await.expect("it is written");
    let mut answer = [0; 6];
    right.read_exact(&mut answer).await.expect("it answers");
    assert_eq!(&answer, b"hello\n");
    let told = told.take();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[0], "1 ended with 0 and 0 bytes: timed out");
    assert_eq!(told[1], "2 ended with 0 and 0 bytes: invalid data");
    assert_eq!(told[2], "3 begun");
}

/// None takes the places of another.
#[tokio::test(start_paused = true)]
async fn each_place_has_its_own_limit() {
    let schemes = Schemes::default();
    let server = Server::bind(&schemes, ["memory:a", "memory:b"]).await.expect("it listens");
    let live = server.live();
    let _serving = tokio::spawn(server.max_sessions(1).serve(serve));
    let mut clients = Vec::new();
    for place in ["memory:a", "memory:b"] {
        let mut client = client(&schemes, place).await;
        assert_eq!(ask(&mut client, "here").await.expect("it answers"), "here");
        clients.push(client);
    }
    let mut third = client(&schemes, "memory:a").await;
    assert!(timeout(Duration::from_secs(60), ask(&mut third, "too many")).await.is_err());
    assert_eq!(live.sessions().len(), 2);
    let none = Server::bind(&schemes, [""; 0]).await.map(|_| ()).expect_err("nowhere");
    assert_eq!(none.kind(), io::ErrorKind::InvalidInput);
}

#[tokio::test(start_paused = true)]
async fn the_later_word_counts() {
    let schemes = Schemes::default();
    let (live, serving) = started(&schemes, |server| server).await;
    let mut busy = client(&schemes, "memory:echo").await;
    assert_eq!(ask(&mut busy, "1").await.expect("it answers"), "1");
    let began = tokio::time::Instant::now();
    live.stop(Duration::MAX);
    sleep(Duration::from_secs(3600)).await;
    assert!(!serving.is_finished());
    assert_eq!(ask(&mut busy, "2").await.expect("it goes on"), "2");
    live.stop(Duration::from_secs(60));
    let stopped = serving.await.expect("it does not panic");
    assert_eq!((stopped, began.elapsed().as_secs()), (Stopped { finished: 0, cut_off: 1 }, 3660));
}

/// Panics whenever it is told something.
struct Clumsy;

impl Observe for Clumsy {
    fn begun(&self, _: &Counts) {
        panic!("as observers may");
    }

    fn ended(&self, _: &Counts, _: &Ended) {
        panic!("as observers may");
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_that_panics_ends_nothing() {
    let schemes = Schemes::default();
    let (live, serving) = started(&schemes, |server| server.observed(Clumsy)).await;
    let mut first = client(&schemes, "memory:echo").await;
    assert_eq!(ask(&mut first, "1").await.expect("it answers"), "1");
    let mut second = client(&schemes, "memory:echo").await;
    assert!(ask(&mut second, "panic").await.is_err());
    assert_eq!(ask(&mut first, "2").await.expect("it goes on"), "2");
    drop(first);
    settle().await;
    live.stop(Duration::ZERO);
    assert_eq!(serving.await.expect("it does not panic"), Stopped::default());
}

/// A layer that is told who is behind it, as by a proxy.
struct Behind;

impl Wrapper for Behind {
    fn connected<'a>(&'a self, stream: Stream, _: &'a Url) -> Pending<'a, Stream> {
        Box::pin(async { Ok(stream) })
    }

    fn accepted(&self, stream: Stream) -> Pending<'_, Stream> {
        let local = stream.local().clone();
        let client = Address::Tcp(([192, 0, 2, 7], 1234).into());
        Box::pin(async { Ok(stream.between(local, client)) })
    }
}

#[tokio::test]
async fn who_is_behind_a_proxy_is_shown() {
    let schemes = Schemes::default().with("proxied", Scheme::new(Tcp).wrapped(Behind));
    let server = Server::bind(&schemes, ["proxied://127.0.0.1:0"]).await.expect("it listens");
    let (live, to) = (server.live(), server.urls().next().expect("a place").to_owned());
    let _serving = tokio::spawn(server.serve(serve));
    let mut client = client(&schemes, &to).await;
    assert_eq!(ask(&mut client, "hello").await.expect("it answers"), "hello");
    let [session] = &live.sessions()[..] else { panic!("one session") };
    assert_eq!(session.peer.to_string(), "tcp://192.0.2.7:1234");
    assert_eq!(session.local.socket(), client.stream().and_then(|stream| stream.peer().socket()));
}
