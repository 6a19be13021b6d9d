//! Frames as a codec of `tokio_util`: streams and sinks, and programs that move over piece by piece.

use framer_runtime::codec::Codec;
use framer_runtime::frame::Owned;
use framer_runtime::tokio::Connection;
use framer_runtime::violation::{Misuse, Rule};
use framer_runtime::{Error, blocking};
use framer_tests::cuts::same_in_every_cut;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::bytes::BytesMut;
use tokio_util::codec::{Decoder, Encoder, Framed, LinesCodec};

framer_runtime::framer! {
    delimiter LF = "\n";
    frame Line in until LF max 16 skip { text: utf8 to end }
    frame Block { len: u16 in ..=60_000 = len(data), data: bytes [len] }
}

framer_runtime::framer! {
    delimiter LF = "\n";
    frame Say in until LF max 16 { text: utf8 to end }
    protocol Echo over stream {
        roles client, server;
        client speaks Say;
        server speaks Say;
        pending fifo max 4;
        state Open { client Say => awaits { _ => stay }; }
    }
}

use echo::Say;

/// What comes of pieces, as `Framed` asks for it.
fn decoded(pieces: &[&[u8]]) -> Vec<String> {
    let mut codec = Codec::<Line<'static>>::new();
    let (mut input, mut seen) = (BytesMut::new(), Vec::new());
    let shown = |result: Result<Option<Owned<Line<'static>>>, Error>| match result {
        Ok(frame) => frame.map(|line| line.view().text.to_owned()),
        Err(error) => Some(error.to_string()),
    };
    for piece in pieces {
        input.extend_from_slice(piece);
        while let Some(line) = shown(codec.decode(&mut input)) {
            seen.push(line);
        }
    }
    seen.extend(shown(codec.decode_eof(&mut input)));
    seen
}

#[test]
fn frames_and_violations_in_every_cut() {
    let seen = same_in_every_cut(b"one\n0123456789abcdef\n\xff\n\nend", decoded);
    let wanted = [
        "one",
        "Line: longer than 16 bytes (bytes 4..21)",
        "Line: not UTF-8 (bytes 21..22)",
        "",
        "Line: the stream ended after 3 bytes of the frame (bytes 24..27)",
    ];
    assert_eq!(seen, wanted);
    assert_eq!(same_in_every_cut(b"one\n", decoded), ["one"]);
    // A frame that is passed over is not whole, either.
    let seen = same_in_every_cut(b"0123456789abcdefgh", decoded);
    assert_eq!(seen.len(), 1);
    assert!(seen[0].starts_with("Line: the stream ended"), "{seen:?}");
}

#[test]
fn a_boundary_that_cannot_be_found_is_final() {
    let mut codec = Codec::<Block<'static>>::new();
    let mut input = BytesMut::from(&b"\xff\xff"[..]);
    let first = codec.decode(&mut input).expect_err("too long").to_string();
    assert_eq!(codec.decode(&mut input).expect_err("again").to_string(), first);
    assert_eq!(codec.decode_eof(&mut input).expect_err("again").to_string(), first);
}

#[test]
fn nothing_is_copied_and_nothing_is_taken_at_its_word() {
    let mut codec = Codec::<Block<'static>>::new();
    let mut input = BytesMut::with_capacity(64);
    input.extend_from_slice(b"\x00\x03abc\xea\x60");
    let place = input.as_ptr();
    let block = codec.decode(&mut input).expect("it is right").expect("it is whole");
    assert_eq!((block.view().data, block.as_bytes().as_ptr()), (&b"abc"[..], place));
    // 60,000 bytes are announced, and none has come.
    assert!(codec.decode(&mut input).expect("it is right").is_none());
    assert!(input.capacity() < 20_000, "{}", input.capacity());
    assert_eq!(codec.position(), 5);
}

