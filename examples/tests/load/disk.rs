//! Disks that are full or fail.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use framer_examples::deliver::Failure;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::letters::{assert_kept, post, read};
use crate::server::Smtpd;
use crate::skipped;

/// A file system of its own, which nobody else sees and which goes with the process.
const ALONE: [&str; 4] = ["unshare", "--user", "--map-root-user", "--mount"];

/// Whether the system lets this command run.
fn may(command: &[&str]) -> bool {
    let [program, arguments @ ..] = command else { return false };
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A server whose maildir is a disk of its own, if the system allows that.
fn on_a_disk(options: &str) -> Option<Smtpd> {
    let place = TempDir::new().expect("a directory");
    let place = place.path().to_str().expect("a text");
    let mount = ["mount", "-t", "tmpfs", "-o", options, "none", place];
    if !may(&[&ALONE[..], &mount[..]].concat()) {
        skipped("a full disk, for want of the right to mount one");
        return None;
    }
    let script = format!("mount -t tmpfs -o {options} none \"$0\" && exec \"$@\"");
    let shell = [&ALONE[..], &["sh", "-c", &script]].concat();
    Some(Smtpd::under(&shell).seen_by_itself())
}

/// Delivers messages until one is refused; which were accepted, and what was said of the last.
async fn fill(address: SocketAddr, first: u64) -> (BTreeSet<u64>, String) {
    let mut accepted = BTreeSet::new();
    for number in first..first + 1000 {
        match post(address, number).await {
            Ok(_) => accepted.insert(number),
            Err(Failure::Refused(said)) => return (accepted, said),
            Err(other) => panic!("{other}"),
        };
    }
    panic!("all are accepted")
}

/// One file less.
fn make_room(server: &Smtpd, accepted: &mut BTreeSet<u64>) {
    let file = server.files("new").swap_remove(0);
    assert!(accepted.remove(&read(&file)));
    std::fs::remove_file(file).expect("it is there");
}

#[tokio::test]
async fn a_full_disk_is_told_and_nothing_is_lost() {
    let Some(server) = on_a_disk("size=2m") else { return };
    let address = server.process.address;
    let mut clients = JoinSet::new();
    for client in 0..8 {
        clients.spawn(fill(address, 100_000 * client + 30));
    }
    let mut accepted = BTreeSet::new();
    for (more, said) in clients.join_all().await {
        assert!(said.starts_with("452 4.3.1 "), "{said}");
        accepted.extend(more);
    }
    assert_eq!(assert_kept(&accepted, &server), accepted.len(), "who is refused is not stored");
    assert_eq!(server.files("tmp").len(), 0);
    make_room(&server, &mut accepted);
    post(address, 0).await.expect("there is room again");
    accepted.insert(0);
    assert_eq!(assert_kept(&accepted, &server), accepted.len());
}

#[tokio::test]
async fn a_disk_without_room_for_files_is_told_and_nothing_is_stored_in_part() {
    let Some(server) = on_a_disk("size=2m,nr_inodes=20") else { return };
    let (mut accepted, said) = fill(server.process.address, 0).await;
    assert!(said.starts_with("452 4.3.1 "), "{said}");

    // A chunk that was refused is missing for good, even if there is room for the next.
    let socket = TcpStream::connect(server.process.address).await.expect("it listens");
    let mut socket = BufStream::new(socket);
    let mut lines = Vec::new();
    converse(&mut socket, "EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\n", 3, &mut lines).await;
    converse(&mut socket, "BDAT 5\r\none\r\n", 1, &mut lines).await;
    make_room(&server, &mut accepted);
    converse(&mut socket, "BDAT 5 LAST\r\ntwo\r\n", 1, &mut lines).await;
    converse(&mut socket, "QUIT\r\n", 1, &mut lines).await;
    let codes: Vec<_> = lines.iter().map(|line| line.get(..3).unwrap_or_default()).collect();
    assert_eq!(codes, ["220", "250", "250", "250", "452", "452", "221"], "{lines:?}");
    assert_eq!(assert_kept(&accepted, &server), accepted.len());
    assert_eq!(server.files("tmp").len(), 0);
}

/// Says something and hears so many replies, and the greeting before the first.
async fn converse(
    socket: &mut BufStream<TcpStream>,
    said: &str,
    replies: usize,
    heard: &mut Vec<String>,
) {
    socket.write_all(said.as_bytes()).await.expect("it listens");
    socket.flush().await.expect("it listens");
    let wanted = heard.len() + replies + usize::from(heard.is_empty());
    while heard.len() < wanted {
        let mut line = String::new();
        socket.read_line(&mut line).await.expect("a line");
        assert!(!line.is_empty(), "it hangs up after {heard:?}");
        if line.as_bytes().get(3) == Some(&b' ') {
            heard.push(line);
        }
    }
}

/// Where no disk can be mounted: no file may be longer than 16 KiB.
#[tokio::test]
async fn what_is_too_long_for_the_system_is_told() {
    let limited = "trap '' XFSZ && ulimit -f 32 && exec \"$@\"";
    let server = Smtpd::under(&["sh", "-c", limited]);
    let (accepted, said) = fill(server.process.address, 0).await;
    assert!(said.starts_with("552 5.3.4 "), "{said}");
    assert!(accepted.len() > 10, "{accepted:?}");
    assert_eq!(assert_kept(&accepted, &server), accepted.len());
    assert_eq!(server.files("tmp").len(), 0);
}

/// Whatever the system refuses, at whatever step: the message is not accepted, and not there.
#[tokio::test]
async fn a_disk_that_fails_is_told_and_nothing_is_stored() {
    if !may(&["strace", "-f", "-o", "/dev/null", "-e", "inject=fsync:error=EIO", "true"]) {
        return skipped("disks that fail, for want of strace and the right to trace");
    }
    // The file, its name, and the directory in which that stands.
    for (injected, said) in [
        ("-e inject=fsync:error=EIO", "451 4.3.0 "),
        ("-e inject=/^rename:error=EDQUOT", "452 4.3.1 "),
        ("-P \"$0/new\" -e inject=fsync:error=EIO", "451 4.3.0 "),
    ] {
        let script = format!("exec strace -D -f -qq -o /dev/null {injected} \"$@\"");
        let server = Smtpd::under(&["sh", "-c", &script]);
        for number in 0..3 {
            match post(server.process.address, number).await {
                Err(Failure::Refused(refused)) => assert!(refused.starts_with(said), "{refused}"),
                other => panic!("{injected}: {other:?}"),
            }
        }
        assert_eq!((server.files("new").len(), server.files("tmp").len()), (0, 0), "{injected}");
    }
}
