//! However the bytes of a conversation come, the events are the same.

use framer_tests::conversation;
use framer_tests::replay::{self, Outcome};

/// Where a conversation can be cut.
fn longest(legs: &[conversation::Leg], bytes: impl Fn(&conversation::Leg) -> usize) -> usize {
    legs.iter().map(bytes).max().unwrap_or(0)
}

/// Compares every cut of what was `said`, the longest part of it so long, and bytes one by one, with
/// the whole at once.
fn compare(
    name: &str,
    said: usize,
    longest: usize,
    replay: impl Fn(replay::Cuts<'_>) -> Outcome,
) -> Outcome {
    let whole = replay(&|_| usize::MAX);
    assert_eq!(whole.violation, None, "{name}");
    for cut in 1..longest {
        let mut split = replay(&|have| if have < cut { cut } else { usize::MAX });
        split.scanned = whole.scanned;
        assert_eq!(split, whole, "{name} cut at {cut}");
    }
    let mut bytes = replay(&|have| have + 1);
    // A begun CRLF is looked at again, and so is a dot behind one.
    let most = said + said / 10;
    assert!(bytes.scanned <= most as u64, "{name}: {} of {said} examined", bytes.scanned);
    bytes.scanned = whole.scanned;
    assert_eq!(bytes, whole, "{name} byte by byte");
    whole
}

#[test]
fn the_server_sees_the_same_in_every_split() {
    for (name, legs) in conversation::all() {
        let longest = longest(&legs, |leg| leg.client.len());
        let sent: usize = legs.iter().map(|leg| leg.client.len()).sum();
        let whole = compare(&name, sent, longest, |cuts| replay::server(&legs, cuts));
        assert!(whole.scanned <= sent as u64, "{name}: {} of {sent} examined", whole.scanned);
        for (leg, written) in legs.iter().zip(&whole.written) {
            let (server, written) =
                (String::from_utf8_lossy(&leg.server), String::from_utf8_lossy(written));
            assert_eq!(written, server, "{name}");
        }
    }
}

#[test]
fn the_client_sees_the_same_in_every_split() {
    for (name, legs) in conversation::all() {
        let served = replay::server(&legs, &|_| usize::MAX);
        // Our client would not say what has no place or breaks a rule.
        let wrong = |event: &String| event.starts_with("Refused") || event.starts_with("Malformed");
        if served.events.iter().any(wrong) {
            assert_eq!(name, "smtplib");
            continue;
        }
        let said = served.said;
        let longest = longest(&legs, |leg| leg.server.len());
        let sent = legs.iter().map(|leg| leg.server.len()).sum();
        let whole = compare(&name, sent, longest, |cuts| replay::client(&legs, &said, cuts));
        for (leg, written) in legs.iter().zip(&whole.written) {
            let (client, written) =
                (String::from_utf8_lossy(&leg.client), String::from_utf8_lossy(written));
            assert_eq!(written, client, "{name}");
        }
    }
}
