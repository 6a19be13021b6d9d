//! Many clients at once, of which half are lost in the middle, and some are slow.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use framer_runtime::testing::{Chance, seeds};
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::connections;
use crate::letters::{self, assert_kept};
use crate::server::Smtpd;
use crate::troubled::Trouble;

/// How many waves of clients an ordinary run has.
const WAVES: u64 = 3;

/// A wave that takes longer does not end: no client waits for as long as that.
const LONGEST: Duration = Duration::from_secs(900);

#[tokio::test]
async fn what_is_accepted_is_kept_and_what_is_lost_leaves_nothing() {
    let count = connections();
    let server = Smtpd::start(&["--max-sessions", &count.to_string()]);
    let descriptors = server.process.descriptors();
    let (mut accepted, mut tried) = (BTreeSet::new(), 0);
    for seed in seeds(WAVES) {
        let mut chance = Chance::from(&seed);
        let wave = wave(&server, seed.number(), count, &mut chance);
        accepted.extend(timeout(LONGEST, wave).await.expect("nobody waits for ever"));
        server.process.let_go(descriptors).await;
        let stored = assert_kept(&accepted, &server);
        assert_eq!(server.files("tmp").len(), 0, "what was not accepted is gone");
        tried += count;
        let held = server.process.assert_held(count);
        println!("{tried} tried, {} accepted, {stored} stored, {held} bytes", accepted.len());
    }
    let told = u64::try_from(accepted.len()).expect("few");
    assert!((tried / 3..tried).contains(&told), "{told} of {tried} were accepted");
}

/// As many clients at once, each with a message and a trouble; which messages were accepted.
async fn wave(server: &Smtpd, wave: u64, count: u64, chance: &mut Chance) -> BTreeSet<u64> {
    let address = server.process.address;
    let everyone = Arc::new(Barrier::new(usize::try_from(count).expect("few")));
    let mut clients = JoinSet::new();
    for client in 0..count {
        let (trouble, everyone) = (Trouble::any(chance), Arc::clone(&everyone));
        clients.spawn(async move {
            let number = wave * count + client;
            let socket = TcpStream::connect(address).await.expect("it listens");
            everyone.wait().await;
            let stream = trouble.around(socket).expect("its ends");
            letters::send(stream, number).await.is_ok().then_some(number)
        });
    }
    clients.join_all().await.into_iter().flatten().collect()
}
