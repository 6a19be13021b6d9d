//! memcached: a client with the original, a server with pymemcache.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use framer_protocols::memcached::client::{Event as Told, Message as Asked};
use framer_protocols::memcached::server::{Event, Message};
use framer_protocols::memcached::{self as wire, Key, Reply, Unique};
use framer_runtime::Error;
use framer_runtime::blocking::Connection;
use framer_runtime::list::List;

use crate::from_peers::succeeds;
use crate::peers::Peer;
use crate::server::{foreign, free_port};

/// The longest value that the server keeps.
const MAX_VALUE_BYTES: u32 = 1 << 20;

#[derive(Clone, Default)]
struct Item {
    flags: u32,
    data: Vec<u8>,
    unique: u64,
}

/// A value on its way into the store.
struct Incoming {
    verb: Verb,
    key: Vec<u8>,
    item: Item,
    size: u32,
    noreply: bool,
}

enum Verb {
    Set,
    Add,
    Replace,
    Append,
    Prepend,
    Cas(u64),
}

/// Something to be said.
enum Answer {
    Reply(Reply<'static>),
    Value(Vec<u8>, Item, Option<Unique>),
}

fn reply(reply: impl Into<Reply<'static>>) -> Vec<Answer> {
    vec![Answer::Reply(reply.into())]
}

#[derive(Default)]
struct Store {
    items: HashMap<Vec<u8>, Item>,
    changes: u64,
}

impl Store {
    fn put(&mut self, incoming: Incoming) -> Reply<'static> {
        let Incoming { verb, key, mut item, size, .. } = incoming;
        if size > MAX_VALUE_BYTES {
            return wire::ServerError::new(b"object too large for cache").into();
        }
        match (verb, self.items.get(&key)) {
            (Verb::Add, Some(_)) | (Verb::Replace | Verb::Append | Verb::Prepend, None) => {
                return wire::NotStored.into();
            }
            (Verb::Cas(_), None) => return wire::NotFound.into(),
            (Verb::Cas(unique), Some(old)) if unique != old.unique => return wire::Exists.into(),
            (Verb::Append, Some(old)) => item.data = [&old.data[..], &item.data].concat(),
            (Verb::Prepend, Some(old)) => item.data.extend_from_slice(&old.data),
            _ => {}
        }
        self.changes += 1;
        self.items.insert(key, Item { unique: self.changes, ..item });
        wire::Stored.into()
    }

    /// The values there are.
    fn values(&self, keys: List<'_, Key<'_>>, unique: bool) -> Vec<Answer> {
        let found = keys.iter().filter_map(|key| {
            let item = self.items.get(key.name)?.clone();
            let unique = unique.then(|| Unique::new(item.unique));
            Some(Answer::Value(key.name.to_vec(), item, unique))
        });
        found.chain(reply(wire::End)).collect()
    }

    /// Makes another number of a value.
    fn count(&mut self, key: &[u8], change: impl Fn(u64) -> u64) -> Vec<Answer> {
        let Some(item) = self.items.get_mut(key) else { return reply(wire::NotFound) };
        let number = std::str::from_utf8(&item.data).ok().and_then(|text| text.parse().ok());
        let Some(number) = number.map(change) else {
            let text = b"cannot increment or decrement non-numeric value";
            return reply(wire::ClientError::new(text));
        };
        item.data = number.to_string().into_bytes();
        reply(wire::Number::new(number))
    }

