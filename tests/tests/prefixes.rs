//! A stream that ends within something said is told as such, in every bundled protocol and for both
//! roles: of every conversation, cut short at every byte. What came before is what it was, and
//! nothing is taken for more than has come.

use framer_runtime::violation::Rule;
use framer_tests::bundled::Bundled;
use framer_tests::conversation::{self, Line};
use framer_tests::twin::Told;

/// Whether these are the first of those, a payload perhaps not to its end; how far they reach.
fn reach(told: &[Told], whole: &[Told]) -> Option<u64> {
    let mut reach = 0;
    for (place, (told, whole)) in told.iter().zip(whole).enumerate() {
        let (same, end) = match (told, whole) {
            (Told::Payload { name, bytes, end }, Told::Payload { name: known, bytes: all, .. }) => {
                (name == known && all.starts_with(bytes), end)
            }
            (Told::Event { end, .. }, _) => (told == whole, end),
            (Told::Payload { .. } | Told::Violation(_), _) => return None,
        };
        if !same {
            panic!("{place}: {told:?} is not {whole:?}");
        }
        reach = *end;
    }
    (told.len() <= whole.len()).then_some(reach)
}

fn cut_short(of: &Bundled) {
    if of.protocol().is_datagram() {
        // One that is cut short is another datagram.
        return;
    }
    for (name, lines) in conversation::of(of.name) {
        let whole = of.run(&lines, &|_, bytes| vec![bytes]);
        let mut said = [0_u64; 2];
        for (place, line) in lines.iter().enumerate() {
            let (role, all) = match line {
                Line::Client(bytes) => (0, bytes),
                Line::Server(bytes) => (1, bytes),
                Line::Upgrade => continue,
            };
            for cut in 1..=all.len() {
                let mut short = lines[..place].to_vec();
                short.push(match role {
                    0 => Line::Client(all[..cut].to_vec()),
                    _ => Line::Server(all[..cut].to_vec()),
                });
                let ran = of.run(&short, &|_, bytes| vec![bytes]);
                let come = said[role] + cut as u64;
                let told = &ran.said[role];
                let (told, ended) = match told.split_last() {
                    Some((Told::Violation(violation), told)) => (told, Some(violation)),
                    _ => (told.as_slice(), None),
                };
                let reach = reach(told, &whole.said[role]);
                let shown = || format!("{}/{name}: {cut} of {place}: {told:?} {ended:?}", of.name);
                let wrong = whole.said[role].get(told.len());
                match (reach, ended) {
                    // All that has come was told; the other side may wait for more of it.
                    (Some(reach), None) => assert_eq!(reach, come, "{}", shown()),
                    (Some(reach), Some(ended))
                        if matches!(ended.rule, Rule::EndOfStream { .. }) =>
                    {
                        let rule = Rule::EndOfStream { have: ended.end - ended.start };
                        assert_eq!((ended.rule, ended.end), (rule, come), "{}", shown());
                        assert!(ended.start >= reach, "{}", shown());
                    }
                    // It was wrong from there.
                    (Some(_), Some(ended)) if wrong == Some(&Told::Violation(*ended)) => {}
                    _ => panic!("{}", shown()),
                }
            }
            said[role] += all.len() as u64;
        }
    }
}

framer_tests::each_bundled!(cut_short);
