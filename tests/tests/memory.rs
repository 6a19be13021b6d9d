//! Memory follows what has come, and time, too, whatever is announced: counted over everything that the heap is
//! asked for, for each bundled protocol over a stream.
//!
//! A process of its own with one test, since all that is asked for is counted.

use framer_tests::floods::{FLOODS, Flood};
use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// In how many bytes it comes, in segments of how many: as from a network, and byte by byte.
const COMES: [(usize, usize); 2] = [(1 << 20, 1460), (1 << 15, 1)];

/// What a connection may take beside the bytes themselves: the least room to read into, 1 KiB, what is
/// outstanding, and the parts of what is being cut.
const BESIDE: usize = 16 * 1024;

/// While it is copied to where there is more room, which is twice as much, it is there twice.
const WHILE_IT_GROWS: usize = 3;

fn follows(flood: &Flood, bytes: usize, segment: usize) {
    let Flood { protocol, name, .. } = flood;
    let (mut side, head, again) = flood.begin();
    let (limit, scanned) = (side.limit(), side.scanned());
    let all = again.repeat(bytes / again.len());
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let mut came = 0;
    for piece in std::iter::once(&head[..]).chain(all.chunks(segment)) {
        if side.receive(piece) < piece.len() {
            break;
        }
        came += piece.len();
        let goes_on = side.look().unwrap_or(false);
        let asked = HEAP.peak_usage() - before;
        let most = BESIDE + WHILE_IT_GROWS * came.min(limit);
        assert!(asked <= most, "{protocol}, {name}: {asked} bytes for {came}, limit {limit}");
        if !goes_on {
            break;
        }
    }
    let looked = side.scanned() - scanned;
    // What has begun at the end of what came is looked at once more when more comes: a delimiter or a dot,
    // of which there may be as many as segments.
    let begins = all.iter().take(came).filter(|byte| b"\r.".contains(byte)).count();
    let again = begins.min(came / segment) + came / 10 + 64;
    let most = u64::try_from(came + again).expect("a count");
    assert!(looked <= most, "{protocol}, {name}: {looked} of {came} bytes");
}

#[test]
fn memory_and_time_follow_what_has_come() {
    for flood in FLOODS {
        for (bytes, segment) in COMES {
            follows(&flood, bytes, segment);
        }
    }
}
