//! Frames without a protocol: what the original made of streams, every cut, what breaks a rule
//! and what follows it, and round trips.

use framer_protocols::framers::{
    Cobs, CobsR, CobsZpe, CrLine, CrlfLine, Dle, LfLine, Line, Netstring, NulEnded, PaddedSized16,
    Sized8, Sized16, Sized16Le, Sized16LePadded, Sized32, Sized32Le, Sized64, Sized64Le,
    SizedBase128, SizedI8, SizedI16, SizedI16Le, SizedLeb128, Slip, Stuffed,
};
use framer_runtime::cutter::{Cutter, Cutting};
use framer_runtime::frame::{Frame, Framed};
use framer_runtime::violation::{Rule, Violation};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

/// Other words for the same stuffing.
mod other {
    framer_runtime::framer! {
        frame Letters { data: bytes via LetterStuffing max 65536 }
        transform LetterStuffing {
            anywhere {
                begin "abc1";
                "abc" <=> "abc3";
                end "abc2";
            }
        }
        frame Mixed { data: bytes via MixedStuffing max 65536 }
        transform MixedStuffing {
            anywhere {
                begin "PQ01";
                "PQ" <=> "PQ99";
                end "PQ02";
            }
        }
    }
}
use other::{Letters, Mixed};

/// A frame that is some data.
trait Data: Framed {
    /// The frame of these bytes.
    fn of(data: &[u8]) -> Self::View<'_>;
    /// Its bytes.
    fn data(frame: Self::View<'_>) -> Vec<u8>;
    /// It is written.
    fn encoded(data: &[u8]) -> Vec<u8>;
}

macro_rules! data {
    ($($name:ident.$field:ident: $get:ident),* $(,)?) => {$(
        impl Data for $name<'_> {
            fn of(data: &[u8]) -> $name<'_> {
                $name::new(data)
            }
            fn data(frame: $name<'_>) -> Vec<u8> {
                frame.$field.$get()
            }
            fn encoded(data: &[u8]) -> Vec<u8> {
                encoded($name::new(data))
            }
        }
    )*};
}
data! {
    Line.text: to_vec, LfLine.text: to_vec, CrlfLine.text: to_vec, CrLine.text: to_vec,
    NulEnded.data: to_vec, Sized8.data: to_vec, SizedI8.data: to_vec, Sized16.data: to_vec,
    Sized16Le.data: to_vec, SizedI16.data: to_vec, SizedI16Le.data: to_vec,
    PaddedSized16.data: to_vec, Sized16LePadded.data: to_vec, Sized32.data: to_vec,
    Sized32Le.data: to_vec, Sized64.data: to_vec, Sized64Le.data: to_vec,
    SizedLeb128.data: to_vec, SizedBase128.data: to_vec, Netstring.data: to_vec,
    Stuffed.data: to_vec, Dle.data: to_vec, Slip.data: to_vec, Cobs.data: to_vec,
    CobsR.data: to_vec, CobsZpe.data: to_vec, Letters.data: to_vec, Mixed.data: to_vec,
}

/// What came of a stream.
#[derive(Debug, PartialEq)]
struct Outcome {
    frames: Vec<Result<Vec<u8>, Violation>>,
    /// Behind which piece each came.
    arrivals: Vec<usize>,
    ended: Result<(), Violation>,
}

fn cut<F: Data>(pieces: &[&[u8]]) -> Outcome {
    let mut cutter = Cutter::<F>::new(1024);
    let mut outcome = Outcome { frames: Vec::new(), arrivals: Vec::new(), ended: Ok(()) };
    for (place, piece) in pieces.iter().enumerate() {
        let mut left = *piece;
        loop {
            let taken = cutter.receive(left);
            left = &left[taken..];
            let frame = match cutter.poll() {
                Ok(Cutting::Frame(frame)) => Ok(F::data(frame)),
                Ok(Cutting::Malformed(violation)) => Err(violation),
                Ok(Cutting::More(_)) if left.is_empty() => break,
                Ok(Cutting::More(_)) => continue,
                Err(violation) => {
                    outcome.ended = Err(violation);
                    return outcome;
                }
            };
            outcome.frames.push(frame);
            outcome.arrivals.push(place);
        }
    }
    outcome.ended = cutter.end_of_stream();
    outcome
}

/// The frames in every cut, malformed ones by the rule and the place, and how it ended.
fn seen<F: Data>(input: &[u8]) -> (Vec<String>, Result<(), Rule>) {
    same_in_every_cut(input, |pieces| {
        let Outcome { frames, ended, .. } = cut::<F>(pieces);
        let shown = frames.into_iter().map(|frame| match frame {
            Ok(data) => data.escape_ascii().to_string(),
            Err(Violation { rule, start, end, .. }) => format!("{rule} {start}..{end}"),
        });
        (shown.collect(), ended.map_err(|violation| violation.rule))
    })
}

