//! A scripted peer over anything that reads and writes.

use core::fmt::Debug;
use core::panic::Location;
use std::format;
use std::io::{self, Read, Write};
use std::string::{String, ToString as _};
use std::vec::Vec;

use super::player::Player;
use super::transcript::shown;
use crate::machine::Machine;
use crate::violation::Violation;

/// One role of a protocol, played by a test.
///
/// Whatever does not come as expected fails the test, and tells the conversation so far. How long
/// it waits is for the stream to say: set its time limit for reading. The time limits of the
/// description are not watched.
///
/// The example is in [the module above](super).
#[derive(Debug)]
pub struct Peer<S, M> {
    stream: Option<S>,
    player: Player<M>,
    piece_bytes: usize,
}

impl<S: Read + Write, M: Machine> Peer<S, M>
where
    for<'e> M::Event<'e>: Debug,
{
    /// Plays the role of `machine` at this end of a stream.
    pub fn new(stream: S, machine: M) -> Peer<S, M> {
        Peer { stream: Some(stream), player: Player::new(machine), piece_bytes: usize::MAX }
    }

    /// Whatever is said from now on is written in pieces of at most so many bytes, each with a call
    /// of its own.
    pub fn cut_into(&mut self, piece_bytes: usize) {
        self.piece_bytes = piece_bytes.max(1);
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
    pub fn say<'m>(&mut self, message: impl Into<M::Message<'m>>) {
        let bytes = self.encode(message);
        self.write(&bytes);
    }

    /// The bytes of a message, to be written in parts, or changed. For the machine it is said.
    ///
    /// # Panics
    /// If it may not be said.
    #[track_caller]
    pub fn encode<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Vec<u8> {
        match self.player.encode(&message.into()) {
            Ok(bytes) => bytes,
            Err(misuse) => self.fail("that this peer may say it", &misuse.to_string()),
        }
    }

    /// Says these bytes, whatever they are. The machine does not know of them: what answers a
    /// request among them is for [`expect_bytes`](Peer::expect_bytes), unless
    /// [`encode`](Peer::encode) gave it.
    ///
    /// # Panics
    /// If the stream fails.
    #[track_caller]
    pub fn write(&mut self, bytes: &[u8]) {
        self.player.say(bytes);
        for piece in bytes.chunks(self.piece_bytes) {
            let written = self.stream().write_all(piece);
            if let Err(error) = written.and_then(|()| self.stream().flush()) {
                self.fail(&format!("that {} can be written", shown(piece)), &error.to_string());
            }
        }
    }

    /// Waits for the next event, and gives what `take` makes of it. `what` is for people;
    /// [`expect!`](super::expect) writes it from a pattern.
    ///
    /// # Panics
    /// If none comes, or `take` makes nothing of it.
    #[track_caller]
    pub fn expect<T, F>(&mut self, what: &str, take: F) -> T
    where
        F: for<'e> FnOnce(M::Event<'e>) -> Option<T>,
    {
        match self.wait().and_then(|()| self.player.see(take)) {
            Ok(taken) => taken,
            Err(came) => self.fail(what, &came),
        }
    }

    /// Expects these bytes, past the machine.
    ///
    /// # Panics
    /// If others come, or none.
    #[track_caller]
    pub fn expect_bytes(&mut self, bytes: &[u8]) {
        let expected = || format!("the bytes {}", shown(bytes));
        loop {
            let unread = self.player.unread();
            let count = unread.len().min(bytes.len());
            if unread.get(..count) != bytes.get(..count) {
                self.fail(&expected(), "others");
            }
            if count == bytes.len() {
                return self.player.take(count);
            }
            match self.read() {
                Ok(0) => self.fail(&expected(), "the end of the stream"),
                Ok(_) => {}
                Err(error) => self.fail(&expected(), &nothing(&error)),
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
    #[must_use = "it may have ended too early"]
    pub fn expect_end(&mut self) -> Result<(), Violation> {
        const END: &str = "the end of the stream";
        loop {
            if let Ok(true) = self.player.ready() {
                let Err(came) = self.player.see(|_| None::<()>) else { continue };
                self.fail(END, &came);
            }
            match self.read() {
                Ok(0) => return self.player.end(),
                Ok(_) => {}
                Err(error) => self.fail(END, &nothing(&error)),
            }
        }
    }

    /// Hands the stream to another layer, and goes on inside it.
    ///
    /// # Panics
    /// If no event has told of an upgrade, or the layer fails.
    #[track_caller]
    pub fn upgrade(&mut self, layer: impl FnOnce(S) -> io::Result<S>) {
        const UPGRADE: &str = "an upgrade";
        if let Err(misuse) = self.player.upgraded() {
            self.fail(UPGRADE, &misuse.to_string());
        }
        let stream = self.stream.take().expect("the stream was lost in an upgrade");
        match layer(stream) {
            Ok(stream) => self.stream = Some(stream),
            Err(error) => self.fail(UPGRADE, &error.to_string()),
        }
    }

    /// Goes on as another machine: that of a protocol behind an upgrade to it, or one for what has
    /// come out of step with the first.
    pub fn continue_with<N: Machine>(self, machine: N) -> Peer<S, N> {
        let Peer { stream, player, piece_bytes } = self;
        Peer { stream, player: player.with(machine), piece_bytes }
    }

    /// Reads until there is an event; what came instead.
    fn wait(&mut self) -> Result<(), String> {
        while !self.player.ready()? {
            match self.read() {
                Ok(0) => {
                    let ended = self.player.end().map_err(|violation| format!(", {violation}"));
                    return Err(format!(
                        "the end of the stream{}",
                        ended.err().unwrap_or_default()
                    ));
                }
                Ok(_) => {}
                Err(error) => return Err(nothing(&error)),
            }
        }
        Ok(())
    }

    fn read(&mut self) -> io::Result<usize> {
        let stream = self.stream.as_mut().ok_or_else(crate::error::lost)?;
        let spare = self.player.spare();
        if spare.is_empty() {
            return Err(io::Error::other("more than a test reads at once"));
        }
        let count = stream.read(spare)?;
        self.player.filled(count);
        Ok(count)
    }

    #[track_caller]
    fn fail(&self, expected: &str, came: &str) -> ! {
        self.player.fail(Location::caller(), expected, came)
    }
}

/// What a read that failed comes to.
fn nothing(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "nothing".to_string(),
        _ => error.to_string(),
    }
}
