//! MQTT with Mosquitto's clients and its broker.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};

use framer_protocols::mqtt::client::{Event, Message};
use framer_protocols::mqtt::{
    self, Binary, Connect, Filter, Filter5, Granted, PingReq, PingReq5, Properties, PubAck,
    PubAck5, PubComp, PubComp5, PubRec, PubRec5, PubRel, PubRel5, Publish, Publish5, Subscribe,
    Subscribe5, Text,
};
use framer_runtime::blocking::Connection;
use framer_runtime::list::List;
use tempfile::TempDir;

use crate::from_peers::succeeds;
use crate::peers::Peer;
use crate::server::{Server, foreign, free_port};

const VERSIONS: [&str; 2] = ["mqttv311", "mqttv5"];

fn mqttd() -> Server {
    Server::start(env!("CARGO_BIN_EXE_mqttd"), &[])
}

/// A `mosquitto_sub` and what it prints.
struct Subscriber {
    child: Child,
    lines: BufReader<ChildStdout>,
}

/// A `mosquitto_sub` that has subscribed, to end after so many messages.
fn subscriber(server: &Server, version: &str, quality: &str, count: usize) -> Subscriber {
    let port = server.address.port().to_string();
    let count = count.to_string();
    // It tells that it has subscribed with -d only, and a pipe as soon as it does with stdbuf only.
    let mut command = Command::new("stdbuf");
    command.arg("-oL").arg(Peer::MosquittoSub.to_string()).args(["-d", "-v", "-W", "20"]);
    command.args(["-p", &port, "-V", version, "-q", quality, "-C", &count, "-t", "a/+/c"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let stdout = child.stdout.take().expect("its output");
    let mut lines = BufReader::new(stdout);
    let mut line = String::new();
    while !line.starts_with("Subscribed") {
        line.clear();
        assert!(lines.read_line(&mut line).expect("a line") > 0, "it ended");
    }
    Subscriber { child, lines }
}

/// What it printed of messages, once it has ended.
fn messages(mut subscriber: Subscriber) -> Vec<String> {
    let mut text = String::new();
    subscriber.lines.read_to_string(&mut text).expect("a text");
    assert!(subscriber.child.wait().expect("its status").success());
    text.lines().filter(|line| line.starts_with("a/")).map(str::to_owned).collect()
}

/// Every quality in both versions, and from one to the other.
pub(crate) fn mosquitto_talks() {
    let server = mqttd();
    let port = server.address.port().to_string();
    for (from, to) in [(0, 0), (1, 1), (0, 1), (1, 0)] {
        for quality in ["0", "1", "2"] {
            let hearing = subscriber(&server, VERSIONS[to], quality, 3);
            for number in 0..3 {
                let topic = format!("a/{number}/c");
                let arguments =
                    ["-p", &port, "-V", VERSIONS[from], "-q", quality, "-t", &topic, "-m", "news"];
                succeeds(Peer::MosquittoPub.command().args(arguments));
            }
            assert_eq!(messages(hearing), ["a/0/c news", "a/1/c news", "a/2/c news"]);
        }
    }
}

/// A thousand messages over one connection, retained ones, and a will.
pub(crate) fn mosquitto_talks_much() {
    let server = mqttd();
    let port = server.address.port().to_string();
    let directory = TempDir::new().expect("a directory");
    let lines: Vec<String> = (0..1000).map(|number| format!("message {number}")).collect();
    let file = directory.path().join("lines");
    std::fs::write(&file, lines.join("\n")).expect("a file");
    for version in VERSIONS {
        let hearing = subscriber(&server, version, "2", 1000);
        let mut command = Peer::MosquittoPub.command();
        command.args(["-p", &port, "-V", version, "-q", "2", "-t", "a/b/c", "-l"]);
        command.stdin(std::fs::File::open(&file).expect("the file"));
        succeeds(&mut command);
        let heard = messages(hearing);
        let expected: Vec<String> = lines.iter().map(|line| format!("a/b/c {line}")).collect();
        assert_eq!(heard, expected);
    }
    let arguments = ["-p", &port, "-q", "1", "-r", "-t", "kept", "-m", "still there"];
    succeeds(Peer::MosquittoPub.command().args(arguments));
    let arguments = ["-p", &port, "-C", "1", "-W", "20", "-t", "#"];
    assert_eq!(succeeds(Peer::MosquittoSub.command().args(arguments)).trim(), "still there");
}

pub(crate) fn mqttd_answers() {
    let server = mqttd();
    talk(server.address);
    talk5(server.address);
}

pub(crate) fn mosquitto_answers() {
    let address = free_port();
    let directory = TempDir::new().expect("a directory");
    let config = directory.path().join("mosquitto.conf");
    let text = format!("listener {} 127.0.0.1\nallow_anonymous true\n", address.port());
    std::fs::write(&config, text).expect("a file");
    let server = foreign(Peer::Mosquitto.command().arg("-c").arg(&config), address);
    talk(server.address);
    talk5(server.address);
}

type Client = Connection<TcpStream, mqtt::Client>;

fn connect(address: SocketAddr, level: u8) -> Client {
    let socket = TcpStream::connect(address).expect("a server");
    let mut client = Connection::new(socket, mqtt::Client::new());
    let name = Text::new(if level == 4 { "framer" } else { "framer5" });
    let mut connect = Connect::new(level, false, 0, true, 60, name);
    connect.properties = (level == 5).then(Properties::default);
    connect.will = Some(mqtt::Will::new(Text::new("will"), Binary::new(b"gone")));
    connect.will_properties = (level == 5).then(Properties::default);
    client.send(connect).expect("the first packet");
    client
}

/// What the server says next.
fn next(client: &mut Client) -> Event<'_> {
    client.next().expect("no fault").expect("not the end").0
}

fn say<'m>(client: &mut Client, message: impl Into<Message<'m>>) {
    client.send(message).expect("it may be said");
}

