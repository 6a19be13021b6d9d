//! A web server for the files of a directory, which gives back what it is sent.

use std::fs::{self, Metadata};
use std::io::Read as _;
use std::path::{Component, Path};
use std::sync::Arc;

use framer_protocols::http1::server::{Event, Message};
use framer_protocols::http1::{self, *};
use framer_runtime::Error;
use framer_runtime::net::Stream;
use framer_runtime::tokio::Connection;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

/// How much of a file is read at once, in bytes.
const PART_BYTES: usize = 16 * 1024;

/// What a request comes to.
enum Answer {
    /// What was sent comes back; nothing more is to be said.
    Echo,
    /// A status, a text, and whether the connection ends.
    Text(u16, &'static str, &'static [u8]),
    File(Opened),
}

/// A file, how many bytes it has, and the first of them: all there is of a small one, so that a thread
/// that may wait for the disk is asked once.
struct Opened {
    file: fs::File,
    bytes: u64,
    begin: Vec<u8>,
}

/// Answers the requests of one client until it leaves; `root` is the path of a directory that no link
/// is part of, as [`Path::canonicalize`] gives it.
///
/// # Errors
/// Whatever ends the connection before.
pub async fn session(socket: Stream, root: Option<Arc<Path>>) -> Result<(), Error> {
    let mut connection = Connection::new(socket, http1::Server::new());
    // What is sent comes back as it comes.
    let mut echo = false;
    loop {
        let (event, mut reply) = match connection.next().await {
            Ok(Some(turn)) => turn,
            Ok(None) => return Ok(()),
            Err(Error::Violation(violation)) => {
                // What was said before it is answered; this is the last word.
                let mut sending = Sending { connection: &mut connection, head: false, close: true };
                sending.text(400, "Bad Request", b"malformed\n").await?;
                connection.shutdown().await?;
                return Err(violation.into());
            }
            Err(error) => return Err(error),
        };
        let (answer, head, close) = match event {
            Event::Request(request) => {
                if request.minor == 1 && asks(&request, "Expect", "100-continue") {
                    reply.send(Response::new(1, 100, b"Continue", &[]))?;
                }
                let close = closes(&request);
                let answer = answer(&request, root.as_deref()).await;
                echo = matches!(answer, Answer::Echo);
                if echo {
                    let fields = [length_of(&request), option(close)];
                    reply.send(Response::new(1, 200, b"OK", &fields))?;
                }
                (answer, request.is_head(), close)
            }
            Event::Malformed(_) => (Answer::Text(400, "Bad Request", b"malformed\n"), false, true),
            Event::Upgrade(_) => return Ok(()),
            Event::Body(part) if echo => {
                reply.send(Message::Body(part))?;
                continue;
            }
            Event::Chunk(chunk) if echo => {
                reply.send(Chunk::new(chunk.size))?;
                continue;
            }
            Event::ChunkData(part) if echo => {
                reply.send(Message::ChunkData(part))?;
                continue;
            }
            Event::Trailers(trailers) if echo => {
                reply.send(trailers)?;
                continue;
            }
            _ => continue,
        };
        let mut sending = Sending { connection: &mut connection, head, close };
        match answer {
            Answer::Echo => {}
            Answer::Text(status, reason, text) => sending.text(status, reason, text).await?,
            Answer::File(opened) => sending.file(opened).await?,
        }
    }
}

async fn answer(request: &Request<'_>, root: Option<&Path>) -> Answer {
    match (request.method, root) {
        ("POST" | "PUT", _) => Answer::Echo,
        ("GET" | "HEAD", None) if request.target == "/" => Answer::Text(200, "OK", b"hello\n"),
        ("GET" | "HEAD", Some(root)) => match file_of(root, request.target).await {
            Some(opened) => Answer::File(opened),
            None => Answer::Text(404, "Not Found", b"no such file\n"),
        },
        ("GET" | "HEAD", None) => Answer::Text(404, "Not Found", b"no such page\n"),
        _ => Answer::Text(405, "Method Not Allowed", b"GET, HEAD, POST and PUT\n"),
    }
}

