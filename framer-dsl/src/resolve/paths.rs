//! Paths from a frame to what is in it: through frames, choices and the elements of lists.

use super::Resolver;
use super::expr::{Scope, Ty};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    ChoiceId, Element, ExprKind, Field, Member, Model, Path, Sight, Step, Test, Type, TypeId,
};
use crate::source::Span;
use crate::syntax::{self, Ident, TextTest};

/// Where a path leads to.
enum Place {
    Members(Vec<Member>),
    Choice(ChoiceId),
    Text,
    /// Into a type that is not known yet.
    Later,
    /// Something else at the end of the path.
    Other(Option<Sight>),
}

/// A path, and what is at its end.
struct Way {
    steps: Vec<Step>,
    place: Place,
}

impl Way {
    /// Whether it leads to more than one thing.
    fn many(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Each(_)))
    }

    fn path(self) -> Path {
        let range = match self.place {
            Place::Other(Some(Sight::Number(range))) => Some(range),
            _ => None,
        };
        Path { steps: self.steps, range }
    }
}

impl Resolver {
    /// `name.text == "literal"`: a text of the frame, or of a frame in it.
    pub(super) fn is(
        &mut self,
        text: &syntax::Expr,
        literal: &syntax::Expr,
        scope: Scope<'_>,
    ) -> Option<ExprKind> {
        let (syntax::ExprKind::Path(path), syntax::ExprKind::Literal(literal)) =
            (&text.kind, &literal.kind)
        else {
            return self.expr_unsupported(text.span, "a text that is no field");
        };
        self.text_test(false, path, TextTest::Is, literal, text.span, scope)
    }

    /// `any list.text starts "literal"`, `any list.text == "literal"`, `text contains "literal"`.
    pub(super) fn text_test(
        &mut self,
        any: bool,
        path: &[Ident],
        how: TextTest,
        literal: &syntax::Literal,
        span: Span,
        scope: Scope<'_>,
    ) -> Option<ExprKind> {
        let way = self.way(path, scope)?;
        let literal = self.literal(literal);
        let test = match how {
            TextTest::Is => Test::Is(literal),
            TextTest::Starts => Test::Starts(literal),
            TextTest::Contains => Test::Contains(literal),
        };
        let (message, help) = match way.place {
            Place::Text if any || !way.many() => {
                return Some(ExprKind::Any { path: way.path(), test });
            }
            Place::Text => (
                "this leads to several texts",
                "say that one of them is enough: `any PATH == LITERAL`",
            ),
            _ => ("this is no text", "only texts are compared with literals"),
        };
        self.report(Diagnostic::new(Code::ExprType, span, message).help(help));
        None
    }

    /// `some(path)`: whether the path leads to something.
    pub(super) fn some(
        &mut self,
        path: &[Ident],
        span: Span,
        scope: Scope<'_>,
    ) -> Option<ExprKind> {
        let way = self.way(path, scope)?;
        let certain = way.steps.iter().all(|step| matches!(step, Step::Field(_)));
        if certain {
            let names: Vec<&str> = path.iter().map(|name| name.name.as_str()).collect();
            let message = format!("`{}` is always there", names.join("."));
            self.report(Diagnostic::new(Code::ExprType, span, message));
            return None;
        }
        Some(ExprKind::Any { path: way.path(), test: Test::There })
    }

    /// `count(list.Alternative)`: how many elements of the list are that.
    pub(super) fn count_of(
        &mut self,
        path: &[Ident],
        span: Span,
        scope: Scope<'_>,
    ) -> Option<ExprKind> {
        let way = self.way(path, scope)?;
        match <[Step; 2]>::try_from(way.steps) {
            Ok([Step::Each(list), alternative @ Step::Alternative { .. }]) => {
                Some(ExprKind::CountOf { list, alternative })
            }
            _ => self.expr_unsupported(span, "a count of this"),
        }
    }

    /// The first number that a path of several names leads to, or whether the one flag it leads to
    /// is set.
    pub(super) fn first(
        &mut self,
        path: &[Ident],
        span: Span,
        scope: Scope<'_>,
    ) -> Option<(ExprKind, Ty)> {
        let way = self.way(path, scope)?;
        match way.place {
            Place::Other(Some(Sight::Number(_))) => Some((ExprKind::First(way.path()), Ty::Number)),
            Place::Other(Some(Sight::Flag)) if !way.many() => {
                Some((ExprKind::Any { path: way.path(), test: Test::Holds }, Ty::Bool))
            }
            _ => self.expr_unsupported(span, "this at the end of a path"),
        }
    }

    /// The path to a number that may be missing, if it is one.
    pub(super) fn lacking(&mut self, path: &[Ident], scope: Scope<'_>) -> Option<Path> {
        if let [name] = path {
            let frame = scope.frame?;
            if self.model.key(frame, &name.name) != Some(true) {
                return None;
            }
        } else if self.names_type(path) {
            return None;
        }
        let way = self.way(path, scope)?;
        match way.place {
            Place::Other(Some(Sight::Number(_))) => Some(way.path()),
            _ => None,
        }
    }

