//! What a type asks of the types in it is told where they are named.

use framer_runtime::Frame;

struct Plain;

#[derive(Frame)]
struct Holder {
    plain: Plain,
}

#[derive(Frame)]
struct Holders {
    #[frame([Plain; 2])]
    plain: Vec<Plain>,
}

#[derive(Frame)]
struct Rest<'a> {
    #[frame(bytes to end)]
    data: &'a [u8],
}

#[derive(Frame)]
struct Behind<'a> {
    rest: Rest<'a>,
    more: u8,
}

#[derive(Frame)]
struct Listed<'a> {
    #[frame([Rest; 2])]
    rests: Vec<Rest<'a>>,
}

fn main() {}
