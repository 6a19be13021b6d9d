//! Types of the user's own.

use super::{lower, lower_type};
use crate::ir::{Ir, Own, TypeKind};
use crate::model::{ExternalId, Model, TypeId};
use crate::own;

/// Lowers a checked model of one type of the user's own, `of`.
#[must_use]
pub(crate) fn lower_own(model: &Model, of: &own::Own<'_>) -> Ir {
    let mut ir = lower(model);
    ir.own = true;
    for place in 0..model.externals.len() {
        ir.types.push(lower_type(model, &[], TypeId::External(ExternalId(place))));
    }
    let choice = model.choices.first();
    for ty in &mut ir.types {
        if !matches!(ty.id, TypeId::External(_)) {
            ty.borrows = of.borrows;
        }
        let (TypeId::Frame(frame), TypeKind::Record(record)) = (ty.id, &mut ty.kind) else {
            continue;
        };
        // A variant is no frame by itself.
        ty.cut = ty.cut.filter(|_| choice.is_none());
        record.from_text = None;
        record.own = (frame.0 < of.bodies.len())
            .then(|| Own { choice: choice.map(|choice| choice.name.clone()), body: frame.0 });
    }
    ir
}
