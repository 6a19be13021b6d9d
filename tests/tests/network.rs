//! Programs on tokio over the simulated network: its streams end, are lost and make wait as real
//! ones do, and a program's own client and server run over it unchanged.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use framer_runtime::Error;
use framer_runtime::net::{Scheme, Schemes, Server, Stream};
use framer_runtime::testing::tokio::{SimulatedStream, streams};
use framer_runtime::testing::{Faults, Simulated, seeds};
use framer_runtime::tokio::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

fn slow() -> Faults {
    Faults::none().delayed(SECOND..=SECOND)
}

#[tokio::test(start_paused = true)]
async fn both_ends_are_told_of_a_loss() {
    let (mut left, mut right) = streams(0, slow().window(4), slow().reset_after(6));
    let began = Instant::now();
    // The right end wants to say more than there is room for, and nobody reads it.
    let writing = tokio::spawn(async move {
        let failed = right.write_all(b"who reads this?").await.expect_err("it is lost");
        (failed.kind(), began.elapsed(), right)
    });
    left.write_all(b"hello").await.expect("there is room");
    sleep(SECOND).await;
    left.write_all(b"you").await.expect("there is room");
    sleep(SECOND * 2).await;
    // A loss comes a moment after the last byte that is not lost.
    assert_eq!(
        left.write(b"again").await.expect_err("it is lost").kind(),
        ErrorKind::ConnectionReset
    );
    let (kind, after, mut right) = writing.await.expect("it does not panic");
    assert_eq!((kind, after), (ErrorKind::ConnectionReset, Duration::from_millis(2001)));
    let read = right.read_u8().await.expect_err("what was under way is lost, too");
    assert_eq!(read.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_is_shut_or_dropped() {
    let (mut left, mut right) = streams(0, slow(), slow());
    left.write_all(b"question").await.expect("there is room");
    left.shutdown().await.expect("it is open");
    assert_eq!(left.write(b"more").await.expect_err("it was shut").kind(), ErrorKind::BrokenPipe);
    let mut question = Vec::new();
    right.read_to_end(&mut question).await.expect("it ends");
    right.write_all(b"answer").await.expect("the other direction is open");
    drop(right);
    let mut answer = Vec::new();
    left.read_to_end(&mut answer).await.expect("it ends");
    assert_eq!((&question[..], &answer[..]), (&b"question"[..], &b"answer"[..]));

    let (left, mut right) = streams(0, slow().window(1), slow());
    drop(left);
    let failed = right.write_all(b"to nobody").await.expect_err("nobody reads it");
    assert_eq!(failed.kind(), ErrorKind::BrokenPipe);
    assert_eq!(right.read(&mut [0]).await.expect("it ended in order"), 0);
}

/// What one end reads, and when.
async fn trace(mut stream: SimulatedStream) -> Vec<(Duration, Vec<u8>)> {
    let began = Instant::now();
    let mut pieces = Vec::new();
    loop {
        let mut piece = [0; 100];
        match stream.read(&mut piece).await {
            Ok(0) => return pieces,
            Ok(count) => pieces.push((began.elapsed(), piece[..count].to_vec())),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_seed_is_the_same_again() {
    let faults = || Faults::none().delayed(Duration::ZERO..=SECOND).cut_into(1..=9).window(20);
    let mut traces = Vec::new();
    for seed in [1, 2, 3, 1, 2, 3] {
        let (mut left, right) = streams(seed, faults(), faults());
        let reading = tokio::spawn(trace(right));
        left.write_all(&[7; 200]).await.expect("it is read");
        drop(left);
        traces.push(reading.await.expect("it does not panic"));
    }
    assert_eq!(traces[..3], traces[3..]);
    assert_ne!(traces[0], traces[1]);
    for trace in traces {
        assert_eq!(trace.iter().map(|(_, piece)| piece.len()).sum::<usize>(), 200);
        assert!(trace.iter().all(|(_, piece)| piece.len() <= 9));
    }
}

framer_runtime::framer! {
    delimiter LF = "\n";
    frame Line in until LF max 80 { text: utf8 to end }
    protocol Store over stream {
        roles client, server;
        client speaks Line;
        server speaks Line;
        pending fifo max 16;
        state Open within 1 min else close { client Line => awaits { _ => stay }; }
    }
}

/// A program as any other: it stores lines, and says so.
async fn session(stream: Stream, stored: Arc<Mutex<Vec<String>>>) -> Result<(), Error> {
    let mut connection = Connection::new(stream, store::Server::new());
    while let Some((store::server::Event::Line(line), mut reply)) = connection.next().await? {
        stored.lock().expect("nobody panics").push(line.text.to_owned());
        reply.send(line)?;
    }
    Ok(())
}

/// Its client: which of its lines were said to be stored before it came to an end, and whether it
/// was told of it.
async fn client(stream: Stream, name: u64) -> (Vec<String>, Result<(), Error>) {
    let mut connection = Connection::new(stream, store::Client::new());
    let mut stored = Vec::new();
    let ended = async {
        for number in 0..30 {
            connection.send(store::Line::new(&format!("{name} {number}"))).await?;
            if number < 10 {
                continue;
            }
            let Some((store::client::Event::Line(line), _)) = connection.next().await? else {
                return Ok(());
            };
            stored.push(line.text.to_owned());
        }
        Ok(())
    };
    let ended = ended.await;
    (stored, ended)
}

/// Clients and a server, from their beginning to their end: what was stored, and what each client
/// was told.
async fn run(network: Simulated) -> (Vec<String>, Vec<(Vec<String>, bool)>, Duration) {
    let began = Instant::now();
    let schemes = Schemes::default().with("simulated", Scheme::new(network));
    let server = Server::bind(&schemes, ["simulated:store"]).await.expect("it listens");
    let live = server.live();
    let stored = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&stored);
    let serving = tokio::spawn(server.serve(move |stream, _| session(stream, Arc::clone(&kept))));
    let mut clients = Vec::new();
    for name in 0..8 {
        let stream = schemes.connect("simulated:store").await.expect("somebody listens");
        clients.push(tokio::spawn(client(stream, name)));
    }
    let mut told = Vec::new();
    for client in clients {
        let (stored, ended) = client.await.expect("it does not panic");
        told.push((stored, ended.is_ok()));
    }
    // Whoever is silent is too slow before this.
    live.stop(SECOND * 3600);
    let stopped = serving.await.expect("it does not panic");
    assert_eq!(stopped.cut_off, 0);
    let stored = stored.lock().expect("nobody panics").clone();
    (stored, told, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn any_program_over_any_network() {
    let (mut whole, mut broken, mut runs) = (0, 0, 0);
    for seed in seeds(60) {
        runs += 1;
        let (stored, told, took) = run(Simulated::new(&seed, Faults::any)).await;
        for (name, (answers, ended_well)) in told.iter().enumerate() {
            let lines: Vec<&String> =
                stored.iter().filter(|line| line.starts_with(&format!("{name} "))).collect();
            // What is said to be stored is, once and in order.
            assert!(answers.len() <= lines.len(), "{name}: {answers:?} {lines:?}");
            for (number, (answer, line)) in answers.iter().zip(&lines).enumerate() {
                assert_eq!((answer, *answer == format!("{name} {number}")), (*line, true));
            }
            *(if *ended_well { &mut whole } else { &mut broken }) += 1;
        }
        let again = run(Simulated::new(&seed, Faults::any)).await;
        assert_eq!((stored, told, took), again, "it is the same again");
    }
    assert!(runs < 60 || (whole > broken && broken > runs / 3), "{whole} {broken}");
}
