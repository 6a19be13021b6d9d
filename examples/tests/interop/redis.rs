//! RESP with Redis's own programs and with redis-py.

use std::net::{SocketAddr, TcpStream};

use framer_protocols::resp::client::Event;
use framer_protocols::resp::{self, Arg, Command, Value};
use framer_runtime::blocking::Connection;
use framer_runtime::list::List;
use tempfile::TempDir;

use crate::from_peers::succeeds;
use crate::peers::Peer;
use crate::server::{Server, foreign, free_port};

fn kv() -> Server {
    Server::start(env!("CARGO_BIN_EXE_kv"), &[])
}

/// What redis-cli prints on these commands.
fn cli(server: &Server, arguments: &[&str]) -> String {
    let port = server.address.port().to_string();
    succeeds(Peer::RedisCli.command().args(["-p", &port]).args(arguments)).trim_end().to_owned()
}

pub(crate) fn redis_cli() {
    let server = kv();
    assert_eq!(cli(&server, &["SET", "a", "1"]), "OK");
    assert_eq!(cli(&server, &["INCR", "a"]), "2");
    assert_eq!(cli(&server, &["RPUSH", "l", "x", "y", "two words"]), "3");
    assert_eq!(cli(&server, &["LRANGE", "l", "0", "-1"]), "x\ny\ntwo words");
    assert_eq!(cli(&server, &["GET", "nothing"]), "");
    assert_eq!(cli(&server, &["SET", "b", "\r\n$-1", "EX", "100"]), "OK");
    assert_eq!(cli(&server, &["GET", "b"]), "\r\n$-1");
    assert_eq!(cli(&server, &["TTL", "b"]), "100");
    assert_eq!(cli(&server, &["EXPIRE", "b", "0"]), "1");
    assert_eq!(cli(&server, &["DEL", "a", "b"]), "1");
    assert!(cli(&server, &["INCR", "l"]).starts_with("WRONGTYPE"));
    assert!(cli(&server, &["-3", "HELLO", "3"]).contains("proto 3"));
}

/// Its default run, with and without pipelining.
pub(crate) fn redis_benchmark() {
    let server = kv();
    let port = server.address.port().to_string();
    for depth in ["1", "16"] {
        let arguments = ["-p", &port, "-q", "-n", "2000", "-P", depth];
        let out = succeeds(Peer::RedisBenchmark.command().args(arguments));
        for test in ["PING_INLINE", "PING_MBULK", "SET", "LRANGE_600", "MSET (10 keys)"] {
            let done = format!("{test}: ");
            assert!(out.contains(&done) || out.contains(&format!("{test} (")), "{test}: {out}");
        }
        assert!(!out.contains("rror"), "{out}");
    }
}

const CLIENT: &str = r#"
import sys, threading, redis
for protocol in (2, 3):
    r = redis.Redis(port=int(sys.argv[1]), protocol=protocol)
    r.flushall()
    assert r.set("a", b"\x00\r\n\xff") and r.get("a") == b"\x00\r\n\xff"
    assert r.get("nothing") is None
    assert r.mset({f"k{i}": "v" * i for i in range(100)})
    assert r.get("k99") == b"v" * 99
    with r.pipeline(transaction=False) as pipe:
        for i in range(1000):
            pipe.incr("count")
        assert pipe.execute() == list(range(1, 1001))
    r.rpush("l", *[str(i) for i in range(5000)])
    assert r.lrange("l", 0, -1) == [str(i).encode() for i in range(5000)]
    big = b"x" * 3_000_000
    r.set("big", big)
    assert r.get("big") == big
    try:
        r.incr("l")
        raise SystemExit("no error")
    except redis.ResponseError as error:
        assert "WRONGTYPE" in str(error), error
def many():
    r = redis.Redis(port=int(sys.argv[1]))
    for _ in range(200):
        r.incr("together")
threads = [threading.Thread(target=many) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert redis.Redis(port=int(sys.argv[1])).get("together") == b"1600"
print("done")
"#;

pub(crate) fn redis_py() {
    let server = kv();
    let port = server.address.port().to_string();
    assert_eq!(succeeds(Peer::Redis.command().args(["-c", CLIENT, &port])).trim(), "done");
}

pub(crate) fn kv_answers() {
    talk(kv().address);
}

/// The real server.
pub(crate) fn redis_server() {
    let address = free_port();
    let directory = TempDir::new().expect("a directory");
    let port = address.port().to_string();
    let mut command = Peer::RedisServer.command();
    command.args(["--bind", "127.0.0.1", "--save", "", "--port", &port]);
    let server = foreign(command.current_dir(&directory), address);
    talk(server.address);
    pushes(server.address);
}

fn command<'a>(name: &'a [u8], args: &'a [Arg<'a>]) -> Command<'a> {
    Command::new(Arg::new(name), args)
}

