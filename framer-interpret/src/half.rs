//! The machine of one role: how it reads and writes.

use std::borrow::Cow;

use framer_dsl::ir::{Framer as Declared, Shape, StreamExtent, TypeId};
use framer_runtime::engine::{Engine, Found};
use framer_runtime::frame::Decoded;
use framer_runtime::machine::{Machine, Sent, Step};
use framer_runtime::mask::{Mask, Masked};
use framer_runtime::protocol::{FramerId, Role};
use framer_runtime::read::Reader;
use framer_runtime::violation::{Misuse, Rule, Violation};
use framer_runtime::write::Out;

use crate::description::Description;
use crate::protocol::{Protocol, role};
use crate::record::small;
use crate::spoken::Spoken;
use crate::types;
use crate::value::Frame;

/// What the peer did.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// It said a frame.
    Frame {
        /// The frame; its ranges count from its own first byte.
        frame: Frame<'a>,
        /// It was read, but has no place in the state: say so.
        refused: bool,
    },
    /// A part of a payload came.
    Data {
        /// The payload, by its name.
        frame: &'static str,
        /// The part.
        data: Masked<'a>,
    },
    /// A payload is over.
    End {
        /// The payload, by its name.
        frame: &'static str,
    },
    /// A frame's content breaks a rule; the session goes on behind it: say so.
    Malformed(Violation),
    /// The connection is to be handed to the layer of this name now.
    Upgrade(&'static str),
}

/// What this side may say.
#[derive(Clone, Debug, PartialEq)]
pub enum Message<'m> {
    /// A frame: one that it speaks, or an alternative of a choice that it speaks.
    Frame(&'m Frame<'m>),
    /// A part of a payload, which ends with its last byte where its length is known.
    Data {
        /// The payload, by its name.
        frame: &'m str,
        /// The part, without what lies over it.
        data: &'m [u8],
    },
    /// The end of a payload whose length is not known.
    End {
        /// The payload, by its name.
        frame: &'m str,
    },
}

impl<'m> From<&'m Frame<'m>> for Message<'m> {
    fn from(frame: &'m Frame<'m>) -> Message<'m> {
        Message::Frame(frame)
    }
}

/// One role's half of a protocol, as [`Machine`]s are: a connection drives it.
///
/// ```
/// use framer_dsl::Sources;
/// use framer_interpret::{Description, Event, Frame, Value};
/// use framer_runtime::connection::{Connection, Limits};
/// use framer_runtime::machine::Progress;
/// use framer_runtime::protocol::Role;
///
/// let text = r#"
///     delimiter LF = "\n";
///     frame Line in until LF max 80 { text: utf8 to end }
///     protocol Echo over stream {
///         roles client, server;
///         client speaks Line;
///         server speaks Line;
///         pending fifo max 4;
///         state Open { client Line => awaits { _ => stay }; }
///     }
/// "#;
/// let description = Description::load(&Sources::new("echo.frame", text)).expect("it compiles");
/// let half = description.protocols()[0].stream_half(Role::Second).expect("it is over a stream");
/// let mut server = Connection::new(half, Limits::default());
/// server.receive(b"hello\n");
/// let Progress::Event((Event::Frame { frame, .. }, mut reply)) = server.poll()? else {
///     panic!("a line is there")
/// };
/// reply.send(&frame).expect("it answers a line");
/// assert_eq!(server.transmit(), b"hello\n");
/// # Ok::<(), framer_runtime::violation::Violation>(())
/// ```
#[derive(Clone)]
pub struct Half<const DATAGRAMS: bool> {
    protocol: &'static Protocol,
    engine: Engine,
}

/// The half of a protocol over a stream.
pub type StreamHalf = Half<false>;

/// The half of a protocol over datagrams.
pub type DatagramHalf = Half<true>;

impl<const DATAGRAMS: bool> Half<DATAGRAMS> {
    pub(crate) fn new(protocol: &'static Protocol, role: Role) -> Half<DATAGRAMS> {
        Half { protocol, engine: Engine::new(protocol.table(), role) }
    }

