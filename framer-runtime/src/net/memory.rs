//! Streams within the process.

use std::borrow::ToOwned;
use std::boxed::Box;
use std::collections::BTreeMap;
use std::format;
use std::io;
use std::string::String;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc;
use url::Url;

use super::{Address, Listener, Options, Pending, Stream, Transport};

/// How many bytes are under way each way at most.
const PIPE_BYTES: usize = 64 * 1024;

/// How many streams wait to be accepted.
const BACKLOG: usize = 64;

type Listeners = Arc<Mutex<BTreeMap<String, mpsc::Sender<DuplexStream>>>>;

/// Pipes between those who know the same `Memory`, or a clone of it: `memory:name`.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    listeners: Listeners,
}

impl Transport for Memory {
    fn connect<'a>(&'a self, url: &'a Url) -> Pending<'a, Stream> {
        Box::pin(async move {
            Options::of(url)?.none_left()?;
            let refused = || {
                let reason = format!("nobody listens at `{url}`");
                io::Error::new(io::ErrorKind::ConnectionRefused, reason)
            };
            let listener = known(&self.listeners).get(url.path()).cloned().ok_or_else(refused)?;
            let (here, there) = duplex(PIPE_BYTES);
            listener.send(there).await.map_err(|_| refused())?;
            Ok(ends(here, url.path()))
        })
    }

    fn listen<'a>(&'a self, url: &'a Url) -> Pending<'a, Box<dyn Listener>> {
        Box::pin(async move {
            Options::of(url)?.none_left()?;
            let name = url.path().to_owned();
            let (sender, incoming) = mpsc::channel(BACKLOG);
            let mut known = known(&self.listeners);
            if known.get(&name).is_some_and(|listener| !listener.is_closed()) {
                let reason = format!("`{url}` is in use");
                return Err(io::Error::new(io::ErrorKind::AddrInUse, reason));
            }
            known.insert(name.clone(), sender);
            Ok(Box::new(Open { name, incoming }) as Box<dyn Listener>)
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

/// What a thread that panicked has left is whole: each change is one step.
fn known(
    listeners: &Listeners,
) -> std::sync::MutexGuard<'_, BTreeMap<String, mpsc::Sender<DuplexStream>>> {
    listeners.lock().unwrap_or_else(PoisonError::into_inner)
}
