//! The states of a protocol as a picture: what stays in a state stands in its box, what leads
//! elsewhere is an edge.

mod dot;
mod layout;
mod lines;
mod mermaid;
mod shared;
mod svg;
mod text;

use framer_dsl::ir::{Ir, Machine, Role, StateId};

pub(crate) use dot::dot;
pub(crate) use mermaid::mermaid;
pub(crate) use svg::{clean, px, svg};

use crate::words;
use crate::written;

/// What is drawn of a protocol.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) name: String,
    /// What it is, in a sentence.
    pub(crate) docs: String,
    pub(crate) roles: [String; 2],
    /// What each role speaks as long as nothing is switched.
    pub(crate) speaks: [String; 2],
    /// The states in the order of the description, the first being the beginning, and behind them
    /// the rules of any state, if there are some.
    pub(crate) boxes: Vec<Block>,
    pub(crate) edges: Vec<Edge>,
    /// Replies that end the session whatever was asked.
    pub(crate) final_replies: Vec<String>,
    /// The role that gives them.
    pub(crate) answering: Role,
}

/// A state, or any state.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) name: String,
    pub(crate) docs: String,
    /// How long it may last, where it ends by closing.
    pub(crate) time: Option<String>,
    /// What may be said and leaves the state as it is, or closes.
    pub(crate) lines: Vec<Line>,
    /// It is no state, but what holds in several.
    pub(crate) any: bool,
}

/// What leads from one box to another.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) lines: Vec<Line>,
}

/// One thing that may happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// It is about the reply to the line above it.
    pub(crate) inner: bool,
    pub(crate) words: Vec<Word>,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) sort: Sort,
    pub(crate) text: String,
}

/// What a part of a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// What a role says.
    Said(Role),
    /// More of that, in another row.
    More(Role),
    /// When.
    Guard,
    /// What a role says is cut in another way.
    Switch(Role),
    /// The connection goes to another layer.
    Upgrade,
    /// It ends.
    Close,
    /// Anything else.
    Note,
}

impl Word {
    pub(crate) fn new(sort: Sort, text: impl Into<String>) -> Word {
        Word { sort, text: text.into() }
    }
}

/// What is drawn of a protocol.
pub(crate) fn picture(ir: &Ir, machine: &Machine) -> Picture {
    let (final_replies, answering) = shared::final_replies(ir, machine);
    let drawing = lines::Drawing { machine, final_replies: &final_replies };
    let mut boxes: Vec<Block> = Vec::new();
    let mut edges: Vec<Edge> = Vec::new();
    for (place, state) in machine.states.iter().enumerate() {
        let rules = written::rules(ir, machine, &state.rules);
        let (lines, leads) = drawing.rules(&rules, Some(place));
        let late = state.within.map(|within| (words::time(within.millis), within.otherwise));
        boxes.push(Block {
            name: state.name.clone(),
            docs: words::first_sentence(&state.docs.0),
            time: late.as_ref().filter(|(_, to)| to.is_none()).map(|(time, _)| time.clone()),
            lines,
            any: false,
        });
        edges.extend(leads.into_iter().map(|(to, lines)| Edge { from: place, to, lines }));
        if let Some((time, Some(StateId(to)))) = late {
            let word = Word::new(Sort::Note, format!("after {time}"));
            add(&mut edges, place, to, Line { inner: false, words: vec![word] });
        }
    }
    if !machine.any.is_empty() {
        let rules = written::rules(ir, machine, &machine.any);
        let (lines, leads) = drawing.rules(&rules, None);
        let from = boxes.len();
        boxes.push(Block {
            name: any_name(machine),
            docs: String::new(),
            time: None,
            lines,
            any: true,
        });
        edges.extend(leads.into_iter().map(|(to, lines)| Edge { from, to, lines }));
    }
    Picture {
        name: machine.name.clone(),
        docs: words::first_sentence(&machine.docs.0),
        roles: machine.roles.clone(),
        speaks: machine.speaks.map(|place| machine.framers[place].name.clone()),
        boxes,
        edges,
        final_replies,
        answering,
    }
}

/// Adds a line to the edge between two boxes.
fn add(edges: &mut Vec<Edge>, from: usize, to: usize, line: Line) {
    match edges.iter_mut().find(|edge| (edge.from, edge.to) == (from, to)) {
        Some(edge) => edge.lines.push(line),
        None => edges.push(Edge { from, to, lines: vec![line] }),
    }
}

/// What is said of the states in which the rules of any state hold.
pub(crate) fn any_name(machine: &Machine) -> String {
    let states = machine.states.iter();
    let except: Vec<&str> = states.filter(|state| !state.any).map(|of| of.name.as_str()).collect();
    match except.as_slice() {
        [] => String::from("any state"),
        names => format!("any state except {}", names.join(", ")),
    }
}
