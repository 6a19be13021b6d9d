//! What may stand at the end of a region, behind a text that goes there.

use framer_dsl::ir;
use framer_runtime::read::Tail;

use crate::description::Description;

/// The shape as the runtime looks for it.
pub(super) fn shape(description: &Description, tail: &'static [ir::Tail]) -> Vec<Tail> {
    let part = |part: &'static ir::Tail| match part {
        ir::Tail::Literal(of) => Tail::Literal(&of.bytes, of.nocase),
        ir::Tail::Flag { on, off } => {
            Tail::Flag(&on.bytes, off.as_ref().map(|off| off.bytes.as_slice()))
        }
        ir::Tail::Digits { hex } => Tail::Digits(*hex),
        ir::Tail::Run { class, min } => Tail::Run(description.class(*class), *min),
    };
    tail.iter().map(part).collect()
}
