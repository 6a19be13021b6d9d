//! A client that sends what it should not, over a socket of its own.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use tempfile::TempDir;

use crate::server::Smtpd;
use crate::starttls::Threads;
use crate::to_peers::certificate;

/// Sends all at once and hears all, up to the end of the connection.
fn converse(address: SocketAddr, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(address).expect("a connection");
    let mut heard = [0; 1024];
    let greeting = socket.read(&mut heard).expect("a greeting");
    assert!(heard[..greeting].starts_with(b"220 "));
    // The server may have hung up before it has read all.
    let _ = socket.write_all(bytes);
    let _ = socket.shutdown(Shutdown::Write);
    let mut said = Vec::new();
    let _ = socket.read_to_end(&mut said);
    String::from_utf8(said).expect("a text")
}

/// The codes of the replies' last lines.
fn codes(said: &str) -> Vec<&str> {
    let lines = said.lines().filter(|line| line.as_bytes().get(3) == Some(&b' '));
    lines.filter_map(|line| line.get(..3)).collect()
}

pub(crate) fn smuggling() {
    let ends: [&[u8]; 10] = [
        b"\n.\n",
        b"\n.\r",
        b"\r.\n",
        b"\r.\r",
        b"\n.\r\n",
        b"\r.\r\n",
        b"\r\n.\n",
        b"\r\n.\r",
        b"\r\n.\r\r\n",
        b"\r\r\n.\r\r\n",
    ];
    let server = Smtpd::start(&[]);
    for end in ends {
        let mut bytes = b"EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\none".to_vec();
        bytes.extend(end);
        bytes.extend(b"MAIL FROM:<e@f>\r\nRCPT TO:<g@h>\r\nDATA\r\nevil\r\n.\r\nQUIT\r\n");
        let said = converse(server.address, &bytes);
        assert_eq!(codes(&said), ["250", "250", "250", "354", "421"], "{end:?}: {said}");
        assert!(said.contains("421 5.5.2 Content: byte 0x0"), "{said}");
    }
    assert_eq!(server.messages(), [""; 0]);
    assert_eq!(server.files("tmp").len(), 0);
}

pub(crate) fn starttls() {
    let directory = TempDir::new().expect("a directory");
    let (cert, key) = certificate(directory.path());
    let on_tokio = Smtpd::start(&["--tls-cert", &cert, "--tls-key", &key]);
    let in_threads = Threads::start(&cert, &key);
    for address in [on_tokio.address, in_threads.server.address] {
        let said = converse(address, b"EHLO me\r\nSTARTTLS\r\nMAIL FROM:<a@b>\r\n");
        assert_eq!(codes(&said), ["250", "220"], "{said}");
    }
}

pub(crate) fn long_line() {
    let server = Smtpd::start(&[]);
    let mut bytes = b"NOOP ".to_vec();
    bytes.resize(1 << 20, b'x');
    bytes.extend(b"\r\nFROB\r\nRCPT TO:<a@b>\r\nQUIT\r\n");
    let said = converse(server.address, &bytes);
    assert_eq!(codes(&said), ["501", "500", "503", "221"], "{said}");
    assert!(said.starts_with("501 5.5.4 Command: longer than 12288 bytes (bytes 0..1048578)"));
}
