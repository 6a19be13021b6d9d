//! Streams over Unix sockets.

use core::str::FromStr;
use core::time::Duration;
use std::borrow::ToOwned;
use std::boxed::Box;
use std::ffi::OsString;
use std::format;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::vec::Vec;

use percent_encoding::percent_decode_str;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::unix::SocketAddr;
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{Instant, sleep};
use url::Url;

use super::{Address, Listener, Options, Pending, Stream, Transport, invalid};

/// How many streams wait to be accepted.
const BACKLOG: i32 = 1024;

/// How long others may hold the folder of a socket.
const LOCKED: Duration = Duration::from_secs(5);

/// How long to wait until it is tried again.
const PAUSE: Duration = Duration::from_millis(1);

/// Streams over Unix sockets: `unix:/path`.
///
/// The socket's file is removed when the listener is dropped. A file that is there is replaced
/// if it is a socket that nobody listens to; of several who find it abandoned at once, one has it.
///
/// | option | | without it |
/// |---|---|---|
/// | `mode=660` | who may open streams to it, as the permissions of its file, in octal digits | what the process gives new files |
#[derive(Clone, Copy, Debug, Default)]
pub struct Unix;

impl Transport for Unix {
    fn connect<'a>(&'a self, url: &'a Url) -> Pending<'a, Stream> {
        Box::pin(async move { ends(UnixStream::connect(place(url)?.0).await?) })
    }

    fn listen<'a>(&'a self, url: &'a Url) -> Pending<'a, Box<dyn Listener>> {
        Box::pin(async move {
            let (path, mode) = place(url)?;
            // Whoever has looked at what is there acts on it before anybody else looks.
            let folder = lock(&path).await?;
            let listener = match bind(&path, mode) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    remove_abandoned(&path).await?;
                    bind(&path, mode)
                }
                bound => bound,
            }?;
            drop(folder);
            let file = file(&path)?;
            Ok(Box::new(Open { listener, path, file }) as Box<dyn Listener>)
        })
    }
}

struct Open {
    listener: UnixListener,
    path: PathBuf,
    /// Which file it is, by device and number.
    file: (u64, u64),
}

impl Listener for Open {
    fn accept(&mut self) -> Pending<'_, Stream> {
        Box::pin(async { ends(self.listener.accept().await?.0) })
    }

    fn local(&self) -> Address {
        Address::Unix(Some(self.path.clone()))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // One that somebody else has put there is not ours to remove.
        if file(&self.path).is_ok_and(|file| file == self.file) {
            // Whoever removed it already has done what is to be done.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn file(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

fn ends(stream: UnixStream) -> io::Result<Stream> {
    let named = |address: SocketAddr| Address::Unix(address.as_pathname().map(Path::to_owned));
    let (local, peer) = (named(stream.local_addr()?), named(stream.peer_addr()?));
    Ok(Stream::new(stream, local, peer))
}

/// Listens at a path where there is nothing. Nobody has reached it before its permissions are set:
/// a socket that does not listen yet refuses.
fn bind(path: &Path, mode: Option<Mode>) -> io::Result<UnixListener> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(path)?)?;
    let listen = || {
        if let Some(Mode(mode)) = mode {
            fs::set_permissions(path, Permissions::from_mode(mode))?;
        }
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)
    };
    if let Err(error) = listen() {
        // It is of no use to anybody.
        let _ = fs::remove_file(path);
        return Err(error);
    }
    UnixListener::from_std(socket.into())
}

/// Holds the folder of a socket for all who do so, until the file is dropped.
async fn lock(path: &Path) -> io::Result<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new(".")))?;
    let until = Instant::now() + LOCKED;
    loop {
        match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(folder),
            Err(Errno::WOULDBLOCK) if Instant::now() < until => sleep(PAUSE).await,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Removes a socket that nobody listens to.
async fn remove_abandoned(path: &Path) -> io::Result<()> {
    let in_use =
        || io::Error::new(io::ErrorKind::AddrInUse, format!("`{}` is in use", path.display()));
    if !fs::symlink_metadata(path)?.file_type().is_socket() {
        return Err(in_use());
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        _ => Err(in_use()),
    }
}

/// The permissions of a file.
#[derive(Clone, Copy, Debug)]
struct Mode(u32);

impl FromStr for Mode {
    type Err = ();

    fn from_str(text: &str) -> Result<Mode, ()> {
        // A sign is no digit.
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let mode = u32::from_str_radix(text, 8).ok().filter(|mode| digits && *mode <= 0o777);
        mode.map(Mode).ok_or(())
    }
}

fn place(url: &Url) -> io::Result<(PathBuf, Option<Mode>)> {
    let mut options = Options::of(url)?;
    let mode = options.take("mode")?;
    options.none_left()?;
    if url.path().is_empty()
        || url.has_host() && url.host_str().is_some_and(|host| !host.is_empty())
    {
        return Err(invalid(format!("`{url}`: a path is needed, and nothing else")));
    }
    let path: Vec<u8> = percent_decode_str(url.path()).collect();
    Ok((PathBuf::from(OsString::from_vec(path)), mode))
}
