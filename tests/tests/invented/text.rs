//! Descriptions made up: a few small types out of everything that the language has, of an alphabet
//! so small that things get in each other's way.

use framer_tests::twin::Changes;

use crate::members::Members;

const HEAD: &str = r#"
delimiter LF = "\n";
delimiter CRLF = "\r\n";
delimiter DOT = ".";
delimiter AB = "ab";
delimiter AC = "ac" lenient;
delimiter EOL = "\r\n" | "\n";
class letter = 'a'..='c';
class digit = '0'..='9';
class mixed = "ab.-";
class text = ' '..='~';
class other = 0..=255 - "\n";
class blank = " \t";
checksum sum = xor();
checksum crc = crc(width 16, poly 0x8005, init 0xffff, refin true, refout true);
transform Cobs { blocks cobs; }
transform Slip { anywhere { b"\xc0" <=> b"\xdb\xdc"; b"\xdb" <=> b"\xdb\xdd"; end b"\xc0"; } }
"#;

pub(crate) const DELIMITERS: [&str; 6] = ["LF", "CRLF", "DOT", "AB", "AC", "EOL"];
pub(crate) const LITERALS: [&str; 12] = [
    r#""a""#,
    r#""ab""#,
    r#""aa""#,
    r#"".""#,
    r#""-""#,
    r#""b""#,
    r#"nocase "ab""#,
    r#"word "ab""#,
    r#"nocase word "a""#,
    r#""1""#,
    r#"b"\xff""#,
    r#"" ""#,
];

/// A type that others may hold.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) name: String,
    /// It is a choice by a number that it is given.
    pub(crate) given: bool,
    /// It is a choice of values that fit a field, or bits.
    pub(crate) values: Option<&'static str>,
}

/// A description of a seed.
pub(crate) fn description(seed: u64) -> String {
    let mut source = Changes::of(seed);
    let mut text = String::from(HEAD);
    let mut known = Vec::new();
    for number in 0..=1 + source.below(3) {
        let made = item(&mut source, number, &mut known);
        text.push_str(&made);
        text.push('\n');
    }
    text
}

pub(crate) fn pick<'a>(source: &mut Changes, of: &[&'a str]) -> &'a str {
    of[source.below(of.len())]
}

fn item(source: &mut Changes, number: usize, known: &mut Vec<Known>) -> String {
    let name = format!("T{number}");
    let mut made = Known { name: name.clone(), given: false, values: None };
    let text = match source.below(9) {
        0 => {
            made.values = Some("u8");
            let other = pick(source, &["", ", _ Rest"]);
            format!("enum {name}: u8 {{ {name}One = 1, {name}Two = 97{other} }}")
        }
        1 => {
            let [one, two] = [pick(source, &LITERALS), pick(source, &LITERALS)];
            let nocase = pick(source, &["", " nocase"]);
            format!("enum {name}{nocase} {{ One = {one}, Two = {two} }}")
        }
        2 | 3 => choice(source, &name, known),
        4 => {
            made.given = true;
            let mut members = Members::new(source, known, "k");
            let [one, two] = [members.some(2), members.some(1)];
            let other = match source.below(2) {
                0 => String::new(),
                _ => format!(", _ {name}C {{ x: bytes to end }}"),
            };
            format!(
                "enum {name}(kind: u8) by kind {{ {name}A = 1 {{ {one} }}, {name}B = 2 {{ {two} \
                 }}{other} }}"
            )
        }
        _ => {
            let region = region(source);
            let count = 1 + source.below(4);
            let body = Members::new(source, known, "f").some(count);
            format!("frame {name}{region} {{ {body} }}")
        }
    };
    known.push(made);
    text
}

/// Where a frame or choice ends.
fn region(source: &mut Changes) -> String {
    match source.below(5) {
        0 | 1 => {
            let delimiter = pick(source, &DELIMITERS);
            let skip = pick(source, &["", " skip"]);
            format!(" in until {delimiter} max {}{skip}", 8 + source.below(60))
        }
        2 => format!(" max {}", 4 + source.below(60)),
        _ => String::new(),
    }
}

fn choice(source: &mut Changes, name: &str, known: &[Known]) -> String {
    let region = region(source);
    let numbers = source.below(3) == 0;
    let each = match source.below(5) {
        0 if !numbers => {
            format!("each {{ {} }}, ", Members::new(source, known, "e").some(1))
        }
        _ => String::new(),
    };
    let mut alternatives = String::new();
    for number in 0..2 + source.below(2) {
        let count = source.below(3);
        let body = Members::new(source, known, "c").some(count);
        alternatives += &match numbers {
            true => format!("{name}N{number} = {} {{ {body} }}, ", 97 + number),
            false => {
                let begin = pick(source, &LITERALS);
                format!("{name}L{number} {{ {begin}, {body} }}, ")
            }
        };
    }
    if source.below(2) == 0 {
        let count = 1 + source.below(2);
        let body = Members::new(source, known, "r").some(count);
        let number = if numbers { "number: u8, " } else { "" };
        alternatives += &format!("_ {name}Rest {{ {number}{body} }}");
    }
    let of = match (numbers, source.below(3)) {
        (true, _) => ": u8",
        (false, 0) => " nocase",
        _ => "",
    };
    format!("enum {name}{of}{region} {{ {each}{alternatives} }}")
}
