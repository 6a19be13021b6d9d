//! sendmail delivers to servers of others, and to smtpd.

use std::io::{BufRead, BufReader, Lines, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::peers::Peer;
use crate::server::Smtpd;

/// A message with what transparency and line endings can get wrong.
const MESSAGE: &str = "Subject: caf\u{e9}\n\n.dot\n..two\n\nlast without an end";

/// Runs sendmail; what the server said.
fn sendmail(server: &str, arguments: &[&str]) -> Result<String, String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sendmail"))
        .args(["--server", server, "--from", "alice@example.org"])
        .args(arguments)
        .args(["bob@example.org", "carol@example.org"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sendmail starts");
    let mut stdin = child.stdin.take().expect("its input");
    // It may refuse before it has read all.
    let _ = stdin.write_all(MESSAGE.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("its output");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// A peer's server, stopped when dropped.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port of the loopback that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

/// Waits until something listens.
fn wait_for(port: u16) {
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nothing listens on port {port}");
}

/// A certificate for localhost and its key, as PEM files.
pub(crate) fn certificate(directory: &Path) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (cert, key) = (directory.join("cert.pem"), directory.join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).expect("a file");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    (cert.display().to_string(), key.display().to_string())
}

pub(crate) fn smtpd() {
    let directory = TempDir::new().expect("a directory");
    let (cert, key) = certificate(directory.path());
    let server = Smtpd::start(&["--tls-cert", &cert, "--tls-key", &key, "--auth", "tim:pass"]);
    let address = format!("localhost:{}", server.address.port());
    let login = ["--auth", "tim:pass"];
    let trusting = ["--require-tls", "--tls-ca", &cert];
    let ways = [vec!["--no-tls"], vec!["--no-tls", "--no-chunking"], trusting.to_vec()];
    for (count, way) in ways.iter().enumerate() {
        let said = sendmail(&address, &[way.as_slice(), &login].concat()).expect("delivered");
        assert_eq!(said, "250 2.0.0 message accepted\n");
        assert_eq!(server.messages(), vec![format!("{MESSAGE}\n"); count + 1], "{way:?}");
    }
    // More commands than may be outstanding at once.
    let others: Vec<String> = (0..98).map(|number| format!("user{number}@example.org")).collect();
    let mut many = vec!["--no-tls", "--no-chunking", "--auth", "tim:pass"];
    many.extend(others.iter().map(String::as_str));
    sendmail(&address, &many).expect("delivered");
    // One recipient too many: DATA is answered with 354, and yet nobody gets a message.
    many.push("one-more@example.org");
    let refused = sendmail(&address, &many).expect_err("one recipient is refused");
    assert!(refused.contains("452 4.5.3"), "{refused}");
    let refused = sendmail(&address, &["--no-tls"]).expect_err("nobody has logged in");
    assert!(refused.contains("530 5.7.0 log in first"), "{refused}");
    let refused = sendmail(&address, &["--no-tls", "--auth", "tim:no"]).expect_err("wrong");
    assert!(refused.contains("535 5.7.8"), "{refused}");
    // A certificate that nobody vouches for.
    let refused = sendmail(&address, &login).expect_err("not trusted");
    assert!(refused.contains("UnknownIssuer"), "{refused}");
    assert_eq!(server.messages().len(), ways.len() + 1);
    assert_eq!(server.files("tmp").len(), 0);
}

pub(crate) fn smtp_sink() {
    let directory = TempDir::new().expect("a directory");
    let port = free_port();
    let dump = directory.path().join("mail.");
    let mut command = Peer::SmtpSink.command();
    if running_as_root() {
        // It insists on giving up root, and must then be able to write.
        let all = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(directory.path(), all).expect("permissions");
        command.args(["-u", "nobody"]);
    }
    command.arg("-d").arg(&dump).arg(format!("127.0.0.1:{port}")).arg("100");
    let running = Running(command.current_dir(directory.path()).spawn().expect("it starts"));
    wait_for(port);
    let address = format!("localhost:{port}");
    let said = sendmail(&address, &["--no-tls"]).expect("delivered");
    assert_eq!(said, "250 2.0.0 Ok\n");
    drop(running);
    let files = std::fs::read_dir(directory.path()).expect("the directory");
    let dumped: String = files
        .filter_map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).ok())
        .collect();
    // Behind the message it writes an empty line of its own.
    assert!(dumped.ends_with(&format!("{MESSAGE}\n\n")), "{dumped:?}");
    for recipient in ["bob", "carol"] {
        assert!(dumped.contains(&format!("X-Rcpt-Args: <{recipient}@example.org>")), "{dumped}");
    }
}

fn running_as_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id runs");
    output.stdout == b"0\n"
}

