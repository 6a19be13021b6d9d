//! The two engines, compiled and interpreted, see the same: of every bundled protocol, both roles,
//! every conversation whole, byte by byte and in every cut, and of changed ones.
//!
//! `FRAMER_TWIN_CHANGES` says how many changed conversations of each there are.

use framer_dsl::Sources;
use framer_interpret::{Description, Protocol};
use framer_protocols as compiled;
use framer_runtime::machine::Described;
use framer_runtime::protocol::Role;
use framer_tests::conversation::{self, Line};
use framer_tests::twin::{Changes, Ran, Recoded, Twin, interpreted};

/// How many changed conversations there are of each, unless the environment says so.
const CHANGES: u64 = 60;

fn changes() -> u64 {
    let number = std::env::var("FRAMER_TWIN_CHANGES").ok();
    number.map_or(CHANGES, |number| number.parse().expect("FRAMER_TWIN_CHANGES is a number"))
}

fn description(file: &str) -> &'static Description {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols");
    let sources = Sources::open(root.join(file)).expect("it is there");
    Description::load(&sources).expect("it compiles")
}

fn protocol(description: &'static Description, name: &str) -> &'static Protocol {
    let mut all = description.protocols().iter();
    all.find(|protocol| protocol.name() == name).expect("it is declared")
}

/// Holds both engines against each other over every conversation in `corpus`; `run` runs one.
fn hold(corpus: &str, run: &dyn Fn(&[Line], Split<'_>) -> Ran) -> Vec<(&'static str, Vec<u8>)> {
    let mut frames = Vec::new();
    for (name, lines) in conversation::of(corpus) {
        let whole = run(&lines, &|_, bytes| vec![bytes]);
        assert!(!whole.frames.is_empty(), "{corpus}/{name}: {:?}", whole.seen);
        run(&lines, &|_, bytes| bytes.chunks(1).collect());
        for (place, line) in lines.iter().enumerate() {
            let (Line::Client(all) | Line::Server(all)) = line else { continue };
            for cut in 1..all.len() {
                run(&lines, &|number, bytes| match number == place {
                    true => vec![&bytes[..cut], &bytes[cut..]],
                    false => vec![bytes],
                });
            }
        }
        for seed in 0..changes() {
            let mut source = Changes::of(seed);
            let changed = source.lines(&lines);
            let source = std::cell::RefCell::new(source);
            run(&changed, &|_, bytes| source.borrow_mut().pieces(bytes));
        }
        frames.extend(whole.frames);
    }
    frames
}

/// How a line is cut.
type Split<'s> = &'s dyn for<'l> Fn(usize, &'l [u8]) -> Vec<&'l [u8]>;

/// A compiled type by its name.
type Types<'t> = &'t [(&'t str, fn(&[u8]) -> Recoded)];

/// Frames are decoded and encoded alike, and so are changed ones.
fn recode(description: &'static Description, types: Types<'_>, frames: &[(&str, Vec<u8>)]) {
    for (name, _) in types {
        assert!(frames.iter().any(|(spoken, _)| spoken == name), "no conversation has {name}");
    }
    for (place, (name, bytes)) in frames.iter().enumerate() {
        let compiled = types.iter().find(|(known, _)| known == name);
        let (_, compiled) = compiled.unwrap_or_else(|| panic!("{name} is spoken"));
        let mut source = Changes::of(place as u64 + 1);
        let mut bytes = bytes.clone();
        for change in 0..=changes() {
            let shown = bytes.escape_ascii();
            assert_eq!(interpreted(description, name, &bytes), compiled(&bytes), "{name}: {shown}");
            if change % 3 == 0 {
                bytes.clone_from(&frames[place].1);
            }
            source.bytes(&mut bytes);
        }
    }
}

fn streams<A: Described, B: Described>(
    protocol: &'static Protocol,
    corpus: &str,
    machines: impl Fn() -> (A, B),
) -> Vec<(&'static str, Vec<u8>)>
where
    for<'a> A::Event<'a>: std::fmt::Debug,
    for<'a> B::Event<'a>: std::fmt::Debug,
{
    hold(corpus, &|lines, pieces| {
        let half = |role| protocol.stream_half(role).expect("it is over a stream");
        Twin::new(protocol, [Role::First, Role::Second].map(half), machines()).run(lines, pieces)
    })
}

fn datagrams<A: Described, B: Described>(
    protocol: &'static Protocol,
    corpus: &str,
    machines: impl Fn() -> (A, B),
) -> Vec<(&'static str, Vec<u8>)>
where
    for<'a> A::Event<'a>: std::fmt::Debug,
    for<'a> B::Event<'a>: std::fmt::Debug,
{
    hold(corpus, &|lines, pieces| {
        let half = |role| protocol.datagram_half(role).expect("it is over datagrams");
        Twin::new(protocol, [Role::First, Role::Second].map(half), machines()).run(lines, pieces)
    })
}

macro_rules! twins {
    ($($test:ident: $over:ident $file:literal $protocol:literal $corpus:literal $module:path,
        $first:ident, $second:ident, [$($ty:ty),*];)*) => {$(
        #[test]
        fn $test() {
            use $module::*;
            let description = description($file);
            let frames = $over(protocol(description, $protocol), $corpus, || {
                ($first::new(), $second::new())
            });
            let types: Types<'_> = &[$((
                stringify!($ty).trim_end_matches("<'_>"),
                framer_tests::twin::compiled::<$ty>,
            )),*];
            recode(description, types, &frames);
        }
    )*};
}

/// The names of the compiled protocols, where the description has several.
mod modbus {
    pub(super) mod tcp {
        pub(in super::super) use framer_protocols::modbus::tcp::{Client, Server};
        pub(in super::super) use framer_protocols::modbus::{Answer, Query};
    }
    pub(super) mod rtu {
        pub(in super::super) use framer_protocols::modbus::rtu::{Client, Server};
        pub(in super::super) use framer_protocols::modbus::{RtuAnswer, RtuQuery};
    }
    pub(super) mod ascii {
        pub(in super::super) use framer_protocols::modbus::AsciiLine;
        pub(in super::super) use framer_protocols::modbus::ascii::{Client, Server};
    }
}

mod dns {
    pub(super) mod udp {
        pub(in super::super) use framer_protocols::dns::Message;
        pub(in super::super) use framer_protocols::dns::udp::{Client, Server};
    }
    pub(super) mod tcp {
        pub(in super::super) use framer_protocols::dns::Framed;
        pub(in super::super) use framer_protocols::dns::tcp::{Client, Server};
    }
}

twins! {
    smtp: streams "smtp.frame" "Smtp" "smtp" compiled::smtp, Client, Server,
        [Command<'_>, Reply<'_>, AuthLine<'_>];
    pop3: streams "pop3.frame" "Pop3" "pop3" compiled::pop3, Client, Server,
        [Command<'_>, Reply<'_>, AuthLine<'_>];
    imap: streams "imap.frame" "Imap" "imap" compiled::imap, Client, Server,
        [Command<'_>, Response<'_>, CommandPart<'_>, ResponsePart<'_>, AuthLine<'_>, IdleLine];
    http1: streams "http1.frame" "Http1" "http1" compiled::http1, Client, Server,
        [Request<'_>, Response<'_>, Chunk<'_>, Trailers<'_>];
    memcached: streams "memcached.frame" "Memcached" "memcached" compiled::memcached, Client, Server,
        [Command<'_>, Reply<'_>];
    nats: streams "nats.frame" "Nats" "nats" compiled::nats, Client, Server,
        [ClientLine<'_>, ServerLine<'_>];
    resp: streams "resp.frame" "Resp" "resp" compiled::resp, Client, Server, [Request<'_>, Value<'_>];
    mqtt: streams "mqtt.frame" "Mqtt" "mqtt" compiled::mqtt, Client, Server,
        [ClientPacket<'_>, ServerPacket<'_>, ClientPacket5<'_>, ServerPacket5<'_>];
    websocket: streams "websocket.frame" "Websocket" "websocket" compiled::websocket, Client, Server,
        [ClientFrame, ServerFrame];
    nmea: streams "nmea.frame" "Nmea" "nmea" compiled::nmea, Talker, Listener, [Sentence<'_>];
    packetstream: streams "packetstream.frame" "Packetstream" "packetstream" compiled::packetstream,
        Left, Right, [Record<'_>];
    tinyproto: streams "tinyproto.frame" "Tinyproto" "tinyproto" compiled::tinyproto, Client, Server,
        [Hello, Size, Answer];
    modbus_tcp: streams "modbus.frame" "Tcp" "modbus" modbus::tcp, Client, Server,
        [Query<'_>, Answer<'_>];
    modbus_ascii: streams "modbus.frame" "Ascii" "modbus-ascii" modbus::ascii, Client, Server,
        [AsciiLine<'_>];
    modbus_rtu: datagrams "modbus.frame" "Rtu" "modbus-rtu" modbus::rtu, Client, Server,
        [RtuQuery<'_>, RtuAnswer<'_>];
    dns_udp: datagrams "dns.frame" "Udp" "dns-udp" dns::udp, Client, Server, [Message<'_>];
    dns_tcp: streams "dns.frame" "Tcp" "dns-tcp" dns::tcp, Client, Server, [Framed<'_>];
    tftp: datagrams "tftp.frame" "Tftp" "tftp" compiled::tftp, Client, Server,
        [ClientPacket<'_>, ServerPacket<'_>];
}
