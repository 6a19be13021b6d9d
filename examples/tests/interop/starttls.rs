//! TLS in mid-stream, on tokio and in threads: openssl and swaks with both servers, and a client in
//! a thread with aiosmtpd and with both.

use std::ffi::OsStr;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use framer_examples::tls;
use framer_protocols::smtp::client::{Event, Message};
use framer_protocols::smtp::{self, Client, Command, Ehlo, Mail, Mailbox, Rcpt};
use framer_runtime::Error;
use framer_runtime::blocking::{Connection, MaybeTls};
use framer_runtime::frame::Frame;
use tempfile::TempDir;
use tokio_rustls::rustls::ClientConfig;

use crate::from_peers::succeeds;
use crate::peers::Peer;
use crate::server::{Server, Smtpd};
use crate::to_peers::{Aiosmtpd, certificate};

/// A server whose sessions are threads.
pub(crate) struct Threads {
    pub(crate) server: Server,
    directory: TempDir,
}

impl Threads {
    pub(crate) fn start(cert: &str, key: &str) -> Threads {
        let directory = TempDir::new().expect("a directory");
        let mut arguments = vec![OsStr::new("--directory"), directory.path().as_os_str()];
        arguments.extend(["--tls-cert", cert, "--tls-key", key].map(OsStr::new));
        let server = Server::start(env!("CARGO_BIN_EXE_smtpd_threads"), &arguments);
        Threads { server, directory }
    }

    /// What it has stored, with the line endings of a file.
    fn messages(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.directory.path()).expect("the directory");
        let files = entries.map(|entry| entry.expect("an entry").path());
        let whole = files.filter(|path: &PathBuf| path.extension() == Some(OsStr::new("eml")));
        whole
            .map(|path| std::fs::read_to_string(path).expect("a text").replace("\r\n", "\n"))
            .collect()
    }
}

/// Lets `deliver` have a message delivered to each server; what it stored must hold `body`.
fn both(body: &str, deliver: impl Fn(SocketAddr, &str)) {
    let directory = TempDir::new().expect("a directory");
    let (cert, key) = certificate(directory.path());
    let on_tokio = Smtpd::start(&["--tls-cert", &cert, "--tls-key", &key]);
    deliver(on_tokio.address, &cert);
    let in_threads = Threads::start(&cert, &key);
    deliver(in_threads.server.address, &cert);
    for messages in [on_tokio.messages(), in_threads.messages()] {
        assert_eq!(messages.len(), 1);
        assert!(messages[0].contains(body), "{messages:?}");
    }
}

pub(crate) fn openssl() {
    both("Subject: one\n\n.dot\nlast\n", |address, cert| {
        let mut command = Peer::Openssl.command();
        command.args(["s_client", "-starttls", "smtp", "-quiet", "-crlf", "-verify_return_error"]);
        command.args(["-verify_hostname", "localhost", "-CAfile", cert]);
        command.args(["-connect", &address.to_string()]);
        let input = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = input.spawn().expect("it starts");
        let mut stdin = child.stdin.take().expect("its input");
        let said = "EHLO there\nMAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>\nDATA\n\
                    Subject: one\n\n..dot\nlast\n.\nQUIT\n";
        stdin.write_all(said.as_bytes()).expect("it is read");
        // It stays until the server has told the end, or stops with its input.
        let output = child.wait_with_output().expect("its output");
        drop(stdin);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{text}{errors}");
        // What answers the EHLO before TLS may be shown, too, in its last line.
        let last = text.lines().filter_map(|line| line.split_once(' ').map(|(code, _)| code));
        let answers: Vec<&str> = last.collect();
        let wanted = ["250", "250", "250", "354", "250", "221"];
        assert!(answers.ends_with(&wanted), "{text}");
        assert!(!errors.contains("unexpected eof"), "the end was not told: {errors}");
    });
}

