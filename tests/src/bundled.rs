//! The bundled protocols: each with its conversations, and with both engines for them.

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use framer_dsl::Sources;
use framer_dsl::ir::{Framer, Shape, StreamExtent};
use framer_interpret::{Description, Protocol};
use framer_protocols as compiled;
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::Described;
use framer_runtime::protocol::Role;

use crate::conversation::{self, Line};
use crate::driven::Driven;
use crate::twin::{Ran, Recoded, Split, Twin};

/// What a compiled type does with bytes.
pub type Recode = fn(&[u8]) -> Recoded;

type Behind = fn(&'static Protocol, &[Line]) -> Option<[Box<dyn Driven>; 2]>;

/// A bundled protocol.
pub struct Bundled {
    /// The folder of its conversations.
    pub name: &'static str,
    /// Every type that is spoken, by its name, with what the compiled one does with bytes.
    pub types: &'static [(&'static str, Recode)],
    file: &'static str,
    protocol: &'static str,
    loaded: OnceLock<&'static Protocol>,
    frames: OnceLock<Vec<(&'static str, Vec<u8>)>>,
    run: fn(&'static Protocol, &[Line], Split<'_>) -> Ran,
    behind: Behind,
}

impl Bundled {
    /// It as it is interpreted.
    ///
    /// # Panics
    /// If its description does not compile.
    #[must_use]
    pub fn protocol(&self) -> &'static Protocol {
        self.loaded.get_or_init(|| {
            let sources = Sources::open(self.path()).expect("it is there");
            let description = Description::load(&sources).expect("it compiles");
            let mut all = description.protocols().iter();
            all.find(|protocol| protocol.name() == self.protocol).expect("it is declared")
        })
    }

    /// The file of its description.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols").join(self.file)
    }

    /// The name of its description.
    #[must_use]
    pub fn description(&self) -> &'static str {
        self.file.strip_suffix(".frame").unwrap_or(self.file)
    }

    /// The frames of its conversations, each with the name of what was spoken.
    #[must_use]
    pub fn frames(&self) -> &[(&'static str, Vec<u8>)] {
        self.frames.get_or_init(|| {
            let all = conversation::of(self.name).into_iter();
            all.flat_map(|(_, lines)| self.run(&lines, &|_, bytes| vec![bytes]).frames).collect()
        })
    }

    /// Whether the payload of this name ends after a number of bytes.
    #[must_use]
    pub fn has_length(&self, payload: &str) -> bool {
        let counted = |of: &Framer| matches!(of.shape, Shape::Stream(StreamExtent::Param { .. }));
        let mut framers = self.protocol().machine().framers.iter();
        framers.any(|framer| framer.name == payload && counted(framer))
    }

    /// Both engines over a conversation, cut as `split` does.
    ///
    /// # Panics
    /// Where they differ.
    #[must_use]
    pub fn run(&self, lines: &[Line], split: Split<'_>) -> Ran {
        (self.run)(self.protocol(), lines, split)
    }

    /// Connections of both roles, the first one's first, that have heard and said these lines; none
    /// over datagrams.
    ///
    /// # Panics
    /// If not everything was read.
    #[must_use]
    pub fn behind(&self, lines: &[Line]) -> Option<[Box<dyn Driven>; 2]> {
        (self.behind)(self.protocol(), lines)
    }
}

/// The one whose conversations are in this folder.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn named(name: &str) -> &'static Bundled {
    ALL.iter().find(|of| of.name == name).expect("it is bundled")
}

mod streams {
    use super::*;

    pub(super) fn run<A: Described, B: Described>(
        protocol: &'static Protocol,
        machines: (A, B),
        lines: &[Line],
        split: Split<'_>,
    ) -> Ran
    where
        for<'a> A::Event<'a>: Debug,
        for<'a> B::Event<'a>: Debug,
    {
        twin(protocol, machines).run(lines, split)
    }

    pub(super) fn behind<A: Described + 'static, B: Described + 'static>(
        protocol: &'static Protocol,
        machines: (A, B),
        lines: &[Line],
    ) -> Option<[Box<dyn Driven>; 2]>
    where
        for<'a> A::Event<'a>: Debug,
        for<'a> B::Event<'a>: Debug,
    {
        let (first, second) = twin(protocol, machines).behind(lines);
        let first = Connection::new(first, Limits::default());
        Some([Box::new(first), Box::new(Connection::new(second, Limits::default()))])
    }

    fn twin<A: Described, B: Described>(
        protocol: &'static Protocol,
        machines: (A, B),
    ) -> Twin<A, B, false>
    where
        for<'a> A::Event<'a>: Debug,
        for<'a> B::Event<'a>: Debug,
    {
        let half = |role| protocol.stream_half(role).expect("it is over a stream");
        Twin::new(protocol, [Role::First, Role::Second].map(half), machines)
    }
}

mod datagrams {
    use super::*;

    pub(super) fn run<A: Described, B: Described>(
        protocol: &'static Protocol,
        machines: (A, B),
        lines: &[Line],
        split: Split<'_>,
    ) -> Ran
    where
        for<'a> A::Event<'a>: Debug,
        for<'a> B::Event<'a>: Debug,
    {
        let half = |role| protocol.datagram_half(role).expect("it is over datagrams");
        Twin::new(protocol, [Role::First, Role::Second].map(half), machines).run(lines, split)
    }

