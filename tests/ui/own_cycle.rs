//! Two types that contain each other: neither knows how deep. rustc finds the cycle.

use framer_runtime::Frame;

#[derive(Frame)]
struct One {
    #[frame(before(count: u8 = count(others)))]
    #[frame([Other; count])]
    others: Vec<Other>,
}

#[derive(Frame)]
struct Other {
    #[frame(before(size: u8 = len(one)))]
    #[frame(One in [size])]
    one: One,
}

fn main() {}
