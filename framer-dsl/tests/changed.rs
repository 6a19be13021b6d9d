//! Descriptions that went wrong: whatever is done to one, it is judged or compiled, and what is
//! compiled is Rust.

use framer_dsl::{Options, Sources, analyze, compile};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

const BUNDLED: [&str; 6] = [
    include_str!("../../protocols/smtp.frame"),
    include_str!("../../protocols/dns.frame"),
    include_str!("../../protocols/mqtt.frame"),
    include_str!("../../protocols/websocket.frame"),
    include_str!("../../protocols/tftp.frame"),
    include_str!("../../protocols/packetstream.frame"),
];

/// What one change does to the tokens of a description.
#[derive(Clone, Debug)]
enum Change {
    Delete(Index),
    Double(Index),
    Swap(Index, Index),
    /// Another number for a number.
    Number(Index, u64),
    /// A name of the description for another.
    Name(Index, Index),
    /// A line of another description.
    Line(Index, usize, Index),
}

fn changes() -> impl Strategy<Value = Change> {
    let place = any::<Index>;
    let numbers = prop_oneof![Just(0), Just(1), 2..300_u64, Just(u64::MAX), any::<u64>()];
    prop_oneof![
        place().prop_map(Change::Delete),
        place().prop_map(Change::Double),
        (place(), place()).prop_map(|(one, other)| Change::Swap(one, other)),
        (place(), numbers).prop_map(|(at, number)| Change::Number(at, number)),
        (place(), place()).prop_map(|(at, other)| Change::Name(at, other)),
        (place(), 0..BUNDLED.len(), place()).prop_map(|(at, of, line)| Change::Line(at, of, line)),
    ]
}

/// The words, numbers, texts and signs of a description, and what stands between them.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let sort = |of: char| (of.is_alphanumeric() || of == '_', of.is_whitespace());
    let mut last = None;
    for of in text.chars() {
        let now = sort(of);
        match tokens.last_mut() {
            Some(token) if last == Some(now) && now != (false, false) => token.push(of),
            _ => tokens.push(of.to_string()),
        }
        last = Some(now);
    }
    tokens
}

/// One of the tokens that begin so.
fn one_of(tokens: &[String], at: &Index, begins: fn(char) -> bool) -> Option<usize> {
    let fit = |token: &&String| token.starts_with(begins);
    let places: Vec<usize> =
        tokens.iter().enumerate().filter(|(_, token)| fit(token)).map(|(place, _)| place).collect();
    (!places.is_empty()).then(|| *at.get(&places))
}

fn apply(change: &Change, tokens: &mut Vec<String>) {
    if tokens.is_empty() {
        return;
    }
    let count = tokens.len();
    match change {
        Change::Delete(at) => drop(tokens.remove(at.index(count))),
        Change::Double(at) => tokens.insert(at.index(count), at.get(tokens).clone()),
        Change::Swap(one, other) => tokens.swap(one.index(count), other.index(count)),
        Change::Number(at, number) => {
            if let Some(place) = one_of(tokens, at, |of| of.is_ascii_digit()) {
                tokens[place] = number.to_string();
            }
        }
        Change::Name(at, other) => {
            let places = [at, other].map(|at| one_of(tokens, at, char::is_alphabetic));
            if let [Some(place), Some(other)] = places {
                tokens[place] = tokens[other].clone();
            }
        }
        Change::Line(at, of, line) => {
            let lines: Vec<&str> = BUNDLED[*of].lines().collect();
            tokens.insert(at.index(count), format!("\n{}\n", line.get(&lines)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_compiled_is_rust(of in 0..BUNDLED.len(), changes in vec(changes(), 1..4)) {
        let mut tokens = tokens(BUNDLED[of]);
        changes.iter().for_each(|change| apply(change, &mut tokens));
        let sources = Sources::new("changed.frame", tokens.concat());
        let compiled = compile(&sources, &Options::default());
        prop_assert!(compiled.is_err() || analyze(&sources).is_ok());
        if let Ok(rust) = compiled {
            prop_assert!(syn::parse2::<syn::File>(rust).is_ok());
        }
    }
}
