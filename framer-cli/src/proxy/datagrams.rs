//! Datagrams of UDP: a session for each address that they come from.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use framer_runtime::protocol::Role;

use super::{Between, Watched, address, ended, listening};
use crate::Outcome;
use crate::error::Error;

/// The longest datagram.
const DATAGRAM_BYTES: usize = 65_535;

/// How many clients are served at a time.
const SESSIONS: usize = 1024;

/// How long the server may say nothing to a client before its session is over.
const IDLE: Duration = Duration::from_secs(120);

/// A client: what is said to it and by it.
struct Session {
    /// Connected to the server.
    socket: UdpSocket,
    watched: Watched,
}

/// The sessions by their clients.
type Sessions = Arc<Mutex<HashMap<SocketAddr, Arc<Session>>>>;

/// Passes datagrams on, until the socket fails.
pub(crate) fn run(between: &Between, listen: &str, to: &str) -> Result<Outcome, Error> {
    let server = address(to)?;
    let failed = |error| Error::Network { address: listen.to_owned(), error };
    let socket = Arc::new(UdpSocket::bind(listen).map_err(failed)?);
    listening(socket.local_addr());
    let sessions = Sessions::default();
    let mut bytes = vec![0; DATAGRAM_BYTES];
    loop {
        let (count, client) = match socket.recv_from(&mut bytes) {
            Ok(received) => received,
            // Of an earlier datagram that could not be delivered.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => continue,
            Err(error) => return Err(failed(error)),
        };
        let known = sessions.lock().unwrap_or_else(PoisonError::into_inner).get(&client).cloned();
        let session = match known {
            Some(session) => session,
            None => match begin(between, &sessions, &socket, client, server)? {
                Some(session) => session,
                None => continue,
            },
        };
        let datagram = bytes.get(..count).unwrap_or_default();
        session.watched.datagram(Role::First, datagram)?;
        // One that is lost is lost, as everywhere.
        let _ = session.socket.send(datagram);
    }
}

/// A session with a client that was not heard of; `None` where there are too many.
fn begin(
    between: &Between,
    sessions: &Sessions,
    socket: &Arc<UdpSocket>,
    client: SocketAddr,
    server: SocketAddr,
) -> Result<Option<Arc<Session>>, Error> {
    let mut all = sessions.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= SESSIONS {
        return Ok(None);
    }
    let any: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let connected = UdpSocket::bind(any).and_then(|own| {
        own.connect(server)?;
        own.set_read_timeout(Some(IDLE))?;
        Ok(own)
    });
    let own = connected.map_err(|error| Error::Network { address: server.to_string(), error })?;
    let session = Arc::new(Session { socket: own, watched: between.watch(client, server)? });
    all.insert(client, Arc::clone(&session));
    let (sessions, socket) = (Arc::clone(sessions), Arc::clone(socket));
    let answering = Arc::clone(&session);
    thread::spawn(move || {
        let passed = answer(&answering, &socket, client);
        sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(&client);
        if let Err(error) = passed.and_then(|()| answering.watched.finish()) {
            ended(&error);
        }
    });
    Ok(Some(session))
}

/// Passes on what the server says to a client, until it has said nothing for long.
fn answer(session: &Session, socket: &UdpSocket, client: SocketAddr) -> Result<(), Error> {
    let mut bytes = vec![0; DATAGRAM_BYTES];
    loop {
        let count = match session.socket.recv(&mut bytes) {
            Ok(count) => count,
            // The server does not listen, yet.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => continue,
            Err(_) => return Ok(()),
        };
        let datagram = bytes.get(..count).unwrap_or_default();
        session.watched.datagram(Role::Second, datagram)?;
        let _ = socket.send_to(datagram, client);
    }
}
