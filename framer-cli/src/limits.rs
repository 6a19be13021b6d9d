//! What is bounded, what may be sent together, and what may cross: facts of a checked description.

mod groups;
mod reach;
mod tell;

use framer_dsl::ir::{Ir, Key, Machine, Role, Shape, StateId, StreamExtent};
use serde::Serialize;

pub(crate) use groups::{Groups, groups};
pub(crate) use tell::{late, tell};

use crate::words;
use crate::written::{self, Rule};

/// The limits of a description.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Limits {
    /// The description, as it was named.
    pub(crate) path: String,
    pub(crate) protocols: Vec<Protocol>,
    /// The frames that are cut out of a stream without a protocol.
    pub(crate) frames: Vec<Bound>,
}

/// The limits of a protocol.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Protocol {
    pub(crate) name: String,
    pub(crate) over: &'static str,
    pub(crate) directions: [Direction; 2],
    pub(crate) states: Vec<State>,
    pub(crate) pending: Option<Pending>,
}

/// What a role says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Direction {
    pub(crate) role: String,
    /// The longest frame that the other role must hold as a whole.
    pub(crate) bound_bytes: u64,
    /// The one that takes so many.
    pub(crate) longest: String,
    pub(crate) frames: Vec<Bound>,
    /// Where nothing awaits a reply, there are none.
    pub(crate) groups: Option<Groups>,
}

/// How much of a frame must lie in memory.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Bound {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    /// How its end is found.
    pub(crate) ends: String,
}

/// The limits of a state.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct State {
    pub(crate) name: String,
    pub(crate) directions: [Here; 2],
    /// Whether both roles may speak at once.
    pub(crate) crossing: bool,
    pub(crate) time_limit_ms: Option<u64>,
    /// The state behind the time limit; without one it closes.
    pub(crate) late: Option<String>,
}

/// What a role says in a state.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Here {
    pub(crate) role: String,
    pub(crate) bound_bytes: u64,
    /// How what it says may be cut.
    pub(crate) framers: Vec<String>,
    /// What it may say without being asked.
    pub(crate) says: Vec<String>,
}

/// How many replies may be outstanding.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Pending {
    /// Of each of these roles.
    pub(crate) roles: Vec<String>,
    pub(crate) max: u64,
    /// The field that pairs them; without one they come in order.
    pub(crate) by: Option<String>,
    /// How long each may take.
    pub(crate) within_ms: Option<u64>,
}

/// The roles of a protocol.
pub(crate) const ROLES: [Role; 2] = [Role::First, Role::Second];

/// The limits of a description.
pub(crate) fn limits(path: &str, ir: &Ir) -> Limits {
    let cut = |ty: &framer_dsl::ir::Type| {
        let shape = ty.cut?;
        let bytes = bound_of(shape)?;
        Some(Bound { name: ty.name.clone(), bytes, ends: ends(ir, shape) })
    };
    Limits {
        path: path.to_owned(),
        protocols: ir.machines.iter().map(|machine| protocol(ir, machine)).collect(),
        frames: ir.types.iter().filter_map(cut).collect(),
    }
}

/// The limits of a protocol.
pub(crate) fn protocol(ir: &Ir, machine: &Machine) -> Protocol {
    Protocol {
        name: machine.name.clone(),
        over: if machine.datagrams { "datagram" } else { "stream" },
        directions: ROLES.map(|role| direction(ir, machine, role)),
        states: states(ir, machine),
        pending: pending(machine),
    }
}

fn direction(ir: &Ir, machine: &Machine, role: Role) -> Direction {
    let framers = machine.framers.iter().filter(|framer| framer.role == role);
    let frames: Vec<Bound> = framers
        .map(|framer| Bound {
            name: framer.name.clone(),
            bytes: framer.bound,
            ends: ends(ir, framer.shape),
        })
        .collect();
    // The first of those that are as long.
    let longest = frames.iter().rev().max_by_key(|frame| frame.bytes);
    Direction {
        role: machine.roles[role.index()].clone(),
        bound_bytes: longest.map_or(0, |frame| frame.bytes),
        longest: longest.map(|frame| frame.name.clone()).unwrap_or_default(),
        groups: machine.asks[role.index()].then(|| groups(ir, machine, role)),
        frames,
    }
}

