//! Somebody puts commands into what a client says before TLS, and replies into what a server does:
//! nothing of it is heard behind.

use std::sync::Arc;
use std::time::Duration;

use framer_examples::tls;
use framer_protocols::smtp::client::Event as Told;
use framer_protocols::smtp::server::Event;
use framer_protocols::smtp::{Argument, Client, Ehlo, Noop, Quit, Reply, Server, StartTls};
use framer_runtime::Error;
use framer_runtime::net::{Address, Stream, Tls};
use framer_runtime::testing::tokio::{SimulatedStream, streams};
use framer_runtime::testing::{Chance, Faults, seeds};
use framer_runtime::tokio::Connection;
use framer_runtime::violation::Rule;
use tokio::time::timeout;

use crate::SEEDS;

/// What is said before TLS.
const CLIENT_SAYS: &str = "EHLO plain\r\nSTARTTLS\r\n";
const SERVER_SAYS: &str = "220 plain\r\n250-plain\r\n250 STARTTLS\r\n220 plain\r\n";

/// Longer than anybody waits.
const LONGEST: Duration = Duration::from_secs(3600);

/// What somebody says in the name of another before TLS, most often as the last, and whether there
/// is anything.
fn inserted(chance: &mut Chance, said: &str, evil: &[u8]) -> (Faults, bool) {
    let faults = Faults::none().delayed(Duration::ZERO..=Duration::from_secs(1));
    let faults = match chance.below(3) {
        0 => faults,
        1 => faults.cut_into(1..=3),
        _ => faults.cut_into(1..=40),
    };
    let len = u64::try_from(said.len()).expect("short");
    match chance.below(4) {
        0 => (faults, false),
        1 => (faults.inserted_after(chance.below(len), evil), true),
        _ => (faults.inserted_after(len, evil), true),
    }
}

fn stream(simulated: SimulatedStream) -> Stream {
    let address = Address::Other("simulated:".to_owned());
    Stream::new(simulated, address.clone(), address)
}

/// A side of a session, and what it has heard under TLS: all of it was said there.
#[derive(Default)]
struct Secure {
    began: bool,
    heard: u32,
}

impl Secure {
    fn hears(&mut self, word: &str) {
        if self.began {
            assert_eq!(word, "secure", "it comes from before TLS");
            self.heard += 1;
        }
    }
}

/// Answers; what it is asked under TLS is put into `secure`.
async fn serve(stream: Stream, tls: Tls, secure: &mut Secure) -> Result<(), Error> {
    let mut conn = Connection::new(stream, Server::new());
    conn.send(Reply::new(220, "plain")).await?;
    while let Some((event, mut reply)) = conn.next().await? {
        let text = if secure.began { "secure" } else { "plain" };
        match event {
            Event::Upgrade(_) => {
                conn.upgrade(async |stream| tls.accept(stream).await).await?;
                secure.began = true;
            }
            Event::Ehlo(ehlo) => {
                secure.hears(ehlo.domain);
                reply.send(Reply::new(250, format!("{text}\nSTARTTLS").as_str()))?;
            }
            Event::Noop(noop) => {
                secure.hears(noop.argument.map_or("", |argument| argument.text));
                reply.send(Reply::new(250, text))?;
            }
            Event::StartTls(_) => reply.send(Reply::new(220, text))?,
            Event::Quit(_) => reply.send(Reply::new(221, text))?,
            _ => {
                secure.hears("something else");
                reply.send(Reply::new(500, text))?;
            }
        }
    }
    Ok(())
}

/// Asks; what it is told under TLS is put into `secure`.
async fn ask(stream: Stream, tls: Tls, secure: &mut Secure) -> Result<(), Error> {
    let mut conn = Connection::new(stream, Client::new());
    let mut told = 0;
    while let Some((event, mut to)) = conn.next().await? {
        let Told::Reply(reply) = event else {
            conn.upgrade(async |stream| tls.connect(stream, "localhost").await).await?;
            secure.began = true;
            conn.send(Ehlo::new("secure")).await?;
            continue;
        };
        secure.hears(reply.lines.iter().next().map_or("", |line| line.text));
        told += 1;
        match told {
            1 => to.send(Ehlo::new("plain"))?,
            2 => to.send(StartTls)?,
            _ => match secure.heard {
                1 => to.send(Noop { argument: Some(Argument::new("secure")) })?,
                2 => to.send(Quit)?,
                _ => {}
            },
        }
    }
    Ok(())
}

/// Whether somebody said something between STARTTLS and TLS, and that was found before it.
fn is_found(ended: &Result<(), Error>) -> bool {
    matches!(ended, Err(Error::Violation(why)) if matches!(why.rule, Rule::BeforeUpgrade { .. }))
}

#[tokio::test(start_paused = true)]
async fn nothing_from_before_tls_is_heard_behind_it() {
    let (config, certificate) = tls::self_signed("localhost").expect("a certificate");
    let trusting = tls::client_with([certificate]).expect("it is one");
    let (mut went_well, mut found, mut all) = (0, [0, 0], 0);
    for seed in seeds(SEEDS) {
        let mut chance = Chance::from(&seed);
        let (to_right, asked) = inserted(&mut chance, CLIENT_SAYS, b"NOOP evil\r\n");
        let (to_left, told) = inserted(&mut chance, SERVER_SAYS, b"250 evil\r\n");
        let (left, right) = streams(chance, to_left, to_right);
        let (mut client, mut server) = (Secure::default(), Secure::default());
        let both = async {
            tokio::join!(
                ask(stream(left), Tls::client(Arc::clone(&trusting)), &mut client),
                serve(stream(right), Tls::server(Arc::clone(&config)), &mut server),
            )
        };
        let (asks, serves) = timeout(LONGEST, both).await.expect("nobody waits for ever");
        found[0] += u64::from(is_found(&asks));
        found[1] += u64::from(is_found(&serves));
        let well = asks.is_ok() && serves.is_ok() && (client.heard, server.heard) == (3, 2);
        assert!(well || asked || told, "{asks:?} {serves:?}");
        went_well += u64::from(well);
        all += 1;
    }
    let each = went_well > all / 40 && found.iter().all(|found| *found > all / 40);
    assert!(all < SEEDS || each, "{went_well} went well, {found:?} found of {all}");
}
