//! W4: heads of HTTP/1.1, as a browser sends one and as a load generator does.

mod by_hand;
pub(crate) mod pieces;

pub(crate) use pieces::in_pieces;

use std::cell::LazyCell;
use std::ffi::c_char;

use framer_interpret::Frame;
use framer_protocols::http1::{Field, Request};
use framer_runtime::frame::Frame as _;

use super::interpreted::{bytes_of, elements, field, frame, schema};
use crate::harness::{Case, Group, Kind, Tally};

/// How many fields the peers have room for.
const FIELDS: usize = 64;

/// What a browser asks.
const LONG: &str = "GET /articles/2026/november/on-the-framing-of-messages?page=2 HTTP/1.1\r\n\
Host: www.example.org\r\n\
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8\r\n\
Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n\
Accept-Encoding: gzip, deflate, br, zstd\r\n\
Referer: https://www.example.org/articles/2026/november/\r\n\
Connection: keep-alive\r\n\
Cookie: session=0b1f6a9c5d7e4f20; theme=dark; consent=all; region=eu-west; cart=7f3e2; seen=2026-11-20\r\n\
Upgrade-Insecure-Requests: 1\r\n\
Sec-Fetch-Dest: document\r\n\
Sec-Fetch-Mode: navigate\r\n\
Cache-Control: max-age=0\r\n\
\r\n";

/// What a load generator asks.
const SHORT: &str = "GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";

/// Heads in one go; each is a frame.
const HEADS: usize = 1000;

/// The long one and its cases.
pub(crate) fn long(_: usize) -> Group<'static> {
    group("W4", "an HTTP/1.1 head of 12 fields", LONG.as_bytes())
}

/// The short one and its cases.
pub(crate) fn short(_: usize) -> Group<'static> {
    group("W4s", "an HTTP/1.1 head of one field", SHORT.as_bytes())
}

fn group(work: &'static str, title: &'static str, head: &'static [u8]) -> Group<'static> {
    let each = move |parse: fn(&[u8], &mut Tally)| {
        move || {
            let mut tally = Tally::default();
            for _ in 0..HEADS {
                parse(std::hint::black_box(head), &mut tally);
                tally.frame();
            }
            tally
        }
    };
    let schema = LazyCell::new(|| schema("http1.frame", "Request"));
    let interpreted = move || {
        let mut tally = Tally::default();
        for _ in 0..HEADS {
            let value = schema.decode(std::hint::black_box(head)).expect("the head is right");
            look_at(frame(&value), &mut tally);
            tally.frame();
        }
        tally
    };
    Group {
        work,
        title,
        bytes: head.len() * HEADS,
        goal: None,
        cases: vec![
            Case::new("framer", Kind::Ours, each(ours)),
            Case::new("framer, interpreted", Kind::Interpreted, interpreted),
            Case::new("httparse", Kind::Peer, each(by_httparse)),
            Case::new("picohttpparser", Kind::Peer, each(by_pico)),
            Case::new("by hand", Kind::Limit, each(by_hand::head)),
            Case::new("the copy alone", Kind::Floor, each(copied)),
        ],
    }
}

/// Where values begin and how long they are does not tell them apart from others; what they hold
/// does.
fn value(tally: &mut Tally, value: &[u8]) {
    tally.see(value);
}

// By its name in profiles.
#[inline(never)]
fn ours(head: &[u8], tally: &mut Tally) {
    // Looked at where it was written: a copy would wait for that.
    let request = Request::decode(head);
    look(request.as_ref().expect("the head is right"), tally);
}

#[inline]
fn look(request: &Request<'_>, tally: &mut Tally) {
    tally.see(request.method.as_bytes());
    tally.see(request.target.as_bytes());
    for field in request.fields.iter() {
        match field {
            Field::Host(field) => value(tally, field.host.as_bytes()),
            Field::Connection(field) => {
                for option in field.options.iter() {
                    value(tally, option.name.as_bytes());
                }
            }
            Field::Other(field) => value(tally, field.value),
            other => panic!("{other:?}"),
        }
    }
}

/// The same of what is interpreted.
fn look_at(request: &Frame<'_>, tally: &mut Tally) {
    tally.see(bytes_of(field(request, "method")));
    tally.see(bytes_of(field(request, "target")));
    for line in elements(field(request, "fields")).map(frame) {
        match &*line.name {
            "Host" => value(tally, bytes_of(field(line, "host"))),
            "Connection" => {
                for option in elements(field(line, "options")).map(frame) {
                    value(tally, bytes_of(field(option, "name")));
                }
            }
            "Other" => value(tally, bytes_of(field(line, "value"))),
            other => panic!("{other:?}"),
        }
    }
}

fn copied(head: &[u8], tally: &mut Tally) {
    let mut copy = [0; 1024];
    copy[..head.len()].copy_from_slice(head);
    tally.see(std::hint::black_box(&copy[..head.len()]));
}

fn by_httparse(head: &[u8], tally: &mut Tally) {
    assert_eq!(httparse(head, tally), Some(head.len()), "the head is right");
}

/// How long the head is; `None` if it is not whole.
fn httparse(head: &[u8], tally: &mut Tally) -> Option<usize> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let httparse::Status::Complete(len) = request.parse(head).expect("the head is right") else {
        return None;
    };
    tally.see(request.method.expect("it is complete").as_bytes());
    tally.see(request.path.expect("it is complete").as_bytes());
    for field in request.headers.iter() {
        value(tally, field.value);
    }
    Some(len)
}

