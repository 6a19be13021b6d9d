//! A server that has no descriptor left.

use std::time::Duration;

use framer_examples::deliver::Failure;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::letters::{assert_kept, post};
use crate::server::Smtpd;

/// How many the server may have.
const DESCRIPTORS: &str = "ulimit -n 40 && exec \"$@\"";

/// How long is waited for a greeting that does not come.
const PATIENCE: Duration = Duration::from_millis(200);

/// Those who are in are told so, those who are not in wait, and all goes on when others leave.
#[tokio::test]
async fn a_server_without_descriptors_goes_on_when_it_has_some() {
    let server = Smtpd::under(&["sh", "-c", DESCRIPTORS]);
    let (address, idle) = (server.process.address, server.process.descriptors());
    let mut inside = Vec::new();
    let mut waits = loop {
        let mut socket = TcpStream::connect(address).await.expect("it waits in the backlog");
        match timeout(PATIENCE, greeted(&mut socket)).await {
            Ok(()) => inside.push(socket),
            Err(_) => break socket,
        }
    };
    assert!((20..40).contains(&inside.len()), "{} are in", inside.len());
    // There is a descriptor for it, and none for its file.
    drop(inside.pop());
    greeted(&mut waits).await;
    inside.push(waits);
    let outside = tokio::spawn(async move { post(address, 2).await });
    drop(inside.pop());
    let refused = outside.await.expect("it does not panic");
    assert!(matches!(&refused, Err(Failure::Refused(said)) if said.starts_with("451 ")));
    // Two places are one for each.
    inside.truncate(inside.len() - 2);
    post(address, 1).await.expect("it goes on");
    drop(inside);
    server.process.let_go(idle).await;
    assert_eq!(assert_kept(&[1].into(), &server), 1);
}

/// Hears the greeting.
async fn greeted(socket: &mut TcpStream) {
    let mut said = Vec::new();
    while !said.ends_with(b"\n") {
        said.push(socket.read_u8().await.expect("a greeting"));
    }
    assert!(said.starts_with(b"220 "));
}