#[test]
fn what_cannot_be_written_leaves_nothing() {
    let mut codec = Codec::<Line<'static>>::new();
    let mut output = BytesMut::new();
    codec.encode(Line::new("one"), &mut output).expect("it is written");
    let refused = codec.encode(Line::new("a\nb"), &mut output).expect_err("two lines");
    let Error::Misuse(Misuse::Encode(refused)) = refused else { panic!("{refused}") };
    assert_eq!((refused.frame, refused.rule), ("Line", Rule::Ambiguous));
    codec.encode(Line::new("two"), &mut output).expect("it is written");
    assert_eq!(&output[..], b"one\ntwo\n");
}

#[tokio::test]
async fn a_stream_and_a_sink() {
    let (here, there) = tokio::io::duplex(64);
    let mut here = Framed::new(here, Codec::<Block<'static>, Line<'static>>::new());
    let mut there = Framed::new(there, Codec::<Line<'static>, Block<'static>>::new());
    let said = async {
        // Borrowed frames, too.
        for text in ["one".to_owned(), "two".to_owned()] {
            here.send(Line::new(&text)).await.expect("it is sent");
        }
        here.close().await.expect("it is closed");
        let blocks: Vec<_> = here.map(|block| block.expect("it is right")).collect().await;
        blocks
    };
    let heard = async {
        while let Some(line) = there.next().await {
            let line = line.expect("it is right");
            there.send(Block::new(line.view().text.as_bytes())).await.expect("it is sent");
        }
        there.close().await.expect("it is closed");
    };
    let (blocks, ()) = tokio::join!(said, heard);
    let blocks: Vec<&[u8]> = blocks.iter().map(|block| block.view().data).collect();
    assert_eq!(blocks, [b"one", b"two"]);
}

/// From a codec of somebody else's to ours, on to the machine of a whole protocol, and back.
#[tokio::test]
async fn a_program_moves_over_piece_by_piece() {
    let (mut peer, stream) = tokio::io::duplex(256);
    peer.write_all(b"one\ntwo\nthree\nfour\n").await.expect("it is written");
    let mut lines = Framed::new(stream, LinesCodec::new());
    assert_eq!(lines.next().await.expect("a line").expect("it is right"), "one");
    // What was read and not decoded goes with it.
    let mut frames = lines.map_codec(|_| Codec::<Line<'static>>::new());
    let line = frames.next().await.expect("a line").expect("it is right");
    assert_eq!(line.view().text, "two");
    let parts = frames.into_parts();
    assert_eq!(&parts.read_buf[..], b"three\nfour\n");
    let mut connection = Connection::from_parts(parts.io, &parts.read_buf, echo::Server::new());
    let Ok(Some((echo::server::Event::Say(line), mut reply))) = connection.next().await else {
        panic!("a line")
    };
    assert_eq!(line.text, "three");
    reply.send(Say::new("3")).expect("it answers");
    let (stream, received) = connection.into_parts().await.expect("it is written");
    assert_eq!(received, b"four\n");
    let mut answer = [0; 2];
    peer.read_exact(&mut answer).await.expect("it answers");
    assert_eq!(&answer, b"3\n");
    let mut parts =
        tokio_util::codec::FramedParts::new::<Line<'static>>(stream, Codec::<Line<'static>>::new());
    parts.read_buf.extend_from_slice(&received);
    let mut frames = Framed::from_parts(parts);
    let line = frames.next().await.expect("a line").expect("it is right");
    assert_eq!(line.view().text, "four");
}

#[test]
fn more_than_the_limit_may_have_been_received_before() {
    let lines = b"line\n".repeat(40_000);
    let stream = std::io::Cursor::new(Vec::new());
    let mut connection = blocking::Connection::from_parts(stream, &lines, echo::Server::new());
    let mut count = 0;
    while let Some((echo::server::Event::Say(line), mut reply)) =
        connection.next().expect("it is right")
    {
        assert_eq!(line.text, "line");
        reply.send(Say::new("x")).expect("it answers");
        count += 1;
        if count == 40_000 {
            break;
        }
    }
    assert_eq!(count, 40_000);
}