fn by_pico(head: &[u8], tally: &mut Tally) {
    assert_eq!(pico_since(head, 0, tally), Some(head.len()), "the head is right");
}

/// How long the head is, of which so many bytes were looked at before; `None` if it is not whole.
fn pico_since(head: &[u8], looked: usize, tally: &mut Tally) -> Option<usize> {
    use std::ptr::null;
    let none = pico::Header { name: null(), name_len: 0, value: null(), value_len: 0 };
    let mut fields = [none; FIELDS];
    let (mut method, mut method_len) = (null(), 0);
    let (mut target, mut target_len) = (null(), 0);
    let (mut minor, mut count) = (0, FIELDS);
    // SAFETY: every pointer is to what lives until the end, with its length beside it.
    let len = unsafe {
        pico::phr_parse_request(
            head.as_ptr().cast(),
            head.len(),
            &raw mut method,
            &raw mut method_len,
            &raw mut target,
            &raw mut target_len,
            &raw mut minor,
            fields.as_mut_ptr(),
            &raw mut count,
            looked,
        )
    };
    // What is not whole is told by two below zero.
    assert!(len > 0 || len == -2, "the head is right");
    let len = usize::try_from(len).ok()?;
    // SAFETY: the parser gives places in the head.
    let slice =
        |at: *const c_char, len| unsafe { std::slice::from_raw_parts(at.cast::<u8>(), len) };
    tally.see(slice(method, method_len));
    tally.see(slice(target, target_len));
    for field in &fields[..count] {
        value(tally, slice(field.value, field.value_len));
    }
    Some(len)
}

/// picohttpparser, whose fields the crate that builds it keeps to itself.
mod pico {
    use std::ffi::{c_char, c_int};

    use pico_sys as _;

    /// A field, by its places in the head.
    #[derive(Clone, Copy)]
    #[repr(C)]
    pub(super) struct Header {
        pub(super) name: *const c_char,
        pub(super) name_len: usize,
        pub(super) value: *const c_char,
        pub(super) value_len: usize,
    }

    unsafe extern "C" {
        pub(super) fn phr_parse_request(
            head: *const c_char,
            len: usize,
            method: *mut *const c_char,
            method_len: *mut usize,
            target: *mut *const c_char,
            target_len: *mut usize,
            minor: *mut c_int,
            fields: *mut Header,
            count: *mut usize,
            looked: usize,
        ) -> c_int;
    }
}
