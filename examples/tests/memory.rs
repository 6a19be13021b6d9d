//! What the server holds does not grow with what it is sent.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use framer_examples::deliver::{Delivery, deliver};
use framer_protocols::smtp::client::Message;
use framer_protocols::smtp::{Client, Data, DottedLocal, Ehlo, Mail, Mailbox, Path, Rcpt};
use framer_runtime::net::Stream;
use framer_runtime::tokio::Connection;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

const MEBIBYTE: u64 = 1 << 20;

/// A running smtpd.
struct Server {
    child: Child,
    directory: TempDir,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Server {
        let directory = TempDir::new().expect("a directory");
        let mut child = Command::new(env!("CARGO_BIN_EXE_smtpd"))
            .args(["--listen", "127.0.0.1:0", "--maildir"])
            .arg(directory.path())
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("smtpd starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let address = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        Server { child, directory, address }
    }

    /// A line of `/proc/PID/status`, in bytes.
    fn status(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(path).expect("the status");
        let line = text.lines().find(|line| line.starts_with(name)).expect("the line");
        let number = line.split_whitespace().nth(1).and_then(|number| number.parse().ok());
        number.map_or(0, |kibibytes: u64| kibibytes * 1024)
    }

    /// The sizes of the messages it has stored.
    fn sizes(&self) -> Vec<u64> {
        let entries = std::fs::read_dir(self.directory.path().join("new")).expect("the maildir");
        entries
            .map(|entry| entry.and_then(|entry| entry.metadata()).expect("a file").len())
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_message_of_a_gibibyte_needs_no_memory() {
    let size = 1024 * MEBIBYTE;
    for chunking in [false, true] {
        let server = Server::start(&["--max-message", &(2 * size).to_string()]);
        let delivery = Delivery {
            name: "localhost".to_owned(),
            from: String::new(),
            to: vec!["bob@example.org".to_owned()],
            login: None,
            tls: None,
            require_tls: false,
            chunking,
        };
        // Lines of 63 letters and a line feed.
        let line = [[b'x'; 63].as_slice(), b"\n"].concat();
        let lines = std::iter::repeat_n(line, 512).flatten().collect::<Vec<u8>>();
        let idle = server.status("VmRSS");
        let large = TcpStream::connect(&server.address).await.expect("a connection");
        let message = Lines { block: lines, at: 0 }.take(size);
        deliver(Stream::try_from(large).expect("its ends"), &delivery, message)
            .await
            .expect("delivered");
        let grown = server.status("VmHWM").saturating_sub(idle);
        println!("1 GiB, chunking {chunking}: {grown} bytes over {idle}");
        assert!(grown <= 4 * MEBIBYTE, "{grown} bytes over {idle}, chunking {chunking}");
        assert_eq!(server.sizes(), [size]);
    }
}

/// A block over and over.
struct Lines {
    block: Vec<u8>,
    at: usize,
}

impl tokio::io::AsyncRead for Lines {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        let rest = &self.block[self.at..];
        let count = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..count]);
        self.at = (self.at + count) % self.block.len();
        std::task::Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn ten_thousand_messages_in_one_session_leave_nothing() {
    let server = Server::start(&[]);
    let socket = TcpStream::connect(&server.address).await.expect("a connection");
    socket.set_nodelay(true).expect("an option");
    let mut conn = Connection::new(socket, Client::new());
    reply(&mut conn, 220).await;
    conn.send(Ehlo::new("localhost")).await.expect("EHLO");
    reply(&mut conn, 250).await;
    let mut after_a_thousand = 0;
    for count in 0..10_000 {
        let mailbox = Mailbox::new(DottedLocal::new("bob"));
        conn.send(Mail::new(Path::new(mailbox))).await.expect("MAIL");
        conn.send(Rcpt::new(Path::new(mailbox))).await.expect("RCPT");
        conn.send(Data).await.expect("DATA");
        reply(&mut conn, 250).await;
        reply(&mut conn, 250).await;
        reply(&mut conn, 354).await;
        conn.send(Message::Content(b"Subject: one of many\r\n\r\ntext\r\n")).await.expect("text");
        conn.send(Message::ContentEnd).await.expect("the end");
        reply(&mut conn, 250).await;
        if count == 1000 {
            after_a_thousand = server.status("VmRSS");
        }
    }
    let grown = server.status("VmRSS").saturating_sub(after_a_thousand);
    println!("9,000 messages: {grown} bytes over {after_a_thousand}");
    assert!(grown <= MEBIBYTE / 4, "{grown} bytes over {after_a_thousand}");
    assert_eq!(server.sizes(), vec![27; 10_000]);
}

async fn reply(conn: &mut Connection<TcpStream, Client>, code: u16) {
    match conn.next().await.expect("no violation") {
        Some((framer_protocols::smtp::client::Event::Reply(reply), _)) => {
            assert_eq!(reply.code, code);
        }
        other => panic!("not a reply: {}", other.is_some()),
    }
}
