//! What one side says is read without the other as it is with it.

mod recorded;
mod run;

use recorded::conversations;
use run::framer;
use serde_json::Value as Json;

/// What is told of files of these contents.
fn decode(protocol: &str, sides: &[(&str, &[u8])], cut: &[&str]) -> Vec<Json> {
    let directory = tempfile::tempdir().expect("a directory");
    let mut arguments = vec!["decode".to_owned(), format!("protocols/{protocol}.frame")];
    arguments.push("--json".to_owned());
    for (option, bytes) in sides {
        let path = directory.path().join(option.replace(' ', "."));
        std::fs::write(&path, bytes).expect("the file is written");
        arguments.extend(option.split(' ').map(str::to_owned));
        arguments.push(path.to_str().expect("a name").to_owned());
    }
    arguments.extend(cut.iter().map(|&argument| argument.to_owned()));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = framer(&arguments, "");
    let text = String::from_utf8(output.stdout).expect("a text");
    text.lines().map(|line| serde_json::from_str(line).expect("an object")).collect()
}

/// What of it a role said: the frames and payloads, without the states.
fn said(events: &[Json], role: &str) -> Vec<String> {
    let mut said = Vec::new();
    for event in events.iter().filter(|event| event["role"] == role) {
        let kind = event["event"].as_str().expect("an event");
        if matches!(kind, "frame" | "chunk" | "end" | "malformed") {
            let [frame, start, end] = ["frame", "start", "end"].map(|name| &event[name]);
            said.push(format!("{kind} {frame} {start}..{end} {}", event["fields"]));
        }
    }
    said
}

/// Whose bytes can be read in two ways that are as good: DATA that has no place, and behind it commands
/// with mistakes, or a text that looks like them.
const EITHER: [(&str, &str); 1] = [("smtplib.txt", "client")];

#[test]
fn one_side_is_read_without_the_other() {
    let mut count = 0;
    for protocol in
        ["smtp", "pop3", "http1", "imap", "memcached", "mqtt", "nats", "resp", "websocket"]
    {
        for (name, [client, server]) in conversations(protocol) {
            let both = decode(protocol, &[("--client", &client), ("--server", &server)], &[]);
            for (role, bytes) in [("client", &client), ("server", &server)] {
                if EITHER.iter().any(|(file, of)| name.ends_with(file) && role == *of) {
                    continue;
                }
                let option = format!("--as {role} --input");
                let alone = decode(protocol, &[(&option, bytes)], &[]);
                assert_eq!(said(&alone, role), said(&both, role), "{name} {role}: {alone:?}");
                count += 1;
            }
        }
    }
    assert_eq!(count, 39);
}

/// What was assumed, with what was said around it.
fn told(protocol: &str, role: &str, bytes: &[u8], cut: &[&str]) -> Vec<String> {
    let events = decode(protocol, &[(&format!("--as {role} --input"), bytes)], cut);
    let told = events.iter().filter_map(|event| {
        let kind = event["event"].as_str().expect("an event");
        let frame = event["frame"].as_str().unwrap_or_default();
        let refused = if event["refused"] == true { " refused" } else { "" };
        Some(match kind {
            "frame" => format!("{frame}{refused}"),
            "assumed" if event["values"].is_null() => format!("({frame})"),
            "assumed" => format!("({frame} {})", event["values"][0]),
            "chunk" | "end" | "partial" | "violation" | "malformed" => format!("{kind} {frame}"),
            "upgrade" => format!("upgrade {}", event["to"].as_str()?),
            _ => return None,
        })
    });
    told.collect()
}

/// A conversation of SMTP up to the point where a message is open.
const OPEN: &str = "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n";