    pub(super) fn behind<A, B>(
        _: &Protocol,
        _: (A, B),
        _: &[Line],
    ) -> Option<[Box<dyn Driven>; 2]> {
        None
    }
}

macro_rules! bundled {
    ($($name:literal: $over:ident $file:literal $protocol:literal,
        $types:path, $machines:path, $first:ident, $second:ident, [$($ty:ty),*];)*) => {
        /// All of them.
        pub static ALL: [Bundled; 18] = [$({
            use $types::*;
            Bundled {
                name: $name,
                types: &[$((
                    // The name is all that stands before a lifetime.
                    bare(stringify!($ty)),
                    crate::twin::compiled::<$ty>,
                )),*],
                file: $file,
                protocol: $protocol,
                loaded: OnceLock::new(),
                frames: OnceLock::new(),
                run: |protocol, lines, split| {
                    use $machines::{$first, $second};
                    $over::run(protocol, ($first::new(), $second::new()), lines, split)
                },
                behind: |protocol, lines| {
                    use $machines::{$first, $second};
                    $over::behind(protocol, ($first::new(), $second::new()), lines)
                },
            }
        }),*];
    };
}

/// The name of a type without its lifetime.
const fn bare(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [.., b'<', b'\'', b'_', b'>'] => name.split_at(name.len() - 4).0,
        _ => name,
    }
}

bundled! {
    "smtp": streams "smtp.frame" "Smtp", compiled::smtp, compiled::smtp, Client, Server,
        [Command<'_>, Reply<'_>, AuthLine<'_>];
    "pop3": streams "pop3.frame" "Pop3", compiled::pop3, compiled::pop3, Client, Server,
        [Command<'_>, Reply<'_>, AuthLine<'_>];
    "imap": streams "imap.frame" "Imap", compiled::imap, compiled::imap, Client, Server,
        [Command<'_>, Response<'_>, CommandPart<'_>, ResponsePart<'_>, AuthLine<'_>, IdleLine];
    "http1": streams "http1.frame" "Http1", compiled::http1, compiled::http1, Client, Server,
        [Request<'_>, Response<'_>, Chunk<'_>, Trailers<'_>];
    "memcached": streams "memcached.frame" "Memcached",
        compiled::memcached, compiled::memcached, Client, Server, [Command<'_>, Reply<'_>];
    "nats": streams "nats.frame" "Nats", compiled::nats, compiled::nats, Client, Server,
        [ClientLine<'_>, ServerLine<'_>];
    "resp": streams "resp.frame" "Resp", compiled::resp, compiled::resp, Client, Server,
        [Request<'_>, Value<'_>];
    "mqtt": streams "mqtt.frame" "Mqtt", compiled::mqtt, compiled::mqtt, Client, Server,
        [ClientPacket<'_>, ServerPacket<'_>, ClientPacket5<'_>, ServerPacket5<'_>];
    "websocket": streams "websocket.frame" "Websocket",
        compiled::websocket, compiled::websocket, Client, Server, [ClientFrame, ServerFrame];
    "nmea": streams "nmea.frame" "Nmea", compiled::nmea, compiled::nmea, Talker, Listener,
        [Sentence<'_>];
    "packetstream": streams "packetstream.frame" "Packetstream",
        compiled::packetstream, compiled::packetstream, Left, Right, [Record<'_>];
    "tinyproto": streams "tinyproto.frame" "Tinyproto",
        compiled::tinyproto, compiled::tinyproto, Client, Server, [Hello, Size, Answer];
    "modbus": streams "modbus.frame" "Tcp", compiled::modbus, compiled::modbus::tcp, Client, Server,
        [Query<'_>, Answer<'_>];
    "modbus-ascii": streams "modbus.frame" "Ascii",
        compiled::modbus, compiled::modbus::ascii, Client, Server, [AsciiLine<'_>];
    "modbus-rtu": datagrams "modbus.frame" "Rtu",
        compiled::modbus, compiled::modbus::rtu, Client, Server, [RtuQuery<'_>, RtuAnswer<'_>];
    "dns-udp": datagrams "dns.frame" "Udp", compiled::dns, compiled::dns::udp, Client, Server,
        [Message<'_>];
    "dns-tcp": streams "dns.frame" "Tcp", compiled::dns, compiled::dns::tcp, Client, Server,
        [Framed<'_>];
    "tftp": datagrams "tftp.frame" "Tftp", compiled::tftp, compiled::tftp, Client, Server,
        [ClientPacket<'_>, ServerPacket<'_>];
}

/// A test of each bundled protocol: a function that is given it.
#[macro_export]
macro_rules! each_bundled {
    ($test:path) => {
        $crate::each_bundled! { $test:
            smtp "smtp", pop3 "pop3", imap "imap", http1 "http1", memcached "memcached",
            nats "nats", resp "resp", mqtt "mqtt", websocket "websocket", nmea "nmea",
            packetstream "packetstream", tinyproto "tinyproto", modbus_tcp "modbus",
            modbus_ascii "modbus-ascii", modbus_rtu "modbus-rtu", dns_udp "dns-udp",
            dns_tcp "dns-tcp", tftp "tftp"
        }
    };
    ($test:path: $($function:ident $name:literal),*) => {
        $(
            #[test]
            fn $function() {
                $test($crate::bundled::named($name));
            }
        )*

        #[test]
        fn none_is_left_out() {
            let all: Vec<&str> = $crate::bundled::ALL.iter().map(|of| of.name).collect();
            assert_eq!(all, [$($name),*]);
        }
    };
}
