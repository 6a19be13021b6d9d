//! Conversations that went wrong: whatever comes, it is read alike in every split, and what can be
//! read can be written again.

use framer_protocols::smtp::{AuthLine, Command, Reply};
use framer_runtime::frame::Frame;
use framer_runtime::violation::{Rule, Violation};
use framer_tests::conversation;
use framer_tests::served::Served;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// All that clients said, each leg by itself.
fn clients() -> Vec<Vec<u8>> {
    conversation::all().into_iter().flat_map(|(_, legs)| legs).map(|leg| leg.client).collect()
}

/// What one change does to bytes.
#[derive(Clone, Debug)]
enum Change {
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Replace(usize, u8),
    Repeat(usize, usize),
}

/// Bytes that mean something to SMTP, and any others.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let known: [&[u8]; 12] = [
        b"\r\n",
        b"\r",
        b"\n",
        b".",
        b"\r\n.\r\n",
        b"DATA\r\n",
        b"BDAT 3\r\n",
        b"BDAT 9 LAST\r\n",
        b"STARTTLS\r\n",
        b"AUTH PLAIN\r\n",
        b"RSET\r\n",
        b"<>",
    ];
    prop_oneof![select(known.map(<[u8]>::to_vec).to_vec()), vec(any::<u8>(), 1..4)]
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let place = || 0..2000_usize;
    let change = prop_oneof![
        (place(), pieces()).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (place(), 1..40_usize).prop_map(|(at, count)| Change::Remove(at, count)),
        (place(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (place(), 1..40_usize).prop_map(|(at, count)| Change::Repeat(at, count)),
    ];
    vec(change, 0..5)
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let at = |at: usize| at % (bytes.len() + 1);
        match change {
            Change::Insert(place, piece) => {
                let place = at(*place);
                bytes.splice(place..place, piece.iter().copied());
            }
            Change::Remove(place, count) => {
                let place = at(*place);
                let end = (place + count).min(bytes.len());
                bytes.drain(place..end);
            }
            Change::Replace(place, byte) => {
                let place = at(*place);
                if let Some(old) = bytes.get_mut(place) {
                    *old = *byte;
                }
            }
            Change::Repeat(place, count) => {
                let place = at(*place);
                let end = (place + count).min(bytes.len());
                let piece = bytes[place..end].to_vec();
                bytes.splice(end..end, piece);
            }
        }
    }
    bytes
}

/// What a server saw of bytes that came in parts, and how it ended.
type Seen = (Vec<String>, Vec<u8>, Result<(), Violation>);

fn seen<'b>(parts: impl Iterator<Item = &'b [u8]>) -> (Seen, u64) {
    let mut served = Served::new();
    let mut ended = Ok(());
    for part in parts {
        ended = served.feed(part);
        if ended.is_err() {
            break;
        }
    }
    let ended = ended.and_then(|()| served.conn.end_of_stream());
    let scanned = served.conn.scanned();
    ((served.events, served.payload, ended), scanned)
}

proptest! {
    #[test]
    fn what_comes_is_read_alike_in_every_split(
        bytes in select(clients()),
        changes in changes(),
        size in 1..200_usize,
    ) {
        let bytes = changed(bytes, &changes);
        let (whole, scanned) = seen(std::iter::once(bytes.as_slice()));
        prop_assert!(scanned <= bytes.len() as u64 + 4, "{} of {}", scanned, bytes.len());
        // Whether bytes come before the upgrade or after it is told by when they come.
        let upgrade = |violation: &Violation| matches!(violation.rule, Rule::BeforeUpgrade { .. });
        prop_assume!(!whole.2.as_ref().is_err_and(upgrade));
        let (parts, _) = seen(bytes.chunks(size));
        prop_assert_eq!(&parts, &whole);
        let (single, scanned) = seen(bytes.chunks(1));
        prop_assert_eq!(&single, &whole);
        prop_assert!(scanned <= 2 * bytes.len() as u64 + 4, "{} of {}", scanned, bytes.len());
    }

    #[test]
    fn what_can_be_read_can_be_written(
        bytes in select(clients()),
        changes in changes(),
    ) {
        let bytes = changed(bytes, &changes);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            round_trip::<Command<'_>>(line)?;
            round_trip::<AuthLine<'_>>(line)?;
            let mut reply = b"250".to_vec();
            reply.push(if line.len() % 2 == 0 { b' ' } else { b'-' });
            reply.extend(line);
            reply.extend(b"250 2.0.0 last\r\n");
            round_trip::<Reply<'_>>(&reply)?;
        }
    }
}

/// What decodes is encoded to what decodes to the same.
fn round_trip<F>(bytes: &[u8]) -> Result<(), TestCaseError>
where
    F: Frame,
    for<'a> F::View<'a>: Frame + std::fmt::Debug,
{
    let Ok(frame) = F::decode(bytes) else { return Ok(()) };
    let mut out = Vec::new();
    prop_assert_eq!(frame.encode(&mut out), Ok(()), "{:?}", frame);
    let again = F::decode(&out);
    prop_assert_eq!(again.map(|again| format!("{again:?}")), Ok(format!("{frame:?}")));
    Ok(())
}
