//! A field that does not say what it is on the wire, or cannot hold it.

use framer_runtime::Frame;

#[derive(Frame)]
struct Silent<'a> {
    flag: bool,
    text: String,
    bytes: &'a [u8],
    size: usize,
    number: Option<u16>,
}

#[derive(Frame)]
struct Wrong<'a> {
    #[frame(u16 le)]
    short: u32,
    #[frame(dec u8 [3])]
    digits: u16,
    #[frame(bytes [4])]
    four: [u8; 3],
    #[frame(utf8 [4])]
    text: &'a [u8],
    #[frame(bits u8 { more: 1, low: 6, high: 1 })]
    more: bool,
    low: bool,
    #[frame(u16 if more)]
    sometimes: u16,
    #[frame(u16)]
    always: Option<u16>,
    #[frame([u16; 2])]
    list: &'a [u16],
}

type Length = u32;

#[derive(Frame)]
struct Alias {
    #[frame(u16)]
    length: Length,
}

#[derive(Frame)]
struct Twice {
    #[frame(u16)]
    #[frame(u32)]
    length: u16,
    #[frame(bits u8 { low: 4, high: 4 })]
    other: u8,
}

#[derive(Frame)]
union Either {
    one: u8,
    other: i8,
}

#[derive(Frame)]
struct Generic<T> {
    one: T,
}

#[derive(Frame)]
struct Lifetimes<'a, 'b> {
    #[frame(bytes [4])]
    one: &'a [u8],
    #[frame(bytes [4])]
    other: &'b [u8],
}

#[derive(Frame)]
#[frame(u8)]
enum Numbers {
    #[frame(= 1)]
    One,
    #[frame(= 256)]
    Two,
    #[frame("x")]
    Three,
}

fn main() {}
