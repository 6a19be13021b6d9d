//! What an interpreted protocol makes of what both roles say.

use framer_interpret::{Protocol, Seen, Tap};
use framer_runtime::protocol::Role;

use crate::conversation::Line;

/// All that is seen, and how each direction ends.
pub(super) fn watched(protocol: &'static Protocol, lines: &[Line]) -> Vec<String> {
    let mut tap = Tap::new(protocol, 1 << 20);
    let mut seen = Vec::new();
    for line in lines {
        let Some((from, bytes)) = line.said() else {
            tap.upgraded();
            continue;
        };
        if protocol.is_datagram() {
            seen.extend(tap.datagram(from, bytes).as_ref().map(shown));
            continue;
        }
        tap.receive(from, bytes);
        while let Some(told) = tap.poll() {
            seen.push(shown(&told));
        }
    }
    if !protocol.is_datagram() {
        let ends = [Role::First, Role::Second].map(|role| tap.end_of_stream(role));
        seen.push(format!("{ends:?}"));
    }
    seen
}

fn shown(seen: &Seen<'_>) -> String {
    format!("{seen:?}")
}
