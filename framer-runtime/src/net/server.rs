//! A server: accepts streams, and lets a session go on over each.

mod counted;
mod ending;
mod entry;
mod facts;
mod live;
mod observe;
mod session;
#[cfg(feature = "tracing")]
mod traced;

use core::fmt;
use core::pin::Pin;
use core::time::Duration;
use std::boxed::Box;
use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::vec::Vec;

use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

pub use facts::Counts;
pub use live::{Live, Totals};
pub use observe::{Ended, Observe};
pub use session::Session;
#[cfg(feature = "tracing")]
pub use traced::Traced;

use self::entry::Entry;
use self::live::{CutOff, Stop, Table};
use self::observe::Observers;
use super::{Accepted, Listening, Pending, Schemes, Stream, invalid};
use crate::error::Error;

/// How long to wait where the system has no stream to give: out of descriptors, for example.
const PAUSE: Duration = Duration::from_millis(50);

/// Sessions over streams that are accepted, each a task of its own.
///
/// ```
/// use framer_runtime::net::{Schemes, Server};
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
///         state Open { client Line => awaits { _ => stay }; }
///     }
/// }
///
/// # async fn example() -> Result<(), framer_runtime::Error> {
/// let schemes = Schemes::default();
/// let server = Server::bind(&schemes, ["memory:echo"]).await?.max_sessions(100);
/// let live = server.live();
/// let serving = tokio::spawn(server.serve(|stream, _| async {
///     let mut connection = Connection::new(stream, echo::Server::new());
///     while let Some((echo::server::Event::Line(line), mut reply)) = connection.next().await? {
///         reply.send(echo::Line::new(line.text))?;
///     }
///     Ok(())
/// }));
///
/// let stream = schemes.connect("memory:echo").await?;
/// let mut client = Connection::new(stream, echo::Client::new());
/// client.send(echo::Line::new("hello")).await?;
/// let Some((echo::client::Event::Line(line), _)) = client.next().await? else { panic!() };
/// assert_eq!(line.text, "hello");
/// drop(client);
///
/// live.stop(std::time::Duration::from_secs(1));
/// assert_eq!(serving.await.expect("it does not panic").cut_off, 0);
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
pub struct Server {
    listening: Vec<Listening>,
    shared: Shared,
}

/// What every place where it listens knows, and every session.
struct Shared {
    table: Arc<Table>,
    stop: watch::Receiver<Option<Stop>>,
    max: usize,
    layers: Duration,
    observe: Observers,
    refuse: Option<Arc<Refuse>>,
}

/// A place where it listens, and the room for sessions that is left there.
struct Place {
    shared: Arc<Shared>,
    room: Semaphore,
}

type Refuse = dyn Fn(Stream) -> Pending<'static, ()> + Send + Sync;

/// How it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Sessions that were there when it was told to stop, and ended by themselves.
    pub finished: usize,
    /// Sessions that were cut off at the deadline, or by then panicked or were aborted.
    pub cut_off: usize,
}

impl Server {
    /// Listens at all of `urls`.
    ///
    /// # Errors
    /// Those of [`Schemes::listen`], [`io::ErrorKind::InvalidInput`] for none; then it listens
    /// nowhere.
    pub async fn bind(
        schemes: &Schemes,
        urls: impl IntoIterator<Item: AsRef<str>>,
    ) -> io::Result<Server> {
        let mut listening = Vec::new();
        for url in urls {
            listening.push(schemes.listen(url.as_ref()).await?);
        }
        if listening.is_empty() {
            return Err(invalid("no URL to listen at"));
        }
        Ok(Server::on(listening))
    }

    /// Accepts what these accept.
    #[must_use]
    pub fn on(listening: Vec<Listening>) -> Server {
        let (table, stop) = Table::new();
        let shared = Shared {
            table: Arc::new(table),
            stop,
            max: 1024,
            layers: Duration::from_secs(10),
            observe: Observers::default(),
            refuse: None,
        };
        Server { listening, shared }
    }

    /// Lets at most so many sessions go on at once over each of its URLs, so that none takes the
    /// places of another; 1024 without this. Further peers wait in the system's backlog until there
    /// is a place, or are refused as [`refuse`](Server::refuse) says.
    #[must_use]
    pub fn max_sessions(mut self, max: usize) -> Server {
        self.shared.max = max.min(Semaphore::MAX_PERMITS);
        self
    }

    /// Says this to peers for whom there is no place, and closes. As many as there may be sessions
    /// are told so at once; whoever comes while they are is closed without a word.
    #[must_use]
    pub fn refuse<F, R>(mut self, say: F) -> Server
    where
        F: Fn(Stream) -> R + Send + Sync + 'static,
        R: Future<Output = io::Result<()>> + Send + 'static,
    {
        self.shared.refuse = Some(Arc::new(move |stream| Box::pin(say(stream))));
        self
    }

    /// Lets the layers of a stream take so long until it is there, and again to say that it ends,
    /// as TLS does; 10 s without this.
    #[must_use]
    pub fn layers_within(mut self, time: Duration) -> Server {
        self.shared.layers = time;
        self
    }

    /// Tells `observe` of what happens, beside those who are told already.
    #[must_use]
    pub fn observed(mut self, observe: impl Observe) -> Server {
        self.shared.observe.push(observe);
        self
    }

