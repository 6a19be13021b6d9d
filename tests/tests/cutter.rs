//! Frames of a description without a protocol, cut out of a stream.

use framer_runtime::cutter::{Cutter, Cutting};
use framer_runtime::frame::Framed;
use framer_runtime::violation::{Rule, Violation};
use framer_tests::cuts::same_in_every_cut;

framer_runtime::framer! {
    delimiter LINE = "\r\n" | "\n" lenient;
    class digit = '0'..='9';
    frame Line in until LINE max 8 skip { text: bytes to end }
    enum Command in until LINE max 8 {
        Put { "PUT ", key: ascii run digit [1..=2] },
        Stop { "STOP" },
    }
    frame Block { size: u8 in ..=9 = len(data), data: bytes [size] }
    frame Large { size: u32 in ..=400_000 = len(data), data: bytes [size] }
    /// Could come without end and without a byte: it is not cut out of anything.
    frame Nothing {}
    /// Its end depends on a text, which is not looked at before it is there as a whole.
    frame Told { kind: ascii [2], more: u8 if kind == "ab" }
    /// Its end depends on a flag.
    frame Flagged { more: flag "+" | "-", size: u8 if more }
}

/// What comes of each frame, shown by `show`, and how it ended: one by one, and in one go.
fn cut<F: Framed>(
    pieces: &[&[u8]],
    show: impl Fn(F::View<'_>) -> String,
) -> (Vec<String>, Result<(), Violation>)
where
    for<'a> F::View<'a>: Copy,
{
    let polled = polled::<F>(pieces, &show);
    let mut cutter = Cutter::<F>::new(0);
    let mut seen = Vec::new();
    let each = pieces.iter().try_for_each(|piece| {
        assert_eq!(cutter.receive(piece), piece.len());
        let need = cutter.each(|cut| {
            seen.push(cut.map_or_else(|violation| violation.to_string(), &show));
        })?;
        assert!(need > 0);
        assert_eq!(cutter.each(|_| panic!("nothing came")), Ok(need));
        Ok(())
    });
    let ended = each.and_then(|()| cutter.end_of_stream());
    assert_eq!((&seen, ended), (&polled.0, polled.1));
    assert_eq!(owned::<F>(pieces, &show), polled);
    polled
}

/// The same by frames that are looked at when all have come.
fn owned<F: Framed>(
    pieces: &[&[u8]],
    show: &impl Fn(F::View<'_>) -> String,
) -> (Vec<String>, Result<(), Violation>) {
    let mut cutter = Cutter::<F>::new(0);
    let mut frames = Vec::new();
    let each = pieces.iter().try_for_each(|piece| {
        assert_eq!(cutter.receive(piece), piece.len());
        cutter.each_owned(|cut| frames.push(cut)).map(|need| assert!(need > 0))
    });
    let ended = each.and_then(|()| cutter.end_of_stream());
    let shown = frames.iter().map(|cut| match cut {
        Ok(frame) => show(frame.view()),
        Err(violation) => violation.to_string(),
    });
    (shown.collect(), ended)
}

fn polled<F: Framed>(
    pieces: &[&[u8]],
    show: &impl Fn(F::View<'_>) -> String,
) -> (Vec<String>, Result<(), Violation>)
where
    for<'a> F::View<'a>: Copy,
{
    let mut cutter = Cutter::<F>::new(0);
    let mut seen = Vec::new();
    for piece in pieces {
        assert_eq!(cutter.receive(piece), piece.len());
        loop {
            match cutter.poll() {
                Ok(Cutting::Frame(frame)) => seen.push(show(frame)),
                Ok(Cutting::Malformed(violation)) => seen.push(violation.to_string()),
                Ok(Cutting::More(need)) => {
                    assert!(need > 0);
                    break;
                }
                Err(violation) => {
                    assert_eq!(cutter.poll().map(|_| ()), Err(violation));
                    assert_eq!(cutter.end_of_stream(), Err(violation));
                    return (seen, Err(violation));
                }
            }
        }
    }
    let ended = cutter.end_of_stream();
    (seen, ended)
}

#[test]
fn lines_in_every_cut() {
    let line =
        |pieces: &[&[u8]]| cut::<Line<'_>>(pieces, |line| line.text.escape_ascii().to_string());
    let (seen, ended) = same_in_every_cut(b"one\r\ntwo\n\nfar too long\nx\ry\n", line);
    let long = "Line: longer than 8 bytes (bytes 10..23)";
    assert_eq!(
        (seen.as_slice(), ended),
        (&["one", "two", "", long, "x\\ry"].map(String::from)[..], Ok(()))
    );
    let (_, ended) = line(&[b"one\ntw"]);
    let rule = Rule::EndOfStream { have: 2 };
    assert_eq!(ended, Err(Violation { rule, frame: "Line", start: 4, end: 6 }));
    let (seen, ended) = line(&[b"far too long"]);
    assert_eq!((seen.len(), ended.is_err()), (0, true));
}

#[test]
fn what_breaks_a_rule_is_told_and_what_follows_read() {
    let command = |pieces: &[&[u8]]| cut::<Command<'_>>(pieces, |command| format!("{command:?}"));
    let (seen, ended) = same_in_every_cut(b"PUT 7\nPUT x\nHALT\nSTOP\n", command);
    let wanted = [
        "Put(Put { key: \"7\" })",
        "Put: fewer than 1 bytes of `digit` (bytes 10..10)",
        "Command: none of the alternatives (bytes 12..13)",
        "Stop(Stop)",
    ];
    assert_eq!((seen, ended), (wanted.map(String::from).to_vec(), Ok(())));
    // Without `skip` the end of an over-long frame is not looked for.
    let rules = |pieces: &[&[u8]]| {
        let (seen, ended) = command(pieces);
        (seen, ended.map_err(|violation| violation.rule))
    };
    let (seen, ended) = same_in_every_cut(b"STOP\nfar too long\nSTOP\n", rules);
    assert_eq!(seen, ["Stop(Stop)"]);
    assert_eq!(ended, Err(Rule::TooLong { max: 8 }));
}

#[test]
fn lengths_are_followed() {
    let block =
        |pieces: &[&[u8]]| cut::<Block<'_>>(pieces, |block| block.data.escape_ascii().to_string());
    let (seen, ended) = same_in_every_cut(b"\x03abc\x00\x01x", block);
    assert_eq!((seen, ended), (["abc", "", "x"].map(String::from).to_vec(), Ok(())));
    let (seen, ended) = same_in_every_cut(b"\x01x\x0aabc", block);
    assert_eq!(seen, ["x"]);
    let rule = Rule::Range { low: 0, high: 9 };
    assert_eq!(ended, Err(Violation { rule, frame: "Block", start: 2, end: 3 }));
    let flagged = |pieces: &[&[u8]]| cut::<Flagged>(pieces, |frame| format!("{:?}", frame.size));
    let (seen, ended) = same_in_every_cut(b"+\x05-+\x06", flagged);
    assert_eq!((seen, ended), (["Some(5)", "None", "Some(6)"].map(String::from).to_vec(), Ok(())));
}

#[test]
fn no_byte_is_looked_at_twice() {
    let mut cutter = Cutter::<Line<'_>>::new(0);
    let mut frames = 0;
    for _ in 0..10_000 {
        for byte in b"abcdef\n" {
            cutter.receive(&[*byte]);
            frames += usize::from(matches!(cutter.poll(), Ok(Cutting::Frame(_))));
        }
    }
    assert_eq!((frames, cutter.position(), cutter.scanned()), (10_000, 70_000, 70_000));
    assert_eq!(cutter.peak_bytes(), 1024);
    let _ = Nothing;
}

/// What is read into the room that a cutter has is cut as what it takes in.
#[test]
fn bytes_are_read_into_the_room_there_is() {
    let wire = [&b"\x03abc\0"[..], b"\x09123456789", b"\x01z"].concat();
    for step in 1..=wire.len() {
        let mut cutter = Cutter::<Block<'_>>::new(0);
        let (mut rest, mut seen) = (wire.as_slice(), Vec::new());
        while !rest.is_empty() {
            let spare = cutter.spare();
            let count = rest.len().min(step).min(spare.len());
            assert!(count > 0, "there is no room");
            spare[..count].copy_from_slice(&rest[..count]);
            cutter.filled(count);
            rest = &rest[count..];
            while let Cutting::Frame(block) = cutter.poll().expect("nothing is wrong") {
                seen.push(block.data.to_vec());
            }
        }
        assert_eq!(seen, [&b"abc"[..], b"", b"123456789", b"z"]);
        cutter.end_of_stream().expect("nothing is missing");
    }
}

/// As soon as half of a frame has come there is room for the other half, and no more.
#[test]
fn there_is_room_for_what_is_missing_of_a_frame() {
    let mut cutter = Cutter::<Large<'_>>::new(0);
    let wire = [&300_000_u32.to_be_bytes()[..], &[7; 300_000]].concat();
    assert_eq!(cutter.receive(&wire[..160_000]), 160_000);
    assert!(matches!(cutter.poll(), Ok(Cutting::More(140_004))));
    let spare = cutter.spare();
    assert_eq!(spare.len(), 140_004);
    spare[..140_004].copy_from_slice(&wire[160_000..]);
    cutter.filled(140_004);
    let Ok(Cutting::Frame(large)) = cutter.poll() else { panic!("it is there") };
    assert_eq!(large.data.len(), 300_000);
}
