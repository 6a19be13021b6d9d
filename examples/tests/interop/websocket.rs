//! WebSocket with `PyPI`'s websockets and with Chromium.

use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use framer_protocols::http1::{self, ConnectionOption, Field, Host, Other, Request, UpgradeTo};
use framer_protocols::websocket::client::{Event, Message};
use framer_protocols::websocket::{self, ClientFrame, Opcode};
use framer_runtime::blocking::Connection;
use tempfile::TempDir;

use crate::from_peers::succeeds;
use crate::peers::Peer;
use crate::server::{Server, foreign, free_port};

fn ws_echo() -> Server {
    Server::start(env!("CARGO_BIN_EXE_ws_echo"), &[])
}

const CLIENT: &str = r#"
import asyncio, sys, websockets
from websockets.asyncio.client import connect
async def main():
    uri = f"ws://127.0.0.1:{sys.argv[1]}/chat"
    async with connect(uri, max_size=None, compression=None) as ws:
        for size in (0, 1, 125, 126, 65535, 65536, 3_000_000):
            data = bytes(n % 251 for n in range(size))
            await ws.send(data)
            assert await ws.recv() == data, size
        await ws.send("grüße")
        assert await ws.recv() == "grüße"
        # In parts, with a ping between them.
        async def parts():
            for part in ("one ", "", "two ", "three"):
                yield part
                await (await ws.ping(b"still there"))
        await ws.send(parts())
        assert await ws.recv() == "one two three"
        for n in range(1000):
            await ws.send(str(n))
        for n in range(1000):
            assert await ws.recv() == str(n)
        await ws.close(4000, "enough")
        assert (ws.close_code, ws.close_reason) == (4000, "enough")
asyncio.run(main())
"#;

pub(crate) fn websockets_asks() {
    let server = ws_echo();
    let port = server.address.port().to_string();
    succeeds(Peer::Websockets.command().args(["-c", CLIENT, &port]));
}

const SERVER: &str = r#"
import asyncio, sys
from websockets.asyncio.server import serve
async def talk(ws):
    await ws.send("welcome")
    async for message in ws:
        await ws.send(message)
async def main():
    # What the server says at once comes behind its 101, in one segment.
    async with serve(talk, "127.0.0.1", int(sys.argv[1]), compression=None):
        await asyncio.get_running_loop().create_future()
asyncio.run(main())
"#;

