//! Both engines over the same bytes: what is compiled and what is interpreted see the same.

mod change;
mod made;
mod recoded;
mod same;
mod shown;
/// Every type that the two engines are held against each other with, as the build script lists them.
pub mod types {
    include!(concat!(env!("OUT_DIR"), "/types.rs"));
}

use std::fmt::Debug;

use framer_interpret::{Event, Half, Protocol};
use framer_runtime::machine::{Described, Drive as _, Failed, Machine, Progress};
use framer_runtime::protocol::{Role, Said};
use framer_runtime::spoken::Spoken as _;
use framer_runtime::violation::{Misuse, Violation};

pub use change::Changes;
pub use made::Made;
pub use recoded::{
    CutUp, Cuts, Recoded, Ty, Types, compiled, compiled_cut, interpreted, interpreted_cut,
};
pub use same::same;
pub use shown::{show, show_event};

use crate::conversation::Line;

/// What a look at the input came to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Came {
    Event(String),
    More(usize),
    Owed,
    Closed,
    Violation(Violation),
}

/// How much of the input is done with, and what came of it.
type Step = (usize, Came);

fn step<M: Machine>(
    machine: &mut M,
    input: &[u8],
    mut text: impl FnMut(&M::Event<'_>) -> String,
) -> Step {
    match machine.receive(input) {
        Err(Failed) => (0, Came::Violation(machine.engine().violation().expect("it is kept"))),
        Ok(received) => {
            let came = match &received.progress {
                Progress::Event(event) => Came::Event(text(event)),
                Progress::More(need) => Came::More(*need),
                Progress::Owed => Came::Owed,
                Progress::Closed => Came::Closed,
            };
            (received.taken, came)
        }
    }
}

/// How a line of a conversation is cut, by its number.
pub type Split<'s> = &'s dyn for<'l> Fn(usize, &'l [u8]) -> Vec<&'l [u8]>;

/// What one engine is told that the other role said.
type Heard = Option<(Said, [u64; 64])>;

