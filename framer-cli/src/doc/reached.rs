//! Which types a page is about.

use framer_dsl::ir::{Element, FieldKind, Ir, ListEnd, Machine, Record, Step, TypeId, TypeKind};

/// The types that a protocol speaks, with all that they are made of, in their order.
pub(super) fn by_protocol(ir: &Ir, machine: &Machine) -> Vec<TypeId> {
    let spoken = machine.framers.iter().map(|framer| framer.ty);
    closed(ir, spoken.collect())
}

/// The types that no protocol has to do with.
pub(super) fn by_none(ir: &Ir) -> Vec<TypeId> {
    let spoken: Vec<TypeId> =
        ir.machines.iter().flat_map(|machine| by_protocol(ir, machine)).collect();
    let alone = ir.types.iter().map(|ty| ty.id).filter(|id| !spoken.contains(id)).collect();
    closed(ir, alone)
}

/// The types with all that they are made of.
fn closed(ir: &Ir, mut found: Vec<TypeId>) -> Vec<TypeId> {
    let mut next = 0;
    while let Some(id) = found.get(next) {
        let parts = parts(&ir.ty(*id).kind);
        let new: Vec<TypeId> = parts.into_iter().filter(|id| !found.contains(id)).collect();
        found.extend(new);
        next += 1;
    }
    ir.types.iter().map(|ty| ty.id).filter(|id| found.contains(id)).collect()
}

fn parts(kind: &TypeKind) -> Vec<TypeId> {
    match kind {
        TypeKind::Record(record) => of_record(record),
        TypeKind::Choice(choice) => {
            choice.alternatives.iter().map(|of| TypeId::Frame(of.frame)).collect()
        }
        TypeKind::Values(_) | TypeKind::Stream | TypeKind::External(_) => Vec::new(),
    }
}

fn of_record(record: &Record) -> Vec<TypeId> {
    let mut parts = Vec::new();
    for step in &record.steps {
        match step {
            Step::Field(field) => of_field(&field.kind, &mut parts),
            Step::Bits(bits) => {
                for field in &bits.fields {
                    of_field(&field.kind, &mut parts);
                }
            }
            _ => {}
        }
    }
    parts
}

fn of_field(kind: &FieldKind, parts: &mut Vec<TypeId>) {
    match kind {
        FieldKind::Named { ty, .. } | FieldKind::Optional(ty) => parts.push(*ty),
        FieldKind::List(list) => {
            if let Element::Type(ty) = list.element {
                parts.push(ty);
            }
            if let ListEnd::Literal { jump: Some(jump), .. } = &list.end {
                parts.push(TypeId::Frame(jump.frame));
            }
        }
        _ => {}
    }
}