/// Prints each message it takes, as its bytes on the wire without transparency.
const AIOSMTPD: &str = r"
import ssl, sys, time
from aiosmtpd.controller import Controller
class Printer:
    async def handle_DATA(self, server, session, envelope):
        print(session.ssl is not None, envelope.mail_from, envelope.rcpt_tos, envelope.content.hex(), flush=True)
        return '250 printed'
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
controller = Controller(Printer(), hostname='127.0.0.1', port=int(sys.argv[1]), tls_context=context, require_starttls=True)
controller.start()
print('ready', flush=True)
time.sleep(600)
";

/// It, running, and what it prints.
pub(crate) struct Aiosmtpd {
    pub(crate) _running: Running,
    pub(crate) port: u16,
    /// Whom it wants to be trusted by.
    pub(crate) cert: String,
    pub(crate) lines: Lines<BufReader<ChildStdout>>,
}

impl Aiosmtpd {
    /// Starts it, with a certificate in a directory.
    pub(crate) fn start(directory: &Path) -> Aiosmtpd {
        let (cert, key) = certificate(directory);
        let port = free_port();
        let mut command = Peer::Aiosmtpd.command();
        command.args(["-c", AIOSMTPD, &port.to_string(), &cert, &key]).stdout(Stdio::piped());
        let mut running = Running(command.spawn().expect("it starts"));
        let mut lines = BufReader::new(running.0.stdout.take().expect("its output")).lines();
        assert_eq!(lines.next().expect("a line").expect("a line"), "ready");
        Aiosmtpd { _running: running, port, cert, lines }
    }
}

pub(crate) fn aiosmtpd() {
    let directory = TempDir::new().expect("a directory");
    let Aiosmtpd { _running, port, cert, mut lines } = Aiosmtpd::start(directory.path());
    let address = format!("localhost:{port}");
    let said = sendmail(&address, &["--require-tls", "--tls-ca", &cert]).expect("delivered");
    assert_eq!(said, "250 printed\n");
    let wire = format!("{}\r\n", MESSAGE.replace('\n', "\r\n"));
    let hex: String = wire.bytes().map(|byte| format!("{byte:02x}")).collect();
    let recipients = "['bob@example.org', 'carol@example.org']";
    let expected = format!("True alice@example.org {recipients} {hex}");
    assert_eq!(lines.next().expect("a line").expect("a line"), expected);
    let refused = sendmail(&address, &["--no-tls"]).expect_err("TLS is wanted");
    assert!(refused.contains("530 "), "{refused}");
}

pub(crate) fn demo() {
    let output = Command::new(env!("CARGO_BIN_EXE_smtpd")).arg("--demo").output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    let order = [
        "1 C: STARTTLS",
        "1 C: -- upgrade to Tls",
        "-- state Ready -> Transaction",
        "the client's next frame is a Content",
        "2 C: BDAT 36",
        "-- state Transaction -> Chunks",
        "2 C: BDAT 0 LAST",
        "3 C: (the lone dot)",
        "== stored in",
        "This came through STARTTLS.",
        "This came by BDAT.",
        "\n.\n..and a line\n.hidden\n",
    ];
    let mut rest = text.as_str();
    for part in order {
        let Some((_, behind)) = rest.split_once(part) else { panic!("no {part:?} in {rest}") };
        rest = behind;
    }
}
