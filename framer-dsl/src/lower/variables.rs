//! Variables by what they hold.

use crate::ir::{Var, VarNumber};
use crate::model::{Protocol, VarKind};

/// The variables of a protocol on their way into the table.
pub(super) struct Variables {
    pub(super) flags: Vec<Var>,
    pub(super) numbers: Vec<VarNumber>,
    /// The place of each variable of the model among those of its sort.
    pub(super) places: Vec<usize>,
}

impl Variables {
    pub(super) fn new(protocol: &Protocol) -> Variables {
        let mut of = Variables { flags: Vec::new(), numbers: Vec::new(), places: Vec::new() };
        for var in &protocol.vars {
            let (docs, name) = (var.docs.clone(), var.name.clone());
            match var.kind {
                VarKind::Flag(initial) => {
                    of.places.push(of.flags.len());
                    of.flags.push(Var { docs, name, initial });
                }
                VarKind::Number { initial, low, high } => {
                    of.places.push(of.numbers.len());
                    of.numbers.push(VarNumber { docs, name, initial, low, high });
                }
            }
        }
        of
    }
}
