use alloc::vec::Vec;

use super::{Coded, Coding, EscapeDecoder, EscapeEncoder, Escapes, Token};
use crate::scan::{Broken, Delimiter};
use crate::violation::Rule;
use crate::write::Out;

static CRLF: Delimiter = Delimiter::new(b"\r\n", false);
static DOTS: Escapes = Escapes::new(
    true,
    &CRLF,
    &[Token::both(b".", b".."), Token::decode(b"", b"."), Token::end(b".\r\n")],
);

/// What was read: the payload, and how many bytes were taken if it ended, or the violation by
/// its place in the whole input.
#[derive(Debug, PartialEq)]
struct Outcome {
    payload: Vec<u8>,
    end: Option<usize>,
    broken: Option<Broken>,
}

/// Reads input that comes in two parts, or byte by byte.
fn read(input: &[u8], step: impl Fn(usize) -> usize) -> (Outcome, u64) {
    let mut decoder = EscapeDecoder::default();
    let mut outcome = Outcome { payload: Vec::new(), end: None, broken: None };
    let (mut at, mut have) = (0, step(0).min(input.len()));
    loop {
        match decoder.decode(&DOTS, &input[at..have]) {
            Ok(piece) => {
                outcome.payload.extend(&input[at..have][piece.data.clone()]);
                at += piece.taken;
                if piece.end {
                    outcome.end = Some(at);
                    break;
                }
                if piece.data.is_empty() {
                    assert!(piece.need > 0);
                    if have == input.len() {
                        break;
                    }
                    have = step(have).min(input.len());
                }
            }
            Err(broken) => {
                let Broken { rule, start, end } = broken;
                outcome.broken = Some(Broken { rule, start: start + at, end: end + at });
                break;
            }
        }
    }
    (outcome, decoder.examined())
}

fn written(payload: &[u8], cut: usize) -> Result<Vec<u8>, Rule> {
    let (mut encoder, mut bytes) = (EscapeEncoder::default(), Vec::new());
    let mut out = Out::from(&mut bytes);
    encoder.encode(&DOTS, &payload[..cut], &mut out)?;
    encoder.encode(&DOTS, &payload[cut..], &mut out)?;
    encoder.finish(&DOTS, &mut out)?;
    Ok(bytes)
}

fn bare(byte: u8, start: usize) -> Option<Broken> {
    Some(Broken { rule: Rule::BareDelimiter { byte }, start, end: start + 1 })
}

#[test]
fn the_end_is_a_lone_dot() {
    let outcome = read(b"a\r\n..b\r\n.c\r\n.\r\nQUIT\r\n", |_| 99).0;
    let payload = b"a\r\n.b\r\nc\r\n".to_vec();
    assert_eq!(outcome, Outcome { payload, end: Some(15), broken: None });
    assert_eq!(read(b".\r\n", |_| 99).0.end, Some(3));
    assert_eq!(read(b"..\r\n.\r\n", |_| 99).0.payload, b".\r\n");
}

#[test]
fn nothing_like_the_end_ends_a_payload() {
    let cases: [(&[u8], Option<Broken>); 11] = [
        (b"a\n.\n", bare(b'\n', 1)),
        (b"a\n.\r", bare(b'\n', 1)),
        (b"a\r.\n", bare(b'\r', 1)),
        (b"a\r.\r", bare(b'\r', 1)),
        (b"a\n.\r\n", bare(b'\n', 1)),
        (b"a\r.\r\n", bare(b'\r', 1)),
        (b"a\r\n.\n", bare(b'\n', 4)),
        (b"a\r\n.\rb", bare(b'\r', 4)),
        (b"a\r\n.\r\r\n", bare(b'\r', 4)),
        (b"a\r\r\n.\r\r\n", bare(b'\r', 1)),
        (b"a\r\n\0.\r\n", None),
    ];
    for (input, broken) in cases {
        let (outcome, _) = read(input, |_| 99);
        assert_eq!((outcome.end, &outcome.broken), (None, &broken), "{input:?}");
        assert_eq!(read(input, |have| have + 1).0, outcome, "{input:?} in bytes");
    }
}

/// All texts over the bytes that matter, up to a length.
fn texts(longest: usize) -> Vec<Vec<u8>> {
    let mut texts = alloc::vec![Vec::new()];
    let mut last = texts.clone();
    for _ in 0..longest {
        last = last
            .iter()
            .flat_map(|text| {
                b".\r\na".iter().map(|byte| {
                    let mut longer = text.clone();
                    longer.push(*byte);
                    longer
                })
            })
            .collect();
        texts.extend(last.iter().cloned());
    }
    texts
}

#[test]
fn every_split_reads_the_same() {
    for text in texts(6) {
        let (whole, _) = read(&text, |_| 99);
        for cut in 0..=text.len() {
            let split = read(&text, |have| if have < cut { cut } else { text.len() }).0;
            assert_eq!(split, whole, "{text:?} cut at {cut}");
        }
        assert_eq!(read(&text, |have| have + 1).0, whole, "{text:?} in bytes");
    }
}

/// What many bytes at a time tell is what they tell one by one, wherever what matters stands.
#[test]
fn long_payloads_read_the_same_in_bytes() {
    let line = b"a line of some bytes, and a few. more\r\n";
    let text = [&line.repeat(4)[..], b"..\r\n", &line.repeat(3), b".b\r\n\r\n", line, b".\r\n"];
    let text = text.concat();
    for begin in 0..line.len() {
        let mut text = text[begin..].to_vec();
        assert!(read(&text, |_| text.len()).0.end.is_some() || begin == line.len() - 1);
        for place in (begin % 7..text.len()).step_by(7) {
            for byte in *b".\r\n" {
                let before = core::mem::replace(&mut text[place], byte);
                let whole = read(&text, |_| text.len()).0;
                assert_eq!(read(&text, |have| have + 1).0, whole, "{}", text.escape_ascii());
                text[place] = before;
            }
        }
    }
}

