//! Commands of SMTP, against smtp-proto.

use framer_protocols::smtp::{Command, LocalPart, MailParameter, Mailbox, ReversePath};
use framer_runtime::frame::Frame;
use smtp_proto::Request;

use super::{Compared, changed, frames};

fn address(of: &Mailbox<'_>) -> String {
    let local = match of.local {
        LocalPart::QuotedLocal(local) => format!("\"{}\"", local.text),
        LocalPart::DottedLocal(local) => local.text.to_owned(),
    };
    let domain = of.domain.map(|domain| format!("@{}", domain.name));
    format!("<{local}{}>", domain.unwrap_or_default())
}

/// A command in the words of both; what is not known is none.
fn ours(line: &[u8]) -> Option<String> {
    Some(match Command::decode(line).ok()? {
        Command::Ehlo(of) => format!("EHLO {}", of.domain),
        Command::Helo(of) => format!("HELO {}", of.domain),
        Command::Mail(of) => {
            let from = match of.from {
                ReversePath::NullPath(_) => "<>".to_owned(),
                ReversePath::Path(path) => address(&path.mailbox),
            };
            let size = of.parameters.iter().find_map(|parameter| match parameter {
                MailParameter::SizeParameter(size) => Some(size.octets),
                _ => None,
            });
            format!("MAIL {from} {}", size.unwrap_or_default())
        }
        Command::Rcpt(of) => format!("RCPT {}", address(&of.to.mailbox)),
        Command::Data(_) => "DATA".to_owned(),
        Command::Bdat(of) => format!("BDAT {} {}", of.size, of.last),
        Command::StartTls(_) => "STARTTLS".to_owned(),
        Command::Auth(_) => "AUTH".to_owned(),
        Command::Rset(_) => "RSET".to_owned(),
        Command::Noop(_) => "NOOP".to_owned(),
        Command::Quit(_) => "QUIT".to_owned(),
        Command::Vrfy(_) => "VRFY".to_owned(),
        Command::Expn(_) => "EXPN".to_owned(),
        Command::Help(_) => "HELP".to_owned(),
        Command::Unknown(_) => return None,
    })
}

fn theirs(line: &[u8]) -> Option<String> {
    let mut bytes = line.iter();
    let read = Request::parse(&mut bytes).ok()?;
    if bytes.next().is_some() {
        return None;
    }
    Some(match &read {
        Request::Ehlo { host } => format!("EHLO {host}"),
        Request::Helo { host } => format!("HELO {host}"),
        Request::Mail { from } => format!("MAIL <{}> {}", from.address, from.size),
        Request::Rcpt { to } => format!("RCPT <{}>", to.address),
        Request::Bdat { chunk_size, is_last } => format!("BDAT {chunk_size} {is_last}"),
        other => other.name().to_owned(),
    })
}

/// Why smtp-proto and we differ, told from the line, what we take it for, and what it does.
fn reason(line: &[u8], ours: Option<&str>, theirs: Option<&str>) -> Option<&'static str> {
    let body = line.strip_suffix(b"\r\n");
    if body.is_none_or(|body| body.iter().any(|byte| b"\r\n".contains(byte))) {
        return Some("a bare CR or LF");
    }
    if std::str::from_utf8(line).is_err()
        || line.iter().any(|byte| *byte < b' ' && !b"\r\n".contains(byte) || *byte == 0x7f)
    {
        return Some("bytes that are no text");
    }
    let odd = Some("blanks or signs where none belong");
    let blanks = line.ends_with(b" \r\n") || line.windows(2).any(|pair| pair == b"< ");
    if let (Some(ours), None) = (ours, theirs) {
        let mailbox = ours.starts_with("MAIL") || ours.starts_with("RCPT");
        let domain = ours.rsplit_once('@').map_or("", |(_, domain)| domain);
        return match mailbox {
            true if domain.is_empty() => Some("a mailbox without a domain"),
            true => Some("a domain that no host can have, which the application finds out"),
            false => odd.filter(|_| blanks),
        };
    }
    let upper = line.to_ascii_uppercase();
    let (name, rest) = theirs?.split_once(' ').unwrap_or((theirs?, ""));
    let domain = |text: &str| {
        let known =
            |of: char| of.is_ascii_alphanumeric() || !of.is_ascii() || "-._[]:".contains(of);
        !text.is_empty() && text.len() <= 255 && text.chars().all(known)
    };
    let local = |text: &str| {
        let known = |of: char| {
            of.is_ascii_alphanumeric() || !of.is_ascii() || "!#$%&'*+-/=?^_`{|}~.".contains(of)
        };
        !text.is_empty() && text.len() <= 64 && text.chars().all(known)
    };
    let mut numbers = upper.split(|byte| b" =".contains(byte));
    let zeros = numbers.any(|word| word.len() > 1 && word.starts_with(b"0"));
    let words = upper.split(|byte| *byte == b' ').count();
    let twice = upper.windows(6).filter(|word| *word == b" SIZE=").count() > 1;
    let bare = ["QUIT", "STARTTLS", "RSET", "DATA"].contains(&name) && upper.len() > name.len() + 2;
    let begun = upper.starts_with(b"MAIL FROM:<") || upper.starts_with(b"RCPT TO:<");
    let written = match name {
        "LHLO" | "ETRN" | "ATRN" | "BURL" => return Some("words of other protocols"),
        _ if blanks => return odd,
        _ if !upper.starts_with(name.as_bytes()) => return odd,
        "BDAT" | "MAIL" if zeros => return Some("a number with zeros that it does not need"),
        "MAIL" if twice => return Some("a parameter that stands twice"),
        _ if bare => return Some("words behind those of the command"),
        "EHLO" | "HELO" if words > 2 => return Some("words behind those of the command"),
        "BDAT" => return Some("words behind those of the command"),
        "MAIL" | "RCPT" if !begun => return odd,
        "MAIL" | "RCPT" if line.contains(&b'"') => return Some("quotes, which it takes off"),
        "AUTH" => return Some("what is no mechanism or no base64"),
        "EHLO" | "HELO" => domain(rest),
        "MAIL" | "RCPT" => {
            let address = rest.split('>').next()?.trim_start_matches('<');
            let (first, behind) = address.rsplit_once('@').unwrap_or((address, "x"));
            if address.is_empty() || local(first) && domain(behind) {
                // Between the parameters.
                return odd.filter(|_| ours.is_none());
            }
            false
        }
        _ => true,
    };
    (!written).then_some("characters that no address and no domain has")
}

#[test]
fn commands() {
    let mut compared = Compared::default();
    for line in changed(&frames("smtp", "Command")) {
        let (ours, theirs) = (ours(&line), theirs(&line));
        let reason = reason(&line, ours.as_deref(), theirs.as_deref());
        compared.add(&line, ours, theirs, || reason);
    }
    compared.finish();
}
