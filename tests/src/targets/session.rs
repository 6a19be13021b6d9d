//! Both roles of a bundled protocol, each of which tries to say anything at any time.

use std::collections::VecDeque;

use framer_dsl::ir;
use framer_interpret::{Description, Event, Frame, Half, Message, Value};
use framer_runtime::machine::{Drive as _, Machine, Progress, Sent};
use framer_runtime::protocol::Role;
use framer_runtime::violation::Rule;

use super::byte;
use crate::bundled::{self, Bundled};
use crate::twin::Made;

/// Whatever one role may say, the other reads as it was said, at its place; neither ever breaks a
/// rule, and in the end both agree on where they are. The bytes choose who tries to say what, and
/// how much of it arrives when.
///
/// # Panics
/// Where that is not so.
pub fn session(data: &[u8]) {
    let Some((choice, rest)) = byte(data) else { return };
    let of = &bundled::ALL[choice % bundled::ALL.len()];
    let protocol = of.protocol();
    let roles = [Role::First, Role::Second];
    match protocol.is_datagram() {
        false => {
            let half = |role| protocol.stream_half(role).expect("it is over a stream");
            Session::new(of, roles.map(half)).play(rest);
        }
        true => {
            let half = |role| protocol.datagram_half(role).expect("it is over datagrams");
            Session::new(of, roles.map(half)).play(rest);
        }
    }
}

/// Protocols whose wire does not tell what crossed, so nothing crosses here: an error of HTTP/1.1 that
/// answers nothing is read as the answer to a request under way, and a size of tinyproto as one.
const NOT_CROSSING: [&str; 2] = ["http1", "tinyproto"];

/// What was said and has not come.
#[derive(Debug)]
enum Said {
    Frame(Frame<'static>),
    Data(VecDeque<u8>),
    End,
}

struct Session<const DATAGRAMS: bool> {
    of: &'static Bundled,
    halves: [Half<DATAGRAMS>; 2],
    /// What each has said and the other does not have: of datagrams, each by itself.
    under_way: [VecDeque<Vec<u8>>; 2],
    /// What each has received and not read.
    unread: [Vec<u8>; 2],
    /// How many bytes each has received in datagrams.
    received: [u64; 2],
    /// What each has said and the other has not been told.
    untold: [VecDeque<Said>; 2],
    /// Whether each was told of an upgrade.
    upgrades: [bool; 2],
    /// All that happened, for who reads of a failure.
    log: Vec<String>,
}

impl<const DATAGRAMS: bool> Session<DATAGRAMS> {
    fn new(of: &'static Bundled, halves: [Half<DATAGRAMS>; 2]) -> Session<DATAGRAMS> {
        Session {
            of,
            halves,
            under_way: Default::default(),
            unread: Default::default(),
            received: [0; 2],
            untold: Default::default(),
            upgrades: [false; 2],
            log: Vec::new(),
        }
    }

    fn play(mut self, steps: &[u8]) {
        let crosses = !NOT_CROSSING.contains(&self.of.name);
        for (step, byte) in steps.chunks_exact(2).map(|step| (step[0], step[1])) {
            let role = usize::from(step & 1);
            let may_say = crosses || self.has_all(role);
            match step >> 1 & 7 {
                0..=5 if !may_say => {}
                0 | 1 => self.say_recorded(role, byte),
                2 | 3 => self.say_made(role, u64::from(step) << 8 | u64::from(byte)),
                4 | 5 => self.say_part(role, byte),
                6 => self.carry(role, usize::from(byte)),
                _ => self.carry(role, usize::MAX),
            }
        }
        while (0..2).any(|role| !self.under_way[role].is_empty()) {
            self.carry(0, usize::MAX);
            self.carry(1, usize::MAX);
        }
        self.agree();
    }

    /// Whether a role has read all that the other has said.
    fn has_all(&self, role: usize) -> bool {
        self.under_way[1 - role].is_empty() && self.unread[role].is_empty()
    }

    /// What this role speaks now.
    fn speaks(&self, role: usize) -> Option<&'static ir::Framer> {
        let sending = self.halves[role].engine().sending();
        let mut framers = self.of.protocol().machine().framers.iter();
        framers.find(|framer| place(framer.role) == role && framer.name == sending)
    }

