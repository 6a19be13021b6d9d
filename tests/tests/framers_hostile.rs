//! What a hostile peer says where there is no protocol: framers and the header of the PROXY protocol, cut in every
//! way, with the bytes that break a rule.

use framer_protocols::framers::*;
use framer_protocols::proxy::Header;
use framer_runtime::cutter::{Cutter, Cutting};
use framer_runtime::frame::Framed;
use framer_runtime::violation::{Rule, Violation};
use framer_tests::cuts::same_in_every_cut;

/// What comes of these bytes: how many frames, and what is told of the first that is none.
fn cut<F: Framed>(bytes: &[u8]) -> (usize, Option<(Rule, u64, u64)>) {
    let told = |Violation { rule, start, end, .. }| Some((rule, start, end));
    same_in_every_cut(bytes, |pieces| {
        let (mut cutter, mut frames) = (Cutter::<F>::new(1 << 16), 0);
        for piece in pieces {
            assert_eq!(cutter.receive(piece), piece.len());
            loop {
                match cutter.poll() {
                    Ok(Cutting::Frame(_)) => frames += 1,
                    Ok(Cutting::More(_)) => break,
                    Ok(Cutting::Malformed(violation)) | Err(violation) => {
                        return (frames, told(violation));
                    }
                }
            }
        }
        (frames, cutter.end_of_stream().err().and_then(told))
    })
}

#[test]
fn one_delimiter_and_nothing_like_it() {
    let bare = |byte, place| Some((Rule::BareDelimiter { byte }, place, place + 1));
    assert_eq!(cut::<CrlfLine<'_>>(b"one\r\ntwo\nthree\r\n"), (1, bare(b'\n', 8)));
    assert_eq!(cut::<CrlfLine<'_>>(b"one\r\ntwo\rthree\r\n"), (1, bare(b'\r', 8)));
    assert_eq!(cut::<CrlfLine<'_>>(b"one\r\r\n"), (0, bare(b'\r', 3)));
    assert_eq!(cut::<Header<'_>>(b"PROXY UNKNOWN\nGET / HTTP/1.1\r\n"), (0, bare(b'\n', 13)));
    assert_eq!(cut::<Header<'_>>(b"PROXY UNKNOWN\rGET / HTTP/1.1\r\n"), (0, bare(b'\r', 13)));
    // Where the description is lenient, as its name says, the end is an LF all the same.
    assert_eq!(cut::<Line<'_>>(b"one\rtwo\r\nthree\n"), (2, None));
}

#[test]
fn lengths_that_lie() {
    let range = |high, end| Some((Rule::Range { low: 0, high }, 0, end));
    assert_eq!(cut::<Sized32<'_>>(b"\xff\xff\xff\xff"), (0, range(16_777_216, 4)));
    assert_eq!(cut::<Sized32<'_>>(b"\x01\x00\x00\x01"), (0, range(16_777_216, 4)));
    assert_eq!(cut::<Sized64<'_>>(b"\x80\0\0\0\0\0\0\0"), (0, range(16_777_216, 8)));
    assert_eq!(cut::<SizedI8<'_>>(b"\x80"), (0, range(127, 1)));
    assert_eq!(cut::<SizedI16<'_>>(b"\x80\0"), (0, range(32_767, 2)));
    assert_eq!(cut::<PaddedSized16<'_>>(b"\x01\0\0"), (0, range(0, 1)));
    assert_eq!(cut::<Netstring<'_>>(b"16777217:"), (0, range(16_777_216, 8)));
    let more = |have| Some((Rule::EndOfStream { have }, 0, have));
    assert_eq!(cut::<Sized32<'_>>(b"\x01\x00\x00\x00abc"), (0, more(7)));
    assert_eq!(cut::<Sized8<'_>>(b"\x04abc"), (0, more(4)));
}

#[test]
fn numbers_are_canonical() {
    let number = |end| Some((Rule::Number, 0, end));
    assert_eq!(cut::<SizedLeb128<'_>>(b"\x80\x80\x80\x80\x01"), (0, number(4)));
    assert_eq!(cut::<SizedLeb128<'_>>(b"\x80\x00"), (0, number(2)));
    assert_eq!(cut::<SizedBase128<'_>>(b"\x80\x03abc"), (0, number(1)));
    for wrong in [&b"+3:abc,"[..], b"-3:abc,", b" 3:abc,", b":abc,"] {
        assert_eq!(cut::<Netstring<'_>>(wrong), (0, number(0)), "{}", wrong.escape_ascii());
    }
    assert_eq!(cut::<Netstring<'_>>(b"03:abc,"), (0, number(2)));
    // What stands behind the data is looked at, too.
    let comma = Some((Rule::Literal(","), 5, 6));
    assert_eq!(cut::<Netstring<'_>>(b"3:abcd,"), (0, comma));
    assert_eq!(cut::<Netstring<'_>>(b"3:abc\n"), (0, comma));
}

#[test]
fn headers_of_a_proxy() {
    const SIGNATURE: &[u8] = b"\r\n\r\n\x00\r\nQUIT\n";
    let header = |rest: &[u8]| cut::<Header<'_>>(&[SIGNATURE, rest].concat());
    // The last letter of the signature is looked at, and the version.
    let choice = |end| Some((Rule::Choice, 0, end));
    assert_eq!(cut::<Header<'_>>(b"\r\n\r\n\x00\r\nQUIX\n\x20\0\0\0").1, choice(1));
    assert_eq!(header(b"\x31\x11\0\0").1, choice(1));
    // A length that is shorter than what it holds, and than a fact in it.
    assert_eq!(header(b"\x21\x11\0\x0b01234567890").1.map(|told| told.0), Some(Rule::Truncated));
    let fact = header(b"\x21\x11\0\x0f012345678901\x04\0\x01").1;
    assert_eq!(fact.map(|told| told.0), Some(Rule::Truncated));
    // As long as it says, and not there as a whole.
    assert_eq!(
        header(b"\x20\0\xff\xff").1.map(|told| told.0),
        Some(Rule::EndOfStream { have: 16 })
    );
    // Ports have five digits, and none that they do not need.
    for (ports, rule) in [
        ("01 2", Rule::Number),
        ("+1 2", Rule::Number),
        ("65536 2", Rule::Range { low: 0, high: 65_535 }),
        ("1 2 3", Rule::Trailing),
        ("1", Rule::Literal(" ")),
    ] {
        let line = format!("PROXY TCP4 127.0.0.1 127.0.0.1 {ports}\r\n");
        assert_eq!(cut::<Header<'_>>(line.as_bytes()).1.map(|told| told.0), Some(rule), "{ports}");
    }
    let long = [&b"PROXY UNKNOWN "[..], &[b'x'; 200]].concat();
    let rule = cut::<Header<'_>>(&long).1.map(|told| told.0);
    assert_eq!(rule, Some(Rule::TooLong { max: 101 }));
}
