//! What it costs to read and write frames of a type that is declared by a description and of the
//! same type declared by `#[derive(Frame)]`, for a count of instructions:
//!
//! ```sh
//! tests/own_cost
//! ```

use std::hint::black_box;

use framer_runtime::Frame;
use framer_tests::own::{derived, described};

/// A line, a message, a table, a command: each is read, and what was read is written.
const WIRES: [&[u8]; 6] = [
    b"\0\x17\x01hello, how are you all",
    b"v12 color=green!\r\n",
    b"\x81\x8d\x01\x02\x03\x04hello, world!",
    b"\xca\xfe\x03\x01\x00\x02\x00\xff\xff\x01a\x02bc\x02\x01id!?\x85\x03xyz\x04\x03abc\xfe\xff\xffmin\x00\x01q",
    b"\x90\x06hello",
    b"PUT\tname+\r\n",
];

fn again<F: Frame>(wire: &[u8], out: &mut Vec<u8>)
where
    for<'a> F::View<'a>: Frame,
{
    out.clear();
    let frame = F::decode(black_box(wire)).expect("a frame");
    frame.encode(out).expect("as it was read");
    assert_eq!(black_box(out.as_slice()), wire);
}

macro_rules! rounds {
    ($types:ident, $which:expr, $out:expr) => {
        match $which {
            0 => again::<$types::Block<'_>>(WIRES[0], $out),
            1 => again::<$types::Line<'_>>(WIRES[1], $out),
            2 => again::<$types::Message<'_>>(WIRES[2], $out),
            3 => again::<$types::Table<'_>>(WIRES[3], $out),
            4 => again::<$types::Command<'_>>(WIRES[4], $out),
            _ => again::<$types::Order<'_>>(WIRES[5], $out),
        }
    };
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let of = arguments.next().unwrap_or_default();
    let mut number = || arguments.next().and_then(|number| number.parse().ok());
    let (which, rounds): (usize, usize) = (number().unwrap_or(0), number().unwrap_or(1));
    let mut out = Vec::with_capacity(256);
    for _ in 0..rounds {
        match of.as_str() {
            "described" => rounds!(described, which, &mut out),
            "derived" => rounds!(derived, which, &mut out),
            other => panic!("`described` or `derived` is counted, not `{other}`"),
        }
    }
}
