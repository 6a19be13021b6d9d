//! Scripted peers and simulated streams for programs on tokio.

mod stream;

pub use stream::{SimulatedStream, streams};

use core::fmt::Debug;
use core::panic::Location;
use core::time::Duration;
use std::format;
use std::io;
use std::string::{String, ToString as _};
use std::vec::Vec;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::player::Player;
use super::transcript::shown;
use crate::machine::Machine;
use crate::violation::Violation;

/// How many bytes are under way each way at most between a peer and what it tests.
const PIPE_BYTES: usize = 64 * 1024;

/// One role of a protocol, played by a test.
///
/// Whatever does not come as expected fails the test, and tells the conversation so far. With the
/// clock paused, the time limits of what is tested pass at once, and in their order. Those of the
/// description are not watched for the peer itself: it waits as long as
/// [`patience`](Peer::patience) says.
///
/// ```
/// framer_runtime::framer! {
///     delimiter LF = "\n";
///     frame Line in until LF max 80 { text: utf8 to end }
///     protocol Echo over stream {
///         roles client, server;
///         client speaks Line;
///         server speaks Line;
///         pending fifo max 4;
///         state Open within 5 min else close { client Line => awaits { _ => stay }; }
///     }
/// }
/// use framer_runtime::testing::{expect, tokio::Peer};
/// use framer_runtime::tokio::Connection;
/// use std::time::Duration;
///
/// // What is tested: a server that answers each line with itself.
/// async fn serve(stream: tokio::io::DuplexStream) -> Result<(), framer_runtime::Error> {
///     let mut connection = Connection::new(stream, echo::Server::new());
///     while let Some((echo::server::Event::Line(line), mut reply)) = connection.next().await? {
///         reply.send(line)?;
///     }
///     Ok(())
/// }
///
/// # async fn example() {
/// let (mut client, stream) = Peer::duplex(echo::Client::new());
/// let served = tokio::spawn(serve(stream));
/// client.say(echo::Line::new("hello")).await;
/// expect!(client, echo::client::Event::Line(line) if line.text == "hello").await;
/// // Half a line, and then nothing.
/// client.write(b"hel").await;
/// client.patience(Duration::from_secs(301));
/// assert_eq!(client.expect_end().await, Ok(()));
/// let ended = served.await.expect("it does not panic").expect_err("it was too slow");
/// assert_eq!(ended.to_string(), "Open: nothing for 300000 ms in state Open (bytes 6..6)");
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()
/// #     .unwrap().block_on(example());
/// ```
#[derive(Debug)]
pub struct Peer<S, M> {
    stream: Option<S>,
    player: Player<M>,
    piece_bytes: usize,
    pause: Duration,
    patience: Duration,
}

