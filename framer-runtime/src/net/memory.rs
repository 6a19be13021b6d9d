//! Streams within the process.

use std::borrow::ToOwned;
use std::boxed::Box;
use std::collections::BTreeMap;
use std::format;
use std::io;
use std::string::String;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc;
use url::Url;

use super::{Address, Listener, Options, Pending, Stream, Transport};

/// How many bytes are under way each way at most.
const PIPE_BYTES: usize = 64 * 1024;

/// How many streams wait to be accepted.
const BACKLOG: usize = 64;

/// Who listens within the process, by name: what connects is handed over.
#[derive(Debug)]
pub(crate) struct Names<S> {
    listeners: Arc<Mutex<BTreeMap<String, mpsc::Sender<S>>>>,
}

impl<S> Clone for Names<S> {
    fn clone(&self) -> Names<S> {
        Names { listeners: Arc::clone(&self.listeners) }
    }
}

impl<S> Default for Names<S> {
    fn default() -> Names<S> {
        Names { listeners: Arc::default() }
    }
}

impl<S> Names<S> {
    /// Hands the other end of a stream to who listens at `url`.
    pub(crate) async fn connect(&self, url: &Url, end: S) -> io::Result<()> {
        Options::of(url)?.none_left()?;
        let refused = || {
            let reason = format!("nobody listens at `{url}`");
            io::Error::new(io::ErrorKind::ConnectionRefused, reason)
        };
        let listener = self.known().get(url.path()).cloned().ok_or_else(refused)?;
        listener.send(end).await.map_err(|_| refused())
    }

    /// What connects to `url` from now on.
    pub(crate) fn listen(&self, url: &Url) -> io::Result<mpsc::Receiver<S>> {
        Options::of(url)?.none_left()?;
        let mut known = self.known();
        if known.get(url.path()).is_some_and(|listener| !listener.is_closed()) {
            let reason = format!("`{url}` is in use");
            return Err(io::Error::new(io::ErrorKind::AddrInUse, reason));
        }
        let (sender, incoming) = mpsc::channel(BACKLOG);
        known.insert(url.path().to_owned(), sender);
        Ok(incoming)
    }

    /// What a thread that panicked has left is whole: each change is one step.
    fn known(&self) -> MutexGuard<'_, BTreeMap<String, mpsc::Sender<S>>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Pipes between those who know the same `Memory`, or a clone of it: `memory:name`.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    names: Names<DuplexStream>,
}

impl Transport for Memory {
    fn connect<'a>(&'a self, url: &'a Url) -> Pending<'a, Stream> {
        Box::pin(async move {
            let (here, there) = duplex(PIPE_BYTES);
            self.names.connect(url, there).await?;
            Ok(ends(here, url.path()))
        })
    }

    fn listen<'a>(&'a self, url: &'a Url) -> Pending<'a, Box<dyn Listener>> {
        Box::pin(async move {
            let incoming = self.names.listen(url)?;
            Ok(Box::new(Open { name: url.path().to_owned(), incoming }) as Box<dyn Listener>)
        })
    }
}

struct Open {
    name: String,
    incoming: mpsc::Receiver<DuplexStream>,
}

impl Listener for Open {
    fn accept(&mut self) -> Pending<'_, Stream> {
        Box::pin(async {
            match self.incoming.recv().await {
                Some(stream) => Ok(ends(stream, &self.name)),
                None => Err(io::Error::from(io::ErrorKind::NotConnected)),
            }
        })
    }

    fn local(&self) -> Address {
        Address::Other(format!("memory:{}", self.name))
    }
}

fn ends(stream: DuplexStream, name: &str) -> Stream {
    let address = Address::Other(format!("memory:{name}"));
    Stream::new(stream, address.clone(), address)
}
