//! A simulated network for programs that find each other by URL.

use core::fmt;
use std::boxed::Box;
use std::io;
use std::string::String;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use super::chance::Chance;
use super::faults::Faults;
use super::tokio::{SimulatedStream, streams};
use crate::net::memory::Names;
use crate::net::{Address, Listener, Pending, Stream, Transport, Url};

/// A transport whose streams suffer what [`Faults`] say: any program's own client and server are
/// tested unchanged, over `simulated:name`, on tokio's clock.
///
/// With the clock paused, on a runtime of one thread and from one seed, what happens is the same
/// each time, as long as the program itself leaves nothing to chance: `tokio::select!` does, where
/// it is not `biased`.
///
/// ```
/// use framer_runtime::net::{Scheme, Schemes, Server};
/// use framer_runtime::testing::{Faults, Simulated, seeds};
/// use framer_runtime::tokio::Connection;
///
/// framer_runtime::framer! {
///     delimiter LF = "\n";
///     frame Line in until LF max 80 { text: utf8 to end }
///     protocol Echo over stream {
///         roles client, server;
///         client speaks Line;
///         server speaks Line;
///         pending fifo max 4;
///         state Open within 1 min else close { client Line => awaits { _ => stay }; }
///     }
/// }
/// # use framer_runtime::{Error, net::Stream};
/// # async fn session(stream: Stream) -> Result<(), Error> {
/// #     let mut connection = Connection::new(stream, echo::Server::new());
/// #     while let Some((echo::server::Event::Line(line), mut reply)) = connection.next().await? {
/// #         reply.send(line)?;
/// #     }
/// #     Ok(())
/// # }
/// # async fn ask(stream: Stream) -> Result<String, Error> {
/// #     let mut connection = Connection::new(stream, echo::Client::new());
/// #     connection.send(echo::Line::new("hello")).await?;
/// #     match connection.next().await? {
/// #         Some((echo::client::Event::Line(line), _)) => Ok(line.text.to_owned()),
/// #         None => Err(std::io::Error::other("no answer").into()),
/// #     }
/// # }
///
/// # async fn example() {
/// for seed in seeds(20) {
///     let network = Simulated::new(&seed, Faults::any);
///     let schemes = Schemes::default().with("simulated", Scheme::new(network));
///     let server = Server::bind(&schemes, ["simulated:echo"]).await.expect("it listens");
///     let serving = tokio::spawn(server.serve(|stream, _| session(stream)));
///     // Whatever happens, the client comes to an answer or to an error.
///     let stream = schemes.connect("simulated:echo").await.expect("somebody listens");
///     if let Ok(answer) = ask(stream).await {
///         assert_eq!(answer, "hello");
///     }
///     serving.abort();
/// }
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()
/// #     .unwrap().block_on(example());
/// ```
#[derive(Clone)]
pub struct Simulated {
    names: Names<SimulatedStream>,
    chance: Arc<Mutex<Chance>>,
    to_client: Arc<MakeFaults>,
    to_server: Arc<MakeFaults>,
}

type MakeFaults = dyn Fn(&mut Chance) -> Faults + Send + Sync;

impl Simulated {
    /// A network whose streams have the faults that `faults` gives, each direction of each its own.
    pub fn new<F>(chance: impl Into<Chance>, faults: F) -> Simulated
    where
        F: Fn(&mut Chance) -> Faults + Send + Sync + 'static,
    {
        let faults = Arc::new(faults);
        Simulated {
            names: Names::default(),
            chance: Arc::new(Mutex::new(chance.into())),
            to_client: Arc::clone(&faults) as Arc<MakeFaults>,
            to_server: faults,
        }
    }

    /// The same with these faults in what those who connect are told.
    #[must_use]
    pub fn faults_to_client<F>(mut self, faults: F) -> Simulated
    where
        F: Fn(&mut Chance) -> Faults + Send + Sync + 'static,
    {
        self.to_client = Arc::new(faults);
        self
    }

    /// The same with these faults in what those who connect say.
    #[must_use]
    pub fn faults_to_server<F>(mut self, faults: F) -> Simulated
    where
        F: Fn(&mut Chance) -> Faults + Send + Sync + 'static,
    {
        self.to_server = Arc::new(faults);
        self
    }
}

impl Transport for Simulated {
    fn connect<'a>(&'a self, url: &'a Url) -> Pending<'a, Stream> {
        Box::pin(async move {
            let (here, there) = {
                // What a test that panicked has left is a number.
                let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
                let to_here = (self.to_client)(&mut chance);
                let to_there = (self.to_server)(&mut chance);
                streams(chance.split(), to_here, to_there)
            };
            self.names.connect(url, there).await?;
            Ok(ends(here, url.as_str()))
        })
    }

    fn listen<'a>(&'a self, url: &'a Url) -> Pending<'a, Box<dyn Listener>> {
        Box::pin(async move {
            let incoming = self.names.listen(url)?;
            Ok(Box::new(Open { url: url.as_str().into(), incoming }) as Box<dyn Listener>)
        })
    }
}

impl fmt::Debug for Simulated {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Simulated").field("chance", &self.chance).finish_non_exhaustive()
    }
}

struct Open {
    url: String,
    incoming: mpsc::Receiver<SimulatedStream>,
}

impl Listener for Open {
    fn accept(&mut self) -> Pending<'_, Stream> {
        Box::pin(async {
            match self.incoming.recv().await {
                Some(stream) => Ok(ends(stream, &self.url)),
                None => Err(io::ErrorKind::NotConnected.into()),
            }
        })
    }

    fn local(&self) -> Address {
        Address::Other(self.url.clone())
    }
}

fn ends(stream: SimulatedStream, url: &str) -> Stream {
    let address = Address::Other(url.into());
    Stream::new(stream, address.clone(), address)
}
