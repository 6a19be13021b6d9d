//! The files of Unix sockets.

use std::io;

use framer_runtime::net::Schemes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::pair;

#[tokio::test]
async fn an_abandoned_unix_socket_is_replaced_and_nothing_else() {
    let schemes = Schemes::default();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let url = format!("unix:{}", path.display());
    // As a process leaves it that was killed.
    drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket"));
    assert!(path.exists());
    let listening = schemes.listen(&url).await.expect("nobody listens there");
    let in_use = schemes.listen(&url).await.map(|_| ()).expect_err("somebody does now");
    assert_eq!(in_use.kind(), io::ErrorKind::AddrInUse);
    drop(listening);
    std::fs::write(&path, "mine").expect("a file");
    let file = schemes.listen(&url).await.map(|_| ()).expect_err("it is no socket");
    assert_eq!(file.kind(), io::ErrorKind::AddrInUse);
    assert_eq!(std::fs::read(&path).expect("it is there"), b"mine");
}

#[tokio::test]
async fn a_unix_socket_that_another_has_put_there_stays() {
    let schemes = Schemes::default();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let url = format!("unix:{}", path.display());
    let old = schemes.listen(&url).await.expect("it listens");
    std::fs::remove_file(&path).expect("it is there");
    let mut new = schemes.listen(&url).await.expect("it listens");
    drop(old);
    pair(&schemes, &mut new, &url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_find_a_unix_socket_abandoned_one_has_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for round in 0..200 {
        let path = folder.path().join(round.to_string());
        drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket"));
        let url = format!("unix:{}", path.display());
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move { Schemes::default().listen(&url).await })
            })
            .collect();
        let mut listening = Vec::new();
        for task in tasks {
            match task.await.expect("it does not panic") {
                Ok(one) => listening.push(one),
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::AddrInUse, "{error}"),
            }
        }
        assert_eq!(listening.len(), 1);
        let mut opened = Schemes::default().connect(&url).await.expect("it opens");
        opened.write_all(b"hello").await.expect("it is written");
        // The others looked whether anybody is there, and were gone.
        while {
            let accepted = listening[0].accept().await.expect("a stream").ready().await;
            accepted.expect("it is ready").read_exact(&mut [0; 5]).await.is_err()
        } {}
    }
}

#[tokio::test]
async fn the_file_of_a_unix_socket_has_its_mode() {
    use std::os::unix::fs::PermissionsExt;

    let schemes = Schemes::default();
    let folder = tempfile::tempdir().expect("a folder");
    for mode in [0o600, 0o660, 0o777] {
        let path = folder.path().join("s");
        let url = format!("unix:{}?mode={mode:o}", path.display());
        let mut listening = schemes.listen(&url).await.expect("it listens");
        let permissions = std::fs::metadata(&path).expect("it is there").permissions();
        assert_eq!(permissions.mode() & 0o777, mode);
        let to = listening.url().to_owned();
        pair(&schemes, &mut listening, &to).await;
    }
    let nowhere = schemes.listen("unix:/nobody/listens/here").await.map(|_| ());
    assert_eq!(nowhere.expect_err("no such folder").kind(), io::ErrorKind::NotFound);
}
