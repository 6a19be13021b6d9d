//! Every place that a session can come to, with the shortest way there.

use std::collections::HashMap;

use super::walk::{Place, ROLES, Symbol, Taken, Walk, switches};
use crate::diagnostic::Step;
use crate::ir::{Arm, Target};
use crate::model::{Role, StateId};

/// So many places are looked at.
const MAX_PLACES: usize = 1 << 16;

/// A frame that awaits its reply, and the variables when it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Exchange {
    pub(super) symbol: Symbol,
    pub(super) variables: u32,
}

/// Where a session stands, with at most one exchange outstanding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) pending: Option<Exchange>,
}

/// What happens.
#[derive(Clone, Copy, Debug)]
enum Move {
    Said(Symbol),
    /// Nothing, for as long as the state may last.
    Silence,
}

struct Entry {
    node: Node,
    /// What led here first, and from where.
    from: Option<(usize, Move)>,
    /// Where it leads.
    next: Vec<usize>,
    /// Whether the session may end here.
    closes: bool,
}

pub(super) struct Reached(Vec<Entry>);

impl Reached {
    /// Walks from the beginning; `None` if there is more than can be looked through.
    pub(super) fn from_start(walk: &Walk<'_>) -> Option<Reached> {
        let start = Node { place: walk.start(), pending: None };
        let mut known = HashMap::from([(start, 0)]);
        let entry = |node, from| Entry { node, from, next: Vec::new(), closes: false };
        let mut entries = vec![entry(start, None)];
        let mut at = 0;
        while let Some(Entry { node, .. }) = entries.get(at) {
            for (what, leads) in moves(walk, *node) {
                let Some(leads) = leads else {
                    entries[at].closes = true;
                    continue;
                };
                let next = *known.entry(leads).or_insert_with(|| {
                    entries.push(entry(leads, Some((at, what))));
                    entries.len() - 1
                });
                if !entries[at].next.contains(&next) {
                    entries[at].next.push(next);
                }
            }
            if entries.len() > MAX_PLACES {
                return None;
            }
            at += 1;
        }
        Some(Reached(entries))
    }

    /// Every node, the nearest first, by its place.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (usize, Node)> {
        self.0.iter().enumerate().map(|(at, entry)| (at, entry.node))
    }

    /// Those at which nothing is outstanding.
    pub(super) fn quiet(&self) -> impl Iterator<Item = (usize, Place)> {
        self.nodes().filter(|(_, node)| node.pending.is_none()).map(|(at, node)| (at, node.place))
    }

    /// Where a node is.
    pub(super) fn place(&self, at: usize) -> Place {
        self.0[at].node.place
    }

    /// Whether something may happen at a node.
    pub(super) fn goes_on(&self, at: usize) -> bool {
        self.0[at].closes || !self.0[at].next.is_empty()
    }

    /// For each node whether the exchange that is outstanding there may end.
    pub(super) fn answered(&self) -> Vec<bool> {
        let mut before = vec![Vec::new(); self.0.len()];
        let mut ends = vec![false; self.0.len()];
        let mut open = Vec::new();
        for (at, entry) in self.0.iter().enumerate() {
            entry.next.iter().for_each(|next| before[*next].push(at));
            if entry.closes || entry.node.pending.is_none() {
                ends[at] = true;
                open.push(at);
            }
        }
        while let Some(at) = open.pop() {
            for &earlier in &before[at] {
                if !std::mem::replace(&mut ends[earlier], true) {
                    open.push(earlier);
                }
            }
        }
        ends
    }

    /// The shortest way to a node.
    pub(super) fn way(&self, walk: &Walk<'_>, mut at: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some((from, what)) = self.0[at].from {
            let node = self.0[at].node;
            let leads = outcomes(walk, node);
            steps.push(match what {
                Move::Said(symbol) => walk.step(symbol, &leads),
                Move::Silence => Step {
                    role: String::from("nobody"),
                    message: String::from("in time"),
                    leads: vec![walk.state(node.place.state).to_owned()],
                },
            });
            at = from;
        }
        steps.reverse();
        steps
    }
}

/// The states that a session may be in once what is outstanding is answered.
fn outcomes(walk: &Walk<'_>, node: Node) -> Vec<usize> {
    let states = match node.pending {
        None => 1 << node.place.state,
        Some(exchange) => walk.after(1 << node.place.state, exchange.symbol, exchange.variables),
    };
    members(states).collect()
}

/// The states of a set.
pub(super) fn members(states: u64) -> impl Iterator<Item = usize> {
    (0..64).filter(move |state| states >> state & 1 == 1)
}