    fn answer(&mut self, event: &Event<'_>, incoming: &mut Option<Incoming>) -> Vec<Answer> {
        let mut begin = |verb, key: &[u8], flags, size, noreply| {
            let item = Item { flags, ..Item::default() };
            *incoming = Some(Incoming { verb, key: key.to_vec(), item, size, noreply });
            Vec::new()
        };
        match event {
            Event::Set(of) => begin(Verb::Set, of.key, of.flags, of.size, of.noreply),
            Event::Add(of) => begin(Verb::Add, of.key, of.flags, of.size, of.noreply),
            Event::Replace(of) => begin(Verb::Replace, of.key, of.flags, of.size, of.noreply),
            Event::Append(of) => begin(Verb::Append, of.key, of.flags, of.size, of.noreply),
            Event::Prepend(of) => begin(Verb::Prepend, of.key, of.flags, of.size, of.noreply),
            Event::Cas(of) => begin(Verb::Cas(of.unique), of.key, of.flags, of.size, of.noreply),
            Event::Data(data) => {
                let incoming = incoming.as_mut().expect("a command came before");
                // What is too large is not kept.
                if incoming.size <= MAX_VALUE_BYTES {
                    incoming.item.data.extend_from_slice(data);
                }
                Vec::new()
            }
            Event::DataEnd => {
                let incoming = incoming.take().expect("a command came before");
                let noreply = incoming.noreply;
                unless(noreply, reply(self.put(incoming)))
            }
            Event::Get(get) => self.values(get.keys, false),
            Event::Gets(gets) => self.values(gets.keys, true),
            Event::Gat(gat) => self.values(gat.keys, false),
            Event::Gats(gats) => self.values(gats.keys, true),
            Event::Delete(of) => unless(
                of.noreply,
                match self.items.remove(of.key) {
                    Some(_) => reply(wire::Deleted),
                    None => reply(wire::NotFound),
                },
            ),
            Event::Touch(of) => unless(
                of.noreply,
                match self.items.contains_key(of.key) {
                    true => reply(wire::Touched),
                    false => reply(wire::NotFound),
                },
            ),
            Event::Increase(of) => {
                unless(of.noreply, self.count(of.key, |number| number.wrapping_add(of.by)))
            }
            Event::Decrease(of) => {
                unless(of.noreply, self.count(of.key, |number| number.saturating_sub(of.by)))
            }
            Event::FlushAll(_) => {
                self.items.clear();
                reply(wire::Okay)
            }
            Event::FlushQuietly(_) => {
                self.items.clear();
                Vec::new()
            }
            Event::FlushLater(of) => unless(of.noreply, reply(wire::Okay)),
            Event::Verbosity(of) => unless(of.noreply, reply(wire::Okay)),
            Event::Version(_) => reply(wire::VersionIs::new(b"0.0.1")),
            Event::Statistics(_) => {
                let statistic = Answer::Reply(wire::Statistic::new(b"pid", b"7").into());
                [statistic].into_iter().chain(reply(wire::End)).collect()
            }
            Event::Unknown(_) => reply(wire::Error::new(b"")),
            Event::Quit(_) => Vec::new(),
        }
    }
}

fn unless(noreply: bool, answers: Vec<Answer>) -> Vec<Answer> {
    if noreply { Vec::new() } else { answers }
}

