//! The servers: each gives back every message that it reads, as a frame.

use anyhow::{Result, ensure};
use framer_protocols::framers::Sized32;
use framer_runtime::framers::{Event, Framers, Framing};
use framer_runtime::tokio::Connection;
use futures_util::{SinkExt, StreamExt, TryStreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::codec::{Framed, LengthDelimitedCodec};

use crate::works::reads::READ_BYTES;

framer_runtime::framer! {
    import "../protocols/framers.frame" { Sized32 };

    protocol Echo over stream {
        roles client, server;
        client speaks Sized32;
        server speaks Sized32;
        pending fifo max 64;
        state Open within 1 h else close { client Sized32 => awaits { _ => stay }; }
    }
}

pub(super) async fn protocol(socket: TcpStream) -> Result<()> {
    let mut connection = Connection::new(socket, echo::Server::new());
    while let Some((echo::server::Event::Sized32(message), mut reply)) = connection.next().await? {
        reply.send(message)?;
    }
    Ok(())
}

pub(super) async fn framers(socket: TcpStream) -> Result<()> {
    let framing = Framing::of::<Sized32<'_>>();
    let mut connection = Connection::new(socket, Framers::new(framing, framing));
    while let Some((event, mut reply)) = connection.next().await? {
        let Event::Frame(frame) = event else { anyhow::bail!("{event:?}") };
        reply.send(&frame.decode::<Sized32<'_>>()?)?;
    }
    Ok(())
}

pub(super) async fn forward(socket: TcpStream) -> Result<()> {
    let (sink, stream) = Framed::new(socket, LengthDelimitedCodec::new()).split();
    Ok(stream.map_ok(bytes::BytesMut::freeze).forward(sink).await?)
}

pub(super) async fn next_and_send(socket: TcpStream) -> Result<()> {
    let mut framed = Framed::new(socket, LengthDelimitedCodec::new());
    while let Some(message) = framed.next().await.transpose()? {
        framed.send(message.freeze()).await?;
    }
    Ok(())
}

pub(super) async fn by_hand(mut socket: TcpStream) -> Result<()> {
    let mut input = vec![0; READ_BYTES];
    let mut output = Vec::with_capacity(READ_BYTES);
    let mut filled = 0;
    loop {
        let count = socket.read(&mut input[filled..]).await?;
        if count == 0 {
            return Ok(());
        }
        filled += count;
        let mut rest = &input[..filled];
        while let Some((size, behind)) = rest.split_first_chunk() {
            let size = u32::from_be_bytes(*size);
            ensure!(size <= 1 << 10, "a message of {size} bytes");
            let Some((data, behind)) = behind.split_at_checked(size as usize) else { break };
            output.extend_from_slice(&size.to_be_bytes());
            output.extend_from_slice(data);
            rest = behind;
        }
        let left = rest.len();
        input.copy_within(filled - left..filled, 0);
        filled = left;
        socket.write_all(&output).await?;
        output.clear();
    }
}

/// Looks at nothing.
pub(super) async fn copied(mut socket: TcpStream) -> Result<()> {
    let mut input = vec![0; READ_BYTES];
    loop {
        let count = socket.read(&mut input).await?;
        if count == 0 {
            return Ok(());
        }
        socket.write_all(&input[..count]).await?;
    }
}
