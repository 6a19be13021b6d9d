//! A conversation that is watched: both directions, or one.

use framer_dsl::ir::Ir;
use framer_interpret::{Event as Said, Protocol, Seen, Sight};
use framer_runtime::protocol::Role;
use framer_runtime::violation::{Rule, Violation};

use super::event::{At, Audience, Broken, Event, Fields};
use super::heard::Heard;
use super::{people, values};

/// A protocol, the description that it is of, and to whom it is told.
#[derive(Clone, Copy)]
pub(crate) struct Spoken {
    pub(crate) protocol: &'static Protocol,
    pub(crate) ir: &'static Ir,
    pub(crate) audience: Audience,
}

/// The protocols that stand for layers, by the names of those.
pub(crate) type Layers = [(String, Spoken)];

/// A conversation.
pub(crate) struct Conversation<'l> {
    spoken: Spoken,
    layers: &'l Layers,
    heard: Heard,
    roles: [&'static str; 2],
    /// What each role says next.
    next: [&'static str; 2],
    /// What came before this protocol, in bytes of each role.
    base: [u64; 2],
    /// The byte behind what was told last.
    told: [u64; 2],
    received: [u64; 2],
    /// The connection was handed to a layer that is not read, or cannot be followed any more.
    over: bool,
    /// Nothing tells when the bytes came: what stands behind an upgrade is of the other layer.
    timeless: bool,
}

impl<'l> Conversation<'l> {
    /// At its beginning; of one role alone, where it is named.
    pub(crate) fn new(spoken: Spoken, layers: &'l Layers, alone: Option<Role>) -> Conversation<'l> {
        let heard = Heard::new(spoken.protocol, alone);
        let roles = spoken.protocol.roles();
        let next = speaks(spoken.protocol);
        let nothing = [0, 0];
        Conversation {
            spoken,
            layers,
            heard,
            roles,
            next,
            base: nothing,
            told: nothing,
            received: nothing,
            over: false,
            timeless: false,
        }
    }

    /// The same of bytes that were recorded without their times.
    pub(crate) fn timeless(self) -> Conversation<'l> {
        Conversation { timeless: true, ..self }
    }

    /// Takes in bytes of a role, and looks for ends in them; how many there was room for.
    pub(crate) fn receive(&mut self, from: Role, bytes: &[u8]) -> usize {
        let taken = if self.over { bytes.len() } else { self.heard.receive(from, bytes) };
        self.received[place(from)] += wide(taken);
        taken
    }

    /// Nothing more will come.
    pub(crate) fn ended(&mut self) {
        self.heard.ended();
    }

    /// Takes in all of the bytes of a role; what is told meanwhile to make room for them.
    pub(crate) fn take_in(&mut self, from: Role, mut bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        while !bytes.is_empty() {
            let taken = self.receive(from, bytes);
            bytes = &bytes[taken..];
            let told = if bytes.is_empty() { Vec::new() } else { self.poll() };
            if taken == 0 && told.is_empty() {
                // It waits for what the other side has not said, and has grown too long.
                events.extend(self.gap(from, wide(bytes.len())));
                return events;
            }
            events.extend(told);
        }
        events
    }

    /// Takes in all of the bytes of a role, and tells what they make whole.
    pub(crate) fn feed(&mut self, from: Role, bytes: &[u8]) -> Vec<Event> {
        let mut events = self.take_in(from, bytes);
        events.extend(self.poll());
        events
    }

    /// Takes in a datagram of a role, and tells what it is.
    pub(crate) fn datagram(&mut self, from: Role, bytes: &[u8]) -> Vec<Event> {
        let start = self.received[place(from)];
        self.received[place(from)] += wide(bytes.len());
        if let Some(seen) = self.heard.datagram(from, bytes) {
            return vec![told(self.spoken, self.roles, [0, 0], &seen)];
        }
        let role = self.roles[place(from)];
        if self.heard.closed() {
            return vec![Event::Passed { role, start, end: self.received[place(from)] }];
        }
        let frame = self.next[place(from)];
        vec![Event::Partial { role: Some(role), frame, start, have: wide(bytes.len()), need: None }]
    }

    /// What was said, as far as it is whole.
    pub(crate) fn poll(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while !self.over {
            let Some(seen) = self.heard.poll() else { break };
            let from = place(seen.from);
            let end = self.base[from].saturating_add(seen.end);
            let next = seen.next;
            let upgrade = upgrade(&seen, self.timeless);
            match upgrade {
                Some(layer) => {
                    events.push(Event::Upgrade { to: layer });
                    self.upgrade(layer);
                    continue;
                }
                None => events.push(told(self.spoken, self.roles, self.base, &seen)),
            }
            if matches!(seen.sight, Sight::Event(_)) {
                self.told[from] = end;
            }
            self.switches(next, &mut events);
        }
        events
    }

    /// What is read in another way than before.
    fn switches(&mut self, next: [&'static str; 2], events: &mut Vec<Event>) {
        for (role, to) in [Role::First, Role::Second].into_iter().zip(next) {
            let at = place(role);
            let from = std::mem::replace(&mut self.next[at], to);
            if from != to && self.heard.hears(role) {
                let (role, at) = (self.roles[at], self.told[at]);
                events.push(Event::Switch { role, from, to, at });
            }
        }
    }

    /// The conversation goes on in another layer.
    fn upgrade(&mut self, layer: &str) {
        let Some((_, spoken)) = self.layers.iter().find(|(name, _)| name == layer) else {
            self.over = true;
            return;
        };
        self.base = self.told;
        self.spoken = *spoken;
        self.next = speaks(spoken.protocol);
        let fresh = Heard::new(spoken.protocol, None);
        let heard = std::mem::replace(&mut self.heard, fresh);
        self.heard = heard.continue_with(spoken.protocol);
        self.roles = spoken.protocol.roles();
    }

    /// Bytes of a role are missing: what follows cannot be read.
    pub(crate) fn gap(&mut self, from: Role, bytes: u64) -> Vec<Event> {
        let start = self.received[place(from)];
        self.received[place(from)] = start.saturating_add(bytes);
        if self.over {
            return Vec::new();
        }
        self.over = true;
        self.told = self.received;
        let role = self.roles[place(from)];
        vec![Event::Gap { role, start, end: start.saturating_add(bytes) }]
    }

    /// Both directions have ended.
    pub(crate) fn finish(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        for role in [Role::First, Role::Second] {
            let (name, end) = (self.roles[place(role)], self.received[place(role)]);
            let start = self.told[place(role)];
            if self.over || self.heard.closed() {
                if end > start {
                    events.push(Event::Passed { role: name, start, end });
                }
            } else if let Some(left) = self.heard.left(role) {
                let start = self.base[place(role)].saturating_add(left.start);
                let (frame, have, need) = (left.frame, left.have, left.need);
                events.push(Event::Partial { role: Some(name), frame, start, have, need });
            }
        }
        events
    }
}

/// What each role says first, by the names of the frames.
fn speaks(protocol: &Protocol) -> [&'static str; 2] {
    let table = protocol.table();
    table.speaks.map(|framer| table.framer_name(framer))
}

/// The layer that the connection is handed to.
fn upgrade(seen: &Seen<'_>, timeless: bool) -> Option<&'static str> {
    match seen.sight {
        Sight::Event(Said::Upgrade(layer)) => Some(layer),
        Sight::Violation(Violation { rule: Rule::BeforeUpgrade { layer }, .. }) if timeless => {
            Some(layer)
        }
        _ => None,
    }
}

fn told(spoken: Spoken, roles: [&'static str; 2], base: [u64; 2], seen: &Seen<'_>) -> Event {
    let base = base[place(seen.from)];
    let start = base.saturating_add(seen.start);
    let end = base.saturating_add(seen.end);
    let role = Some(roles[place(seen.from)]);
    let state = |name: &'static str| seen.known.then_some(name);
    let at = At { role, state: state(seen.before), after: state(seen.after) };
    let broken = |violation: Violation| {
        let (start, end) = (violation.start, violation.end);
        let (start, end) = (base.saturating_add(start), base.saturating_add(end));
        Broken::from(Violation { start, end, ..violation })
    };
    match &seen.sight {
        Sight::Event(Said::Frame { frame, refused }) => {
            let fields = match spoken.audience {
                Audience::People => Fields::Shown(people::fields(frame)),
                Audience::Programs => Fields::Json(values::fields(spoken.ir, frame)),
            };
            let (frame, refused) = (frame.name.to_string(), *refused);
            Event::Frame { at, frame, start, end, refused, fields }
        }
        Sight::Event(Said::Data { frame, data }) => {
            let data = hex::encode(data.to_vec());
            Event::Chunk { at, frame, start, end, data }
        }
        Sight::Event(Said::End { frame }) => Event::End { at, frame, start, end },
        Sight::Event(Said::Malformed(violation)) => {
            Event::Malformed { at, broken: broken(*violation) }
        }
        Sight::Event(Said::Upgrade(to)) => Event::Upgrade { to },
        Sight::Violation(violation) => Event::Violation { at, broken: broken(*violation) },
        Sight::Assumed(assumed) => Event::Assumed {
            at,
            frame: assumed.frame,
            values: assumed.values.as_ref().map(|values| [*values.start(), *values.end()]),
            answers: assumed.answers,
            others: assumed.others.clone(),
        },
    }
}

fn place(role: Role) -> usize {
    match role {
        Role::First => 0,
        Role::Second => 1,
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