/// Messages to itself, of every quality.
fn talk(address: SocketAddr) {
    let mut client = connect(address, 4);
    let Event::ConnAck(taken) = next(&mut client) else { panic!("no answer") };
    assert_eq!(taken.code, 0);
    let topic = Text::new("framer/self");
    let filters = [Filter::new(topic, 2)];
    say(&mut client, Subscribe { id: 1, filters: (&filters).into() });
    let Event::SubAck(granted) = next(&mut client) else { panic!("no answer") };
    assert_eq!((granted.id, granted.codes), (1, List::from(&[Granted::ExactlyOnce])));
    say(&mut client, PingReq);
    assert!(matches!(next(&mut client), Event::PingResp(_)));
    for quality in 0..3_u8 {
        let id = (quality > 0).then_some(7);
        let payload = vec![quality; 30_000];
        let publish = Publish { dup: false, quality, retain: false, topic, id, payload: &payload };
        say(&mut client, publish);
        let (mut told, mut heard) = (quality == 0, false);
        while !(told && heard) {
            let turn = client.next().expect("no fault").expect("not the end");
            match turn {
                (Event::PubAck(PubAck { id: 7 }) | Event::PubComp(PubComp { id: 7 }), _) => {
                    told = true;
                }
                (Event::PubRec(PubRec { id: 7 }), mut reply) => {
                    reply.send(PubRel::new(7)).expect("the second part");
                }
                (Event::Publish(publish), mut reply) => {
                    assert_eq!((publish.quality, publish.payload), (quality, payload.as_slice()));
                    heard = quality < 2;
                    match (quality, publish.id) {
                        (1, Some(id)) => reply.send(PubAck::new(id)).expect("an answer"),
                        (2, Some(id)) => reply.send(PubRec::new(id)).expect("an answer"),
                        _ => {}
                    }
                }
                (Event::PubRel(PubRel { id }), mut reply) => {
                    reply.send(PubComp::new(id)).expect("the end");
                    heard = true;
                }
                (other, _) => panic!("{other:?}"),
            }
        }
    }
    say(&mut client, mqtt::Disconnect);
    assert!(client.next().expect("no fault").is_none());
}

/// The same in 5.0.
fn talk5(address: SocketAddr) {
    let mut client = connect(address, 5);
    let Event::ConnAck5(taken) = next(&mut client) else { panic!("no answer") };
    assert_eq!(taken.code, 0);
    let topic = Text::new("framer/self5");
    let filters = [Filter5::new(topic, 0, false, false, 2)];
    let none = Properties::default();
    say(&mut client, Subscribe5 { id: 1, properties: none, filters: (&filters).into() });
    let Event::SubAck5(granted) = next(&mut client) else { panic!("no answer") };
    assert_eq!((granted.id, granted.codes), (1, List::from(&[2])));
    say(&mut client, PingReq5);
    assert!(matches!(next(&mut client), Event::PingResp5(_)));
    for quality in 0..3_u8 {
        let id = (quality > 0).then_some(7);
        let expiry = [mqtt::MessageExpiry::new(600).into()];
        let properties = Properties { items: (&expiry).into() };
        let publish =
            Publish5 { dup: false, quality, retain: false, topic, id, properties, payload: b"5" };
        say(&mut client, publish);
        let (mut told, mut heard) = (quality == 0, false);
        while !(told && heard) {
            let turn = client.next().expect("no fault").expect("not the end");
            match turn {
                (Event::PubAck5(PubAck5 { id: 7, .. }), _) => told = true,
                (Event::PubComp5(PubComp5 { id: 7, .. }), _) => told = true,
                (Event::PubRec5(PubRec5 { id: 7, .. }), mut reply) => {
                    reply.send(PubRel5::new(7)).expect("the second part");
                }
                (Event::Publish5(publish), mut reply) => {
                    assert_eq!((publish.quality, publish.payload), (quality, &b"5"[..]));
                    heard = quality < 2;
                    match (quality, publish.id) {
                        (1, Some(id)) => reply.send(PubAck5::new(id)).expect("an answer"),
                        (2, Some(id)) => reply.send(PubRec5::new(id)).expect("an answer"),
                        _ => {}
                    }
                }
                (Event::PubRel5(PubRel5 { id, .. }), mut reply) => {
                    reply.send(PubComp5::new(id)).expect("the end");
                    heard = true;
                }
                (other, _) => panic!("{other:?}"),
            }
        }
    }
    say(&mut client, mqtt::Disconnect5::default());
    assert!(client.next().expect("no fault").is_none());
}