fn hex(digits: &str) -> Vec<u8> {
    let digit = |c: u8| u8::try_from(char::from(c).to_digit(16).expect("a digit")).expect("a byte");
    let digits = if digits == "-" || digits == "." { "" } else { digits };
    digits.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// `3*2,1` as 3, 3, 1.
fn numbers(text: &str) -> Vec<usize> {
    let numbers = text.split(',').filter(|text| *text != "-");
    let number = |text: &str| text.parse::<usize>().expect("a number");
    let runs = numbers.map(|run| run.split_once('*').unwrap_or((run, "1")));
    runs.flat_map(|(value, count)| vec![number(value); number(count)]).collect()
}

/// A stream of the vectors.
struct Vector {
    stream: Vec<u8>,
    /// `None`: it breaks a rule.
    frames: Option<Vec<Vec<u8>>>,
    /// The frames, written.
    written: Option<Vec<u8>>,
    /// More was there than frames.
    more: bool,
}

impl Vector {
    fn new(line: &str) -> Vector {
        let words: Vec<&str> = line.split(' ').collect();
        let frames = words[2].split(',').filter(|frame| *frame != "-").map(hex);
        let others = words.get(3..).unwrap_or_default();
        Vector {
            stream: hex(words[1]),
            frames: (words[2] != "error").then(|| frames.collect()),
            written: others.iter().find_map(|word| word.strip_prefix('=')).map(hex),
            more: others.contains(&"+"),
        }
    }

    /// The stream in pieces of these sizes.
    fn pieces(&self, sizes: &str) -> Vec<&[u8]> {
        let mut left = self.stream.as_slice();
        let pieces = numbers(sizes).into_iter().map(|size| {
            let (piece, rest) = left.split_at(size);
            left = rest;
            piece
        });
        let pieces = pieces.collect();
        assert!(left.is_empty());
        pieces
    }
}

/// The vectors of one kind; how many there were, and how many of a broken rule.
fn vectors<F: Data>(kind: &str) -> (usize, usize) {
    let (mut good, mut bad) = (0, 0);
    let mut vector: Option<Vector> = None;
    for line in include_str!("../vectors/framers.txt").lines() {
        let Some(cuts) = line.strip_prefix("  ") else {
            vector = (line.split(' ').next() == Some(kind)).then(|| Vector::new(line));
            continue;
        };
        let Some(vector) = &vector else { continue };
        let (sizes, arrivals) = cuts.split_once(' ').unwrap_or((cuts, ""));
        let Outcome { frames, arrivals: came, ended } = cut::<F>(&vector.pieces(sizes));
        let Some(wanted) = &vector.frames else {
            bad += 1;
            assert!(frames.iter().any(Result::is_err) || ended.is_err(), "{line}");
            continue;
        };
        good += 1;
        let (mut read, mut read_at) = (Vec::new(), Vec::new());
        for (frame, at) in frames.into_iter().zip(came) {
            match frame {
                Ok(frame) => {
                    read.push(frame);
                    read_at.push(at);
                }
                // The original passes over it and does not say so.
                Err(violation) => assert_eq!(violation.rule, Rule::Stray, "{line}"),
            }
        }
        assert_eq!(&read, wanted, "{line}");
        if !arrivals.is_empty() {
            assert_eq!(read_at, numbers(arrivals), "{line}");
        }
        let written: Vec<u8> = read.iter().flat_map(|data| F::encoded(data)).collect();
        match &vector.written {
            Some(wanted) => assert_eq!(&written, wanted, "{line}"),
            None => assert!(vector.stream.starts_with(&written), "{line}"),
        }
        // What is no frame yet is not lost silently.
        assert_eq!(ended.is_err(), vector.more, "{kind} {:x?}", vector.stream);
    }
    (good, bad)
}

/// Every stream that the original was recorded on, in every way it was cut.
#[test]
fn what_the_original_made_of_streams() {
    assert_eq!(vectors::<Line<'_>>("line"), (49, 0));
    assert_eq!(vectors::<LfLine<'_>>("lf"), (49, 0));
    assert_eq!(vectors::<Sized8<'_>>("!B"), (28, 0));
    assert_eq!(vectors::<Sized16<'_>>("!H"), (27, 0));
    assert_eq!(vectors::<Sized32<'_>>("!I"), (28, 0));
    assert_eq!(vectors::<Sized32<'_>>("!i"), (28, 0));
    assert_eq!(vectors::<PaddedSized16<'_>>("!xH"), (28, 0));
    assert_eq!(vectors::<Sized16Le<'_>>("<H"), (27, 0));
    assert_eq!(vectors::<Sized16LePadded<'_>>("<Hx"), (28, 0));
    assert_eq!(vectors::<Sized32Le<'_>>("<I"), (28, 0));
    assert_eq!(vectors::<Sized64Le<'_>>("<Q"), (29, 0));
    assert_eq!(vectors::<SizedI16Le<'_>>("=h"), (27, 0));
    assert_eq!(vectors::<Sized64<'_>>(">Q"), (29, 0));
    // Lengths below zero.
    assert_eq!(vectors::<SizedI8<'_>>("!b"), (0, 8));
    assert_eq!(vectors::<Stuffed<'_>>("stuffed"), (156, 0));
    assert_eq!(vectors::<Dle<'_>>("dle"), (59, 0));
    assert_eq!(vectors::<Mixed<'_>>("pq"), (60, 0));
    assert_eq!(vectors::<Letters<'_>>("abc"), (60, 0));
    assert_eq!(vectors::<Cobs<'_>>("cobs"), (217, 7));
    assert_eq!(vectors::<CobsR<'_>>("cobsr"), (223, 0));
}

#[test]
fn bytes_that_are_of_no_frame_are_told() {
    // Before the beginning, in pieces that may begin one.
    let (frames, ended) = seen::<Dle<'_>>(b"no\x10ise\x10\x10\x02ab\x10\x03\x10\x02\x10\x03");
    assert_eq!(frames, ["bytes before the frame 0..7", "ab", ""]);
    assert_eq!(ended, Ok(()));
    // They are not dropped silently at the end, either.
    let (frames, ended) = seen::<Dle<'_>>(b"\x10\x02a\x10\x03more\x10");
    assert_eq!((frames.len(), ended), (1, Err(Rule::EndOfStream { have: 1 })));
    // A frame whose end was lost ends where the next begins.
    let (frames, _) = seen::<Dle<'_>>(b"\x10\x02ab\x10\x02cd\x10\x03");
    assert_eq!(frames, ["not of the coding `DleStuffing` 0..4", "cd"]);
    let (frames, _) =
        seen::<Stuffed<'_>>(b"\xff\xff\xff\xff\xffab\xff\xff\xff\xff\xffcd\xff\xff\xff\xff\xfe");
    assert_eq!(frames, ["not of the coding `Stuffing` 0..7", "cd"]);
}

#[test]
fn a_broken_frame_is_told_and_the_next_is_read() {
    let (frames, ended) = seen::<Slip<'_>>(b"a\xdb\xdcb\xc0x\xdbAy\xc0\xdb\xc0\xc0ok\xc0");
    let broken = |from, to| format!("not of the coding `SlipEscapes` {from}..{to}");
    assert_eq!(frames, ["a\\xc0b", &broken(6, 7), &broken(10, 11), "", "ok"]);
    assert_eq!(ended, Ok(()));
    // One DLE, in whose place two are written.
    let (frames, ended) = seen::<Dle<'_>>(b"\x10\x02a\x10Ab\x10\x03\x10\x02ok\x10\x03");
    assert_eq!(frames, ["not of the coding `DleStuffing` 3..4", "ok"]);
    assert_eq!(ended, Ok(()));
    // What is written as `PQ99`, and no beginning.
    let (frames, ended) = seen::<Mixed<'_>>(b"PQ01aPQPQ99PQ02PQ01PPQ02");
    assert_eq!(frames, ["not of the coding `MixedStuffing` 5..7", "P"]);
    assert_eq!(ended, Ok(()));
    // Blocks that go beyond the end; a bad frame does not stay at the head.
    let (frames, ended) = seen::<Cobs<'_>>(b"\x05ab\0\x02c\0\x04ab\x04cd\0\x01\0");
    let broken = |from, to| format!("not of the coding `CobsBlocks` {from}..{to}");
    assert_eq!(frames, [&broken(0, 3), "c", &broken(11, 13), ""]);
    assert_eq!(ended, Ok(()));
    let (frames, ended) = seen::<CobsZpe<'_>>(b"\xe0ab\0\xe3ab\x02c\0\xffabc\0");
    let broken = |from, to| format!("not of the coding `CobsZpeBlocks` {from}..{to}");
    assert_eq!(frames, [&broken(0, 3), "ab\\x00\\x00c", &broken(10, 14)]);
    assert_eq!(ended, Ok(()));
}

#[test]
fn what_is_cut_short_is_no_frame() {
    for (whole, name) in [
        (Slip::encoded(b"a\xc0b"), "Slip"),
        (Dle::encoded(b"a\x10b"), "Dle"),
        (Stuffed::encoded(b"\xff\xff\xff\xff\xff"), "Stuffed"),
        (Cobs::encoded(b"a\0b"), "Cobs"),
        (CobsR::encoded(b"a\0b"), "CobsR"),
    ] {
        for end in 1..whole.len() {
            let cut = match name {
                "Slip" => cut::<Slip<'_>>(&[&whole[..end]]),
                "Dle" => cut::<Dle<'_>>(&[&whole[..end]]),
                "Stuffed" => cut::<Stuffed<'_>>(&[&whole[..end]]),
                "Cobs" => cut::<Cobs<'_>>(&[&whole[..end]]),
                _ => cut::<CobsR<'_>>(&[&whole[..end]]),
            };
            assert!(cut.frames.is_empty(), "{name} {end}");
            let violation = cut.ended.expect_err("it is no frame");
            assert!(matches!(violation.rule, Rule::EndOfStream { .. }), "{name} {end}");
        }
    }
}

/// What a frame of a million bytes comes to, byte by byte: the events, the bytes that were
/// examined and the memory that was held.
fn overlong<F: Data>(begin: &[u8], fill: &[u8], end: &[u8]) -> (Vec<String>, u64, usize) {
    let mut cutter = Cutter::<F>::new(1024);
    let mut seen = Vec::new();
    let fill = fill.iter().cycle().take(1_000_000);
    for byte in begin.iter().chain(fill).chain(end) {
        cutter.receive(&[*byte]);
        match cutter.poll().expect("nothing final") {
            Cutting::Frame(frame) => seen.push(F::data(frame).escape_ascii().to_string()),
            Cutting::Malformed(violation) => seen.push(violation.to_string()),
            Cutting::More(_) => {}
        }
    }
    cutter.end_of_stream().expect("all of it was read");
    (seen, cutter.scanned(), cutter.peak_bytes())
}

#[test]
fn overlong_frames_are_passed_over_in_bounded_memory() {
    let long = |name: &str, end: usize| format!("{name}: longer than 65536 bytes (bytes 0..{end})");
    let (seen, scanned, peak) = overlong::<Slip<'_>>(b"", b"x\xdb\xdd", b"\xc0ok\xc0");
    assert_eq!(seen, [long("Slip", 1_000_001), "ok".to_owned()]);
    assert!(scanned <= 1_000_010 && peak <= 131_072, "{scanned} {peak}");
    let (seen, scanned, peak) = overlong::<Cobs<'_>>(b"", b"\x02x", b"\0\x03ok\0");
    assert_eq!(seen, [long("Cobs", 1_000_001), "ok".to_owned()]);
    assert!(scanned <= 1_000_010 && peak <= 131_072, "{scanned} {peak}");
    let (seen, scanned, peak) =
        overlong::<Stuffed<'_>>(b"\xff\xff\xff\xff\xff", b"\xffx", &Stuffed::encoded(b"ok")[..]);
    // Its end was lost, and the next frame begins.
    assert_eq!(seen, [long("Stuffed", 1_000_005), "ok".to_owned()]);
    assert!(scanned <= 1_000_020 && peak <= 131_072, "{scanned} {peak}");
    // Noise has no limit, and takes no memory.
    let (seen, _, peak) = overlong::<Dle<'_>>(b"", b"noise", &Dle::encoded(b"ok")[..]);
    let noise = "Dle: bytes before the frame (bytes 0..1000000)";
    assert_eq!((seen, peak), (vec![noise.to_owned(), "ok".to_owned()], 1024));
}

#[test]
fn what_cannot_be_told_from_its_end_is_not_written() {
    assert_eq!(refused(Line::new(b"a\nb")), ("", Rule::Ambiguous));
    assert_eq!(encoded(Line::new(b"a\rb\r")), b"a\rb\r\r\n");
    assert_eq!(refused(LfLine::new(b"a\nb")), ("", Rule::Ambiguous));
    assert_eq!(refused(CrlfLine::new(b"a\rb")), ("", Rule::BareDelimiter { byte: b'\r' }));
    assert_eq!(refused(NulEnded::new(b"a\0b")), ("", Rule::Ambiguous));
    let range = Rule::Range { low: 0, high: 127 };
    assert_eq!(refused(SizedI8::new(&[0; 128])), ("size", range));
    // On the wire each of these takes twice the place.
    let long = vec![0xc0; 40_000];
    assert_eq!(refused(Slip::new(&long[..])), ("data", Rule::TooLong { max: 65_536 }));
    assert!(encoded(Slip::new(&long[..30_000])).len() == 60_001);
}

/// COBS/ZPE: 1f bytes or fewer before two zeros are one code.
#[test]
fn pairs_of_zeros_have_a_code() {
    for (data, wire) in [
        (&b""[..], &b"\x01\0"[..]),
        (b"a", b"\x02a\0"),
        (b"a\0", b"\xe2a\0"),
        (b"a\0\0", b"\xe2a\x01\0"),
        (b"\0\0b", b"\xe1\x02b\0"),
        (b"a\0b", b"\x02a\x02b\0"),
    ] {
        assert_eq!(CobsZpe::encoded(data), wire);
        assert_eq!(CobsZpe::decode(wire).map(CobsZpe::data), Ok(data.to_vec()));
    }
    let longest = [b'x'; 223];
    let wire = [&[0xe0][..], &longest, b"\0"].concat();
    assert_eq!(CobsZpe::encoded(&longest), wire);
    let longer = [b"\xe0", &wire[1..224], b"\x01\0"].concat();
    assert_eq!(CobsZpe::decode(&longer).map(CobsZpe::data), Ok(longest.to_vec()));
    let before_zeros = [&[b'x'; 30][..], b"\0\0y"].concat();
    assert_eq!(CobsZpe::encoded(&before_zeros)[0], 0xff);
    let more = [&[b'x'; 31][..], b"\0\0y"].concat();
    assert_eq!(CobsZpe::encoded(&more)[0], 32);
}

macro_rules! round_trips {
    ($data:expr, $wire:expr, $($name:ident),*) => {$(
        let frame = $name::of($data);
        let written = encoded(frame);
        let read = $name::decode(&written).expect("it was written");
        prop_assert_eq!(read, frame);
        prop_assert_eq!($name::data(read), $data);
        // What was read is written as it was, and so is what it stands for.
        prop_assert_eq!(encoded(read), written);
        if let Ok(frame) = $name::decode($wire) {
            prop_assert_eq!(encoded(frame), $wire);
            let again = $name::encoded(&$name::data(frame));
            prop_assert_eq!($name::decode(&again), Ok(frame));
        }
    )*};
}

/// Bytes of which many mean something.
fn telling(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        prop::sample::select(b"\0\x01\x02\x03\x10\xc0\xdb\xdc\xdd\xe0\xe1\xfe\xffabcPQ1".to_vec()),
        any::<u8>(),
    ];
    prop::collection::vec(byte, 0..most)
}

proptest! {
    #[test]
    fn every_payload_comes_back(data in telling(600), wire in telling(12), end in any::<bool>()) {
        let wire = if end { [&wire[..], b"\0"].concat() } else { wire };
        round_trips!(
            &data[..], &wire[..], Stuffed, Dle, Slip, Cobs, CobsR, CobsZpe, Letters, Mixed,
            Sized16, Sized16Le, SizedI16, SizedI16Le, PaddedSized16, Sized16LePadded, Sized32,
            Sized32Le, Sized64, Sized64Le, SizedLeb128, SizedBase128, Netstring
        );
    }

    #[test]
    fn every_line_comes_back(data in "[a-z\\r ]{0,120}", wire in "[a-z\\r\\n]{0,9}") {
        let (data, wire) = (data.as_bytes(), [wire.as_bytes(), b"\n"].concat());
        round_trips!(data, &wire[..], LfLine, NulEnded, Sized8, SizedI8);
        let written = encoded(Line::new(data));
        prop_assert_eq!(Line::decode(&written), Ok(Line::new(data)));
        let bare: Vec<u8> = data.iter().copied().filter(|byte| *byte != b'\r').collect();
        round_trips!(&bare[..], &wire[..], CrlfLine, CrLine);
    }

    #[test]
    fn every_stream_is_cut_the_same(stream in telling(40)) {
        let counts = [
            seen::<Stuffed<'_>>(&stream).0.len(),
            seen::<Dle<'_>>(&stream).0.len(),
            seen::<Slip<'_>>(&stream).0.len(),
            seen::<Cobs<'_>>(&stream).0.len(),
            seen::<CobsR<'_>>(&stream).0.len(),
            seen::<Letters<'_>>(&stream).0.len(),
            seen::<Mixed<'_>>(&stream).0.len(),
        ];
        prop_assert!(counts.iter().all(|count| *count <= stream.len()));
    }
}
