//! What is said of mistakes, and where.

use super::{at, mistake, mistakes};
use crate::diagnostic::Code;

#[test]
fn five_mistakes_are_five_diagnostics() {
    let text = "delimiter CRLF = \"\\r\\n\"
class a = 'x';
fram Foo { x: u8 }
enum C {
    A { x: u8; y: u8 },
    B { x: utf8 runn a [1..=2] },
    C { x: u8 },
}
protocol P over stream {
    state S { a X = T; a Y => stay; }
}
";
    let found: Vec<_> = mistakes(text).into_iter().map(|(_, _, place)| place).collect();
    assert_eq!(found, ["class", "fram", ";", "runn", "="]);
}

#[test]
fn the_message_names_what_was_expected() {
    let wrong = mistake("frame F { x: u8 }\nframe G { x: utf8 runn a [1] }");
    assert_eq!(wrong.code, Code::Syntax);
    assert_eq!(wrong.message, "expected `[n]`, `until`, `to end`, `run` or `via`, found `runn`");
    assert_eq!(wrong.help.as_deref(), Some("perhaps `run` is meant"));
    let wrong = mistake("class a = 'x'\nclass b = 'y';");
    assert_eq!(wrong.message, "expected `;`, `..=`, `|` or `-`, found `class`");
    assert_eq!(wrong.help.as_deref(), Some("perhaps a `;` is missing behind `'x'`"));
    let wrong = mistake("protocol P over stream { stat S {} }");
    assert_eq!(wrong.help.as_deref(), Some("perhaps `state` is meant in place of `stat`"));
    let wrong = mistake("frame F {");
    assert_eq!(wrong.message, "expected `}` or a field, found the end of the text");
}

#[test]
fn an_open_bracket_is_shown_and_the_next_item_read() {
    let text = "frame A { x: u8,\nframe B { y: u8 }\nframe C { z u8 }";
    let found = mistakes(text);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((found[0].2, found[1].2), ("B", "u8"));
    let wrong = mistake("frame A { x: u8,\nframe B { y: u8 }");
    assert_eq!(wrong.secondary[0].text, "this bracket is not closed");
}

#[test]
fn what_is_left_open_is_named() {
    assert_eq!(mistake("class a = \"abc;\nclass b = 'x';").message, "a string is not closed");
    assert_eq!(mistake("class b = 'x;").message, "a character is not closed");
    assert_eq!(mistake("class b = 'x'; /* /* */").message, "a comment is not closed");
}

#[test]
fn literals_out_of_range() {
    let text = "class a = 'ab' | 256 | 'é' | '' | \"\\q\" | \"\\x4\" | \"\\xff\" | b\"é\" | 12x;
frame F { x: u65, y: i4, n: u8 in 1..=99999999999999999999, \"\\u{110000}\" }";
    let found = mistakes(text);
    assert!(found.iter().all(|(code, ..)| *code == Code::BadLiteral), "{found:?}");
    let places: Vec<_> = found.iter().map(|(_, _, place)| *place).collect();
    assert_eq!(
        places,
        [
            "'ab'",
            "256",
            "'é'",
            "''",
            "\\q",
            "\\x",
            "\\xff",
            "é",
            "12x",
            "u65",
            "i4",
            "99999999999999999999",
            "\\u{110000}"
        ]
    );
}

#[test]
fn judged_beyond_the_grammar() {
    let text = "frame F { x: u8 if a == b == c }";
    let wrong = mistake(text);
    assert_eq!(wrong.message, "comparisons cannot be chained");
    assert_eq!(wrong.primary.span.start, 26);
    let twice = "protocol P over stream { roles a, b; roles c; }";
    let wrong = mistake(twice);
    assert_eq!(wrong.code, Code::Duplicate);
    assert_eq!(at(twice, wrong.secondary[0].span), "roles a, b;");
    let wrong = mistake("/// Docs.\n");
    assert!(wrong.help.is_some_and(|help| help.contains("`//`")));
}
