//! No text makes the parser panic, overflow the stack or take long.

use super::{SMTP, mistakes};
use crate::parse::parse;
use crate::source::SourceId;

#[test]
fn brackets_may_nest_so_deep() {
    let nested = |depth: usize| {
        format!("frame F {{ x: u8 if {}a{} }}", "(".repeat(depth), ")".repeat(depth))
    };
    assert_eq!(mistakes(&nested(63)), []);
    assert_eq!(mistakes(&nested(64)).len(), 1);
    let lists =
        |depth: usize| format!("frame F {{ x: {}u8{} }}", "[".repeat(depth), "; 2]".repeat(depth));
    assert_eq!(mistakes(&lists(63)), []);
    assert_eq!(mistakes(&lists(10_000)).len(), 1);
    assert_eq!(mistakes(&"frame F { x: u8 if (".repeat(1000)).len(), 1);
}

/// With a small stack. What ships has no guard of pest's that would stop before the end of one, as
/// that of the tests does and fails.
#[test]
fn what_nests_takes_a_small_stack() {
    let calls = format!("frame F {{ x: u8 if {}a{} }}", "f(a, ".repeat(63), ")".repeat(63));
    let groups = format!("frame F {{ {}x: u8{} }}", "in to end { ".repeat(62), " }".repeat(62));
    let mixed = format!("frame F {{ x: [u8; {}a{}] }}", "f(a, (".repeat(31), "))".repeat(31));
    let read = move || {
        for text in [calls, groups, mixed] {
            assert_eq!(mistakes(&text), [], "{text}");
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(read).unwrap().join().unwrap();
}

#[test]
fn chains_are_bounded() {
    let text = format!("frame F {{ x: u8 if a{} }}", " + a".repeat(10_000));
    assert_eq!(mistakes(&text).len(), 1);
    let text = format!("frame F {{ x: u8 if {}a }}", "!".repeat(10_000));
    assert_eq!(mistakes(&text).len(), 1);
    let text = format!("class a = b{};", " - b".repeat(10_000));
    assert_eq!(mistakes(&text).len(), 1);
}

#[test]
fn comments_nest_without_recursion() {
    let depth = 10_000;
    let text = format!("{}{} class a = 'x';", "/*".repeat(depth), "*/".repeat(depth));
    assert_eq!(mistakes(&text), []);
    assert_eq!(mistakes(&"/*".repeat(depth)).len(), 1);
}

#[test]
fn errors_stop_at_a_limit() {
    let text = "frame F { x y }\n".repeat(1000);
    assert_eq!(mistakes(&text).len(), 100);
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn damaged_texts_do_not_panic() {
    let pieces = [
        "{", "}", "(", "[", ";", ",", "\"", "'", "/*", "//", "é", "\\", "=>", "frame ", "state ",
        "0", "..", "!", "\n", "_",
    ];
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for _ in 0..100 {
        let mut text = SMTP.to_owned();
        for _ in 0..=numbers.below(4) {
            let at = (0..=numbers.below(text.len())).rev().find(|&at| text.is_char_boundary(at));
            let start = at.unwrap_or(0);
            let length = numbers.below(12);
            let end = (start + length..text.len()).find(|&at| text.is_char_boundary(at));
            let range = start..end.unwrap_or(text.len());
            text.replace_range(range, pieces[numbers.below(pieces.len())]);
        }
        let (_, diagnostics) = parse(&text, SourceId(0));
        for one in diagnostics {
            let (start, end) = (one.primary.span.start as usize, one.primary.span.end as usize);
            assert!(text.get(start..end).is_some(), "{one:?}");
        }
    }
}

#[test]
fn garbage_does_not_panic() {
    let mut numbers = Numbers(42);
    for length in (0..400).step_by(7) {
        let text: String = (0..length)
            .map(|_| char::from_u32(numbers.below(0x250) as u32).unwrap_or('?'))
            .collect();
        let _ = parse(&text, SourceId(0));
    }
}
