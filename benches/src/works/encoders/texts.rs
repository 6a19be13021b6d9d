//! SMTP and HTTP.

use framer_protocols::http1::{self, ConnectionOption, ContentLength, Field, Other, Response};
use framer_protocols::smtp::{
    self, AtDomain, Command, DottedLocal, MailParameter, Mailbox, Path, Rcpt, Reply, SizeParameter,
};

use super::{FRAMES, digits, group};
use crate::harness::Group;
use crate::inputs::{self, Said};

/// What mail clients say, with its cases.
pub(crate) fn commands(_: usize) -> Group<'static> {
    let said: &'static [Said] = inputs::said(FRAMES).leak();
    let commands: Vec<Command<'_>> = said.iter().map(command).collect();
    group("E1", "encoding commands of SMTP, 42 bytes", commands.leak(), said, write_command)
}

fn path<'a>(local: &'a str, domain: &'a str) -> Path<'a> {
    Path::new(Mailbox {
        local: DottedLocal::new(local).into(),
        domain: Some(AtDomain::new(domain)),
    })
}

fn command(said: &'static Said) -> Command<'static> {
    match said {
        Said::Mail { local, domain, size } => {
            let size = MailParameter::from(SizeParameter::new(*size));
            let parameters: &'static [MailParameter<'static>] = vec![size].leak();
            let from = path(local, domain).into();
            smtp::Mail { from, parameters: parameters.into() }.into()
        }
        Said::Rcpt { local, domain } => Rcpt::new(path(local, domain)).into(),
        Said::Ehlo(domain) => smtp::Ehlo::new(domain).into(),
        Said::Data => smtp::Data.into(),
        Said::Rset => smtp::Rset.into(),
        Said::Noop => smtp::Noop::default().into(),
        Said::Plain(initial) => {
            let initial = Some(smtp::InitialResponse::new(initial));
            smtp::Auth { mechanism: "PLAIN", initial }.into()
        }
    }
}

/// What a name of a host may hold, and with more marks what stands before an `@`.
fn right(text: &str, marks: &[u8], max: usize) {
    let right = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80 || marks.contains(&byte);
    assert!((1..=max).contains(&text.len()) && text.bytes().all(right), "it is right");
}

fn write_path(local: &str, domain: &str, out: &mut Vec<u8>) {
    right(local, b"!#$%&'*+-/=?^_`{|}~.", 64);
    right(domain, b"-._[]:", 255);
    out.push(b'<');
    out.extend_from_slice(local.as_bytes());
    out.push(b'@');
    out.extend_from_slice(domain.as_bytes());
    out.push(b'>');
}

fn write_command(said: &Said, out: &mut Vec<u8>) {
    match said {
        Said::Mail { local, domain, size } => {
            out.extend_from_slice(b"MAIL FROM:");
            write_path(local, domain, out);
            out.extend_from_slice(b" SIZE=");
            digits(*size, out);
        }
        Said::Rcpt { local, domain } => {
            out.extend_from_slice(b"RCPT TO:");
            write_path(local, domain, out);
        }
        Said::Ehlo(domain) => {
            right(domain, b"-._[]:", 255);
            out.extend_from_slice(b"EHLO ");
            out.extend_from_slice(domain.as_bytes());
        }
        Said::Data => out.extend_from_slice(b"DATA"),
        Said::Rset => out.extend_from_slice(b"RSET"),
        Said::Noop => out.extend_from_slice(b"NOOP"),
        Said::Plain(initial) => {
            right(initial, b"+/=", 12288);
            out.extend_from_slice(b"AUTH PLAIN ");
            out.extend_from_slice(initial.as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// What a mail server answers, with its cases.
pub(crate) fn replies(_: usize) -> Group<'static> {
    let texts: &'static [(u16, String)] = inputs::replies(FRAMES).leak();
    let replies: Vec<Reply<'_>> =
        texts.iter().map(|(code, text)| Reply::new(*code, text.as_str())).collect();
    group("E2", "encoding replies of SMTP, one line each", replies.leak(), texts, write_reply)
}

fn write_reply((code, text): &(u16, String), out: &mut Vec<u8>) {
    let right = |byte: u8| byte == b'\t' || byte >= b' ' && byte != 0x7f;
    assert!(text.len() <= 12280 && text.bytes().all(right), "the text is right");
    assert!((200..=599).contains(code), "the code is right");
    let digit = |of: u16| b'0' + (of % 10) as u8;
    out.extend_from_slice(&[digit(code / 100), digit(code / 10), digit(*code), b' ']);
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// The other fields of a head, as a server of files gives them.
const OTHERS: [(&str, &str); 3] = [
    ("Server", "framer"),
    ("Date", "Sat, 21 Nov 2026 23:15:00 GMT"),
    ("Content-Type", "text/html; charset=utf-8"),
];

/// Heads of responses, with their cases.
pub(crate) fn heads(_: usize) -> Group<'static> {
    let lengths: &'static [u64] = inputs::lengths(FRAMES).leak();
    let responses: Vec<Response<'_>> = lengths.iter().map(|length| head(*length)).collect();
    let title = "encoding heads of HTTP responses, 5 fields";
    group("E6", title, responses.leak(), lengths, write_head)
}

fn head(length: u64) -> Response<'static> {
    let option: &'static [ConnectionOption<'static>] = &[ConnectionOption { name: "keep-alive" }];
    let mut fields: Vec<Field<'_>> = Vec::new();
    for (name, value) in OTHERS {
        fields.push(Other::new(name, value.as_bytes()).into());
    }
    fields.push(ContentLength::new(length).into());
    fields.push(http1::Connection::new(option).into());
    Response::new(1, 200, b"OK", &*fields.leak())
}

fn write_head(length: &u64, out: &mut Vec<u8>) {
    out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
    for (name, value) in OTHERS {
        right(name, b"!#$%&'*+-.^_`|~", 256);
        let right = |byte: u8| byte == b'\t' || byte >= b' ' && byte != 0x7f;
        assert!(value.bytes().all(right) && value.trim_ascii() == value, "the value is right");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"Content-Length: ");
    digits(*length, out);
    out.extend_from_slice(b"\r\nConnection: keep-alive\r\n\r\n");
}
