//! However the bytes of a conversation come, both roles of every bundled protocol see the same, at
//! the same positions, in both engines: of every conversation in every cut in two, byte by byte, and
//! in pieces by chance. No byte is examined twice, but a delimiter that has begun.

use std::cell::RefCell;

use framer_tests::bundled::Bundled;
use framer_tests::conversation::{self, Line};
use framer_tests::twin::{Changes, Ran};

/// In how many ways each conversation is cut by chance.
const CHANCES: u64 = 100;

/// How many bytes both roles say.
fn said(lines: &[Line]) -> u64 {
    let said = lines.iter().map(|line| match line {
        Line::Client(bytes) | Line::Server(bytes) => bytes.len() as u64,
        Line::Upgrade => 0,
    });
    said.sum()
}

fn same(of: &Bundled) {
    let (mut said_bytes, mut examined) = (0, 0);
    for (name, lines) in conversation::of(of.name) {
        let whole = of.run(&lines, &|_, bytes| vec![bytes]);
        let compare = |ran: &Ran, how: &dyn std::fmt::Debug| {
            assert_eq!(ran.said, whole.said, "{}/{name} {how:?}", of.name);
        };
        let said = said(&lines);
        assert!(whole.examined.iter().sum::<u64>() <= said, "{}/{name}", of.name);
        let single = of.run(&lines, &|_, bytes| bytes.chunks(1).collect());
        compare(&single, &"byte by byte");
        said_bytes += said;
        examined += single.examined.iter().sum::<u64>();
        for (place, line) in lines.iter().enumerate() {
            let (Line::Client(all) | Line::Server(all)) = line else { continue };
            for cut in 1..all.len() {
                let ran = of.run(&lines, &|number, bytes| match number == place {
                    true => vec![&bytes[..cut], &bytes[cut..]],
                    false => vec![bytes],
                });
                compare(&ran, &(place, cut));
            }
        }
        for seed in 0..CHANCES {
            let source = RefCell::new(Changes::of(seed));
            let ran = of.run(&lines, &|_, bytes| source.borrow_mut().pieces(bytes));
            compare(&ran, &seed);
        }
    }
    // Byte by byte is the worst: a delimiter that has begun is looked at again.
    assert!(10 * examined <= 11 * said_bytes, "{}: {examined} of {said_bytes}", of.name);
}

framer_tests::each_bundled!(same);
