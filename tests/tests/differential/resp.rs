//! Values of RESP2, against redis-protocol.

use framer_protocols::resp::Value;
use framer_runtime::frame::Frame;
use redis_protocol::resp2::decode::decode;
use redis_protocol::resp2::types::OwnedFrame;

use super::{Compared, changed, frames};

/// A value in the words of both; `None` where a kind of RESP3 is in it.
fn ours(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Simple(of) => format!("+{}", of.text.escape_ascii()),
        Value::Error(of) => format!("-{}", of.text.escape_ascii()),
        Value::Integer(of) => format!(":{}", of.value),
        Value::Bulk(of) => format!("${}", of.data.escape_ascii()),
        Value::NullBulk(_) | Value::NullArray(_) => "null".to_owned(),
        Value::Array(of) => {
            let items: Option<Vec<String>> = of.items.iter().map(|item| ours(&item)).collect();
            format!("[{}]", items?.join(" "))
        }
        _ => return None,
    })
}

fn theirs(frame: &OwnedFrame) -> String {
    match frame {
        OwnedFrame::SimpleString(text) => format!("+{}", text.escape_ascii()),
        OwnedFrame::Error(text) => format!("-{}", text.as_bytes().escape_ascii()),
        OwnedFrame::Integer(value) => format!(":{value}"),
        OwnedFrame::BulkString(data) => format!("${}", data.escape_ascii()),
        OwnedFrame::Null => "null".to_owned(),
        OwnedFrame::Array(items) => {
            format!("[{}]", items.iter().map(theirs).collect::<Vec<_>>().join(" "))
        }
    }
}

/// What redis-protocol takes and we do not, told from the bytes.
fn reason(value: &[u8]) -> Option<&'static str> {
    let mut rest = value;
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        if rest.starts_with(b"-") && std::str::from_utf8(&rest[..end]).is_err() {
            return Some("an error that is not UTF-8, which it does not take");
        }
        let (line, behind) = (&rest[..end], &rest[end + 2..]);
        rest = behind;
        if line.iter().any(|byte| b"\r\n".contains(byte)) {
            return Some("a bare CR or LF in a line");
        }
        let Some((b'$' | b'*' | b':', number)) = line.split_first() else { continue };
        let digits = number.strip_prefix(b"-").unwrap_or(number);
        if digits.starts_with(b"+") || digits.starts_with(b"0") && number != b"0" {
            return Some("a number with a sign or zeros that it does not need");
        }
        let number: Option<usize> = std::str::from_utf8(number).ok()?.parse().ok();
        if let (b'$', Some(size)) = (line[0], number) {
            if behind.get(size..size + 2)? != b"\r\n" {
                return Some(
                    "something else than CR LF behind a string, which it does not look at",
                );
            }
            rest = &behind[size + 2..];
        }
    }
    None
}

#[test]
fn values() {
    let mut compared = Compared::default();
    let mut seeds = frames("resp", "Value");
    seeds.extend([&b"*2\r\n$3\r\nabc\r\n$-1\r\n"[..], b"*-1\r\n", b":-7\r\n"].map(<[u8]>::to_vec));
    for value in changed(&seeds) {
        let read = Value::decode(&value).ok();
        let resp3 = read.as_ref().is_some_and(|of| ours(of).is_none());
        if resp3 {
            continue;
        }
        let whole = |read: &(OwnedFrame, usize)| read.1 == value.len();
        let theirs = decode(&value).ok().flatten().filter(whole).map(|(frame, _)| theirs(&frame));
        compared.add(&value, read.as_ref().and_then(ours), theirs, || reason(&value));
    }
    compared.finish();
}
