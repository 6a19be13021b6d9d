//! W2: a length of four bytes, and 32 bytes that it measures, read 16 KiB at a time.

mod large;

pub(crate) use large::large;

use std::cell::LazyCell;
use std::io::Cursor;

use binrw::BinRead;
use deku::{DekuContainerRead, DekuRead};
use framer_interpret::Schema;
use framer_protocols::framers::Sized32;
use framer_runtime::codec::Codec;
use tokio_util::codec::LengthDelimitedCodec;
use winnow::Parser;
use winnow::Partial;
use winnow::error::{EmptyError, ErrMode};

use super::interpreted::{bytes_of, cut, field, schema};
use super::reads::{self, Buffer, READ_BYTES, decoded};
use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs;

/// The work and its cases, over an input of about so many bytes.
pub(crate) fn group(bytes: usize) -> Group<'static> {
    let input: &'static [u8] = inputs::sized(bytes, 32).leak();
    let schema = LazyCell::new(|| schema("framers.frame", "Sized32"));
    Group {
        work: "W2",
        title: "a u32 length and 32 bytes, 16 KiB a read",
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer, borrowed", Kind::Ours, move || borrowed(input)),
            Case::new("framer, owned", Kind::Ours, move || owned(input)),
            Case::new("framer, owned, a codec", Kind::Ours, move || by_codec(input)),
            Case::new("framer, interpreted", Kind::Interpreted, move || {
                interpreted(*schema, input)
            }),
            Case::new("winnow Partial", Kind::Peer, move || winnow(input)),
            Case::new("nom streaming", Kind::Peer, move || by_nom(input)),
            Case::new("binrw, the whole buffer", Kind::Peer, move || by_binrw(input)),
            Case::new("deku, the whole buffer", Kind::Peer, move || by_deku(input)),
            Case::new("tokio-util LengthDelimitedCodec", Kind::Peer, move || codec(input)),
            Case::new("a loop over the buffer", Kind::Limit, move || by_hand(input)),
            Case::new("the reads alone", Kind::Floor, move || reads::alone(input)),
        ],
    }
}

fn see(tally: &mut Tally, data: &[u8]) {
    tally.see(data);
    tally.frame();
}

// By its name in profiles.
#[inline(never)]
fn borrowed(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    reads::cut::<Sized32<'_>>(input, |frame| see(&mut tally, frame.data));
    tally
}

fn owned(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    reads::cut_owned::<Sized32<'_>>(input, |frame| see(&mut tally, frame.view().data));
    tally
}

fn by_codec(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    decoded(input, Codec::<Sized32<'static>>::new(), |frame| see(&mut tally, frame.view().data));
    tally
}

fn interpreted(schema: Schema, input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    cut(schema, input, |frame| see(&mut tally, bytes_of(field(frame, "data"))));
    tally
}

fn winnow(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = Buffer::new(input, READ_BYTES);
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        let mut rest = Partial::new(read);
        loop {
            let before = rest;
            let size = winnow::binary::be_u32::<_, ErrMode<EmptyError>>;
            match winnow::binary::length_take(size).parse_next(&mut rest) {
                Ok(data) => see(&mut tally, data),
                Err(ErrMode::Incomplete(_)) => {
                    rest = before;
                    break;
                }
                Err(error) => panic!("the input is right: {error:?}"),
            }
        }
        done = read.len() - rest.len();
    }
    tally
}

fn by_nom(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = Buffer::new(input, READ_BYTES);
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        let mut rest = read;
        loop {
            let size = nom::number::streaming::be_u32::<_, nom::error::Error<&[u8]>>;
            match nom::Parser::parse(&mut nom::multi::length_data(size), rest) {
                Ok((behind, data)) => {
                    see(&mut tally, data);
                    rest = behind;
                }
                Err(nom::Err::Incomplete(_)) => break,
                Err(error) => panic!("the input is right: {error:?}"),
            }
        }
        done = read.len() - rest.len();
    }
    tally
}

#[derive(BinRead)]
#[br(big)]
struct OfBinrw {
    #[expect(dead_code, reason = "the data say it, too")]
    size: u32,
    #[br(count = size)]
    data: Vec<u8>,
}

fn by_binrw(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut cursor = Cursor::new(input);
    while cursor.position() < input.len() as u64 {
        let frame = OfBinrw::read(&mut cursor).expect("the input is right");
        see(&mut tally, &frame.data);
    }
    tally
}

#[derive(DekuRead)]
#[deku(endian = "big")]
struct OfDeku {
    #[expect(dead_code, reason = "the data say it, too")]
    size: u32,
    #[deku(count = "size")]
    data: Vec<u8>,
}

fn by_deku(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut rest = (input, 0);
    while !rest.0.is_empty() {
        let (behind, frame) = OfDeku::from_bytes(rest).expect("the input is right");
        see(&mut tally, &frame.data);
        rest = behind;
    }
    tally
}

fn codec(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    decoded(input, LengthDelimitedCodec::new(), |data| see(&mut tally, &data));
    tally
}

fn by_hand(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = Buffer::new(input, READ_BYTES);
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        let mut rest = read;
        while let Some((size, behind)) = rest.split_first_chunk() {
            let size = u32::from_be_bytes(*size) as usize;
            assert!(size <= 1 << 24, "the input is right");
            let Some((data, behind)) = behind.split_at_checked(size) else { break };
            see(&mut tally, data);
            rest = behind;
        }
        done = read.len() - rest.len();
    }
    tally
}