    /// Whether a path names a value of a choice: `Kind.Ping`.
    pub(super) fn is_value(&self, path: &[Ident]) -> bool {
        let first = path.first().and_then(|name| self.names.of(name));
        let values = matches!(first, Some((super::Entity::Type(TypeId::Values(_)), _)));
        path.len() == 2 && values
    }

    /// Whether a path begins with a type, as that of a value does.
    pub(super) fn names_type(&self, path: &[Ident]) -> bool {
        let first = path.first().and_then(|name| self.names.of(name));
        path.len() == 2 && matches!(first, Some((super::Entity::Type(_), _)))
    }

    /// Follows a path from the frame in scope.
    fn way(&mut self, path: &[Ident], scope: Scope<'_>) -> Option<Way> {
        let mut way = Way { steps: Vec::new(), place: Place::Members(self.members_of(scope)) };
        let mut inside = scope;
        for name in path {
            let (step, place) = match &way.place {
                Place::Members(members) => {
                    let found = find(&self.model, members, &name.name);
                    let Some(found) = found else { return self.no_field(inside, name) };
                    self.step_into(&found, name)?
                }
                Place::Choice(choice) => self.alternative(*choice, name)?,
                Place::Later => {
                    let what = "a path into a type that is declared behind it";
                    return self.expr_unsupported(name.span, what);
                }
                Place::Text | Place::Other(_) => {
                    return self.expr_unsupported(name.span, "a field of this");
                }
            };
            if let Step::Alternative { frame, .. } = step {
                inside = Scope::frame(Some(frame), &[]);
            }
            way.steps.push(step);
            way.place = place;
        }
        Some(way)
    }

    fn step_into(&mut self, found: &Found, name: &Ident) -> Option<(Step, Place)> {
        let text = name.name.clone();
        let field = match found {
            Found::Field(field) => field,
            Found::Bits(sight) => return Some((Step::Field(text), Place::Other(*sight))),
        };
        let single = |maybe: bool| if maybe { Step::Maybe } else { Step::Field };
        let missing = field.cond.is_some();
        Some(match &field.ty {
            Type::Text { .. } => (single(missing)(text), Place::Text),
            Type::Named { ty, .. } => (single(missing)(text), self.place_of(*ty)),
            Type::Optional(ty) => (Step::Maybe(text), self.place_of(*ty)),
            Type::List(list) if !missing => match list.element {
                Element::Type(ty) => (Step::Each(text), self.place_of(ty)),
                Element::Int { .. } => (Step::Each(text), Place::Other(None)),
            },
            _ if field.derived.is_some() => {
                return self.expr_unsupported(name.span, "a derived field at the end of a path");
            }
            ty => (single(missing)(text), Place::Other(Some(self.model.sight_of(ty)))),
        })
    }

    fn place_of(&self, ty: TypeId) -> Place {
        match ty {
            TypeId::Frame(frame) => {
                let known = self.model.frames.get(frame.0);
                known.map_or(Place::Later, |frame| Place::Members(frame.body.clone()))
            }
            TypeId::Choice(choice) if self.model.choices.len() <= choice.0 => Place::Later,
            TypeId::Choice(choice) => Place::Choice(choice),
            TypeId::Values(_) | TypeId::External(_) => Place::Other(None),
        }
    }

    fn alternative(&mut self, choice: ChoiceId, name: &Ident) -> Option<(Step, Place)> {
        let of = self.model.choices.get(choice.0)?;
        let mut frames = of.alternatives.iter().map(|alternative| alternative.frame);
        let found = frames.find(|frame| {
            self.model.frames.get(frame.0).is_some_and(|frame| frame.name == name.name)
        });
        let Some(frame) = found else {
            let message = format!("`{}` has no alternative `{}`", of.name, name.name);
            self.report(Diagnostic::new(Code::Unknown, name.span, message));
            return None;
        };
        let step = Step::Alternative { choice, frame, name: name.name.clone() };
        Some((step, self.place_of(TypeId::Frame(frame))))
    }
}

enum Found {
    Field(Box<Field>),
    Bits(Option<Sight>),
}

fn find(model: &Model, members: &[Member], name: &str) -> Option<Found> {
    members.iter().find_map(|member| match member {
        Member::Field(field) if field.name == name => Some(Found::Field(Box::new(field.clone()))),
        Member::Bits(bits) => {
            let field = bits.fields.iter().find(|field| field.name == name)?;
            // What is derived is no field in Rust.
            let seen = field.derived.is_none().then(|| model.sight(members, name)).flatten();
            Some(Found::Bits(seen))
        }
        _ => None,
    })
}
