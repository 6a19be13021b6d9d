//! SIGTERM in the middle loses nothing that was accepted.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::from_peers::ids;
use crate::peers::Peer;
use crate::server::Smtpd;

/// Eight threads send messages as fast as they can and print the number of each that was
/// accepted, until they are told to go.
const SMTPLIB: &str = r"
import smtplib, sys, threading
port = int(sys.argv[1])
lock = threading.Lock()
def send(thread):
    try:
        with smtplib.SMTP('127.0.0.1', port) as client:
            for count in range(100000):
                name = '%d-%d' % (thread, count)
                text = 'Message-Id: ' + name + '\r\n\r\n' + 'x' * 70 + '\r\n'
                client.sendmail('a@example.org', ['b@example.org'], text)
                with lock:
                    print(name, flush=True)
    except (smtplib.SMTPException, ConnectionError):
        pass
threads = [threading.Thread(target=send, args=(thread,)) for thread in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
";

pub(crate) fn smtplib() {
    let mut server = Smtpd::start(&[]);
    let mut command = Peer::Python.command();
    command.args(["-c", SMTPLIB, &server.address.port().to_string()]);
    let mut client = command.stdout(Stdio::piped()).spawn().expect("it runs");
    let lines = BufReader::new(client.stdout.take().expect("its output")).lines();
    let mut accepted: Vec<String> = Vec::new();
    for line in lines {
        accepted.push(line.expect("a line"));
        if accepted.len() == 200 {
            server.terminate();
        }
    }
    assert!(client.wait().expect("its status").success());
    assert!(server.wait().success());
    assert!(accepted.len() >= 200, "{} accepted", accepted.len());
    let messages = server.messages();
    let ids = ids(&messages);
    assert_eq!(ids.len(), messages.len(), "none is doubled");
    for name in &accepted {
        assert!(ids.contains(format!("Message-Id: {name}").as_str()), "{name} is lost");
    }
    // Each thread may have lost the answer to one message.
    assert!(messages.len() <= accepted.len() + 8, "{} of {}", messages.len(), accepted.len());
    assert!(messages.iter().all(|message| message.ends_with("x\n")));
    assert_eq!(server.files("tmp").len(), 0);
}

pub(crate) fn smtp_source() {
    let mut server = Smtpd::start(&[]);
    let mut command = Peer::SmtpSource.command();
    command.args(["-c", "-s", "20", "-m", "5000", "-l", "4000", &server.address.to_string()]);
    let client = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    while server.files("new").len() < 500 {
        std::thread::yield_now();
    }
    server.terminate();
    let output = client.wait_with_output().expect("its output");
    assert!(server.wait().success());
    assert!(!output.status.success(), "it was stopped midway");
    // "-c" counts the messages that were answered with 250, each over the one before.
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let counts = text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|n| n.parse().ok());
    let counted: usize = counts.max().unwrap_or(0);
    let messages = server.messages();
    assert!((1..5000).contains(&counted), "{counted} counted in {text:?}");
    assert!(messages.len() >= counted, "{} of {counted} are there", messages.len());
    assert_eq!(ids(&messages).len(), messages.len(), "none is doubled");
    assert!(messages.iter().all(|message| message.ends_with("X\n")), "none is cut");
    assert_eq!(server.files("tmp").len(), 0);
}
