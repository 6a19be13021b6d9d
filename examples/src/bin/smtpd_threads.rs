//! A mail sink without tokio: a thread for each session, and STARTTLS in its middle.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use clap::Parser;
use framer_examples::tls;
use framer_protocols::smtp::server::Event;
use framer_protocols::smtp::{Command, Reply, Server};
use framer_runtime::Error;
use framer_runtime::blocking::{Connection, MaybeTls};
use tokio_rustls::rustls::ServerConfig;

/// How long a client that does not read is waited for. Silence is limited by the description.
const STALLED: Duration = Duration::from_secs(5 * 60);

const OFFERED: &str = "localhost\nPIPELINING\n8BITMIME\nENHANCEDSTATUSCODES";
const OFFERED_IN_PLAIN: &str = "localhost\nPIPELINING\n8BITMIME\nENHANCEDSTATUSCODES\nSTARTTLS";

/// Takes every message and writes it into a directory, as it came.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one, which is printed
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
    /// Where messages are stored
    #[arg(long, value_name = "DIR")]
    directory: PathBuf,
    /// The certificate for STARTTLS, a PEM file
    #[arg(long, value_name = "FILE")]
    tls_cert: PathBuf,
    /// Its private key, a PEM file
    #[arg(long, value_name = "FILE")]
    tls_key: PathBuf,
}

/// Where messages are stored, and how many have been.
struct Store {
    directory: PathBuf,
    begun: AtomicU64,
}

impl Store {
    /// A file that is not seen as a message yet.
    fn begin(&self) -> io::Result<(File, PathBuf)> {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        let path = self.directory.join(format!("{number}.part"));
        Ok((File::create(&path)?, path))
    }

    fn finish(file: &File, path: &Path) -> io::Result<()> {
        file.sync_all()?;
        fs::rename(path, path.with_extension("eml"))
    }
}

fn session(socket: TcpStream, config: &Arc<ServerConfig>, store: &Store) -> Result<(), Error> {
    socket.set_write_timeout(Some(STALLED))?;
    let mut connection = Connection::new(MaybeTls::plain(socket), Server::new())
        .with_timeout(|stream, time| stream.socket().set_read_timeout(time));
    let ended = converse(&mut connection, config, store);
    // What was said before a fault is still heard.
    let (mut stream, _) = connection.into_parts()?;
    stream.close()?;
    ended
}

fn converse(
    connection: &mut Connection<MaybeTls<TcpStream>, Server>,
    config: &Arc<ServerConfig>,
    store: &Store,
) -> Result<(), Error> {
    connection.send(Reply::new(220, "localhost ESMTP framer"))?;
    let mut message: Option<(File, PathBuf)> = None;
    let (mut recipients, mut is_secured) = (0_u32, false);
    while let Some((event, mut reply)) = connection.next()? {
        let (code, text) = match event {
            Event::Upgrade(_) => {
                connection.upgrade(|stream| stream.accept(Arc::clone(config)))?;
                (recipients, is_secured) = (0, true);
                continue;
            }
            Event::Content(part) => {
                if let Some((file, _)) = &mut message {
                    File::write_all(file, part)?;
                }
                continue;
            }
            Event::ContentEnd => {
                if let Some((file, path)) = message.take() {
                    Store::finish(&file, &path)?;
                }
                (250, "2.0.0 message accepted")
            }
            Event::Data(_) if recipients == 0 => (503, "5.5.1 for whom?"),
            Event::Data(_) => {
                message = Some(store.begin()?);
                (354, "go ahead")
            }
            Event::Ehlo(_) | Event::Helo(_) => {
                recipients = 0;
                (250, if is_secured { OFFERED } else { OFFERED_IN_PLAIN })
            }
            Event::Mail(_) | Event::Rset(_) => {
                recipients = 0;
                (250, "2.0.0 very well")
            }
            Event::Rcpt(_) => {
                recipients = recipients.saturating_add(1);
                (250, "2.1.5 recipient accepted")
            }
            Event::StartTls(_) => (220, "2.0.0 go ahead"),
            Event::Noop(_) => (250, "2.0.0 nothing done"),
            Event::Quit(_) => (221, "2.0.0 goodbye"),
            // The chunk is heard out before it is answered.
            Event::Bdat(_) | Event::Refused(Command::Bdat(_)) | Event::Chunk(_) => continue,
            Event::ChunkEnd | Event::Refused(_) => (503, "5.5.1 not now"),
            Event::Malformed(_) => (501, "5.5.4 malformed"),
            _ => (502, "5.5.1 not here"),
        };
        reply.send(Reply::new(code, text))?;
    }
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let Arguments { listen, directory, tls_cert, tls_key } = Arguments::parse();
    let config = tls::server(&tls_cert, &tls_key)?;
    fs::create_dir_all(&directory)?;
    let store = Arc::new(Store { directory, begun: AtomicU64::new(0) });
    let listener = TcpListener::bind(listen)?;
    println!("smtpd_threads: listening on {}", listener.local_addr()?);
    for socket in listener.incoming() {
        let (socket, config, store) = (socket?, Arc::clone(&config), Arc::clone(&store));
        thread::spawn(move || {
            if let Err(error) = session(socket, &config, &store) {
                // Who has closed the standard error does not want to know.
                let _ = writeln!(io::stderr(), "smtpd_threads: {error}");
            }
        });
    }
    Ok(())
}
