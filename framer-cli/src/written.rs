//! Rules as they are written: what the compiler took apart is put together again.
//!
//! A rule whose effects depend on fields of its frame is several in the IR, one for each answer,
//! and so are its arms. They share the place where they are written.

mod cases;
mod reader;
mod variables;

use framer_dsl::ir::{self, Barrier, Change, Ir, Machine, Received, Role, Target, TypeId};

use reader::Reader;

/// A rule, and what comes of it.
#[derive(Clone, Debug)]
pub(crate) struct Rule<'i> {
    pub(crate) role: Role,
    /// What it is about: frames, values, `malformed`, or `_` for whatever the role speaks.
    pub(crate) said: Vec<String>,
    /// What must hold, all of it.
    pub(crate) when: Vec<String>,
    pub(crate) refuse: bool,
    pub(crate) outcome: Outcome,
    /// Without one, it awaits no reply.
    pub(crate) arms: Vec<Arm>,
    /// What of it must wait for the reply, and what need not.
    pub(crate) parts: Vec<Part>,
    /// The rows of the table that it became.
    pub(crate) rows: Vec<&'i ir::Rule>,
}

/// The frames of a rule that one barrier stands behind, or none.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) barrier: Option<Barrier>,
    /// Which they are; one of these holds, and an empty one always does.
    pub(crate) when: Vec<String>,
}

/// A reply, and what comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arm {
    pub(crate) said: Vec<String>,
    pub(crate) when: Vec<String>,
    pub(crate) outcome: Outcome,
}

/// What comes of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) target: Target,
    /// With what must hold for each.
    pub(crate) effects: Vec<(Effect, Vec<String>)>,
}

/// What changes beside the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// One frame of a role is this one, perhaps not before the other one has said something.
    Then { role: Role, frame: String, args: String, after: Option<String> },
    /// A role speaks this from now on.
    Speaks { role: Role, frame: String },
    /// The connection goes to another layer.
    Upgrade { layer: String, received: Received },
    /// A variable is set, or counts.
    Set { var: String, change: Change, value: String },
}

/// The rules of a state or of any state, in order.
pub(crate) fn rules<'i>(ir: &'i Ir, machine: &'i Machine, rows: &'i [ir::Rule]) -> Vec<Rule<'i>> {
    let reader = Reader::new(ir, machine);
    let written = rows.chunk_by(|one, other| one.span == other.span);
    written.filter_map(|rows| reader.rule(rows)).collect()
}

/// The rules that hold in a state, those of any state last.
pub(crate) fn in_state<'i>(
    ir: &'i Ir,
    machine: &'i Machine,
    state: &'i ir::State,
) -> Vec<Rule<'i>> {
    let any: &[ir::Rule] = if state.any { &machine.any } else { &[] };
    let mut all = rules(ir, machine, &state.rules);
    all.extend(rules(ir, machine, any));
    all
}

/// The names of the frames that a type can be.
pub(crate) fn frames_of(ir: &Ir, ty: TypeId) -> Vec<String> {
    let of = ir.ty(ty);
    match &of.kind {
        ir::TypeKind::Choice(choice) => {
            let frames = choice.alternatives.iter();
            frames.map(|of| ir.ty(TypeId::Frame(of.frame)).name.clone()).collect()
        }
        _ => vec![of.name.clone()],
    }
}

impl Effect {
    /// As the language writes it.
    pub(crate) fn told(&self, roles: &[String; 2]) -> String {
        let name = |role: Role| &roles[role.index()];
        match self {
            Effect::Then { role, frame, args, after } => {
                let args = if args.is_empty() { String::new() } else { format!("({args})") };
                let after = after.as_ref().map(|word| format!(" after {word}"));
                format!("{} then {frame}{args}{}", name(*role), after.unwrap_or_default())
            }
            Effect::Speaks { role, frame } => format!("{} speaks {frame}", name(*role)),
            Effect::Upgrade { layer, received: Received::Reject } => format!("upgrade {layer}"),
            Effect::Upgrade { layer, received: Received::Carry } => {
                format!("upgrade {layer} carry")
            }
            Effect::Upgrade { layer, received: Received::Discard } => {
                format!("upgrade {layer} discard")
            }
            Effect::Set { var, change: Change::To, value } => format!("{var} = {value}"),
            Effect::Set { var, change: Change::Add, value } => format!("{var} += {value}"),
            Effect::Set { var, change: Change::Subtract, value } => format!("{var} -= {value}"),
        }
    }
}
