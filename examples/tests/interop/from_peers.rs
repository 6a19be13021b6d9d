//! Clients of others deliver to smtpd.

use std::collections::BTreeSet;
use std::process::Command;

use crate::peers::Peer;
use crate::server::Smtpd;

pub(crate) fn succeeds(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, error) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{error}", output.status);
    out
}

/// The Message-Id of each message; smtp-source makes a new one for each.
pub(crate) fn ids(messages: &[String]) -> BTreeSet<&str> {
    messages
        .iter()
        .map(|message| {
            let mut lines = message.lines();
            lines.find(|line| line.starts_with("Message-Id: ")).expect("a Message-Id")
        })
        .collect()
}

pub(crate) fn smtp_source_messages() {
    let server = Smtpd::start(&[]);
    let address = server.address.to_string();
    succeeds(Peer::SmtpSource.command().args(["-s", "20", "-m", "5000", "-l", "4000", &address]));
    let messages = server.messages();
    assert_eq!((messages.len(), ids(&messages).len()), (5000, 5000));
    let whole = messages.iter().filter(|message| message.ends_with("X\n")).count();
    assert_eq!(whole, 5000);
    assert_eq!(server.files("tmp").len(), 0);
}

/// smtp-source sends an empty line behind the last line of the file: smtp-sink stores it, and
/// aiosmtpd sees it, too.
pub(crate) fn smtp_source_file() {
    let server = Smtpd::start(&[]);
    let file = server.directory().join("message");
    let text = "Subject: dots\n\n.\n..\n...three\nno dot\n\n\t.\nlast\n";
    std::fs::write(&file, text).expect("a file");
    let address = server.address.to_string();
    let mut command = Peer::SmtpSource.command();
    succeeds(command.args(["-s", "4", "-m", "100", "-F"]).arg(&file).arg(&address));
    let messages = server.messages();
    assert_eq!(messages.len(), 100);
    for message in messages {
        assert_eq!(message, format!("{text}\n"));
    }
}

fn swaks_delivers(server: &Smtpd, arguments: &[&str]) {
    let before = server.files("new").len();
    let mut command = Peer::Swaks.command();
    command
        .arg("--server")
        .arg(server.address.to_string())
        .args(["--from", "alice@example.org", "--to", "bob@example.org"])
        .args(["--body", ".one\\n..two\\n\\nlast"])
        .args(arguments);
    let said = succeeds(&mut command);
    assert!(said.contains("250 2.0.0 message accepted"), "{said}");
    let messages = server.messages();
    assert_eq!(messages.len(), before + 1, "{arguments:?}");
    let body = "\n\n.one\n..two\n\nlast\n";
    assert!(messages.iter().all(|message| message.contains(body)), "{messages:?}");
}

pub(crate) fn swaks() {
    let server = Smtpd::start(&["--tls-self-signed"]);
    swaks_delivers(&server, &[]);
    swaks_delivers(&server, &["--tls"]);
    swaks_delivers(&server, &["--pipeline"]);
    swaks_delivers(&server, &["--tls", "--pipeline", "--to", "b@example.org,c@example.org"]);
}

pub(crate) fn swaks_auth() {
    let server = Smtpd::start(&["--auth", "tim:tanstaaftanstaaf"]);
    let login = ["--auth-user", "tim", "--auth-password", "tanstaaftanstaaf"];
    for mechanism in ["PLAIN", "LOGIN"] {
        swaks_delivers(&server, &[&["--auth", mechanism], &login[..]].concat());
    }
    let mut command = Peer::Swaks.command();
    command.arg("--server").arg(server.address.to_string()).args(["--to", "bob@example.org"]);
    let wrong = command.args(["--auth", "PLAIN", "--auth-user", "tim", "--auth-password", "no"]);
    let output = wrong.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.contains("535 5.7.8"), "{said}");
    assert_eq!(server.files("new").len(), 2);
}

/// Plain with several recipients, then under TLS with a login.
const SMTPLIB: &str = r"
import smtplib, ssl, sys
port = int(sys.argv[1])
text = 'Subject: one\r\n\r\n.dot\r\n\r\n..\r\nlast\r\n'
with smtplib.SMTP('127.0.0.1', port) as client:
    client.starttls(context=ssl._create_unverified_context())
    client.login('tim', 'pass')
    assert client.sendmail('a@example.org', ['b@example.org', 'c@example.org'], text) == {}
    assert client.noop()[0] == 250 and client.vrfy('b')[0] == 252 and client.rset()[0] == 250
    assert client.docmd('RCPT TO:<b@example.org>')[0] == 503
    assert client.docmd('MAIL FROM:<broken')[0] == 501
    assert client.docmd('FROB')[0] == 500
    assert client.docmd('NOOP ' + 'x' * 100000)[0] == 501
    assert client.sendmail('', ['b@example.org'], text, mail_options=['SIZE=40', 'BODY=8BITMIME']) == {}
";

pub(crate) fn smtplib() {
    let server = Smtpd::start(&["--tls-self-signed", "--auth", "tim:pass"]);
    let port = server.address.port().to_string();
    succeeds(Peer::Python.command().args(["-c", SMTPLIB, &port]));
    let text = "Subject: one\n\n.dot\n\n..\nlast\n".to_owned();
    assert_eq!(server.messages(), [text.clone(), text]);
}
