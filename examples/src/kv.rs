//! A store in memory that speaks RESP.

mod commands;
mod store;

use std::sync::{Arc, Mutex, PoisonError};

use framer_protocols::resp::server::Event;
use framer_protocols::resp::{self, Error as Failure, Simple};
use framer_runtime::Error;
use framer_runtime::net::Stream;
use framer_runtime::tokio::Connection;

pub use store::Store;

/// Answers the commands of one client until it leaves.
///
/// # Errors
/// Whatever ends the connection before.
pub async fn session(socket: Stream, store: Arc<Mutex<Store>>) -> Result<(), Error> {
    let mut connection = Connection::new(socket, resp::Server::new());
    let mut version = commands::Version::default();
    while let Some((event, mut reply)) = connection.next().await? {
        let mut words: Vec<&[u8]> = Vec::new();
        match event {
            Event::Command(command) => {
                words.push(command.name.data);
                words.extend(command.args.iter().map(|arg| arg.data));
            }
            Event::Inline(inline) => {
                let blank = |byte: &u8| byte.is_ascii_whitespace();
                words.extend(inline.line.split(blank).filter(|word| !word.is_empty()));
            }
        }
        let Some((name, args)) = words.split_first() else {
            reply.send(Failure::new(b"ERR no command"))?;
            continue;
        };
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        if name.eq_ignore_ascii_case(b"QUIT") {
            reply.send(Simple::new(b"OK"))?;
        } else if subscribes(name) {
            // Nothing is ever published here, and its reply is of another kind.
            return Ok(());
        } else if let Err(failure) =
            commands::run(&mut store, &mut version, name, args, |value| reply.send(value))
        {
            match failure {
                commands::Failure::Said(text) => reply.send(Failure::new(text.as_bytes()))?,
                commands::Failure::Sending(misuse) => return Err(misuse.into()),
            }
        }
    }
    Ok(())
}

fn subscribes(name: &[u8]) -> bool {
    let name = name.strip_prefix(b"P").or(name.strip_prefix(b"p")).unwrap_or(name);
    name.eq_ignore_ascii_case(b"SUBSCRIBE") || name.eq_ignore_ascii_case(b"MONITOR")
}