impl<M: Machine> Peer<DuplexStream, M>
where
    for<'e> M::Event<'e>: Debug,
{
    /// Plays the role of `machine` at one end of a pipe in memory; the other end is for what is
    /// tested.
    pub fn duplex(machine: M) -> (Peer<DuplexStream, M>, DuplexStream) {
        let (here, there) = duplex(PIPE_BYTES);
        (Peer::new(here, machine), there)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, M: Machine> Peer<S, M>
where
    for<'e> M::Event<'e>: Debug,
{
    /// Plays the role of `machine` at this end of a stream.
    pub fn new(stream: S, machine: M) -> Peer<S, M> {
        Peer {
            stream: Some(stream),
            player: Player::new(machine),
            piece_bytes: usize::MAX,
            pause: Duration::ZERO,
            patience: Duration::from_secs(10),
        }
    }

    /// Waits so long from now on for what is expected, and for room to write: 10 s without this.
    pub fn patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Whatever is said from now on is written in pieces of at most so many bytes, with a pause
    /// between them.
    pub fn cut_into(&mut self, piece_bytes: usize, pause: Duration) {
        (self.piece_bytes, self.pause) = (piece_bytes.max(1), pause);
    }

    /// The machine, for its state.
    pub fn machine(&self) -> &M {
        self.player.machine()
    }

    /// The stream.
    ///
    /// # Panics
    /// If it was lost in an upgrade.
    pub fn stream(&mut self) -> &mut S {
        self.stream.as_mut().expect("the stream was lost in an upgrade")
    }

    /// Says something.
    ///
    /// # Panics
    /// If it may not be said, or the stream fails.
    #[track_caller]
    pub fn say<'m>(&mut self, message: impl Into<M::Message<'m>>) -> impl Future<Output = ()> {
        let at = Location::caller();
        let bytes = self.encode(message);
        async move { self.written(at, &bytes).await }
    }

    /// The bytes of a message, to be written in parts, or changed. For the machine it is said.
    ///
    /// # Panics
    /// If it may not be said.
    #[track_caller]
    pub fn encode<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Vec<u8> {
        match self.player.encode(&message.into()) {
            Ok(bytes) => bytes,
            Err(misuse) => {
                let expected = "that this peer may say it";
                self.player.fail(Location::caller(), expected, &misuse.to_string())
            }
        }
    }

    /// Says these bytes, whatever they are. The machine does not know of them: what answers a
    /// request among them is for [`expect_bytes`](Peer::expect_bytes), unless
    /// [`encode`](Peer::encode) gave it.
    ///
    /// # Panics
    /// If the stream fails.
    #[track_caller]
    pub fn write(&mut self, bytes: &[u8]) -> impl Future<Output = ()> {
        self.written(Location::caller(), bytes)
    }

    async fn written(&mut self, at: &'static Location<'static>, bytes: &[u8]) {
        self.player.say(bytes);
        for (place, piece) in bytes.chunks(self.piece_bytes).enumerate() {
            if place > 0 {
                sleep(self.pause).await;
            }
            let patience = self.patience;
            let written = timeout(patience, async {
                self.stream().write_all(piece).await?;
                self.stream().flush().await
            });
            if let Err(came) = done(written.await) {
                let expected = format!("that {} can be written", shown(piece));
                self.player.fail(at, &expected, &came);
            }
        }
    }

    /// Ends this side of the stream.
    ///
    /// # Panics
    /// If the stream fails.
    #[track_caller]
    pub fn close(&mut self) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let ended = timeout(self.patience, self.stream().shutdown());
            if let Err(came) = done(ended.await) {
                self.player.fail(at, "that the stream can be ended", &came);
            }
        }
    }

    /// Waits for the next event, and gives what `take` makes of it. `what` is for people;
    /// [`expect!`](super::expect) writes it from a pattern.
    ///
    /// # Panics
    /// If none comes, or `take` makes nothing of it.
    #[track_caller]
    pub fn expect<T, F>(&mut self, what: &str, take: F) -> impl Future<Output = T>
    where
        F: for<'e> FnOnce(M::Event<'e>) -> Option<T>,
    {
        let at = Location::caller();
        async move {
            let came = match self.wait().await {
                Ok(()) => self.player.see(take),
                Err(came) => Err(came),
            };
            came.unwrap_or_else(|came| self.player.fail(at, what, &came))
        }
    }

    /// Expects these bytes, past the machine.
    ///
    /// # Panics
    /// If others come, or none.
    #[track_caller]
    pub fn expect_bytes(&mut self, bytes: &[u8]) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let expected = || format!("the bytes {}", shown(bytes));
            let until = Instant::now() + self.patience;
            loop {
                let unread = self.player.unread();
                let count = unread.len().min(bytes.len());
                if unread.get(..count) != bytes.get(..count) {
                    self.player.fail(at, &expected(), "others");
                }
                if count == bytes.len() {
                    return self.player.take(count);
                }
                match self.read(until).await {
                    Ok(0) => self.player.fail(at, &expected(), "the end of the stream"),
                    Ok(_) => {}
                    Err(came) => self.player.fail(at, &expected(), &came),
                }
            }
        }
    }

    /// Expects that the other side ends the stream, and says nothing before; what the session makes
    /// of that.
    ///
    /// # Errors
    /// [`Rule::EndOfStream`](crate::violation::Rule::EndOfStream), where it ends inside a frame or
    /// before a reply to this peer.
    ///
    /// # Panics
    /// If something comes, or the stream fails.
    #[track_caller]
    pub fn expect_end(&mut self) -> impl Future<Output = Result<(), Violation>> {
        const END: &str = "the end of the stream";
        let at = Location::caller();
        async move {
            let until = Instant::now() + self.patience;
            loop {
                if let Ok(true) = self.player.ready() {
                    let Err(came) = self.player.see(|_| None::<()>) else { continue };
                    self.player.fail(at, END, &came);
                }
                match self.read(until).await {
                    Ok(0) => return self.player.end(),
                    Ok(_) => {}
                    Err(came) => self.player.fail(at, END, &came),
                }
            }
        }
    }

    /// Expects that nothing comes for so long, not even the end of the stream.
    ///
    /// # Panics
    /// If something comes.
    #[track_caller]
    pub fn expect_silence(&mut self, time: Duration) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let expected = format!("silence for {time:?}");
            if !self.player.unread().is_empty() {
                self.player.fail(at, &expected, "what lies there");
            }
            match self.read(Instant::now() + time).await {
                Ok(0) => self.player.fail(at, &expected, "the end of the stream"),
                Ok(_) => self.player.fail(at, &expected, "something"),
                Err(_) => {}
            }
        }
    }

    /// Hands the stream to another layer, and goes on inside it.
    ///
    /// # Panics
    /// If no event has told of an upgrade, or the layer fails.
    #[track_caller]
    pub fn upgrade(
        &mut self,
        layer: impl AsyncFnOnce(S) -> io::Result<S>,
    ) -> impl Future<Output = ()> {
        const UPGRADE: &str = "an upgrade";
        let at = Location::caller();
        async move {
            if let Err(misuse) = self.player.upgraded() {
                self.player.fail(at, UPGRADE, &misuse.to_string());
            }
            let stream = self.stream.take().expect("the stream was lost in an upgrade");
            match done(timeout(self.patience, layer(stream)).await) {
                Ok(stream) => self.stream = Some(stream),
                Err(came) => self.player.fail(at, UPGRADE, &came),
            }
        }
    }

    /// Goes on as another machine: that of a protocol behind an upgrade to it, or one for what has
    /// come out of step with the first.
    pub fn continue_with<N: Machine>(self, machine: N) -> Peer<S, N> {
        let Peer { stream, player, piece_bytes, pause, patience } = self;
        Peer { stream, player: player.with(machine), piece_bytes, pause, patience }
    }

    /// Reads until there is an event; what came instead.
    async fn wait(&mut self) -> Result<(), String> {
        let until = Instant::now() + self.patience;
        while !self.player.ready()? {
            if self.read(until).await? == 0 {
                let ended = self.player.end().map_err(|violation| format!(", {violation}"));
                return Err(format!("the end of the stream{}", ended.err().unwrap_or_default()));
            }
        }
        Ok(())
    }

    /// Reads once; what came instead.
    async fn read(&mut self, until: Instant) -> Result<usize, String> {
        let stream = self.stream.as_mut().ok_or_else(|| crate::error::lost().to_string())?;
        let spare = self.player.spare();
        if spare.is_empty() {
            return Err("more than a test reads at once".to_string());
        }
        let count = done(timeout_at(until, stream.read(spare)).await)?;
        self.player.filled(count);
        Ok(count)
    }
}

/// What came of it, or what came instead.
fn done<T>(came: Result<io::Result<T>, Elapsed>) -> Result<T, String> {
    came.map_err(|_| "nothing".to_string())?.map_err(|error| error.to_string())
}
