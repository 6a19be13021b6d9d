//! The mail server and the client as they are, over a simulated network: whatever that does, a
//! message that was accepted is stored once and whole, and everybody comes to an end.

use std::sync::Arc;
use std::time::Duration;

use framer_examples::deliver::{Delivery, deliver};
use framer_examples::maildir::Maildir;
use framer_examples::serve::{Offer, serve};
use framer_examples::tls;
use framer_examples::trace::Trace;
use framer_protocols::smtp::Client;
use framer_protocols::smtp::client::Event;
use framer_runtime::net::{Scheme, Schemes, Server, Tls};
use framer_runtime::testing::{Chance, Faults, Simulated, expect, seeds, tokio::Peer};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How many seeds an ordinary run takes.
const SEEDS: u64 = 12;

/// How many messages are delivered at once.
const MESSAGES: usize = 6;

/// The lines of a message, of which some begin with a dot.
fn message(number: usize) -> String {
    format!("Subject: {number}\r\n\r\n") + &".\r\n..dots\r\nand a line\r\n".repeat(number * 40)
}

fn delivery(number: usize, tls: Option<Tls>) -> Delivery {
    Delivery {
        name: "client.example".to_owned(),
        from: "alice@example.org".to_owned(),
        to: vec!["bob@example.org".to_owned()],
        login: None,
        tls: tls.map(|tls| (tls, "localhost".to_owned())),
        require_tls: true,
        chunking: number.is_multiple_of(3),
    }
}

fn offer(directory: &TempDir, tls: Option<Tls>) -> Offer {
    Offer {
        name: "mail.example".to_owned(),
        maildir: Maildir::open(directory.path()).expect("a maildir"),
        tls,
        max_message_bytes: 1 << 20,
        login: None,
        login_in_plain: false,
        trace: Trace::default(),
    }
}

/// How many of each message are stored.
fn stored(directory: &TempDir) -> [usize; MESSAGES] {
    let messages: [String; MESSAGES] = std::array::from_fn(message);
    let mut counts = [0; MESSAGES];
    for entry in std::fs::read_dir(directory.path().join("new")).expect("the maildir") {
        let text = std::fs::read_to_string(entry.expect("a file").path()).expect("a message");
        let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
        let number = messages.iter().position(|message| *message == text);
        counts[number.unwrap_or_else(|| panic!("nobody sent {text:?}"))] += 1;
    }
    counts
}

#[tokio::test(start_paused = true)]
async fn what_is_accepted_is_stored_once() {
    let (config, certificate) = tls::self_signed("localhost").expect("a certificate");
    let trusting = tls::client_with([certificate]).expect("it is one");
    let (mut accepted, mut refused, mut runs) = (0, 0, 0);
    for seed in seeds(SEEDS) {
        let directory = TempDir::new().expect("a directory");
        let offer = offer(&directory, Some(Tls::server(Arc::clone(&config))));
        let network = Simulated::new(&seed, Faults::any);
        let schemes = Schemes::default().with("simulated", Scheme::new(network));
        let server = Server::bind(&schemes, ["simulated:mail"]).await.expect("it listens");
        let live = server.live();
        let serving = tokio::spawn(serve(server, offer));

        let began = Instant::now();
        let mut chance = Chance::from(&seed);
        let mut clients = JoinSet::new();
        for number in 0..MESSAGES {
            let tls = (chance.below(2) == 1).then(|| Tls::client(Arc::clone(&trusting)));
            let stream = schemes.connect("simulated:mail").await.expect("it listens");
            clients.spawn(async move {
                let text = message(number);
                let said = deliver(stream, &delivery(number, tls), text.as_bytes()).await;
                (number, said.is_ok())
            });
        }
        let mut told = [false; MESSAGES];
        while let Some(client) = clients.join_next().await {
            let (number, said) = client.expect("it does not panic");
            told[number] = said;
        }
        live.stop(Duration::from_secs(3600));
        assert_eq!(serving.await.expect("it does not panic").cut_off, 0);
        assert!(began.elapsed() < Duration::from_secs(1800), "{:?}", began.elapsed());

        for (number, count) in stored(&directory).into_iter().enumerate() {
            let least = usize::from(told[number]);
            assert!((least..=1).contains(&count), "message {number}: {count} times");
        }
        accepted += told.iter().filter(|said| **said).count();
        refused += told.iter().filter(|said| !**said).count();
        runs += 1;
    }
    let both = accepted > 0 && refused > 0;
    assert!(both || runs < SEEDS, "{accepted} accepted, {refused} not");
}

/// A byte a second is no command within five minutes, and no client to wait for any longer; it is
/// told so.
#[tokio::test(start_paused = true)]
async fn a_byte_a_second_is_too_slow() {
    let directory = TempDir::new().expect("a directory");
    let slow = |_: &mut Chance| Faults::none().cut_into(1..=1).apart(Duration::from_secs(1));
    let network = Simulated::new(0, |_| Faults::none()).faults_to_server(slow);
    let schemes = Schemes::default().with("simulated", Scheme::new(network));
    let server = Server::bind(&schemes, ["simulated:mail"]).await.expect("it listens");
    let serving = tokio::spawn(serve(server, offer(&directory, None)));

    let stream = schemes.connect("simulated:mail").await.expect("it listens");
    let mut client = Peer::new(stream, Client::new());
    client.patience(Duration::from_secs(3600));
    expect!(client, Event::Reply(reply) if reply.code == 220).await;
    let began = Instant::now();
    client.write(&[b'x'; 1000]).await;
    expect!(client, Event::Reply(reply) if reply.code == 421).await;
    assert_eq!(client.expect_end().await, Ok(()));
    assert_eq!(began.elapsed().as_secs(), 300);
    serving.abort();
}
