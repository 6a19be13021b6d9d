//! Messages that tell which they are, and what became of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

use framer_examples::deliver::{Delivery, Failure, deliver};
use framer_runtime::net::Stream;
use tokio::net::TcpStream;

use crate::server::Smtpd;

/// The message of a number, of up to 50 KiB, of which some lines begin with a dot.
pub(crate) fn text(number: u64) -> String {
    let lines = usize::try_from(number % 101 * 20).expect("few");
    format!("Subject: {number}\n\n") + &".\n..dots\nand a line\n".repeat(lines)
}

/// To whom messages go; by BDAT if it is `chunking`.
pub(crate) fn delivery(chunking: bool) -> Delivery {
    Delivery {
        name: "localhost".to_owned(),
        from: String::new(),
        to: vec!["bob@example.org".to_owned()],
        login: None,
        tls: None,
        require_tls: false,
        chunking,
    }
}

/// Delivers the message of a number over a stream, every third by BDAT; what the server said of it.
pub(crate) async fn send(stream: Stream, number: u64) -> Result<String, Failure> {
    deliver(stream, &delivery(number.is_multiple_of(3)), text(number).as_bytes()).await
}

/// The same over a connection of its own.
pub(crate) async fn post(address: SocketAddr, number: u64) -> Result<String, Failure> {
    let socket = TcpStream::connect(address).await.map_err(framer_runtime::Error::from)?;
    send(Stream::try_from(socket).map_err(framer_runtime::Error::from)?, number).await
}

/// Which message a file holds. It is whole.
pub(crate) fn read(file: &Path) -> u64 {
    let stored = std::fs::read_to_string(file).expect("a text");
    let subject = stored.lines().next().and_then(|line| line.strip_prefix("Subject: "));
    let number = subject.and_then(|number| number.parse().ok());
    let number = number.unwrap_or_else(|| panic!("no subject in {}", file.display()));
    assert_eq!(stored, text(number), "message {number} is whole");
    number
}

/// Asserts that each message that was accepted is stored, and none twice; how many are.
pub(crate) fn assert_kept(accepted: &BTreeSet<u64>, server: &Smtpd) -> usize {
    let mut stored = BTreeMap::<_, u32>::new();
    for file in server.files("new") {
        *stored.entry(read(&file)).or_default() += 1;
    }
    let lost: Vec<_> = accepted.iter().filter(|number| !stored.contains_key(number)).collect();
    assert!(lost.is_empty(), "{lost:?} are lost of {} accepted", accepted.len());
    let doubled: Vec<_> = stored.iter().filter(|(_, count)| **count > 1).collect();
    assert!(doubled.is_empty(), "{doubled:?} are doubled");
    stored.len()
}
