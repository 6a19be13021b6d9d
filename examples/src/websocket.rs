//! A WebSocket server that says what it is told: HTTP first, and behind its 101 another protocol.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use framer_protocols::http1::{self, *};
use framer_protocols::websocket::server::{Event, Message};
use framer_protocols::websocket::{self, Opcode, ServerFrame};
use framer_runtime::Error;
use framer_runtime::net::Stream;
use framer_runtime::tokio::Connection;
use sha1::{Digest, Sha1};

/// What a server adds to the key of a client (RFC 6455, section 1.3).
const ADDED: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Serves one client until it leaves.
///
/// # Errors
/// Whatever ends the connection before.
pub async fn session(socket: Stream) -> Result<(), Error> {
    let mut connection = Connection::new(socket, http1::Server::new());
    while let Some((event, mut reply)) = connection.next().await? {
        match event {
            http1::server::Event::Request(request) => match accepted(&request) {
                Some(accept) => {
                    let name = "Sec-WebSocket-Accept";
                    let fields = [
                        UpgradeTo::new("websocket").into(),
                        http1::Connection::new(&[ConnectionOption { name: "Upgrade" }]).into(),
                        Other { name, value: accept.as_bytes() }.into(),
                    ];
                    reply.send(Response::new(1, 101, b"Switching Protocols", &fields))?;
                }
                None => {
                    let fields = [
                        UpgradeTo::new("websocket").into(),
                        http1::Connection::new(&[ConnectionOption { name: "Upgrade" }]).into(),
                        ContentLength::new(0).into(),
                    ];
                    reply.send(Response::new(1, 426, b"Upgrade Required", &fields))?;
                }
            },
            http1::server::Event::Malformed(_) => {
                reply.send(Response::new(1, 400, b"Bad Request", &[]))?;
            }
            http1::server::Event::Upgrade(_) => return echo(connection).await,
            _ => {}
        }
    }
    Ok(())
}

/// What answers the key of a client that asks for WebSocket (RFC 6455, section 4.2.1).
fn accepted(request: &Request<'_>) -> Option<String> {
    let other = |wanted: &str| {
        request.fields.iter().find_map(|field| match field {
            Field::Other(of) if of.name.eq_ignore_ascii_case(wanted) => Some(of.value),
            _ => None,
        })
    };
    let key = other("Sec-WebSocket-Key")?;
    let fits = STANDARD.decode(key).is_ok_and(|key| key.len() == 16)
        && other("Sec-WebSocket-Version") == Some(b"13")
        && request.upgrades()
        && request.method == "GET";
    fits.then(|| STANDARD.encode(Sha1::new().chain_update(key).chain_update(ADDED).finalize()))
}

/// Says what it is told, frame by frame and as it comes; a ping becomes a pong, and a close is answered
/// by one.
async fn echo(connection: Connection<Stream, http1::Server>) -> Result<(), Error> {
    let mut connection = connection.continue_with(websocket::Server::new())?;
    let mut part = Vec::new();
    // A pong answers nothing.
    let mut silent = false;
    while let Some((event, mut reply)) = connection.next().await? {
        match event {
            Event::ClientFrame(frame) => {
                silent = frame.opcode == Opcode::Pong;
                let opcode = match frame.opcode {
                    Opcode::Ping => Opcode::Pong,
                    other => other,
                };
                if !silent {
                    reply.send(ServerFrame::new(frame.fin, opcode, frame.size))?;
                }
            }
            Event::ClientPayload(data) if !silent => {
                part.clear();
                data.append_to(&mut part);
                reply.send(Message::ServerPayload(&part))?;
            }
            Event::ClientPayload(_) | Event::ClientPayloadEnd => {}
        }
    }
    connection.shutdown().await
}
