//! What attributes say wrong is told at them, all of it at once.

use framer_runtime::Frame;

#[derive(Frame)]
struct Unbounded {
    #[frame(before(size: u32 = len(data)))]
    #[frame(bytes [size])]
    data: Vec<u8>,
    #[frame(bytes [length])]
    more: Vec<u8>,
}

#[derive(Frame)]
struct Grammar<'a> {
    #[frame(u16 be)]
    id: u16,
    #[frame(bytes until CRLF max)]
    text: &'a [u8],
}

#[derive(Frame)]
#[frame(in until CRLF max 80)]
struct Undeclared<'a> {
    #[frame(bytes to end)]
    text: &'a [u8],
}

#[derive(Frame)]
#[frame(class digit = '0'..='9'; delimiter LF = "\n";)]
struct Takes<'a> {
    #[frame(ascii run digit [1..=9])]
    digits: &'a str,
    #[frame(dec u8 [1..=3])]
    number: u8,
}

#[derive(Frame)]
enum Same {
    #[frame(before("GE"))]
    Ge,
    #[frame(before("GET"))]
    Get,
}

#[derive(Frame)]
struct Nested {
    #[frame([Nested; 2])]
    inner: Vec<Nested>,
}

#[derive(Frame)]
#[frame(frame Other { a: u8 } max 100)]
struct Beside {
    a: u8,
}

#[derive(Frame)]
struct Two {
    #[frame(u8, other: u8)]
    a: u8,
}

#[derive(Frame)]
#[frame((size: u8))]
struct Given {
    #[frame(before(stream data: bytes [size]))]
    #[frame(before(high: u8))]
    a: u8,
}

fn main() {
    // The types are frames none the less, so that what uses them is not reported.
    assert!(Unbounded::decode(b"").is_err());
    assert!(Grammar::decode(b"").is_err());
}
