//! Heads of HTTP/1.1, against httparse.

use framer_protocols::http1::{Field, Request, Response, TransferCoding};
use framer_runtime::frame::Frame;
use framer_runtime::list::List;

use super::{Compared, changed, frames};

/// A head in the words of both.
fn shown(first: String, fields: impl Iterator<Item = (String, Vec<u8>)>) -> String {
    fields.fold(first, |text, (name, value)| format!("{text}\n{name}: {}", value.escape_ascii()))
}

fn fields<'a>(fields: &List<'a, Field<'a>>) -> Vec<(String, Vec<u8>)> {
    let field = |field: Field<'a>| match field {
        Field::Host(of) => ("host".to_owned(), of.host.as_bytes().to_vec()),
        Field::ContentLength(of) => ("content-length".to_owned(), of.length.to_string().into()),
        Field::TransferEncoding(of) => {
            let TransferCoding::Chunked = of.coding;
            ("transfer-encoding".to_owned(), b"chunked".to_vec())
        }
        Field::Connection(of) => {
            let options: Vec<&str> = of.options.iter().map(|option| option.name).collect();
            ("connection".to_owned(), options.join(",").into())
        }
        Field::UpgradeTo(of) => ("upgrade".to_owned(), of.protocols.as_bytes().to_vec()),
        Field::Other(of) => (of.name.to_owned(), of.value.to_vec()),
    };
    fields.iter().map(field).collect()
}

/// What is read of the values of the fields that have a type of their own here, read of theirs.
fn normal(header: &httparse::Header<'_>) -> (String, Vec<u8>) {
    let text = || String::from_utf8_lossy(header.value).into_owned();
    let name = header.name.to_ascii_lowercase();
    let value = match name.as_str() {
        "host" | "upgrade" => header.value.to_vec(),
        // `parse` alone would take a sign.
        "content-length" if header.value.iter().all(u8::is_ascii_digit) => {
            text().parse::<u64>().map_or(text(), |length| length.to_string()).into()
        }
        "content-length" => header.value.to_vec(),
        "transfer-encoding" => text().to_ascii_lowercase().into(),
        "connection" => {
            let options = text();
            let options: Vec<&str> = options.split(',').map(str::trim).collect();
            options.join(",").into()
        }
        _ => return (header.name.to_owned(), header.value.to_vec()),
    };
    (name, value)
}

/// What httparse takes and we do not, told from what it has read.
fn reason(
    head: &[u8],
    headers: &[httparse::Header<'_>],
    minor: u8,
    request: bool,
) -> Option<&'static str> {
    let bare = |place: &usize| head[*place] == b'\n' && (*place == 0 || head[*place - 1] != b'\r');
    if (0..head.len()).any(|place| bare(&place)) {
        return Some("a line that ends with a bare LF");
    }
    if head.starts_with(b"\r\n") {
        return Some("an empty line before the head");
    }
    let all: Vec<(String, Vec<u8>)> = headers.iter().map(normal).collect();
    let count = |name: &str| all.iter().filter(|(known, _)| known == name).count();
    if request && (count("host") > 1 || count("host") == 0 && minor == 1) {
        return Some("not one Host");
    }
    let coded = count("transfer-encoding");
    if count("content-length") + coded > 1 {
        return Some("two lengths");
    }
    if coded > 0 && minor == 0 {
        return Some("chunks in HTTP/1.0");
    }
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    all.iter().find_map(|(name, value)| match name.as_str() {
        "content-length"
            if !(1..=19).contains(&value.len()) || !value.iter().all(u8::is_ascii_digit) =>
        {
            Some("a length that is no number")
        }
        "transfer-encoding" if value != b"chunked" => Some("a coding that is not chunked"),
        "host" if !value.iter().all(u8::is_ascii_graphic) => Some("a Host that is no name"),
        "upgrade" if value.is_empty() || !value.is_ascii() => Some("an Upgrade that is no list"),
        "connection"
            if value
                .split(|byte| *byte == b',')
                .any(|option| option.is_empty() || !option.iter().all(|byte| token(*byte))) =>
        {
            Some("a Connection that is no list")
        }
        _ => None,
    })
}

#[test]
fn requests() {
    let mut compared = Compared::default();
    for head in changed(&frames("http1", "Request")) {
        let ours = Request::decode(&head).ok().map(|head| {
            let first = format!("{} {} {}", head.method, head.target, head.minor);
            shown(first, fields(&head.fields).into_iter())
        });
        let mut headers = [httparse::EMPTY_HEADER; 128];
        let mut parsed = httparse::Request::new(&mut headers);
        let whole = parsed.parse(&head) == Ok(httparse::Status::Complete(head.len()));
        let minor = parsed.version.unwrap_or_default();
        let theirs = whole.then(|| {
            let part = |of: Option<&str>| of.unwrap_or_default().to_owned();
            let first = format!("{} {} {minor}", part(parsed.method), part(parsed.path));
            shown(first, parsed.headers.iter().map(normal))
        });
        let reason = || {
            let target = parsed.path.is_some_and(|path| !path.is_ascii());
            let other = reason(&head, parsed.headers, minor, true);
            other.or(target.then_some("a target that is not ASCII"))
        };
        compared.add(&head, ours, theirs, reason);
    }
    compared.finish();
}

#[test]
fn responses() {
    let mut compared = Compared::default();
    for head in changed(&frames("http1", "Response")) {
        let ours = Response::decode(&head).ok().map(|head| {
            let first = format!("{} {} {}", head.minor, head.status, head.reason.escape_ascii());
            shown(first, fields(&head.fields).into_iter())
        });
        let mut headers = [httparse::EMPTY_HEADER; 128];
        let mut parsed = httparse::Response::new(&mut headers);
        let whole = parsed.parse(&head) == Ok(httparse::Status::Complete(head.len()));
        let minor = parsed.version.unwrap_or_default();
        let theirs = whole.then(|| {
            let (code, reason) =
                (parsed.code.unwrap_or_default(), parsed.reason.unwrap_or_default());
            let first = format!("{minor} {code} {}", reason.as_bytes().escape_ascii());
            shown(first, parsed.headers.iter().map(normal))
        });
        let reason = || {
            let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let other = reason(&head, parsed.headers, minor, false);
            match parsed.code {
                _ if other.is_some() => other,
                _ if line.len() == b"HTTP/1.1 200\r".len() => Some("no blank behind the status"),
                Some(0..100) => Some("a status below 100"),
                _ if !line.is_ascii() => Some("a reason that is not ASCII, which it leaves out"),
                _ => None,
            }
        };
        compared.add(&head, ours, theirs, reason);
    }
    compared.finish();
}