fn states(ir: &Ir, machine: &Machine) -> Vec<State> {
    let framings = reach::framings(ir, machine);
    let places = machine.states.iter().zip(&framings);
    places
        .map(|(state, framings)| {
            let rules = written::in_state(ir, machine, state);
            let directions = ROLES.map(|role| {
                let cut =
                    || framings[role.index()].iter().filter_map(|at| machine.framers.get(*at));
                Here {
                    role: machine.roles[role.index()].clone(),
                    bound_bytes: cut().map(|framer| framer.bound).max().unwrap_or(0),
                    framers: cut().map(|framer| framer.name.clone()).collect(),
                    says: says(&rules, role),
                }
            });
            let late = state.within.and_then(|within| within.otherwise);
            State {
                name: state.name.clone(),
                crossing: directions.iter().all(|here| !here.says.is_empty()),
                directions,
                time_limit_ms: state.within.map(|within| within.millis),
                late: late.map(|StateId(place)| machine.states[place].name.clone()),
            }
        })
        .collect()
}

/// What a role may say by a rule, each once.
fn says(rules: &[Rule<'_>], role: Role) -> Vec<String> {
    let mut says: Vec<String> = Vec::new();
    for rule in rules.iter().filter(|rule| rule.role == role && !rule.refuse) {
        for name in rule.said.iter().filter(|name| *name != "malformed") {
            if !says.contains(name) {
                says.push(name.clone());
            }
        }
    }
    says
}

fn pending(machine: &Machine) -> Option<Pending> {
    let asking = ROLES.into_iter().filter(|role| machine.asks[role.index()]);
    let roles: Vec<String> = asking.map(|role| machine.roles[role.index()].clone()).collect();
    let by = machine.key.as_ref().map(|Key { field, within, .. }| {
        let paths = within.iter().chain([field]).map(|path| path.join("."));
        paths.collect::<Vec<_>>().join(", ")
    });
    let within_ms = machine.reply_millis;
    (!roles.is_empty()).then_some(Pending { roles, max: machine.pending, by, within_ms })
}

/// The longest frame of a shape; `None` if only a protocol says.
fn bound_of(shape: Shape) -> Option<u64> {
    match shape {
        Shape::Delimited(region) => Some(region.max),
        Shape::Measured { max } | Shape::Coded { max, .. } => Some(max),
        Shape::Datagram | Shape::Lines { .. } | Shape::Stream(_) => None,
    }
}

/// How the end of a frame is found, in words.
pub(crate) fn ends(ir: &Ir, shape: Shape) -> String {
    let skipped = |skip: bool| if skip { "; a longer one is passed over" } else { "" };
    match shape {
        Shape::Delimited(region) => {
            let delimiter = &ir.delimiters[region.delimiter.0].name;
            format!("up to {delimiter}{}", skipped(region.skip))
        }
        Shape::Datagram => String::from("a datagram"),
        Shape::Measured { .. } => String::from("by the numbers in it"),
        Shape::Coded { transform, skip, .. } => {
            let transform = &ir.transforms[transform.0].name;
            format!("where {transform} ends{}", skipped(skip))
        }
        Shape::Lines { region, max, .. } => {
            let delimiter = &ir.delimiters[region.delimiter.0].name;
            let (lines, bytes) = (words::number(words::wide(max)), words::bytes(region.max));
            format!("{lines} lines of {bytes}, each up to {delimiter}")
        }
        Shape::Stream(StreamExtent::Param { .. }) => String::from("streamed, as long as announced"),
        Shape::Stream(StreamExtent::Via(transform)) => {
            format!("streamed, until {} ends", ir.transforms[transform.0].name)
        }
        Shape::Stream(StreamExtent::ToEnd) => String::from("streamed, until the connection ends"),
    }
}