fn serve(socket: TcpStream, store: &Mutex<Store>) -> Result<(), Error> {
    let mut connection = Connection::new(socket, wire::Server::new());
    let mut incoming = None;
    while let Some((event, _)) = connection.next()? {
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        for answer in store.answer(&event, &mut incoming) {
            match answer {
                Answer::Reply(reply) => connection.send(reply)?,
                Answer::Value(key, Item { flags, data, .. }, unique) => {
                    let size = u32::try_from(data.len()).expect("it was let in");
                    connection.send(wire::Value { key: &key, flags, size, unique })?;
                    for part in data.chunks(4096) {
                        connection.send(Message::Data(part))?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// A server on a port of its own, as long as the tests run.
fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let store = Arc::new(Mutex::new(Store::default()));
    thread::spawn(move || {
        for socket in listener.incoming() {
            let (socket, store) = (socket.expect("a client"), Arc::clone(&store));
            // A client may go as it likes.
            thread::spawn(move || drop(serve(socket, &store)));
        }
    });
    address
}

const CLIENT: &str = r#"
import sys
from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheServerError, MemcacheClientError
c = Client(("127.0.0.1", int(sys.argv[1])), timeout=10)
for noreply in (False, True):
    c.flush_all(noreply=noreply)
    assert c.get("a") is None
    assert c.set("a", b"one\r\nEND\r\n", noreply=noreply)
    assert c.get("a") == b"one\r\nEND\r\n"
    assert c.append("a", b">", noreply=noreply) and c.prepend("a", b"<", noreply=noreply)
    assert c.get("a") == b"<one\r\nEND\r\n>", c.get("a")
    c.add("a", b"two", noreply=noreply)
    c.replace("b", b"two", noreply=noreply)
    assert c.get("a")[:1] == b"<" and c.get("b") is None
    c.replace("a", b"", noreply=noreply)
    assert c.get("a") == b""
    value, unique = c.gets("a")
    assert c.cas("a", b"3", unique, noreply=noreply) is True
    assert noreply or c.cas("a", b"4", unique, noreply=noreply) is False
    assert noreply or c.cas("x", b"4", b"1", noreply=noreply) is None
    c.incr("a", 18446744073709551615, noreply=noreply)
    assert c.get("a") == b"2", c.get("a")
    c.decr("a", 5, noreply=noreply)
    assert c.get("a") == b"0"
    c.touch("a", 100, noreply=noreply)
    c.delete("a", noreply=noreply)
    assert c.get("a") is None
many = {"key%d" % i: b"x" * i for i in range(300)}
assert c.set_many(many, noreply=True) == []
assert c.get_many(list(many) + ["nothing"]) == many
assert c.gets_many(["key7"])["key7"][0] == b"x" * 7
large = bytes(range(256)) * 4096
c.set("large", large, noreply=False)
assert c.get("large") == large
try:
    c.set("larger", large + b"x", noreply=False)
    raise SystemExit("it is too large")
except MemcacheServerError as error:
    assert b"too large" in error.args[0], error
assert c.get("larger") is None
try:
    c.incr("large", 1)
    raise SystemExit("it is no number")
except MemcacheClientError as error:
    assert b"non-numeric" in error.args[0], error
assert c.version() == b"0.0.1" and c.stats() == {b"pid": 7}, c.stats()
c.flush_all(delay=1, noreply=False)
c.quit()
print("done")
"#;

pub(crate) fn pymemcache_asks() {
    let port = server().port().to_string();
    let out = succeeds(Peer::Pymemcache.command().args(["-c", CLIENT, &port]));
    assert_eq!(out.trim(), "done");
}

type Client = Connection<TcpStream, wire::Client>;

/// The next thing the server says, as it is shown.
fn next(client: &mut Client) -> String {
    format!("{:?}", client.next().expect("no fault").expect("not the end").0)
}

fn set(client: &mut Client, key: &[u8], value: &[u8], noreply: bool) {
    let size = u32::try_from(value.len()).expect("a short one");
    client.send(wire::Set::new(key, 7, 0, size, noreply)).expect("it may be asked");
    for part in value.chunks(4096) {
        client.send(Asked::Data(part)).expect("it was announced");
    }
}

/// The values that a request brings.
fn values(client: &mut Client) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut values: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    loop {
        match client.next().expect("no fault").expect("not the end").0 {
            Told::Value(value) => values.push((value.key.to_vec(), Vec::new())),
            Told::Data(data) => values.last_mut().expect("of a key").1.extend_from_slice(data),
            Told::DataEnd => {}
            Told::End(_) => return values,
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn memcached_answers() {
    let address = free_port();
    let mut command = Peer::Memcached.command();
    command.args(["-l", "127.0.0.1", "-U", "0", "-u", "nobody", "-p"]);
    let server = foreign(command.arg(address.port().to_string()), address);
    let socket = TcpStream::connect(server.address).expect("a server");
    let mut client = Connection::new(socket, wire::Client::new());
    let large: Vec<u8> = (0..200_000_u32).map(|place| place.to_le_bytes()[0]).collect();
    // Everything at once.
    set(&mut client, b"a", b"VALUE a 0 1\r\nEND\r\n", false);
    set(&mut client, b"quiet", b"", true);
    set(&mut client, b"large", &large, false);
    let keys = [Key::new(b"a"), Key::new(b"nothing"), Key::new(b"quiet"), Key::new(b"large")];
    client.send(wire::Get { keys: (&keys).into() }).expect("it may be asked");
    client.send(wire::Increase::new(b"a", 1, false)).expect("it may be asked");
    client.send(wire::Delete::new(b"a", false)).expect("it may be asked");
    client.send(wire::Touch::new(b"a", 1, false)).expect("it may be asked");
    client.send(wire::Version).expect("it may be asked");
    client.send(wire::Statistics { of: None }).expect("it may be asked");
    client.send(wire::FlushLater::new(100, false)).expect("it may be asked");
    assert_eq!([next(&mut client), next(&mut client)], ["Stored(Stored)", "Stored(Stored)"]);
    let found = values(&mut client);
    let a = (b"a".to_vec(), b"VALUE a 0 1\r\nEND\r\n".to_vec());
    let (quiet, large) = ((b"quiet".to_vec(), Vec::new()), (b"large".to_vec(), large));
    assert_eq!(found, [a, quiet, large]);
    assert!(next(&mut client).starts_with("ClientError"));
    assert_eq!([next(&mut client), next(&mut client)], ["Deleted(Deleted)", "NotFound(NotFound)"]);
    assert!(next(&mut client).starts_with("VersionIs"));
    let mut statistics = 0;
    while next(&mut client).starts_with("Statistic") {
        statistics += 1;
    }
    assert!(statistics > 20, "{statistics}");
    assert_eq!(next(&mut client), "Okay(Okay)");
    changes(&mut client);
    // Larger than it keeps; its answer comes when all of it has.
    set(&mut client, b"b", &vec![b'x'; 2 << 20], false);
    assert!(next(&mut client).starts_with("ServerError"));
    client.send(wire::Quit).expect("it may be said");
    assert!(client.next().expect("no fault").is_none());
}

/// A value that someone else has changed.
fn changes(client: &mut Client) {
    set(client, b"n", b"41", false);
    client
        .send(wire::Gats { expires: 0, keys: (&[Key::new(b"n")]).into() })
        .expect("it may be asked");
    assert_eq!(next(client), "Stored(Stored)");
    let unique = match client.next().expect("no fault").expect("not the end").0 {
        Told::Value(value) => value.unique.expect("it was asked for").number,
        other => panic!("{other:?}"),
    };
    while next(client) != "End(End)" {}
    client.send(wire::Increase::new(b"n", 1, false)).expect("it may be asked");
    client.send(wire::Cas::new(b"n", 0, 0, 1, unique, false)).expect("it may be asked");
    client.send(Asked::Data(b"x")).expect("it was announced");
    assert!(next(client).contains("value: 42"));
    assert_eq!(next(client), "Exists(Exists)");
}
