//! SIGKILL while messages are stored.

use std::collections::BTreeSet;
use std::time::Duration;

use framer_runtime::testing::{Chance, seeds};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::letters::{assert_kept, post};
use crate::server::Smtpd;

/// How often an ordinary run kills the server.
const TIMES: u64 = 3;

const CLIENTS: u64 = 16;

/// How long a client may take to find out.
const FINDS_OUT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn what_is_accepted_is_there_after_sigkill() {
    let mut server = Smtpd::start(&[]);
    let mut accepted = BTreeSet::new();
    for seed in seeds(TIMES) {
        let enough = 1 + Chance::from(&seed).below(200);
        let (tell, mut told) = unbounded_channel();
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let (address, tell) = (server.process.address, tell.clone());
            let first = (seed.number() * CLIENTS + client) * 10_000;
            clients.spawn(async move {
                let mut number = first;
                while post(address, number).await.is_ok() && tell.send(number).is_ok() {
                    number += 1;
                }
            });
        }
        drop(tell);
        for _ in 0..enough {
            accepted.insert(told.recv().await.expect("somebody is told"));
        }
        server.process.kill();
        timeout(FINDS_OUT, clients.join_all()).await.expect("each is told");
        while let Some(number) = told.recv().await {
            accepted.insert(number);
        }
        server.again();
        let (stored, broken) = (assert_kept(&accepted, &server), server.files("tmp").len());
        println!("{} accepted, {stored} stored, {broken} broken off", accepted.len());
        assert!(
            stored <= accepted.len() + usize::try_from(CLIENTS * (seed.number() + 1)).expect("few")
        );
    }
    post(server.process.address, u64::MAX).await.expect("it goes on");
}