/// Both roles of a protocol, compiled and interpreted.
pub struct Twin<A, B, const DATAGRAMS: bool> {
    protocol: &'static Protocol,
    first: A,
    second: B,
    /// By the role that each is.
    interpreted: [Half<DATAGRAMS>; 2],
    /// What each role has said and no one has read.
    unread: [Vec<u8>; 2],
    /// How many bytes of datagrams each has said.
    received: [u64; 2],
    /// Whether a role has said what is final.
    lost: [bool; 2],
    /// Everything that came.
    seen: Vec<String>,
    /// The frames, each with the name of what was spoken.
    frames: Vec<(&'static str, Vec<u8>)>,
    /// What each role has said.
    said: [Vec<Told>; 2],
}

impl<A, B, const DATAGRAMS: bool> Twin<A, B, DATAGRAMS>
where
    A: Described,
    B: Described,
    for<'a> A::Event<'a>: Debug,
    for<'a> B::Event<'a>: Debug,
{
    /// At the beginning of a session.
    ///
    /// # Panics
    /// If the protocol is over another transport.
    #[must_use]
    pub fn new(
        protocol: &'static Protocol,
        interpreted: [Half<DATAGRAMS>; 2],
        compiled: (A, B),
    ) -> Twin<A, B, DATAGRAMS> {
        assert_eq!(protocol.is_datagram(), DATAGRAMS);
        let (first, second) = compiled;
        assert_eq!(interpreted[0].input_bound(), A::INPUT_BOUND);
        assert_eq!(interpreted[1].input_bound(), B::INPUT_BOUND);
        Twin {
            protocol,
            first,
            second,
            interpreted,
            unread: [Vec::new(), Vec::new()],
            received: [0; 2],
            lost: [false; 2],
            seen: Vec::new(),
            frames: Vec::new(),
            said: [Vec::new(), Vec::new()],
        }
    }

    /// Both engines see the lines, each in the pieces that `pieces` makes of it; what they saw.
    ///
    /// # Panics
    /// Where they differ.
    #[must_use]
    pub fn run(mut self, lines: &[Line], pieces: Split<'_>) -> Ran {
        self.hear(lines, pieces);
        if !DATAGRAMS {
            self.end();
        }
        let examined = [self.second.engine().scanned(), self.first.engine().scanned()];
        let Twin { seen, frames, said, .. } = self;
        Ran { seen, frames, said, examined }
    }

    /// The compiled machines behind the lines, as the first role and the second.
    ///
    /// # Panics
    /// Where the engines differ, or not everything was read.
    #[must_use]
    pub fn behind(mut self, lines: &[Line]) -> (A, B) {
        self.hear(lines, &|_, bytes| vec![bytes]);
        assert_eq!((&self.unread, self.lost), (&Default::default(), [false; 2]), "{:?}", self.seen);
        (self.first, self.second)
    }

    fn hear(&mut self, lines: &[Line], pieces: Split<'_>) {
        for (number, line) in lines.iter().enumerate() {
            let Some((from, bytes)) = line.said() else {
                self.upgraded();
                continue;
            };
            if DATAGRAMS {
                self.datagram(from, bytes);
                continue;
            }
            for piece in pieces(number, bytes) {
                self.unread[place(from)].extend_from_slice(piece);
                self.settle(from);
            }
        }
    }

    fn upgraded(&mut self) {
        self.first.engine_mut().session_mut().upgraded();
        self.second.engine_mut().session_mut().upgraded();
        for half in &mut self.interpreted {
            half.engine_mut().session_mut().upgraded();
        }
    }

    /// Reads what is there, behind something that a role has said. What the other said stands before that: as soon
    /// as it can be read, it is, however the bytes come.
    fn settle(&mut self, from: Role) {
        while self.once(from.peer()) || self.once(from) {}
    }

    /// A datagram is looked at once.
    fn datagram(&mut self, from: Role, bytes: &[u8]) {
        let position = self.received[place(from)];
        self.received[place(from)] += bytes.len() as u64;
        match from.peer() {
            Role::First => self.first.engine_mut().begin_datagram(position),
            Role::Second => self.second.engine_mut().begin_datagram(position),
        }
        self.interpreted[place(from.peer())].engine_mut().begin_datagram(position);
        self.unread[place(from)] = bytes.to_vec();
        self.once(from);
        self.unread[place(from)].clear();
        self.lost[place(from)] = false;
    }

    /// Reads what a role has said; whether it was something.
    fn once(&mut self, from: Role) -> bool {
        if self.lost[place(from)] {
            return false;
        }
        let input = std::mem::take(&mut self.unread[place(from)]);
        let compiled = match from.peer() {
            Role::First => step(&mut self.first, &input, |event| format!("{event:?}")),
            Role::Second => step(&mut self.second, &input, |event| format!("{event:?}")),
        };
        let protocol = self.protocol;
        let (mut heard, mut spoken, mut part) = (None, None, None);
        let reader = &mut self.interpreted[place(from.peer())];
        let framer = reader.engine().receiving();
        let interpreted = step(reader, &input, |event| {
            heard = hear(protocol, from, event);
            spoken = matches!(event, Event::Frame { .. }).then_some(framer);
            if let Event::Data { frame, data } = event {
                part = Some((*frame, data.to_vec()));
            }
            show_event(protocol, from, event)
        });
        assert_eq!(interpreted, compiled, "{framer}: {}", input.escape_ascii());
        if let (Some(framer), Some(frame)) = (spoken, input.get(..compiled.0)) {
            self.frames.push((framer, frame.to_vec()));
        }
        self.tell(from, heard);
        self.compare();
        let (taken, came) = compiled;
        self.unread[place(from)] = input.get(taken..).unwrap_or_default().to_vec();
        self.lost[place(from)] = matches!(came, Came::Violation(_));
        let something = matches!(came, Came::Event(_)) || taken > 0;
        self.note(from, &came, part);
        if let Came::Event(_) | Came::Violation(_) = came {
            self.seen.push(format!("{from:?} {came:?}"));
        }
        something
    }

    /// Notes what a role has said, and how far that reaches.
    fn note(&mut self, from: Role, came: &Came, part: Option<(&'static str, Vec<u8>)>) {
        let end = self.interpreted[place(from.peer())].engine().position();
        let said = &mut self.said[place(from)];
        match (part, came) {
            (Some((name, bytes)), _) => match said.last_mut() {
                Some(Told::Payload { name: last, bytes: all, end: to }) if *last == name => {
                    all.extend(bytes);
                    *to = end;
                }
                _ => said.push(Told::Payload { name, bytes, end }),
            },
            (None, Came::Event(what)) => said.push(Told::Event { what: what.clone(), end }),
            (None, Came::Violation(violation)) => said.push(Told::Violation(*violation)),
            (None, Came::More(_) | Came::Owed | Came::Closed) => {}
        }
    }

    /// The engines of who said something take it as said.
    fn tell(&mut self, from: Role, heard: Heard) {
        let Some((said, sites)) = heard else { return };
        let site = |site: u8| sites.get(usize::from(site)).copied().unwrap_or_default();
        let compiled: Result<(), Misuse> = match from {
            Role::First => self.first.engine_mut().said(said, &site),
            Role::Second => self.second.engine_mut().said(said, &site),
        };
        let interpreted = self.interpreted[place(from)].engine_mut().said(said, &site);
        assert_eq!(interpreted, compiled);
        assert_eq!(compiled, Ok(()), "what one side takes the other has said");
    }

    /// Both stand alike.
    fn compare(&self) {
        let pairs = [
            (self.first.engine(), self.interpreted[0].engine()),
            (self.second.engine(), self.interpreted[1].engine()),
        ];
        for (compiled, interpreted) in pairs {
            let about = |engine: &framer_runtime::engine::Engine| {
                let session = engine.session();
                let standing = (session.state_name(), session.awaited(), session.outstanding());
                (standing, engine.position(), engine.scanned(), engine.sending())
            };
            assert_eq!(about(interpreted), about(compiled));
        }
        // Each role knows how the other reads what it writes.
        let [first, second] = [self.first.engine(), self.second.engine()].map(|engine| {
            let session = engine.session();
            let framers = [Role::First, Role::Second].map(|role| session.framer(role));
            (session.state_name(), session.outstanding(), framers, session.progress())
        });
        assert_eq!(first, second, "{:#?}", self.seen);
    }

    fn end(&mut self) {
        for from in [Role::First, Role::Second] {
            let unread = self.unread[place(from)].len();
            let compiled = match from.peer() {
                Role::First => self.first.engine_mut().end_of_stream(unread),
                Role::Second => self.second.engine_mut().end_of_stream(unread),
            };
            let reader = &mut self.interpreted[place(from.peer())];
            assert_eq!(reader.engine_mut().end_of_stream(unread), compiled);
            self.seen.push(format!("{from:?} {compiled:?}"));
            if let (false, Err(violation)) = (self.lost[place(from)], compiled) {
                self.said[place(from)].push(Told::Violation(violation));
            }
        }
    }
}

/// Something that a role has said, however its bytes came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A part of a payload, as long as nothing comes between.
    Payload {
        /// Its name.
        name: &'static str,
        /// Its bytes.
        bytes: Vec<u8>,
        /// How far it reaches, in bytes from the beginning of the direction.
        end: u64,
    },
    /// Any other event.
    Event {
        /// As a text.
        what: String,
        /// How far it reaches, in bytes from the beginning of the direction.
        end: u64,
    },
    /// What is final.
    Violation(Violation),
}

/// What came of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Everything that was seen.
    pub seen: Vec<String>,
    /// The frames, each with the name of what was spoken.
    pub frames: Vec<(&'static str, Vec<u8>)>,
    /// What each role has said, by the role that it is.
    pub said: [Vec<Told>; 2],
    /// How many bytes of each role were examined to find boundaries; of the last datagram, where
    /// they are datagrams.
    pub examined: [u64; 2],
}

/// What an event is to the engine of who said it.
fn hear(protocol: &'static Protocol, from: Role, event: &Event<'_>) -> Heard {
    match event {
        Event::Frame { frame, .. } => {
            let spoken = protocol.spoken(from, frame).expect("it is spoken");
            let site = |place| u8::try_from(place).map_or(0, |site| spoken.site(site));
            Some((spoken.said(from), std::array::from_fn(site)))
        }
        Event::End { frame } => {
            let kind = protocol.payload(from, frame);
            Some((Said::only(kind.expect("a payload")), [0; 64]))
        }
        Event::Malformed(_) => {
            let kind = protocol.table().malformed(from).expect("it goes on");
            Some((Said::only(kind), [0; 64]))
        }
        Event::Data { .. } | Event::Upgrade(_) => None,
    }
}

fn place(role: Role) -> usize {
    match role {
        Role::First => 0,
        Role::Second => 1,
    }
}
