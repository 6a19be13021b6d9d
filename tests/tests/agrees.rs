//! What is written is what is read back, where lengths, ends and what follows have to agree.

use framer_runtime::cutter::{Cutter, Cutting};
use framer_runtime::frame::Frame;
use framer_runtime::violation::{EncodeError, Rule};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::encoded;

framer_runtime::framer! {
    delimiter AB = "ab";
    class letter = 'a'..='z';

    frame Name { text: ascii run letter [1..=9] }
    frame Fixed { name: Name in [3], rest: u8 }

    enum Mark: u8 { One = 1, Letter = 97 }
    /// Its elements are values.
    frame Marks { marks: [Mark] until "\0\0" count max 4 }
    /// Two of its elements may be what ends it.
    frame Letters { letters: [Letter] until "aa" max 9 count max 4 }
    frame Letter { letter: u8 }

    /// What a digit of another kind may follow.
    frame Size { size: dec u8 [1..=3], "a" }
    frame Signed { number: dec i64 [1..=3], "-" }
    frame Small max 6 { length: u8 = len(data), data: bytes [length], "ab" }
    frame Text { text: bytes until AB max 7 }

    frame Options { options: [Choice] to end count max 4 }
    frame Choice { name: ascii run letter [1..=9], more: flag "," or end }

    /// Whether a `Six` is there is looked at behind a number that moves it.
    frame Moved { length: leb128 u16 = len(six..last), six: Six?, last: u8 }
    frame Six { bits u8 { flag: 1, level: 3, kind: 4 = 6 } }
    /// A word, and behind it a region that begins with a letter of its delimiter, or what is in it.
    frame Word { kind: flag word "b" | word "c", in until AB max 9 { loud: flag "!" or end } }
    /// A word in what two lengths are of.
    frame Lengths { first: u8 = len(rest), second: u8 = len(rest), word: Within, last: u8 }
    frame Within { word "x", number: u8 }
}

fn refused<F: Frame>(frame: F) -> Result<(), EncodeError> {
    let mut out = Vec::new();
    let written = frame.encode(&mut out);
    assert_eq!(out, b"");
    written
}

fn refusal(frame: &'static str, field: &'static str, rule: Rule) -> Result<(), EncodeError> {
    Err(EncodeError { frame, field, rule })
}

#[test]
fn a_region_of_a_number_of_bytes_has_as_many() {
    assert_eq!(encoded(Fixed::new(Name::new("abc"), 1)), b"abc\x01");
    for text in ["ab", "abcd"] {
        let fixed = Fixed::new(Name::new(text), 1);
        assert_eq!(refused(fixed), refusal("Fixed", "name", Rule::Derived("name")));
    }
}

#[test]
fn no_element_begins_what_ends_the_list() {
    let letters = |bytes: &[u8]| {
        let all: Vec<Letter> = bytes.iter().map(|byte| Letter::new(*byte)).collect();
        let mut out = Vec::new();
        Letters { letters: (&all[..]).into() }.encode(&mut out).map(|()| out)
    };
    assert_eq!(letters(b"bc"), Ok(b"bcaa".to_vec()));
    let ambiguous = Err(EncodeError { frame: "Letters", field: "letters", rule: Rule::Ambiguous });
    assert_eq!(letters(b"baab"), ambiguous);
    assert_eq!(letters(b"ba"), ambiguous);
}

#[test]
fn what_is_false_at_the_end_is_there() {
    let two = [Choice::new("a", true), Choice::new("b", false)];
    assert_eq!(encoded(Options { options: (&two[..]).into() }), b"a,b");
    let apart = [Choice::new("a", false), Choice::new("b", false)];
    assert_eq!(
        refused(Options { options: (&apart[..]).into() }),
        refusal("Choice", "", Rule::Ambiguous)
    );
    let broken = Choice::decode(b"a;").map_err(|invalid| (invalid.rule, invalid.start));
    assert_eq!(broken, Err((Rule::Choice, 1)));
}

#[test]
fn what_is_missing_is_so_behind_a_number_of_any_width() {
    assert_eq!(encoded(Moved { six: None, last: 5 }), b"\x01\x05");
    assert_eq!(refused(Moved { six: None, last: 6 }), refusal("Moved", "six", Rule::Ambiguous));
    let moved = Moved { six: Some(Six::new(true, 0)), last: 6 };
    assert_eq!(encoded(moved), b"\x02\x86\x06");
    assert_eq!(Moved::decode(b"\x02\x86\x06"), Ok(moved));
}

#[test]
fn a_word_before_a_region_is_one_by_what_that_begins_with() {
    assert_eq!(encoded(Word::new(true, true)), b"b!ab");
    assert_eq!(refused(Word::new(true, false)), refusal("Word", "", Rule::Ambiguous));
}

#[test]
fn a_word_is_one_however_many_lengths_are_of_what_it_stands_in() {
    let lengths = |number| Lengths::new(Within::new(number), 1);
    assert_eq!(encoded(lengths(b'!')), b"\x04\x03x!\x01");
    assert_eq!(refused(lengths(b'a')), refusal("Within", "", Rule::Ambiguous));
}

/// What is cut out of a stream: how many frames, and how it goes on.
macro_rules! cut {
    ($ty:ty, $stream:expr) => {
        same_in_every_cut($stream, |pieces| {
            let mut cutter = Cutter::<$ty>::new(0);
            let mut frames = 0;
            for piece in pieces {
                cutter.receive(piece);
                loop {
                    match cutter.poll() {
                        Ok(Cutting::Frame(_)) => frames += 1,
                        Ok(Cutting::Malformed(_)) => unreachable!("nothing is passed over"),
                        Ok(Cutting::More(_)) => break,
                        Err(violation) => {
                            return (frames, Some((violation.rule, violation.start)));
                        }
                    }
                }
            }
            (frames, None)
        })
    };
}

#[test]
fn frames_end_with_their_last_byte() {
    assert_eq!(cut!(Size, b"1a22a"), (2, None));
    assert_eq!(cut!(Signed, b"-1-22-"), (2, None));
    assert_eq!(cut!(Marks<'_>, b"\x01a\0\0a\0\0"), (2, None));
}

#[test]
fn what_is_too_long_is_so_in_every_cut() {
    let too_long = |max| (0, Some((Rule::TooLong { max }, 0)));
    assert_eq!(cut!(Small<'_>, b"\x04abcdax"), too_long(6));
    assert_eq!(cut!(Text<'_>, b"1234567"), too_long(7));
    assert_eq!(cut!(Text<'_>, b"123456b"), too_long(7));
    assert_eq!(cut!(Text<'_>, b"12345bb"), (0, Some((Rule::BareDelimiter { byte: b'b' }, 5))));
}