    fn description(&self) -> &'static Description {
        self.of.protocol().description()
    }

    /// A frame out of a conversation of the protocol.
    fn say_recorded(&mut self, role: usize, choice: u8) {
        let Some(framer) = self.speaks(role) else { return };
        let frames = self.of.frames();
        let count = frames.iter().filter(|(name, _)| *name == framer.name).count();
        if count == 0 {
            return;
        }
        let mut own = frames.iter().filter(|(name, _)| *name == framer.name);
        let Some((name, bytes)) = own.nth(usize::from(choice) % count) else { return };
        let schema = self.description().schema(name).expect("it is declared");
        if let Ok(Value::Frame(frame)) = schema.decode(bytes) {
            self.say(role, frame);
        }
    }

    /// A frame made up from the description.
    fn say_made(&mut self, role: usize, seed: u64) {
        let Some(framer) = self.speaks(role) else { return };
        if matches!(framer.shape, ir::Shape::Stream(_)) {
            return;
        }
        let value = Made::of(self.description(), seed).value(&framer.name);
        if let Value::Frame(frame) = value {
            self.say(role, frame);
        }
    }

    fn say(&mut self, role: usize, frame: Frame<'static>) {
        if self.send(role, &Message::Frame(&frame)).is_ok() {
            self.untold[role].push_back(Said::Frame(frame));
        }
    }

    /// A part of a payload, or the end of one.
    fn say_part(&mut self, role: usize, choice: u8) {
        let Some(framer) = self.speaks(role) else { return };
        let frame = framer.name.as_str();
        if choice == 0 {
            if self.send(role, &Message::End { frame }).is_ok() {
                self.untold[role].push_back(Said::End);
            }
            return;
        }
        let byte = |place: u8| b"ab.\r\n\0\xff1"[usize::from((choice / 8) ^ place) % 8];
        let data: Vec<u8> = (0..choice % 16).map(byte).collect();
        if self.send(role, &Message::Data { frame, data: &data }).is_ok() {
            self.untold[role].push_back(Said::Data(data.into()));
        }
    }

    fn send(&mut self, role: usize, message: &Message<'_>) -> Sent {
        let mut out = Vec::new();
        self.halves[role].send(message, &mut (&mut out).into())?;
        let name = match message {
            Message::Frame(frame) => &frame.name,
            Message::Data { frame, .. } | Message::End { frame } => *frame,
        };
        self.log.push(format!("{role} says {name}: {}", out.escape_ascii()));
        self.under_way[role].push_back(out);
        Ok(())
    }

    /// So many bytes of what this role has said arrive; or one datagram.
    fn carry(&mut self, from: usize, count: usize) {
        let to = 1 - from;
        if DATAGRAMS {
            let Some(datagram) = self.under_way[from].pop_front() else { return };
            self.halves[to].engine_mut().begin_datagram(self.received[to]);
            self.received[to] += datagram.len() as u64;
            self.unread[to] = datagram;
            self.read(to);
            // What comes once the session is over is not read.
            self.unread[to].clear();
            return;
        }
        let mut left = count;
        while let Some(said) = self.under_way[from].front_mut() {
            let now = said.len().min(left);
            self.unread[to].extend(said.drain(..now));
            left -= now;
            if !said.is_empty() {
                break;
            }
            self.under_way[from].pop_front();
        }
        while self.read(to) || self.read(from) {}
        if self.upgrades == [true; 2] {
            self.upgrades = [false; 2];
            for half in &mut self.halves {
                half.engine_mut().session_mut().upgraded();
            }
        }
    }

    /// Looks at what has come to a role; whether it was something.
    fn read(&mut self, role: usize) -> bool {
        let input = std::mem::take(&mut self.unread[role]);
        let Ok(received) = self.halves[role].receive(&input) else {
            let violation = self.halves[role].engine().violation().expect("it is kept");
            // Datagrams that cross may each be out of place at the other end: they are dropped.
            let out_of_place = matches!(violation.rule, Rule::OutOfSequence { .. });
            assert!(
                DATAGRAMS && out_of_place,
                "{}: {violation}\n{}",
                self.of.name,
                self.log.join("\n")
            );
            self.untold[1 - role].pop_front();
            return true;
        };
        let taken = received.taken;
        let something = matches!(received.progress, Progress::Event(_)) || taken > 0;
        if let Progress::Event(event) = received.progress {
            let shown = input.get(..taken).unwrap_or_default().escape_ascii();
            self.log.push(format!("{role} reads {}: {shown}", name(&event)));
            let told = self.told(role, &event);
            assert!(told, "{}:\n{}\n{:?}", self.of.name, self.log.join("\n"), self.untold);
        }
        self.unread[role] = input.get(taken..).unwrap_or_default().to_vec();
        something
    }

    /// Whether an event is what the other role has said, and nothing before it was left out.
    fn told(&mut self, role: usize, event: &Event<'_>) -> bool {
        let untold = &mut self.untold[1 - role];
        // A part that has been told, or was empty.
        while matches!(untold.front(), Some(Said::Data(data)) if data.is_empty()) {
            untold.pop_front();
        }
        match event {
            // What only some outcomes of what was outstanding take may be refused by others.
            Event::Frame { frame, .. } => match untold.pop_front() {
                Some(Said::Frame(said)) => {
                    crate::twin::same(&Value::Frame(said), &Value::Frame(frame.clone()))
                }
                _ => false,
            },
            Event::Data { data, .. } => data.to_vec().iter().all(|byte| {
                while matches!(untold.front(), Some(Said::Data(data)) if data.is_empty()) {
                    untold.pop_front();
                }
                match untold.front_mut() {
                    Some(Said::Data(data)) => data.pop_front() == Some(*byte),
                    _ => false,
                }
            }),
            // One of known length ends by itself.
            Event::End { frame } => match self.of.has_length(frame) {
                true => !matches!(untold.front(), Some(Said::Data(_))),
                false => matches!(untold.pop_front(), Some(Said::End)),
            },
            Event::Upgrade(_) => {
                self.upgrades[role] = true;
                true
            }
            Event::Malformed(_) => false,
        }
    }

    /// Where nothing is under way in a stream, both stand alike.
    fn agree(&self) {
        if DATAGRAMS || (0..2).any(|role| !self.has_all(role)) {
            return;
        }
        let [first, second] = [0, 1].map(|role| {
            let session = self.halves[role].engine().session();
            (session.state_name(), session.outstanding(), session.closed())
        });
        assert_eq!(first, second, "{}:\n{}", self.of.name, self.log.join("\n"));
    }
}

/// What an event is of.
fn name<'e>(event: &'e Event<'_>) -> &'e str {
    match event {
        Event::Frame { frame, .. } => &frame.name,
        Event::Data { frame, .. } | Event::End { frame } | Event::Upgrade(frame) => frame,
        Event::Malformed(_) => "what is malformed",
    }
}

fn place(role: ir::Role) -> usize {
    match role {
        ir::Role::First => 0,
        ir::Role::Second => 1,
    }
}