pub(crate) fn swaks() {
    both("\n\n.one\n..two\n\nlast\n", |address, cert| {
        let mut command = Peer::Swaks.command();
        command.args(["--server", &address.to_string(), "--tls", "--tls-verify"]);
        command.args(["--tls-ca-path", cert, "--pipeline"]);
        command.args(["--from", "alice@example.org", "--to", "bob@example.org"]);
        let said = succeeds(command.args(["--body", ".one\\n..two\\n\\nlast"]));
        assert!(said.contains("=== TLS started with cipher"), "{said}");
        assert!(said.contains("<~  250 2.0.0 message accepted"), "{said}");
    });
}

/// The next reply.
fn hear(
    connection: &mut Connection<MaybeTls<TcpStream>, Client>,
    wanted: u16,
) -> Result<String, Error> {
    let Some((Event::Reply(reply), _)) = connection.next()? else { panic!("no reply") };
    let lines: Vec<&str> = reply.lines.iter().map(|line| line.text).collect();
    assert_eq!(reply.code, wanted, "{lines:?}");
    Ok(lines.join("\n"))
}

/// Delivers a message under TLS, in this thread.
fn deliver(address: SocketAddr, config: Arc<ClientConfig>) -> Result<String, Error> {
    let socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut connection = Connection::new(MaybeTls::plain(socket), Client::new());
    hear(&mut connection, 220)?;
    connection.send(Ehlo::new("client.example.org"))?;
    assert!(hear(&mut connection, 250)?.contains("STARTTLS"));
    connection.send(smtp::StartTls)?;
    hear(&mut connection, 220)?;
    assert!(matches!(connection.next()?, Some((Event::Upgrade(_), _))));
    connection.upgrade(|stream| stream.connect(config, "localhost"))?;
    let state = connection.stream().and_then(MaybeTls::state).expect("it is under TLS");
    assert_eq!(state.peer_certificates().map(<[_]>::len), Some(1));

    connection.send(Ehlo::new("client.example.org"))?;
    assert!(!hear(&mut connection, 250)?.contains("STARTTLS"));
    let path = |mailbox| smtp::Path::new(Mailbox::decode(mailbox).expect("a mailbox"));
    connection.send(Command::Mail(Mail {
        from: path(b"alice@example.org".as_slice()).into(),
        parameters: [].as_slice().into(),
    }))?;
    hear(&mut connection, 250)?;
    connection.send(Rcpt::new(path(b"bob@example.org")))?;
    hear(&mut connection, 250)?;
    connection.send(smtp::Data)?;
    hear(&mut connection, 354)?;
    connection.send(Message::Content(b"Subject: one\r\n\r\n.dot\r\nlast\r\n"))?;
    connection.send(Message::ContentEnd)?;
    let said = hear(&mut connection, 250)?;
    connection.send(smtp::Quit)?;
    hear(&mut connection, 221)?;
    connection.into_parts()?.0.close()?;
    Ok(said)
}

pub(crate) fn ours() {
    both("Subject: one\n\n.dot\nlast\n", |address, cert| {
        let config = tls::client_for(Path::new(cert)).expect("a certificate");
        assert_eq!(deliver(address, config).expect("delivered"), "message accepted");
        // Whom nobody vouches for.
        let refused = deliver(address, tls::client()).expect_err("not trusted");
        assert!(refused.to_string().contains("UnknownIssuer"), "{refused}");
    });
}

pub(crate) fn aiosmtpd() {
    let directory = TempDir::new().expect("a directory");
    let Aiosmtpd { _running, port, cert, mut lines } = Aiosmtpd::start(directory.path());
    let config = tls::client_for(Path::new(&cert)).expect("a certificate");
    let said = deliver(SocketAddr::from(([127, 0, 0, 1], port)), config).expect("delivered");
    assert_eq!(said, "printed");
    let wire = "Subject: one\r\n\r\n.dot\r\nlast\r\n";
    let hex: String = wire.bytes().map(|byte| format!("{byte:02x}")).collect();
    let printed = format!("True alice@example.org ['bob@example.org'] {hex}");
    assert_eq!(lines.next().expect("a line").expect("a line"), printed);
}
