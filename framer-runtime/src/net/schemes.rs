//! What the schemes of URLs stand for.

use core::fmt;
use std::borrow::ToOwned;
use std::boxed::Box;
use std::collections::BTreeMap;
use std::format;
use std::io;
use std::string::String;
use std::sync::Arc;
use std::vec::Vec;

use url::Url;

use super::stream::Ends;
use super::{Address, Listener, Memory, Patience, Stream, Tcp, Transport, Udp, Wrapper, invalid};

/// A transport, and the layers around each of its streams.
#[derive(Clone)]
pub struct Scheme {
    transport: Arc<dyn Transport>,
    wrappers: Vec<Arc<dyn Wrapper>>,
}

impl Scheme {
    /// A transport without layers.
    pub fn new(transport: impl Transport) -> Scheme {
        Scheme { transport: Arc::new(transport), wrappers: Vec::new() }
    }

    /// The same with a further layer around those that it has.
    #[must_use]
    pub fn wrapped(mut self, wrapper: impl Wrapper) -> Scheme {
        self.wrappers.push(Arc::new(wrapper));
        self
    }
}

impl fmt::Debug for Scheme {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Scheme({} wrappers)", self.wrappers.len())
    }
}

/// What each scheme of a URL stands for.
///
/// A clone knows the same; what is added to it, the other does not know.
#[derive(Clone, Debug)]
pub struct Schemes {
    known: BTreeMap<String, Scheme>,
}

impl Default for Schemes {
    /// Those of the table in [the module](super).
    fn default() -> Schemes {
        let schemes = Schemes { known: BTreeMap::new() };
        let schemes = schemes
            .with("tcp", Scheme::new(Tcp))
            .with("udp", Scheme::new(Udp))
            .with("memory", Scheme::new(Memory::default()));
        #[cfg(unix)]
        let schemes = schemes.with("unix", Scheme::new(super::Unix));
        schemes
    }
}

impl Schemes {
    /// The same and `name`, which means what it meant before no longer. Schemes are written in
    /// lower case.
    #[must_use]
    pub fn with(mut self, name: &str, scheme: Scheme) -> Schemes {
        self.known.insert(name.to_owned(), scheme);
        self
    }

    /// Opens a stream to `url`, with its layers.
    ///
    /// # Errors
    /// What the transport or a layer says; [`io::ErrorKind::InvalidInput`] for what is no URL, or
    /// one of a scheme that is not known.
    pub async fn connect(&self, url: &str) -> io::Result<Stream> {
        let (scheme, url) = self.parse(url)?;
        let (patience, url) = Patience::of(url)?;
        let mut stream = patience.around(scheme.transport.connect(&url).await?);
        for wrapper in &scheme.wrappers {
            stream = wrapper.connected(stream, &url).await?;
        }
        Ok(stream)
    }

    /// Begins to listen at `url`.
    ///
    /// # Errors
    /// As [`Schemes::connect`].
    pub async fn listen(&self, url: &str) -> io::Result<Listening> {
        let (scheme, url) = self.parse(url)?;
        let (patience, url) = Patience::of(url)?;
        let listener = scheme.transport.listen(&url).await?;
        let url = match listener.local().socket() {
            Some(socket) => format!("{}://{socket}", url.scheme()),
            None => url.into(),
        };
        Ok(Listening { listener, url, patience, wrappers: scheme.wrappers.clone().into() })
    }

    fn parse(&self, text: &str) -> io::Result<(&Scheme, Url)> {
        let url = Url::parse(text).map_err(|error| invalid(format!("`{text}`: {error}")))?;
        let known = || self.known.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        match self.known.get(url.scheme()) {
            Some(scheme) => Ok((scheme, url)),
            None => {
                let reason =
                    format!("`{text}`: no scheme `{}`; known are {}", url.scheme(), known());
                Err(invalid(reason))
            }
        }
    }
}

/// Where streams of a scheme are waited for.
pub struct Listening {
    listener: Box<dyn Listener>,
    url: String,
    patience: Patience,
    wrappers: Arc<[Arc<dyn Wrapper>]>,
}

impl Listening {
    /// Where it listens.
    #[must_use]
    pub fn local(&self) -> Address {
        self.listener.local()
    }

    /// What leads to it on this machine: with the port that it was given, and its layers.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The next stream, without its layers: a peer that is slow to talk to them keeps nobody else
    /// waiting. The future may be dropped at any time: no stream is lost.
    ///
    /// # Errors
    /// What the transport says. The next one may be waited for.
    pub async fn accept(&mut self) -> io::Result<Accepted> {
        let stream = self.patience.around(self.listener.accept().await?);
        Ok(Accepted { stream, wrappers: Arc::clone(&self.wrappers) })
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Listening({})", self.local())
    }
}

/// A stream that was accepted, without its layers yet.
pub struct Accepted {
    stream: Stream,
    wrappers: Arc<[Arc<dyn Wrapper>]>,
}

impl Accepted {
    /// The other end.
    #[must_use]
    pub fn peer(&self) -> &Address {
        self.stream.peer()
    }

    /// This end.
    #[must_use]
    pub fn local(&self) -> &Address {
        self.stream.local()
    }

    /// Both ends.
    pub(super) fn ends(&self) -> &Ends {
        self.stream.ends()
    }

    /// Puts the layers around it, which may wait for the peer: as long as the caller lets it.
    ///
    /// # Errors
    /// What a layer says; then the stream is lost.
    pub async fn ready(self) -> io::Result<Stream> {
        let mut stream = self.stream;
        for wrapper in self.wrappers.iter() {
            stream = wrapper.accepted(stream).await?;
        }
        Ok(stream)
    }
}

impl fmt::Debug for Accepted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Accepted").field(&self.stream).finish()
    }
}
