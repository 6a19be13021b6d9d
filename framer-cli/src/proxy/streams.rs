//! Connections of TCP.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use framer_runtime::protocol::Role;

use super::{Between, Watched, address, ended, listening};
use crate::Outcome;
use crate::error::Error;

/// How many bytes are passed on at a time.
const PASSED_BYTES: usize = 1 << 16;

/// Takes connections and passes on what is said in them, until the listener fails.
pub(crate) fn run(between: &Between, listen: &str, to: &str) -> Result<Outcome, Error> {
    let server = address(to)?;
    let failed = |error| Error::Network { address: listen.to_owned(), error };
    let listener = TcpListener::bind(listen).map_err(failed)?;
    listening(listener.local_addr());
    loop {
        let (client, from) = match listener.accept() {
            Ok(accepted) => accepted,
            // One that was gone before it was taken is no reason to end.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(error) => return Err(failed(error)),
        };
        let watched = between.watch(from, server)?;
        thread::spawn(move || {
            let passed = TcpStream::connect(server)
                .map_err(|error| Error::Network { address: server.to_string(), error })
                .and_then(|server| both(&watched, &client, &server));
            if let Err(error) = passed.and_then(|()| watched.finish()) {
                ended(&error);
            }
        });
    }
}

/// Passes both directions on until both have ended.
fn both(watched: &Watched, client: &TcpStream, server: &TcpStream) -> Result<(), Error> {
    thread::scope(|scope| {
        let answers = scope.spawn(|| one(watched, Role::Second, server, client));
        let asked = one(watched, Role::First, client, server);
        // A panic there has been told by its thread.
        asked.and(answers.join().unwrap_or(Ok(())))
    })
}

/// Passes one direction on, and its end.
fn one(
    watched: &Watched,
    role: Role,
    mut from: &TcpStream,
    mut to: &TcpStream,
) -> Result<(), Error> {
    let mut bytes = vec![0; PASSED_BYTES];
    loop {
        let count = match from.read(&mut bytes) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // A connection that was reset is over as well.
            Err(_) => 0,
        };
        let piece = bytes.get(..count).unwrap_or_default();
        if !piece.is_empty()
            && let Err(error) = watched.bytes(role, piece)
        {
            // What is not told is not passed on, and the other direction hears of it.
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
            return Err(error);
        }
        if piece.is_empty() || to.write_all(piece).is_err() {
            // Who is gone hears of no end.
            let _ = to.shutdown(Shutdown::Write);
            let _ = from.shutdown(Shutdown::Read);
            return Ok(());
        }
    }
}