impl Walk<'_> {
    /// The states that a frame and its reply can lead to from any of `states`.
    pub(super) fn after(&self, states: u64, symbol: Symbol, variables: u32) -> u64 {
        let mut reached = 0;
        for from in members(states) {
            let Some(rule) = self.rule(from, symbol, variables) else { continue };
            let stay = state_of(rule.target).unwrap_or(from);
            if rule.arms.is_empty() && rule.target != Target::Close {
                reached |= 1 << stay;
            }
            let ends = |target: Target| !matches!(target, Target::Close | Target::Again);
            for arm in rule.arms.iter().filter(|arm| ends(arm.target)) {
                reached |= 1 << state_of(arm.target).unwrap_or(stay);
            }
        }
        reached
    }
}

/// The state that a target names, if it does.
fn state_of(target: Target) -> Option<usize> {
    match target {
        Target::State(StateId(state)) => Some(state),
        _ => None,
    }
}

/// What may happen at a node, and where it leads; `None` if the session is over then.
fn moves(walk: &Walk<'_>, node: Node) -> Vec<(Move, Option<Node>)> {
    let mut moves = match node.pending {
        None => ROLES.iter().flat_map(|role| free(walk, node.place, *role)).collect(),
        Some(exchange) => outstanding(walk, node, exchange),
    };
    let state = &walk.machine.states[node.place.state];
    if let (None, Some(within)) = (node.pending, state.within) {
        let place = within.otherwise.map(|state| Place { state: state.0, ..node.place });
        moves.push((Move::Silence, place.map(|place| Node { place, pending: None })));
    }
    moves
}

/// What a role may say while nothing is outstanding.
fn free(walk: &Walk<'_>, place: Place, role: Role) -> Vec<(Move, Option<Node>)> {
    let said = walk.said(place, role).map(|symbol| {
        let taken = walk.take(place, symbol);
        let exchange = Exchange { symbol, variables: place.variables };
        let pending = (!taken.arms().is_empty()).then_some(exchange);
        let next = walk.behind(place, symbol, taken);
        (Move::Said(symbol), next.map(|place| Node { place, pending }))
    });
    said.collect()
}

/// What may be said while an exchange is outstanding: replies, and what was made due.
fn outstanding(walk: &Walk<'_>, node: Node, exchange: Exchange) -> Vec<(Move, Option<Node>)> {
    let place = node.place;
    let asked = exchange.symbol.role;
    let rule = walk.rule(place.state, exchange.symbol, exchange.variables);
    let mut moves = Vec::new();
    if place.due[asked.index()].is_some() {
        for symbol in walk.written(place, asked) {
            let next = walk.behind(place, symbol, walk.take(place, symbol));
            moves.push((Move::Said(symbol), next.map(|place| Node { place, ..node })));
        }
    }
    for symbol in walk.written(place, asked.peer()) {
        let due = place.due[asked.peer().index()].is_some();
        let taken = walk.take(place, symbol);
        let arm = rule.and_then(|rule| walk.arm(&rule.arms, symbol, place.variables));
        // Where both sides ask, what a rule takes is no reply.
        let asks = walk.machine.asks[asked.peer().index()];
        let no_reply = if asks {
            !walk.only_answers(symbol.kind)
        } else {
            due && matches!(taken, Taken::Rule(_))
        };
        // What is under way comes before what changes how it is read.
        let comes_first = |arm: &Arm| walk.under_way(place, asked) && switches(&arm.effects, asked);
        if !no_reply && arm.is_some_and(comes_first) {
            continue;
        }
        let reply = arm.filter(|_| !no_reply);
        let next = match (reply, rule) {
            (Some(arm), Some(rule)) => replied(walk, node, symbol, arm, rule.target),
            _ if due => walk.behind(place, symbol, taken).map(|place| Node { place, ..node }),
            _ => continue,
        };
        moves.push((Move::Said(symbol), next));
    }
    moves
}

/// Where a reply leads.
fn replied(walk: &Walk<'_>, node: Node, symbol: Symbol, arm: &Arm, stay: Target) -> Option<Node> {
    let place = walk.apply(node.place, symbol, &arm.effects);
    match arm.target {
        Target::Again => Some(Node { place, ..node }),
        Target::Stay => {
            let place = Place { state: state_of(stay).unwrap_or(place.state), ..place };
            Some(Node { place, pending: None })
        }
        target => walk.lead(place, target).map(|place| Node { place, pending: None }),
    }
}
