//! No text makes the compiler overflow the stack, or do more than its length can explain.
//!
//! Each of these once took more steps than can be taken, or more stack than there is; that it ends
//! is what is tested.

use std::fmt::Write as _;

use framer_dsl::{Options, Sources, compile};

/// The codes of what is wrong with a text, each once.
fn codes(text: &str) -> Vec<&'static str> {
    assert!(text.len() <= 1 << 16, "{} bytes", text.len());
    let found = compile(&Sources::new("hostile.frame", text), &Options::default());
    let mut codes: Vec<_> =
        found.err().into_iter().flatten().map(|found| found.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Something, and so many behind it that are made of the one before.
fn chain(first: &str, count: usize, each: impl Fn(usize) -> String) -> String {
    (1..=count).fold(String::from(first), |text, place| text + &each(place))
}

#[test]
fn classes_in_classes() {
    let doubled = |at: usize| format!("class c{at} = c{0} | c{0};", at - 1);
    assert_eq!(codes(&chain("class c0 = 'a';", 1000, doubled)), [""; 0]);
    let forward = |at: usize| format!("class c{at} = c{};", at - 1);
    assert_eq!(codes(&chain("class c0 = 'a';", 3000, forward)), [""; 0]);
    let backward = |at: usize| format!("class c{at} = c{};", at + 1);
    assert_eq!(codes(&chain("class c3001 = 'a';", 3000, backward)), [""; 0]);
    assert_eq!(codes(&chain("class c3001 = c1;", 3000, backward)), ["F0106"]);
}

#[test]
fn frames_in_frames() {
    let doubled = |at: usize| format!("frame A{at} {{ a: A{0}, b: A{0} }}", at - 1);
    assert_eq!(codes(&chain("frame A0 { x: u8 }", 63, doubled)), [""; 0]);
    assert_eq!(codes(&chain("frame A0 { x: u8 }", 64, doubled)), ["F0900"]);
    let single = |at: usize| format!("frame A{at} {{ a: A{} }}", at - 1);
    assert_eq!(codes(&chain("frame A0 { x: u8 }", 2000, single)), ["F0900"]);
}

#[test]
fn frames_that_may_be_missing() {
    let each = |at: usize| format!("frame A{at} {{ a: A{0}?, b: A{0}? }}", at - 1);
    assert_eq!(codes(&chain("frame A0 { x: flag \"!\" }", 60, each)), ["F0203", "F0204"]);
    let each =
        |at: usize| format!("frame A{at} {{ k: u8, a: A{0} if k > 1, b: A{0} if k > 2 }}", at - 1);
    assert_eq!(codes(&chain("frame A0 { x: u8 }", 60, each)), [""; 0]);
}

#[test]
fn frames_that_contain_each_other() {
    let all = |count: usize, field: &dyn Fn(usize) -> String| {
        let fields: String = (0..count).map(field).collect();
        let frame = |at: usize| format!("frame A{at} max 999 depth 9 {{ count: u8, {fields} }}");
        codes(&(0..count).map(frame).collect::<String>())
    };
    let list = |at: usize| format!("l{at}: [A{at}; 1],");
    assert_eq!(all(4, &list), [""; 0]);
    assert_eq!(all(40, &list), ["F0900"]);
    let direct = |at: usize| format!("l{at}: A{at},");
    assert_eq!(all(40, &direct), ["F0106"]);
}

#[test]
fn names_as_long_as_the_text() {
    let [this, that] = ["a", "b"].map(|letter| letter.repeat(30_000));
    assert_eq!(codes(&format!("class {this} = {that};")), ["F0102"]);
}

/// Of states that one reply or another leads through, any set may be possible.
#[test]
fn states_of_which_any_may_be_possible() {
    let mut text = String::from(
        "frame Ask { bits u8 { kind: 1, rest: 7 } } frame Tell { code: u8 }
        protocol Store over stream {
            roles client, server; client speaks Ask; server speaks Tell by code;
            pending fifo max 100;
            state S0 within 1 min else close {
                client Ask if kind => awaits { 1 => S0, _ => S1 };
                client Ask => awaits { _ => S0 };
            }",
    );
    for at in 1..60 {
        let to = (at + 1) % 60;
        write!(
            text,
            "state S{at} within 1 min else close {{
                client Ask if kind => awaits {{ _ => S{to} }};
                client Ask => awaits {{ _ => S{to} }};
            }}"
        )
        .expect("it is a string");
    }
    assert_eq!(codes(&(text + "}")), ["F0900"]);
}