    /// The protocol.
    #[must_use]
    pub fn protocol(&self) -> &'static Protocol {
        self.protocol
    }

    /// The name of the state of the session, after the replies that have come.
    #[must_use]
    pub fn state(&self) -> &'static str {
        self.engine.session().state_name()
    }

    pub(crate) fn description(&self) -> &'static Description {
        self.protocol.description
    }

    fn local(&self) -> Role {
        self.engine.session().local()
    }

    /// A framer by its place.
    pub(crate) fn framer(&self, framer: FramerId) -> Option<&'static Declared> {
        self.protocol.machine.framers.get(usize::from(framer.0))
    }

    /// What the peer speaks as long as nothing is switched.
    fn spoken_to(&self) -> Option<TypeId> {
        let [first, second] = self.protocol.machine.speaks;
        let place = if self.local() == Role::First { second } else { first };
        self.protocol.machine.framers.get(place).map(|framer| framer.ty)
    }

    /// What a complete frame would be, and nothing changes.
    pub(crate) fn look<'a>(&self, framer: FramerId, bytes: &'a [u8]) -> Decoded<Spoken<'a>> {
        let missing = || Reader::new(bytes).fail(Rule::Choice).of("?");
        let of = self.framer(framer).ok_or_else(missing)?;
        self.engine.decode(&of.name, bytes, |reader| self.protocol.read(of, reader))
    }

    fn read<'a>(&mut self, framer: FramerId, bytes: &'a [u8]) -> Step<Event<'a>> {
        let Some(of) = self.framer(framer) else { return Ok(Found::Closed.no_event()) };
        let refusable = self.spoken_to() == Some(of.ty);
        let protocol = self.protocol;
        self.engine.read_with(
            &of.name,
            bytes,
            |reader| protocol.read(of, reader),
            |spoken, refused| Event::Frame {
                frame: spoken.into_frame(),
                refused: refused && refusable,
            },
            Some(Event::Malformed),
        )
    }

    fn data<'a>(&mut self, framer: FramerId, data: &'a [u8]) -> Step<Event<'a>> {
        let Some(of) = self.framer(framer) else { return Ok(Found::Closed.no_event()) };
        let data = match of.shape {
            Shape::Stream(StreamExtent::Param { mask: Some(_), .. }) => self.engine.masked(data),
            _ => Masked::new(data, Mask::default()),
        };
        Ok(self.engine.piece(|| Event::Data { frame: &of.name, data }))
    }

    /// The framer of what this side calls so: the one that is due, where several would do.
    fn framer_of(&self, name: &str) -> Option<(FramerId, &'static Declared)> {
        let due = self.engine.session().framer(self.local());
        self.protocol.framer_of(self.local(), name, due)
    }

    /// What this side cannot say in any state.
    fn stranger(&self) -> Misuse {
        let session = self.engine.session();
        Misuse::OutOfSequence { frame: "?", state: session.state_name() }
    }

    fn send_frame(&mut self, frame: &Frame<'_>, out: &mut Out<'_>) -> Sent {
        let (id, of) = self.framer_of(&frame.name).ok_or_else(|| self.stranger())?;
        let spoken = Spoken::new(self.protocol, of.ty, Cow::Borrowed(frame));
        let description = self.description();
        self.engine.write_with(&of.name, id, &spoken, out, |spoken, out| {
            types::encode(description, description.ty(of.ty), spoken.frame(), out)
        })
    }
}

impl<const DATAGRAMS: bool> std::fmt::Debug for Half<DATAGRAMS> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Half")
            .field("protocol", &self.protocol.name())
            .field("role", &self.local())
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

impl<const DATAGRAMS: bool> Machine for Half<DATAGRAMS> {
    type Event<'a> = Event<'a>;
    type Message<'m> = Message<'m>;
    type Engine = Engine;

    /// What is known of all; [`Machine::input_bound`] tells that of the protocol.
    const INPUT_BOUND: usize = 0;
    const OUTPUT_BOUND: usize = 0;
    const DATAGRAMS: bool = DATAGRAMS;

    fn input_bound(&self) -> usize {
        let peer = self.local().peer();
        let framers = self.protocol.machine.framers.iter();
        let bounds = framers.filter(|framer| role(framer.role) == peer).map(|of| of.bound);
        small(bounds.max().unwrap_or_default())
    }

    fn engine(&self) -> &Engine {
        &self.engine
    }

    fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    fn receive<'a>(&mut self, input: &'a [u8]) -> Step<Event<'a>> {
        match self.engine.begin(input)? {
            Found::Frame(framer, bytes) => self.read(framer, bytes),
            Found::Data(framer, data) => self.data(framer, data),
            Found::End(framer, kind) => {
                let frame = self.protocol.table().framer_name(framer);
                self.engine.end(kind, || Event::End { frame })
            }
            Found::Overlong => self.engine.overlong(Some(Event::Malformed)),
            Found::Upgrade(layer) => {
                let layers = self.protocol.table().layers;
                let layer = layers.get(usize::from(layer)).copied().unwrap_or("?");
                Ok(self.engine.announce(Event::Upgrade(layer)))
            }
            found => Ok(found.no_event()),
        }
    }

    fn send(&mut self, message: &Message<'_>, out: &mut Out<'_>) -> Sent {
        // Frames have no parts, and what has a length ends by itself.
        let payload = |name: &str, ends: fn(&StreamExtent) -> bool| {
            let found = self.framer_of(name);
            let found = found.filter(|(_, of)| matches!(&of.shape, Shape::Stream(of) if ends(of)));
            found.map(|(id, _)| id).ok_or_else(|| self.stranger())
        };
        match message {
            Message::Frame(frame) => self.send_frame(frame, out),
            Message::Data { frame, data } => {
                let framer = payload(frame, |_| true)?;
                self.engine.write_data(framer, data, out)
            }
            Message::End { frame } => {
                let framer = payload(frame, |of| matches!(of, StreamExtent::Via(_)))?;
                self.engine.write_end(framer, out)
            }
        }
    }
}