/// The next thing the server says.
fn next<'c>(connection: &'c mut Connection<TcpStream, resp::Client>) -> Event<'c> {
    connection.next().expect("no fault").expect("not the end").0
}

/// Everything asked at once, answered in order.
fn talk(address: SocketAddr) {
    let socket = TcpStream::connect(address).expect("a server");
    let mut connection = Connection::new(socket, resp::Client::new());
    let big = vec![b'.'; 200_000];
    let key = [Arg::new(b"framer:list")];
    let push = [key[0], Arg::new(b"one"), Arg::new(&big)];
    let range = [key[0], Arg::new(b"0"), Arg::new(b"-1")];
    for (name, args) in [
        (&b"DEL"[..], &key[..]),
        (b"RPUSH", &push),
        (b"LRANGE", &range),
        (b"INCR", &key),
        (b"GET", &[Arg::new(b"framer:nothing")]),
        (b"PING", &[]),
    ] {
        connection.send(command(name, args)).expect("it may be asked");
    }
    assert!(matches!(next(&mut connection), Event::Integer(_)));
    let Event::Integer(pushed) = next(&mut connection) else { panic!("no count") };
    assert_eq!(pushed.value, 2);
    let Event::Array(items) = next(&mut connection) else { panic!("no list") };
    let texts: Vec<usize> = items
        .items
        .iter()
        .map(|item| match item {
            Value::Bulk(bulk) => bulk.data.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(texts, [3, 200_000]);
    let Event::Error(wrong) = next(&mut connection) else { panic!("no error") };
    assert!(wrong.text.starts_with(b"WRONGTYPE "));
    assert!(matches!(next(&mut connection), Event::NullBulk(_)));
    let Event::Simple(pong) = next(&mut connection) else { panic!("no answer") };
    assert_eq!(pong.text, b"PONG");
    connection.send(command(b"HELLO", &[Arg::new(b"3")])).expect("it may be asked");
    // What the server says decides how what follows is answered.
    assert!(connection.send(command(b"PING", &[])).is_err());
    let Event::Map(told) = next(&mut connection) else { panic!("no map") };
    assert!(told.items.len() >= 6);
    connection.send(command(b"QUIT", &[])).expect("it may be asked");
    let Event::Simple(ok) = next(&mut connection) else { panic!("no answer") };
    assert_eq!(ok.text, b"OK");
    assert!(connection.next().expect("no fault").is_none());
}

/// Published messages, in both versions of the protocol.
fn pushes(address: SocketAddr) {
    let connect = || {
        let socket = TcpStream::connect(address).expect("a server");
        Connection::new(socket, resp::Client::new())
    };
    let (mut old, mut new, mut publisher) = (connect(), connect(), connect());
    let channel = [Arg::new(b"framer")];
    old.send(command(b"SUBSCRIBE", &channel)).expect("it may be asked");
    assert!(matches!(next(&mut old), Event::Array(_)));
    new.send(command(b"HELLO", &[Arg::new(b"3")])).expect("it may be asked");
    assert!(matches!(next(&mut new), Event::Map(_)));
    new.send(command(b"SUBSCRIBE", &channel)).expect("it may be asked");
    assert!(matches!(next(&mut new), Event::Push(_)));
    publisher.send(command(b"PUBLISH", &[channel[0], Arg::new(b"news")])).expect("asked");
    let Event::Integer(heard) = next(&mut publisher) else { panic!("no count") };
    assert_eq!(heard.value, 2);
    let said = |items: List<'_, Value<'_>>| match items.iter().last() {
        Some(Value::Bulk(bulk)) => bulk.data.to_vec(),
        other => panic!("{other:?}"),
    };
    let Event::Array(message) = next(&mut old) else { panic!("no message") };
    assert_eq!(said(message.items), b"news");
    let Event::Push(message) = next(&mut new) else { panic!("no message") };
    assert_eq!(said(message.items), b"news");
    // A command is answered all the same.
    new.send(command(b"PING", &[])).expect("it may be asked");
    assert!(matches!(next(&mut new), Event::Simple(_)));
}
