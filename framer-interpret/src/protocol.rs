//! A protocol as the runtime's table.

mod numbers;

use std::borrow::Cow;

use framer_dsl::ir::{self, FrameId, KindOf, Machine, Received, TypeId};
use framer_runtime::frame::Decoded;
use framer_runtime::protocol::{
    Arm, Barrier, Cut, Effect, Framer, FramerId, KindId, Pairing, Protocol as Table, Role, Rule,
    State, StateId, Target, TimeLimit, Unread,
};
use framer_runtime::read::Reader;
use framer_runtime::violation::Rule as Violated;

use crate::cut;
use crate::description::Description;
use crate::half::{DatagramHalf, StreamHalf};
use crate::spoken::Spoken;
use crate::statics::{all_forever, forever};
use crate::types;
use crate::value::{Frame, Value};

/// A protocol of a description.
///
/// Of the two roles, [`Role::First`] is the first named, as a rule the client.
pub struct Protocol {
    pub(crate) description: &'static Description,
    pub(crate) machine: &'static Machine,
    table: &'static Table,
}

impl Protocol {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.table.name
    }

    /// The description that it is of.
    #[must_use]
    pub fn description(&self) -> &'static Description {
        self.description
    }

    /// What it was lowered to.
    #[must_use]
    pub fn machine(&self) -> &'static Machine {
        self.machine
    }

    /// The names of its roles.
    #[must_use]
    pub fn roles(&self) -> [&'static str; 2] {
        self.table.roles
    }

    /// The role of this name.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<Role> {
        let [first, second] = self.table.roles;
        match name {
            _ if name == first => Some(Role::First),
            _ if name == second => Some(Role::Second),
            _ => None,
        }
    }

    /// The table that the runtime runs.
    #[must_use]
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// Whether each frame is a datagram.
    #[must_use]
    pub fn is_datagram(&self) -> bool {
        self.machine.datagrams
    }

    /// A frame that `role` says, as the rules see it; `None` where it speaks no such frame.
    #[must_use]
    pub fn spoken<'f>(&'static self, role: Role, frame: &'f Frame<'f>) -> Option<Spoken<'f>> {
        let (_, framer) = self.framer_of(role, &frame.name, FramerId(u8::MAX))?;
        Some(Spoken::new(self, framer.ty, Cow::Borrowed(frame)))
    }

    /// Reads a frame of a framer.
    pub(crate) fn read<'a>(
        &'static self,
        framer: &ir::Framer,
        reader: &mut Reader<'a>,
    ) -> Decoded<Spoken<'a>> {
        let ty = self.description.ty(framer.ty);
        match types::read(self.description, ty, reader, &[])? {
            Value::Frame(frame) => Ok(Spoken::new(self, framer.ty, Cow::Owned(frame))),
            _ => Err(reader.fail(Violated::Choice)),
        }
    }

    /// What a payload of this name is to the rules, once `of` has said all of it.
    #[must_use]
    pub fn payload(&self, of: Role, name: &str) -> Option<KindId> {
        let framers = self.machine.framers.iter().zip(self.table.framers);
        let mut own = framers.filter(|(framer, _)| role(framer.role) == of && framer.name == name);
        own.find_map(|(_, framer)| match framer.cut {
            Cut::Escaped { kind, .. } | Cut::Rest { kind } | Cut::Counted { kind, .. } => {
                Some(kind)
            }
            _ => None,
        })
    }

    /// The framer of what `of` calls so: `due`, if that would do.
    pub(crate) fn framer_of(
        &self,
        of: Role,
        name: &str,
        due: FramerId,
    ) -> Option<(FramerId, &'static ir::Framer)> {
        let description = self.description;
        let is = |id: TypeId| description.ty(id).name == name;
        let says = |framer: &ir::Framer| {
            let choice = description.choice(framer.ty).map_or(&[][..], |of| &of.alternatives);
            role(framer.role) == of
                && (is(framer.ty) || choice.iter().any(|of| is(TypeId::Frame(of.frame))))
        };
        let places = (0..=u8::MAX).map(FramerId);
        let mut all = places.zip(&self.machine.framers).filter(|(_, framer)| says(framer));
        let first = all.next()?;
        Some(all.find(|(id, _)| first.0 != due && *id == due).unwrap_or(first))
    }

    /// One role's half, for a [`Connection`](framer_runtime::connection::Connection); `None` where
    /// each frame is a datagram.
    #[must_use]
    pub fn stream_half(&'static self, role: Role) -> Option<StreamHalf> {
        (!self.machine.datagrams).then(|| StreamHalf::new(self, role))
    }

    /// One role's half, for [`Datagrams`](framer_runtime::datagram::Datagrams); `None` where frames
    /// are cut out of a stream.
    #[must_use]
    pub fn datagram_half(&'static self, role: Role) -> Option<DatagramHalf> {
        self.machine.datagrams.then(|| DatagramHalf::new(self, role))
    }
}

pub(crate) fn build(description: &'static Description, machine: &'static Machine) -> Protocol {
    Protocol { description, machine, table: forever(table(description, machine)) }
}