/// Our client, from HTTP on.
pub(crate) fn websockets_answers() {
    let address = free_port();
    let port = address.port().to_string();
    let server = foreign(Peer::Websockets.command().args(["-c", SERVER, &port]), address);
    let socket = TcpStream::connect(server.address).expect("a connection");
    let mut http = Connection::new(socket, http1::Client::new());
    let fields = [
        Field::Host(Host { host: "localhost" }),
        Field::UpgradeTo(UpgradeTo { protocols: "websocket" }),
        http1::Connection::new(&[ConnectionOption { name: "Upgrade" }]).into(),
        Other { name: "Sec-WebSocket-Key", value: b"dGhlIHNhbXBsZSBub25jZQ==" }.into(),
        Other { name: "Sec-WebSocket-Version", value: b"13" }.into(),
    ];
    http.send(Request::new("GET", "/", 1, &fields)).expect("a request");
    let mut accept = None;
    loop {
        match http.next().expect("an answer").expect("an answer").0 {
            http1::client::Event::Response(response) => {
                assert_eq!(response.status, 101);
                accept = response.fields.iter().find_map(|field| match field {
                    Field::Other(Other { name: "Sec-WebSocket-Accept", value }) => {
                        Some(value.to_vec())
                    }
                    _ => None,
                });
            }
            http1::client::Event::Upgrade(_) => break,
            other => panic!("{other:?}"),
        }
    }
    // RFC 6455, section 1.3.
    assert_eq!(accept.as_deref(), Some(&b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="[..]));
    let mut client = http.continue_with(websocket::Client::new()).expect("an upgrade");
    let data: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let key = 0x0102_0304;
    client.send(ClientFrame::new(false, Opcode::Binary, 10, key)).expect("a part");
    client.send(Message::ClientPayload(&data[..10])).expect("its bytes");
    client.send(ClientFrame::new(true, Opcode::Ping, 2, key)).expect("a ping");
    client.send(Message::ClientPayload(b"hi")).expect("its bytes");
    client.send(ClientFrame::new(true, Opcode::Continuation, 99_990, key)).expect("the rest");
    for part in data[10..].chunks(7_777) {
        client.send(Message::ClientPayload(part)).expect("its bytes");
    }
    let mut messages: Vec<(Opcode, Vec<u8>)> = Vec::new();
    while let Some((event, mut reply)) = client.next().expect("as it should be") {
        match event {
            Event::ServerFrame(frame) => messages.push((frame.opcode, Vec::new())),
            Event::ServerPayload(part) => {
                messages.last_mut().expect("a frame").1.extend_from_slice(part);
            }
            // Once it has come back as a whole, the server may hear of the end.
            Event::ServerPayloadEnd if messages.last().is_some_and(|last| last.1 == data) => {
                reply.send(ClientFrame::new(true, Opcode::Close, 2, key)).expect("a close");
                reply.send(Message::ClientPayload(b"\x03\xe8")).expect("its bytes");
            }
            Event::ServerPayloadEnd => {}
        }
    }
    messages.sort_by_key(|(opcode, _)| opcode.number());
    let opcodes: Vec<Opcode> = messages.iter().map(|(opcode, _)| *opcode).collect();
    assert_eq!(opcodes, [Opcode::Text, Opcode::Binary, Opcode::Close, Opcode::Pong]);
    assert!(messages[0].1 == b"welcome" && messages[1].1 == data);
    assert!(messages[2].1 == b"\x03\xe8" && messages[3].1 == b"hi");
}

/// What a browser does, and tells the server of its page.
const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><script>
const ws = new WebSocket("ws://ADDRESS/");
ws.binaryType = "arraybuffer";
const sent = ["grüße", new Uint8Array(70000).fill(7), ""];
let got = 0;
const tell = (text) => fetch("/result", { method: "POST", body: text });
ws.onopen = () => sent.forEach((message) => ws.send(message));
ws.onmessage = ({ data }) => {
    const is = typeof data === "string" ? data === sent[got]
        : data.byteLength === 70000 && new Uint8Array(data).every((byte) => byte === 7);
    if (!is) tell("wrong " + got);
    if (++got === 3) ws.close(4001, "done");
};
ws.onclose = ({ code, reason, wasClean }) => tell(`got ${got} closed ${code} ${reason} ${wasClean}`);
</script>"#;

/// Serves the page to one connection, and passes on what the page tells.
fn show(socket: TcpStream, page: &str, told: &Sender<String>) {
    use http1::server::{Event, Message};

    let mut connection = Connection::new(socket, http1::Server::new());
    let mut body = Vec::new();
    while let Ok(Some((event, mut reply))) = connection.next() {
        match event {
            Event::Request(request) => {
                let page = if request.target == "/" { page } else { "" };
                let fields = [
                    Other { name: "Content-Type", value: b"text/html" }.into(),
                    http1::ContentLength::new(page.len() as u64).into(),
                ];
                let response = http1::Response::new(1, 200, b"OK", &fields);
                reply.send(response).expect("an answer");
                if !page.is_empty() {
                    reply.send(Message::Body(page.as_bytes())).expect("the page");
                }
            }
            Event::Body(part) => body.extend_from_slice(part),
            Event::BodyEnd if !body.is_empty() => {
                // Nobody listens any more once the first has come.
                let _ = told.send(String::from_utf8_lossy(&std::mem::take(&mut body)).into_owned());
            }
            _ => {}
        }
    }
}

pub(crate) fn chromium_asks() {
    let server = ws_echo();
    let page = PAGE.replace("ADDRESS", &server.address.to_string());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let (told, result) = channel();
    thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            let (page, told) = (page.clone(), told.clone());
            thread::spawn(move || show(socket, &page, &told));
        }
    });
    let directory = TempDir::new().expect("a directory");
    let profile = format!("--user-data-dir={}", directory.path().join("profile").display());
    let mut command: Command = Peer::Chromium.command();
    command.args(["--headless", "--no-sandbox", "--disable-gpu"]).arg(profile);
    command.arg(format!("http://{address}/")).stdout(Stdio::null()).stderr(Stdio::null());
    let mut browser = command.spawn().expect("it starts");
    let result = result.recv_timeout(Duration::from_secs(60));
    browser.kill().expect("it runs");
    browser.wait().expect("it ends");
    assert_eq!(result.as_deref(), Ok("got 3 closed 4001 done true"));
}
