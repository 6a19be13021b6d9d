//! What a connection costs while it waits: `smtpd` and a connection alone beside a codec of `tokio-util` and the bare socket.
//!
//! A process of its own holds the clients' ends, each of which has read a greeting. What is measured is the heap of the
//! servers' process, by an allocator that counts, and what the system says is resident; the kernel's own
//! buffers are the same for all.

use std::alloc::System;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use framer_examples::maildir::Maildir;
use framer_examples::serve::{self, Offer};
use framer_examples::trace::Trace;
use framer_protocols::smtp::{self, Reply};
use framer_runtime::net::{Schemes, Server};
use framer_runtime::tokio::Connection;
use futures_util::{SinkExt, StreamExt};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_util::codec::{Framed, LinesCodec};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const GREETING: &str = "220 localhost ESMTP framer";

/// How long the heap is left alone between two looks at it.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// So many looks in a row must see the same.
const LOOKS_ALIKE: u32 = 5;

/// Nobody waits longer than so many looks.
const MOST_LOOKS: u32 = 600;

/// Measures what a connection costs while it waits
#[derive(Debug, Parser)]
#[command(name = "idle")]
struct Arguments {
    /// How many connections wait
    #[arg(long, default_value_t = 10_000)]
    connections: usize,
    /// Fails if `smtpd` takes more bytes for each than these, above the socket
    #[arg(long, value_name = "BYTES")]
    most: Option<f64>,
    /// Opens the connections to there, and holds them until its input ends
    #[arg(long, hide = true, value_name = "ADDR")]
    clients_of: Option<SocketAddr>,
}

/// What serves.
#[derive(Clone, Copy, Debug)]
enum Case {
    /// A task with a socket that has said its greeting and waits.
    Socket,
    /// The codec that most programs take.
    Framed,
    /// A connection of the generated SMTP server.
    Connection,
    /// The program.
    Smtpd,
}

impl Case {
    const ALL: [Case; 4] = [Case::Socket, Case::Framed, Case::Connection, Case::Smtpd];

    const fn name(self) -> &'static str {
        match self {
            Case::Socket => "socket alone",
            Case::Framed => "tokio-util Framed, LinesCodec",
            Case::Connection => "framer connection, smtp",
            Case::Smtpd => "smtpd",
        }
    }

    /// Serves from now on; where.
    async fn serve(self, directory: &std::path::Path) -> Result<SocketAddr> {
        if let Case::Smtpd = self {
            let server =
                Server::bind(&Schemes::default(), ["tcp://127.0.0.1:0?backlog=4096"]).await?;
            let server = server.max_sessions(usize::MAX);
            let url = server.urls().next().context("it listens")?;
            let address =
                url.trim_start_matches("tcp://").split('?').next().context("it does")?.parse()?;
            let offer = Offer {
                name: "localhost".to_owned(),
                maildir: Maildir::open(directory)?,
                tls: None,
                max_message_bytes: 1 << 20,
                login: None,
                login_in_plain: false,
                trace: Trace::default(),
            };
            tokio::spawn(serve::serve(server, offer));
            return Ok(address);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                match self {
                    Case::Socket => drop(tokio::spawn(bare(socket))),
                    Case::Framed => drop(tokio::spawn(framed(socket))),
                    Case::Connection | Case::Smtpd => drop(tokio::spawn(connection(socket))),
                }
            }
        });
        Ok(address)
    }
}

async fn bare(mut socket: tokio::net::TcpStream) -> Result<()> {
    socket.write_all(format!("{GREETING}\r\n").as_bytes()).await?;
    // Nothing comes but the end, of which readiness may tell too early.
    loop {
        socket.readable().await?;
        match socket.try_read(&mut [0]) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            read => return Ok(read.map(drop)?),
        }
    }
}

async fn framed(socket: tokio::net::TcpStream) -> Result<()> {
    let mut lines = Framed::new(socket, LinesCodec::new_with_max_length(12_288));
    lines.send(format!("{GREETING}\r")).await?;
    while lines.next().await.transpose()?.is_some() {}
    Ok(())
}

async fn connection(socket: tokio::net::TcpStream) -> Result<()> {
    let mut connection = Connection::new(socket, smtp::Server::new());
    let (code, text) = GREETING.split_once(' ').context("a reply")?;
    connection.send(Reply::new(code.parse()?, text)).await?;
    while connection.next().await?.is_some() {}
    Ok(())
}

/// The other ends, in a process of their own.
struct Clients(Child);

impl Clients {
    fn connect(address: SocketAddr, count: usize) -> Result<Clients> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--clients-of", &address.to_string(), "--connections", &count.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut told = String::new();
        BufReader::new(child.stdout.take().context("its output")?).read_line(&mut told)?;
        ensure!(told == "connected\n", "the clients said {told:?}");
        Ok(Clients(child))
    }

    /// All of them go.
    fn end(mut self) -> Result<()> {
        drop(self.0.stdin.take());
        self.0.wait()?;
        Ok(())
    }
}

/// Opens connections, reads the greeting of each, and holds them.
fn hold(address: SocketAddr, count: usize) -> Result<()> {
    let mut held = Vec::new();
    for _ in 0..count {
        let mut socket = TcpStream::connect(address)?;
        let mut greeting = vec![0; GREETING.len() + 2];
        socket.read_exact(&mut greeting)?;
        held.push(socket);
    }
    println!("connected");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// What the process holds, in bytes: on the heap, and resident.
fn held() -> Result<(f64, f64)> {
    let stats = ALLOCATOR.stats();
    let heap = stats.bytes_allocated as f64 - stats.bytes_deallocated as f64;
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: f64 = statm.split(' ').nth(1).context("the resident pages")?.parse()?;
    Ok((heap, pages * 4096.0))
}

/// The same, once all that came or went was seen to: then the heap stays as it is. How long that
/// takes depends on what else the machine does.
async fn settled() -> Result<(f64, f64)> {
    let mut last = held()?;
    let mut alike = 0;
    for _ in 0..MOST_LOOKS {
        tokio::time::sleep(BETWEEN_LOOKS).await;
        let now = held()?;
        alike = if now.0 == last.0 { alike + 1 } else { 0 };
        last = now;
        if alike == LOOKS_ALIKE {
            return Ok(now);
        }
    }
    bail!("the heap does not settle: {} bytes, and others before", last.0)
}

async fn measure(case: Case, count: usize) -> Result<(f64, f64)> {
    let directory = tempfile::tempdir()?;
    let address = case.serve(directory.path()).await?;
    let before = settled().await?;
    let clients = tokio::task::spawn_blocking(move || Clients::connect(address, count)).await??;
    let (heap, resident) = settled().await?;
    tokio::task::spawn_blocking(|| clients.end()).await??;
    let each = |after: f64, before: f64| (after - before) / count as f64;
    Ok((each(heap, before.0), each(resident, before.1)))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let Arguments { connections, most, clients_of } = Arguments::parse();
    if let Some(address) = clients_of {
        return hold(address, connections);
    }
    println!("{connections} connections that wait, bytes of each:\n");
    println!("| | heap | above the socket | resident |\n|---|---:|---:|---:|");
    let mut socket = 0.0;
    for case in Case::ALL {
        let (heap, resident) = measure(case, connections).await?;
        if let Case::Socket = case {
            socket = heap;
        }
        let above = heap - socket;
        println!("| {} | {heap:.0} | {above:.0} | {resident:.0} |", case.name());
        if let (Case::Smtpd, Some(most)) = (case, most) {
            ensure!(above <= most, "{above:.0} bytes of each are more than {most:.0}");
        }
    }
    Ok(())
}