fn table(description: &'static Description, machine: &'static Machine) -> Table {
    let [first, second] = &machine.roles;
    let framers = machine.framers.iter().map(|framer| Framer {
        name: &framer.name,
        cut: cut::framer(description, machine, framer),
    });
    let malformed = [ir::Role::First, ir::Role::Second].map(|role| {
        let mut kinds = machine.kinds.iter();
        let place = kinds.position(|kind| kind.role == role && kind.of == KindOf::Malformed);
        place.map(|place| KindId(tiny(place)))
    });
    let any = all_forever(machine.any.iter().map(|rule| rule_row(machine, rule)));
    let states = machine.states.iter().map(|state| state_row(machine, state, any));
    let states: &'static [State] = all_forever(states);
    let initial = machine.vars.iter().enumerate().filter(|(_, var)| var.initial);
    Table {
        name: &machine.name,
        roles: [first, second],
        speaks: machine.speaks.map(|place| FramerId(tiny(place))),
        framers: all_forever(framers),
        kinds: all_forever(machine.kinds.iter().map(|kind| kind.name.as_str())),
        malformed,
        states,
        index: all_forever(states.iter().map(|state| index(machine, state))),
        asks: machine.asks,
        pairing: if machine.key.is_some() { Pairing::Key } else { Pairing::Order },
        pending: crate::record::small(machine.pending),
        reply_millis: machine.reply_millis,
        variables: initial.fold(0, |bits, (place, _)| bits | bit(place)),
        numbers: numbers::rows(machine),
        tests: numbers::tests(machine),
        layers: all_forever(machine.layers.iter().map(String::as_str)),
    }
}

/// A place in a table, of which none is so long that it does not fit.
pub(crate) fn tiny(place: usize) -> u8 {
    u8::try_from(place).unwrap_or(u8::MAX)
}

/// A frame as the kinds name it.
pub(crate) fn kind_of(frame: FrameId) -> KindOf {
    KindOf::Frame(frame)
}

/// The bit of a variable.
fn bit(place: usize) -> u32 {
    u32::try_from(place).ok().and_then(|place| 1_u32.checked_shl(place)).unwrap_or_default()
}

fn index(machine: &Machine, state: &State) -> &'static [u8] {
    all_forever((0..machine.kinds.len()).map(|kind| state.first(KindId(tiny(kind)))))
}

fn state_row(machine: &'static Machine, state: &'static ir::State, any: &'static [Rule]) -> State {
    let time_limit = state.within.map(|within| TimeLimit {
        millis: within.millis,
        otherwise: within.otherwise.map(|state| StateId(tiny(state.0))),
    });
    State {
        name: &state.name,
        time_limit,
        rules: all_forever(state.rules.iter().map(|rule| rule_row(machine, rule))),
        any: if state.any { any } else { &[] },
    }
}

fn rule_row(machine: &'static Machine, rule: &'static ir::Rule) -> Rule {
    Rule {
        kinds: kinds(&rule.kinds),
        low: rule.low,
        high: rule.high,
        mask: rule.mask,
        value: rule.value,
        refuse: rule.refuse,
        barrier: rule.barrier.map(|barrier| match barrier {
            ir::Barrier::Framing => Barrier::Framing,
            ir::Barrier::Variable => Barrier::Variable,
            ir::Barrier::End => Barrier::End,
            ir::Barrier::Order => Barrier::Order,
            ir::Barrier::Declared => Barrier::Declared,
        }),
        framing: rule.framing,
        target: target(rule.target),
        effects: all_forever(rule.effects.iter().map(|of| effect(machine, of))),
        arms: all_forever(rule.arms.iter().map(|arm| arm_row(machine, arm))),
    }
}

fn arm_row(machine: &'static Machine, arm: &'static ir::Arm) -> Arm {
    // Where a role speaks one kind only, its value says it all.
    let role = arm.kinds.first().and_then(|place| machine.kinds.get(*place)).map(|kind| kind.role);
    let all = machine.kinds.iter().filter(|kind| Some(kind.role) == role).count();
    let only = arm.kinds.len() < all;
    Arm {
        kinds: if only { kinds(&arm.kinds) } else { &[] },
        low: arm.low,
        high: arm.high,
        mask: arm.mask,
        value: arm.value,
        target: target(arm.target),
        effects: all_forever(arm.effects.iter().map(|of| effect(machine, of))),
    }
}

fn kinds(places: &[usize]) -> &'static [KindId] {
    all_forever(places.iter().map(|place| KindId(tiny(*place))))
}

/// A role as the runtime has it.
pub(crate) fn role(role: ir::Role) -> Role {
    match role {
        ir::Role::First => Role::First,
        ir::Role::Second => Role::Second,
    }
}

fn target(target: ir::Target) -> Target {
    match target {
        ir::Target::Stay => Target::Stay,
        ir::Target::Close => Target::Close,
        ir::Target::Again => Target::Again,
        ir::Target::State(state) => Target::State(StateId(tiny(state.0))),
    }
}

fn effect(machine: &'static Machine, effect: &ir::Effect) -> Effect {
    match *effect {
        ir::Effect::Then { role: of, framer, site, mask } => Effect::Then {
            role: role(of),
            framer: FramerId(tiny(framer)),
            site: tiny(site),
            mask: tiny(mask),
        },
        ir::Effect::Hold { role: of, until } => {
            let all = machine.kinds.iter().enumerate();
            let until = all.filter(|(_, kind)| kind.role != of && kind.of == KindOf::Frame(until));
            let until = all_forever(until.map(|(place, _)| KindId(tiny(place))));
            Effect::Hold { role: role(of), until }
        }
        ir::Effect::Speaks { role: of, framer } => {
            Effect::Speaks { role: role(of), framer: FramerId(tiny(framer)) }
        }
        ir::Effect::Upgrade { layer, received } => Effect::Upgrade {
            layer: tiny(layer),
            unread: match received {
                Received::Reject => Unread::Reject,
                Received::Discard => Unread::Discard,
                Received::Carry => Unread::Carry,
            },
        },
        ir::Effect::Assign { var, value } => Effect::Assign { variable: bit(var), value },
        ir::Effect::Set { var, site } => Effect::Set { variable: bit(var), site: tiny(site) },
        ir::Effect::Change { number, change, by } => numbers::effect(number, change, by),
    }
}
