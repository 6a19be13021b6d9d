//! What the server holds does not grow with what it is sent.

use framer_examples::deliver::deliver;
use framer_protocols::smtp::client::Message;
use framer_protocols::smtp::{Client, Data, DottedLocal, Ehlo, Mail, Mailbox, Path, Rcpt};
use framer_runtime::net::Stream;
use framer_runtime::tokio::Connection;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::letters::delivery;
use crate::server::Smtpd;

const MEBIBYTE: u64 = 1 << 20;

/// The sizes of the messages it has stored.
fn sizes(server: &Smtpd) -> Vec<u64> {
    let files = server.files("new");
    files.iter().map(|file| std::fs::metadata(file).expect("a file").len()).collect()
}

#[tokio::test]
async fn a_message_of_a_gibibyte_needs_no_memory() {
    let size = 1024 * MEBIBYTE;
    for chunking in [false, true] {
        let server = Smtpd::start(&["--max-message", &(2 * size).to_string()]);
        // Lines of 63 letters and a line feed.
        let line = [[b'x'; 63].as_slice(), b"\n"].concat();
        let lines = std::iter::repeat_n(line, 512).flatten().collect::<Vec<u8>>();
        let idle = server.process.status("VmRSS");
        let large = TcpStream::connect(server.process.address).await.expect("a connection");
        let message = Lines { block: lines, at: 0 }.take(size);
        deliver(Stream::try_from(large).expect("its ends"), &delivery(chunking), message)
            .await
            .expect("delivered");
        let grown = server.process.status("VmHWM").saturating_sub(idle);
        println!("1 GiB, chunking {chunking}: {grown} bytes over {idle}");
        assert!(grown <= 4 * MEBIBYTE, "{grown} bytes over {idle}, chunking {chunking}");
        assert_eq!(sizes(&server), [size]);
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
    let server = Smtpd::start(&[]);
    let socket = TcpStream::connect(server.process.address).await.expect("a connection");
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
            after_a_thousand = server.process.status("VmRSS");
        }
    }
    let grown = server.process.status("VmRSS").saturating_sub(after_a_thousand);
    println!("9,000 messages: {grown} bytes over {after_a_thousand}");
    assert!(grown <= MEBIBYTE / 4, "{grown} bytes over {after_a_thousand}");
    assert_eq!(sizes(&server), vec![27; 10_000]);
}

async fn reply(conn: &mut Connection<TcpStream, Client>, code: u16) {
    match conn.next().await.expect("no violation") {
        Some((framer_protocols::smtp::client::Event::Reply(reply), _)) => {
            assert_eq!(reply.code, code);
        }
        other => panic!("not a reply: {}", other.is_some()),
    }
}
