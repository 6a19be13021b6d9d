//! The same with 64 KiB behind each length, in reads of what there is room for.

use bytes::BytesMut;
use framer_protocols::framers::Sized32;
use framer_runtime::codec::Codec;
use futures_util::{FutureExt, StreamExt};
use tokio_util::codec::{Decoder, FramedRead, LengthDelimitedCodec};

use super::see;
use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs;
use crate::works::reads::{self, Stream};

/// How many bytes a length tells of.
const SIZE: usize = 64 * 1024;

/// How long the input is: it stays in the cache, as what a socket has just given.
const INPUT_BYTES: usize = 1 << 20;

/// The work and its cases.
pub(crate) fn large(_: usize) -> Group<'static> {
    let input: &'static [u8] = inputs::sized(INPUT_BYTES, SIZE).leak();
    let ours = Codec::<Sized32<'static>>::new;
    let peer = LengthDelimitedCodec::new;
    Group {
        work: "W2k",
        title: "a u32 length and 64 KiB, in reads of what there is room for",
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer, borrowed", Kind::Ours, move || borrowed(input)),
            Case::new("framer, owned, in FramedRead", Kind::Ours, move || {
                framed(input, ours(), |tally, frame| see(tally, frame.view().data))
            }),
            Case::new("tokio-util FramedRead", Kind::Peer, move || {
                framed(input, peer(), |tally: &mut Tally, data: BytesMut| see(tally, &data))
            }),
            Case::new("read into one buffer", Kind::Limit, move || by_hand(input)),
            Case::new("the copy alone", Kind::Floor, move || copied(input)),
        ],
    }
}

// By its name in profiles.
#[inline(never)]
fn borrowed(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    reads::cut_by::<Sized32<'_>>(usize::MAX, input, |frame| see(&mut tally, frame.data));
    tally
}

/// What a codec reads out of a stream that never has to be waited for.
fn framed<D: Decoder>(input: &[u8], codec: D, see: fn(&mut Tally, D::Item)) -> Tally
where
    D::Error: std::fmt::Debug,
{
    let all = async {
        let mut tally = Tally::default();
        let mut frames = FramedRead::new(Stream::new(input, usize::MAX), codec);
        while let Some(frame) = frames.next().await {
            see(&mut tally, frame.expect("the input is right"));
        }
        tally
    };
    all.now_or_never().expect("nothing waits")
}

/// The length, and then what it tells of, straight to where it belongs.
fn by_hand(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut stream = Stream::new(input, usize::MAX);
    let mut data = Vec::new();
    while let [a, b, c, d] = *stream.next(4) {
        let size = u32::from_be_bytes([a, b, c, d]) as usize;
        assert!(size <= 1 << 24, "the input is right");
        data.clear();
        data.extend_from_slice(stream.next(size));
        assert_eq!(data.len(), size, "the input is whole");
        see(&mut tally, &data);
    }
    tally
}

fn copied(input: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut copy = vec![0; SIZE];
    for read in input.chunks(SIZE) {
        copy[..read.len()].copy_from_slice(read);
        tally.see(&copy);
    }
    tally
}
