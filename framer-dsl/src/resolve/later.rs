//! What is said of the fields of a frame, and may look into other types: resolved when all of them
//! are known, so that the order of items does not matter.

use super::Resolver;
use super::expr::{Scope, Ty};
use crate::model::{Expr, FrameId, Let, Member};
use crate::syntax;

/// A `let` or a `require` of a frame.
pub(super) struct Later {
    frame: FrameId,
    member: syntax::Member,
    /// Fields of the frame that are not known because of a mistake.
    broken: Vec<String>,
}

impl Resolver {
    /// The member of the frame that is being resolved, to come back to.
    pub(super) fn deferred(&self, member: &syntax::Member) -> Later {
        let frame = FrameId(self.model.frames.len());
        Later { frame, member: member.clone(), broken: self.broken.clone() }
    }

    /// Resolves what was left for later.
    pub(super) fn define_later(&mut self) {
        for Later { frame, member, broken } in std::mem::take(&mut self.later) {
            self.broken = broken;
            let Some(of) = self.model.frames.get(frame.0) else { continue };
            let (body, lets) = (of.body.clone(), of.lets.clone());
            self.lets = lets;
            match &member {
                syntax::Member::Let(of) => {
                    let members: Vec<Member> = before(&body, of.span);
                    let scope = Scope { derived: true, ..Scope::members(&members) };
                    let Some((value, ty)) = self.expr(&of.value, scope) else { continue };
                    let value = self.unmeasured(value, of.span, "a length behind `let`");
                    let (docs, name, span) = (of.docs.clone(), of.name.name.clone(), of.name.span);
                    let made = Let { docs, name, span, value, number: ty == Ty::Number };
                    self.model.frames[frame.0].lets.push(made);
                }
                syntax::Member::Require { cond, span, .. } => {
                    let members: Vec<Member> = before(&body, *span);
                    let scope = Scope { derived: true, ..Scope::members(&members) };
                    let Some(resolved) = self.expr_of(cond, scope, Ty::Bool) else { continue };
                    let resolved = self.unmeasured(resolved, *span, "a length in a `require`");
                    for member in &mut self.model.frames[frame.0].body {
                        match member {
                            Member::Require { cond, span: place, .. } if place == span => {
                                *cond = resolved.clone();
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        self.lets.clear();
    }

    fn unmeasured(&mut self, expr: Expr, span: crate::source::Span, what: &str) -> Expr {
        if expr.measures() {
            self.unsupported(span, what);
        }
        expr
    }
}

/// The members that stand before a place.
fn before(body: &[Member], span: crate::source::Span) -> Vec<Member> {
    body.iter().filter(|member| member.span().start < span.start).cloned().collect()
}