#[test]
fn what_follows_decides_what_was_answered() {
    let smtp = |rest: &str| {
        let bytes = [OPEN, rest].concat();
        let whole = told("smtp", "client", bytes.as_bytes(), &[]);
        assert_eq!(told("smtp", "client", bytes.as_bytes(), &["--chunk", "1"]), whole);
        whole[6..].to_vec()
    };
    // The text of a message, perhaps one that looks like a command.
    let sent = ["(Reply 250)", "(Reply 354)", "chunk Content", "end Content", "Quit"];
    assert_eq!(smtp("Subject: x\r\n\r\nhelp\r\n.\r\nQUIT\r\n"), sent);
    assert_eq!(smtp("HELP\r\n.\r\nQUIT\r\n"), sent);
    // The server took no message.
    assert_eq!(smtp("RSET\r\nQUIT\r\n"), ["(Reply 250)", "(Reply)", "Rset", "Quit"]);
    // Nothing follows, so nothing is supposed.
    assert!(smtp("").is_empty());
    // What follows TLS, and a client that goes on without it.
    let start =
        |rest: &[u8]| told("smtp", "client", &[b"EHLO a\r\nSTARTTLS\r\n", rest].concat(), &[]);
    let tls = b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03";
    assert_eq!(start(tls), ["Ehlo", "(Reply 250)", "StartTls", "(Reply 220)", "upgrade Tls"]);
    let plain = ["Ehlo", "(Reply 250)", "StartTls", "(Reply)", "Ehlo", "Quit"];
    assert_eq!(start(b"EHLO a\r\nQUIT\r\n"), plain);
}

#[test]
fn what_was_asked_is_told_by_the_answers() {
    let http = |bytes: &[u8]| told("http1", "server", bytes, &[]);
    let found = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
    let asked = "(Request)";
    let body = [asked, "Response", "chunk Body", "end Body"];
    assert_eq!(http((found(5) + "hello").as_bytes()), body);
    // Answers to HEAD have no body, and the next one follows.
    let heads = found(50) + &found(70);
    let head = "(Request if is_head)";
    assert_eq!(
        http(heads.as_bytes()),
        [head, "Response", "end Body", head, "Response", "end Body"]
    );
    // What comes out of a tunnel has no end, as what has no length.
    let [line, tunnel] = ["HTTP/1.1 200 OK\r\n\r\n", "\x16\x03"];
    assert_eq!(http([line, tunnel].concat().as_bytes()), [asked, "Response", "chunk Rest"]);
    // It does not matter which of the commands was answered.
    let stored = b"STORED\r\nVALUE k 0 2\r\nhi\r\nEND\r\nDELETED\r\n";
    let expected = ["Stored", "Value", "chunk Data", "end Data", "End", "Deleted"];
    assert_eq!(told("memcached", "server", stored, &[]), expected);
}

/// An error that may have come by itself answers a request that was not heard, unless that makes no sense.
#[test]
fn what_may_be_an_answer_is_one() {
    let http = |bytes: &str| told("http1", "server", bytes.as_bytes(), &[]);
    let [missing, found] = ["404 Not Found", "200 OK"]
        .map(|status| format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nno"));
    let body = ["Response", "chunk Body", "end Body"];
    let asked = [&["(Request)"][..], &body].concat();
    assert_eq!(http(&(missing.clone() + &found)), [&asked[..], &asked].concat());
    assert_eq!(http(&missing.repeat(3)), asked.repeat(3));
    // Answers to HEAD, of which the next one follows.
    let head = missing.trim_end_matches("no");
    let head = [head, head, &found].concat();
    let nobody = ["(Request if is_head)", "Response", "end Body"];
    assert_eq!(http(&head), [&nobody[..], &nobody, &asked].concat());
    // The last one may have been either, and answers what was asked.
    assert_eq!(http(&missing), asked);
    // Behind what closes comes nothing, whether it was asked for or not.
    let smtp = |bytes: &str| told("smtp", "server", bytes.as_bytes(), &[]);
    assert_eq!(smtp("220 a\r\n421 so long\r\n"), ["Reply", "Reply"]);
}

/// Whatever comes, it ends, and everything is told or said to be missing.
#[test]
fn what_makes_no_sense_is_told() {
    let garbage = told("smtp", "server", b"hello\r\n250 so\r\n", &[]);
    assert_eq!(garbage, ["violation ReplyLine"]);
    let early = told("smtp", "server", b"250 so\r\n", &[]);
    assert_eq!(early, ["violation Reply"]);
    let nothing = told("imap", "server", b"* OK ready\r\n+ go on\r\n", &[]);
    assert_eq!(nothing, ["Untagged", "Continue"]);
    // As many as may be outstanding, and more.
    let many = "RCPT TO:<c@d>\r\n".repeat(300);
    let bytes = ["EHLO a\r\nMAIL FROM:<a@b>\r\n", &many, "DATA\r\nx\r\n.\r\nQUIT\r\n"].concat();
    let all = told("smtp", "client", bytes.as_bytes(), &[]);
    assert_eq!(all.iter().filter(|what| *what == "Rcpt").count(), 300);
    assert_eq!(all.last().map(String::as_str), Some("Quit"));
}
