//! Streams over Unix sockets.

use std::borrow::ToOwned;
use std::boxed::Box;
use std::ffi::OsString;
use std::format;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::vec::Vec;

use percent_encoding::percent_decode_str;
use tokio::net::unix::SocketAddr;
use tokio::net::{UnixListener, UnixStream};
use url::Url;

use super::{Address, Listener, Options, Pending, Stream, Transport, invalid};

/// Streams over Unix sockets: `unix:/path`.
///
/// The socket's file is removed when the listener is dropped. A file that is there is replaced
/// if it is a socket that nobody listens to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unix;

impl Transport for Unix {
    fn connect<'a>(&'a self, url: &'a Url) -> Pending<'a, Stream> {
        Box::pin(async move { ends(UnixStream::connect(path(url)?).await?) })
    }

    fn listen<'a>(&'a self, url: &'a Url) -> Pending<'a, Box<dyn Listener>> {
        Box::pin(async move {
            let path = path(url)?;
            let listener = match UnixListener::bind(&path) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    remove_abandoned(&path).await?;
                    UnixListener::bind(&path)
                }
                bound => bound,
            }?;
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

fn path(url: &Url) -> io::Result<PathBuf> {
    Options::of(url)?.none_left()?;
    if url.path().is_empty()
        || url.has_host() && url.host_str().is_some_and(|host| !host.is_empty())
    {
        return Err(invalid(format!("`{url}`: a path is needed, and nothing else")));
    }
    let path: Vec<u8> = percent_decode_str(url.path()).collect();
    Ok(PathBuf::from(OsString::from_vec(path)))
}