/// The file that a target means: below the root, whatever it says and wherever links lead.
async fn file_of(root: &Path, target: &str) -> Option<Opened> {
    let path = target.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    if path.contains('%') || !Path::new(path).components().all(plain) {
        return None;
    }
    let (root, path) = (root.to_owned(), root.join(path));
    tokio::task::spawn_blocking(move || open(&root, &path)).await.ok().flatten()
}

fn open(root: &Path, path: &Path) -> Option<Opened> {
    let path = path.canonicalize().ok()?;
    // What is no file may not even be opened in any time: a pipe waits for its other end.
    if !path.starts_with(root) || !path.is_file() {
        return None;
    }
    let mut file = fs::File::open(path).ok()?;
    let bytes = file.metadata().ok().filter(Metadata::is_file)?.len();
    let mut begin = Vec::new();
    let first = bytes.min(PART_BYTES as u64);
    file.by_ref().take(first).read_to_end(&mut begin).ok()?;
    Some(Opened { file, bytes, begin })
}

/// Whether a field of a request says so.
fn asks(request: &Request<'_>, name: &str, value: &str) -> bool {
    request.fields.iter().any(|field| match field {
        Field::Other(Other { name: of, value: is }) => {
            of.eq_ignore_ascii_case(name) && is.eq_ignore_ascii_case(value.as_bytes())
        }
        _ => false,
    })
}

/// Whether a client wants the connection to end with its request (RFC 9112, section 9.3).
fn closes(request: &Request<'_>) -> bool {
    let close = |field| match field {
        Field::Connection(of) => {
            of.options.iter().any(|option| option.name.eq_ignore_ascii_case("close"))
        }
        _ => false,
    };
    request.minor == 0 || request.fields.iter().any(close)
}

/// How far the body of a request goes, for the response that gives it back.
fn length_of(request: &Request<'_>) -> Field<'static> {
    let length = |field| match field {
        Field::ContentLength(of) => Some(of.length),
        _ => None,
    };
    match request.chunked() {
        true => TransferEncoding::new(TransferCoding::Chunked).into(),
        false => {
            let length = request.fields.iter().find_map(length).unwrap_or(0);
            ContentLength::new(length).into()
        }
    }
}

fn option(close: bool) -> Field<'static> {
    const CLOSE: &[ConnectionOption<'static>] = &[ConnectionOption { name: "close" }];
    const STAY: &[ConnectionOption<'static>] = &[ConnectionOption { name: "keep-alive" }];
    http1::Connection::new(if close { CLOSE } else { STAY }).into()
}

/// A response on its way.
struct Sending<'c> {
    connection: &'c mut Connection<Stream, http1::Server>,
    head: bool,
    close: bool,
}

impl Sending<'_> {
    async fn text(&mut self, status: u16, reason: &str, text: &[u8]) -> Result<(), Error> {
        self.begin(status, reason, text.len() as u64).await?;
        self.body(text).await
    }

    async fn file(&mut self, opened: Opened) -> Result<(), Error> {
        let Opened { file, bytes, begin } = opened;
        self.begin(200, "OK", bytes).await?;
        if self.head {
            return Ok(());
        }
        self.body(&begin).await?;
        let mut left = bytes.saturating_sub(begin.len() as u64);
        let (mut file, mut part) = (File::from_std(file), begin);
        while left > 0 {
            let room = usize::try_from(left).unwrap_or(PART_BYTES).min(PART_BYTES);
            part.resize(room, 0);
            let count = file.read(&mut part).await?;
            if count == 0 {
                // It has become shorter than was promised: there is no way to go on.
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
            self.body(&part[..count]).await?;
            left -= count as u64;
        }
        Ok(())
    }

    async fn begin(&mut self, status: u16, reason: &str, length: u64) -> Result<(), Error> {
        let fields = [ContentLength::new(length).into(), option(self.close)];
        self.connection.send(Response::new(1, status, reason.as_bytes(), &fields)).await
    }

    async fn body(&mut self, part: &[u8]) -> Result<(), Error> {
        match self.head {
            true => Ok(()),
            false => self.connection.send(Message::Body(part)).await,
        }
    }
}