#[test]
fn what_is_written_is_read_back() {
    let mut count = 0;
    for text in texts(7) {
        let wire = written(&text, 0);
        for cut in 0..=text.len() {
            assert_eq!(written(&text, cut), wire, "{text:?} cut at {cut}");
        }
        let Ok(mut wire) = wire else { continue };
        count += 1;
        let end = wire.len();
        wire.extend(b"more");
        let outcome = read(&wire, |_| 99).0;
        assert_eq!(outcome, Outcome { payload: text, end: Some(end), broken: None });
    }
    // The texts of 0 to 7 bytes that consist of lines with their ends: of n bytes there are
    // f(n) = sum of 2^k f(n-2-k), with f(0) = 1.
    assert_eq!(count, 1 + 1 + 2 + 5 + 12 + 29 + 70);
}

#[test]
fn no_byte_is_examined_twice_but_a_begun_delimiter_or_token() {
    let mut payload = Vec::new();
    (0..1000).for_each(|_| payload.extend(b".abc\r\n"));
    let wire = written(&payload, 0).unwrap();
    let (outcome, examined) = read(&wire, |have| have + 1);
    assert_eq!((outcome.payload, outcome.end), (payload, Some(wire.len())));
    // The CR and the dot of each line, and the end token in its three prefixes.
    let twice = 2 * 1000 + 3;
    assert_eq!(examined, u64::try_from(wire.len() + twice).unwrap());
    assert_eq!(read(&wire, |_| wire.len()).1, u64::try_from(wire.len()).unwrap());
}

#[test]
fn a_refused_piece_changes_nothing() {
    let (mut encoder, mut bytes) = (EscapeEncoder::default(), Vec::new());
    let mut out = Out::from(&mut bytes);
    encoder.encode(&DOTS, b"a\r", &mut out).unwrap();
    let refused = encoder.encode(&DOTS, b"\n.\rb", &mut out);
    assert_eq!(refused, Err(Rule::BareDelimiter { byte: b'\r' }));
    assert_eq!(encoder.finish(&DOTS, &mut out), Err(Rule::Truncated));
    encoder.encode(&DOTS, b"\n.", &mut out).unwrap();
    encoder.encode(&DOTS, b"\r\n", &mut out).unwrap();
    encoder.finish(&DOTS, &mut out).unwrap();
    assert_eq!(bytes, b"a\r\n..\r\n.\r\n");
}

static CODINGS: [Coding; 7] = [
    Coding::blocks("Cobs", 0xff, false),
    Coding::blocks("CobsR", 0xff, true),
    Coding::blocks("CobsZpe", 0xe0, false),
    Coding::hex("Hex", b":", b"\r\n", true),
    Coding::escapes(
        "Slip",
        b"",
        &[
            Token::both(b"\xc0", b"\xdb\xdc"),
            Token::both(b"\xdb", b"\xdb\xdd"),
            Token::end(b"\xc0"),
        ],
        b"\xc0\xdb",
    ),
    // Its tokens are of different lengths.
    Coding::escapes(
        "Stuffed",
        b"<",
        &[Token::both(b"\xdb", b"\xdb\xdb"), Token::end(b"\xdb\0\xc0")],
        b"\xdb",
    ),
    // Its end begins as what is escaped.
    Coding::escapes(
        "Dle",
        b"",
        &[Token::both(b"\xdb", b"\xdb\xdb"), Token::end(b"\xdb\xc0")],
        b"\xdb",
    ),
];

#[test]
fn coded_payloads_are_the_same_in_every_way_of_looking_at_them() {
    let mut random = 1_u32;
    let mut next = || {
        random = random.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f);
        random >> 16
    };
    for round in 0..4000_usize {
        let rare = if round % 2 == 0 { 40 } else { 3 };
        let byte = |next: &mut dyn FnMut() -> u32| match next() % rare {
            0 => b"\xc0\xdb\xdc\0"[usize::try_from(next() % 4).unwrap()],
            _ => u8::try_from(next() % 256).unwrap(),
        };
        let payload: Vec<u8> = (0..round % 700).map(|_| byte(&mut next)).collect();
        let coding = &CODINGS[round % CODINGS.len()];
        let mut wire = Vec::new();
        coding.encode(&payload, &mut Out::from(&mut wire));
        let size = wire.len();
        wire.extend((0..round % 50).map(|_| byte(&mut next)));
        assert_eq!(coding.check(&wire), Ok(size), "{coding:?} {payload:?}");
        assert_eq!(coding.check(&wire[..size - 1]), Err(None));
        let coded = Coded::wire(&wire[coding.begin().len()..size], coding);
        assert_eq!((coded.to_vec(), coded.len()), (payload.clone(), payload.len()));
        assert!(coded.pieces().flatten().eq(&payload));
        let mut memory = alloc::vec![0xee; payload.len() + 40];
        assert_eq!(coded.copy_to(&mut memory), Some(&payload[..]));
        assert!(memory[payload.len()..].iter().all(|byte| *byte == 0xee), "what is behind it");
        assert_eq!(coded.copy_to(&mut memory[..payload.len()]), Some(&payload[..]));
        if let Some(less) = payload.len().checked_sub(1) {
            assert_eq!(coded.copy_to(&mut memory[..less]), None);
        }
    }
}