    /// What leads to each place where it listens, as [`Listening::url`] says.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.listening.iter().map(Listening::url)
    }

    /// What goes on, and how to stop it.
    #[must_use]
    pub fn live(&self) -> Live {
        Live::new(&self.shared.table)
    }

    /// Lets `session` go on over each stream, until [`Live::stop`]. When the future is dropped, all
    /// sessions are cut off.
    pub async fn serve<F, S>(self, session: F) -> Stopped
    where
        F: Fn(Stream, Session) -> S + Send + Sync + 'static,
        S: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let (shared, session) = (Arc::new(self.shared), Arc::new(session));
        let _cut_off = CutOff(Arc::clone(&shared.table));
        let mut places = JoinSet::new();
        for listening in self.listening {
            let room = Semaphore::new(shared.max);
            let place = Arc::new(Place { shared: Arc::clone(&shared), room });
            places.spawn(place.accept(listening, Arc::clone(&session)));
        }
        while let Some(place) = places.join_next().await {
            if let Err(failed) = place
                && failed.is_panic()
            {
                resume_unwind(failed.into_panic());
            }
        }
        shared.table.stopped(&mut shared.stop.clone()).await
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Server")
            .field("listening", &self.listening)
            .field("max_sessions", &self.shared.max)
            .finish_non_exhaustive()
    }
}

impl Place {
    /// Lets sessions go on over what is accepted, until the server is told to stop.
    async fn accept<F, S>(self: Arc<Self>, mut listening: Listening, session: Arc<F>)
    where
        F: Fn(Stream, Session) -> S + Send + Sync + 'static,
        S: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let shared = &self.shared;
        let mut refused = JoinSet::new();
        let mut stop = shared.stop.clone();
        loop {
            // Without a word for those who are too many, they are left where they wait.
            let room = async {
                match shared.refuse {
                    Some(_) => None,
                    None => self.room.acquire().await.ok(),
                }
            };
            let accepted = tokio::select! {
                biased;
                _ = stopping(&mut stop) => break,
                Some(_) = refused.join_next() => continue,
                accepted = async {
                    let room = room.await;
                    (listening.accept().await, room)
                } => accepted,
            };
            let (accepted, room) = match accepted {
                (Ok(accepted), room) => (accepted, room),
                (Err(error), _) => {
                    shared.table.not_accepted();
                    let local = listening.local();
                    shared.observe.tell(|observe| observe.not_accepted(&local, &error));
                    sleep(PAUSE).await;
                    continue;
                }
            };
            let Some(room) = room.or_else(|| self.room.try_acquire().ok()) else {
                shared.table.refused();
                shared.observe.tell(|observe| observe.refused(accepted.peer()));
                if refused.len() < shared.max {
                    refused.spawn(Arc::clone(shared).turn_away(accepted));
                }
                continue;
            };
            // Its entry gives it back.
            SemaphorePermit::forget(room);
            let entry = Entry::new(&self, accepted.ends());
            let (facts, scope) = (entry.facts(), entry.scope());
            // What is done with before a session begins takes no room beside it.
            let layers = Arc::clone(shared).put(accepted, entry.session());
            let session = Arc::clone(&session);
            let ready = Box::pin(async move { Ok((layers.await?, session)) });
            let task = tokio::spawn(scope.around(go_on(ready, entry)));
            shared.table.abortable(&facts, task.abort_handle());
        }
    }
}

/// One session, from when its stream is `ready` to its end.
#[allow(clippy::manual_async_fn, reason = "what lasts as long stands in the future once")]
fn go_on<F, S>(
    ready: Pin<Box<impl Future<Output = io::Result<(Stream, Arc<F>)>>>>,
    entry: Entry,
) -> impl Future<Output = ()>
where
    F: Fn(Stream, Session) -> S,
    S: Future<Output = Result<(), Error>>,
{
    async move {
        let (session, returned) = match ready.await {
            Ok((stream, session)) => entry.begin(stream, &*session),
            Err(error) => return entry.ended(Err(error.into())),
        };
        let ended = session.await.map_err(Box::new);
        returned.close(entry.place().shared.layers).await;
        entry.ended(ended.map_err(|error| *error));
    }
}

impl Shared {
    /// Puts the layers around a stream, as long as they may take.
    async fn put(self: Arc<Self>, accepted: Accepted, mut session: Session) -> io::Result<Stream> {
        tokio::select! {
            ready = timeout(self.layers, accepted.ready()) => ready.unwrap_or_else(|_| {
                Err(io::Error::from(io::ErrorKind::TimedOut))
            }),
            // A session that has not begun need not begin any more.
            () = session.stopping() => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
        }
    }

    /// Tells a peer that there is no place, as long as the layers may take.
    async fn turn_away(self: Arc<Self>, accepted: Accepted) {
        let Some(refuse) = &self.refuse else { return };
        let told = async {
            let (stream, returned) = accepted.ready().await?.lent();
            let said = refuse(stream).await;
            returned.close(self.layers).await;
            said
        };
        // A peer who does not listen need not be told.
        let _ = timeout(self.layers, told).await;
    }
}

/// Waits until it is told to stop; at once, where nobody is left who could tell.
async fn stopping(stop: &mut watch::Receiver<Option<Stop>>) {
    // The table is gone with the server.
    let _ = stop.wait_for(Option::is_some).await;
}
