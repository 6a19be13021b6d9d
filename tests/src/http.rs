//! A server of HTTP that answers everything alike.

use framer_protocols::http1::{self, Response};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::Progress;

use crate::frames::encoded;

/// What a server sees of these bytes and what it says, answering each request with 204.
///
/// # Panics
/// If it may not answer.
#[must_use]
pub fn served(pieces: &[&[u8]]) -> (Vec<String>, String) {
    let mut server = Connection::new(http1::Server::new(), Limits::default());
    let mut seen = Vec::new();
    let mut data: Vec<u8> = Vec::new();
    for piece in pieces {
        assert_eq!(server.receive(piece), piece.len());
        loop {
            use http1::server::Event;
            let (event, mut reply) = match server.poll() {
                Ok(Progress::Event(turn)) => turn,
                Ok(Progress::Closed) => {
                    seen.push("closed".to_owned());
                    return (seen, text(server.transmit()));
                }
                Ok(_) => break,
                Err(violation) => {
                    seen.push(violation.to_string());
                    return (seen, text(server.transmit()));
                }
            };
            let mut end = |name: &str| {
                seen.push(format!("{name} {}", text(&std::mem::take(&mut data))));
            };
            match event {
                Event::Request(request) => {
                    let fields: Vec<String> =
                        request.fields.iter().map(|field| text(&encoded(field))).collect();
                    let (method, target) = (request.method, request.target);
                    seen.push(format!("{method} {target} 1.{} {fields:?}", request.minor));
                    // What has no answer yet cannot be followed by an upgrade.
                    reply.send(no_content()).expect("an answer");
                }
                Event::Body(piece) | Event::ChunkData(piece) => data.extend_from_slice(piece),
                Event::BodyEnd => end("body"),
                Event::ChunkDataEnd => end("chunk"),
                Event::Chunk(chunk) => seen.push(format!("size {:x}", chunk.size)),
                Event::Trailers(trailers) => {
                    seen.push(format!("trailers {}", trailers.fields.len()));
                }
                Event::Malformed(violation) => {
                    seen.push(violation.to_string());
                    reply.send(Response::new(1, 400, b"Bad Request", &[])).expect("an answer");
                }
                Event::Upgrade(layer) => seen.push(format!("upgrade {layer:?}")),
            }
        }
    }
    (seen, text(server.transmit()))
}

/// Bytes as they are shown.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

fn no_content() -> Response<'static> {
    Response::new(1, 204, b"No Content", &[])
}
