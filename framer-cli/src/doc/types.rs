//! Frames, choices and values: a section each.

use framer_dsl::ir::{
    Bits, By, Choice, Derived, Docs, Expr, ExprKind, Field, FieldKind, Ir, Lead, Param, Record,
    Step, Type, TypeId, TypeKind, Values, ValuesKind,
};
use maud::{Markup, html};

use super::markdown::{Places, markdown};
use super::table::table;
use super::words::{self as described, Described, Describer};
use super::{layout, place_of};
use crate::graph::clean;
use crate::words::{self, bytes, quoted};

/// What sections are made with.
pub(super) struct Sections<'i, 'p> {
    pub(super) ir: &'i Ir,
    pub(super) places: Places<'p>,
}

impl Sections<'_, '_> {
    pub(super) fn docs(&self, docs: &Docs) -> Markup {
        markdown(&docs.0, self.places)
    }

    /// The name of a type, which leads to it.
    pub(super) fn link(&self, id: TypeId) -> Markup {
        let name = &self.ir.ty(id).name;
        html! { a href=(format!("#{}", place_of(name))) { (name) } }
    }

    pub(super) fn section(&self, ty: &Type) -> Markup {
        let what = match &ty.kind {
            TypeKind::Record(_) | TypeKind::Stream => "frame",
            TypeKind::Choice(_) | TypeKind::Values(_) => "choice",
            TypeKind::External(_) => "type of Rust",
        };
        html! {
            section class="type" id=(place_of(&ty.name)) {
                h3 { (ty.name) " " span class="sort" { (what) } }
                (self.docs(&ty.docs))
                (self.facts(ty))
                @match &ty.kind {
                    TypeKind::Record(record) => (self.record(ty, record)),
                    TypeKind::Choice(choice) => (self.choice(choice)),
                    TypeKind::Values(values) => (self.values(values)),
                    TypeKind::Stream => (self.stream(ty)),
                    TypeKind::External(_) => {}
                }
            }
        }
    }

    /// How large it is and how it ends.
    fn facts(&self, ty: &Type) -> Markup {
        let region = match &ty.kind {
            TypeKind::Record(record) => record.region,
            TypeKind::Choice(choice) => choice.region,
            _ => None,
        };
        let mut facts: Vec<String> = Vec::new();
        if let Some(region) = region {
            let delimiter = &self.ir.delimiters[region.delimiter.0].name;
            let longer = if region.skip { "; a longer one is passed over and told" } else { "" };
            facts.push(format!(
                "Stands before {delimiter}, and takes at most {} with it{longer}.",
                bytes(region.max)
            ));
        }
        let whole = region.is_none() && !matches!(ty.kind, TypeKind::Values(_));
        if let Some(size) = ty.size.filter(|_| whole) {
            facts.push(format!("Always {}.", bytes(size)));
        }
        if let Some(limits) = ty.limits {
            let depth = limits.depth.map(|depth| format!(", and at most {depth} deep in itself"));
            let depth = depth.unwrap_or_default();
            facts.push(format!("At most {} in all{depth}.", bytes(limits.max)));
        }
        let params: Vec<&str> = ty.params.iter().map(|param| param.name.as_str()).collect();
        if !params.is_empty() {
            facts.push(format!("What holds it gives it {}.", params.join(", ")));
        }
        if ty.refers {
            facts.push(String::from("It may refer to bytes before it."));
        }
        html! { @for fact in facts { p class="fact" { (fact) } } }
    }

    fn record(&self, ty: &Type, record: &Record) -> Markup {
        let describer = Describer { ir: self.ir, frame: ty.id };
        let fields: Vec<Vec<Markup>> = record
            .steps
            .iter()
            .flat_map(|step| match step {
                Step::Field(field) => vec![self.field(&describer, field)],
                Step::Bits(bits) => self.bits(&describer, bits),
                _ => Vec::new(),
            })
            .collect();
        let expr = |expr| words::expr(self.ir, Some(ty.id), expr);
        let rules = record.steps.iter().filter_map(|step| match step {
            Step::Require { cond, error } => {
                Some(html! { li { code { (error) } ": " code { (expr(cond)) } " must hold." } })
            }
            Step::Rest(length) => Some(html! {
                li { "What follows takes " code { (expr(length)) } " bytes, and fills them." }
            }),
            _ => None,
        });
        let rules: Vec<Markup> = rules.collect();
        html! {
            (layout::draw(self.ir, ty.id, &ty.name, record))
            (table(&["field", "is", "values", "about it"], &fields))
            @if !rules.is_empty() { ul class="rules" { @for rule in &rules { (rule) } } }
            (table(&["name", "stands for", "about it"], &self.lets(ty, record)))
        }
    }

    fn lets(&self, ty: &Type, record: &Record) -> Vec<Vec<Markup>> {
        let lets = record.lets.iter().map(|of| {
            let meaning = words::meaning(self.ir, ty.id, &of.value);
            vec![html! { code { (of.name) } }, html! { code { (meaning) } }, self.docs(&of.docs)]
        });
        lets.collect()
    }

    fn field(&self, describer: &Describer<'_>, field: &Field) -> Vec<Markup> {
        let described = describer.kind(&field.kind);
        let cond = field.cond.as_ref();
        let cond = cond.map(|cond| words::expr(self.ir, Some(describer.frame), &cond.expr));
        let is = html! {
            (self.described(&described))
            @if let Some(cond) = cond { ", if " code { (cond) } }
            (self.derived(describer, field.derived.as_ref()))
        };
        let name = html! { code { (field.name) } };
        vec![name, is, values(&described, field.derived.as_ref()), self.docs(&field.docs)]
    }

    fn bits(&self, describer: &Describer<'_>, bits: &Bits) -> Vec<Vec<Markup>> {
        let carrier = described::carrier(&bits.carrier);
        let rows = bits.fields.iter().map(|field| {
            let described = describer.kind(&field.kind);
            let width = words::count(u64::from(field.width), "bit");
            let is = html! {
                (width)
                " of a number of " (carrier)
                @match (&field.kind, described.of) {
                    (FieldKind::Varint(of), _) => { ", " (described::marks(of)) }
                    (_, Some(id)) => { ": " (self.link(id)) }
                    _ => {}
                }
                (self.derived(describer, field.derived.as_ref()))
            };
            let name = html! { code { (field.name) } };
            vec![name, is, values(&described, field.derived.as_ref()), self.docs(&field.docs)]
        });
        rows.collect()
    }

    /// What a field is, with what it is made of as links.
    fn described(&self, described: &Described) -> Markup {
        let mut rest = described.what.as_str();
        let mut parts: Vec<Markup> = Vec::new();
        for (sort, name) in &described.with {
            if let Some((before, after)) = rest.split_once(name.as_str()) {
                let place = format!("#{sort}-{name}");
                parts.push(html! { (before) a href=(place) { (name) } });
                rest = after;
            }
        }
        let list = described.what.strip_prefix("list");
        html! {
            @match (described.of, list) {
                (Some(id), Some(end)) => { "list of " (self.link(id)) (end) }
                (Some(id), None) => { (self.link(id)) (described.what) }
                (None, _) => { @for part in &parts { (part) } (clean(rest)) }
            }
        }
    }

    fn derived(&self, describer: &Describer<'_>, derived: Option<&Derived>) -> Markup {
        let Some(derived) = derived else { return Markup::default() };
        let expr = words::expr(self.ir, Some(describer.frame), &derived.expr);
        html! {
            @if is_constant(&derived.expr) { ", always " } @else { ", made of " }
            code { (expr) }
        }
    }

    fn choice(&self, choice: &Choice) -> Markup {
        let told = match (&choice.by, choice.repr) {
            (Some(By::Param(_)), _) => String::from("the number that it is given"),
            (Some(By::Computed(expr)), _) => expr.to_string(),
            (None, Some(_)) => String::from("the number that it begins with"),
            (None, None) => String::from("what it begins with"),
        };
        let rows = choice.alternatives.iter().map(|of| {
            let frame = self.link(TypeId::Frame(of.frame));
            vec![frame, told_by(of.lead.as_ref(), of.tag), self.docs(&of.docs)]
        });
        table(&["alternative", &told, "about it"], &rows.collect::<Vec<_>>())
    }

    fn values(&self, values: &Values) -> Markup {
        let (head, rows): (String, Vec<(String, &str, &Docs)>) = match &values.kind {
            ValuesKind::Literals(all) => {
                let rows =
                    all.iter().map(|of| (quoted(&of.value.bytes), of.name.as_str(), &of.docs));
                (String::from("on the wire"), rows.collect())
            }
            ValuesKind::Numbers { int, little, values, other } => {
                let order = if *little && int.bits > 8 { ", low byte first" } else { "" };
                let rows =
                    values.iter().map(|of| (of.value.to_string(), of.name.as_str(), &of.docs));
                let other =
                    other.iter().map(|of| (String::from("any other"), of.name.as_str(), &of.docs));
                (
                    format!("number of {}{order}", words::count(u64::from(int.bits), "bit")),
                    rows.chain(other).collect(),
                )
            }
        };
        let rows = rows.iter().map(|(value, name, docs)| {
            vec![html! { (name) }, html! { code { (value) } }, self.docs(docs)]
        });
        table(&["value", &head, "about it"], &rows.collect::<Vec<_>>())
    }

    fn stream(&self, ty: &Type) -> Markup {
        let framers = self.ir.machines.iter().flat_map(|machine| &machine.framers);
        let found =
            framers.filter(|framer| framer.ty == ty.id).find_map(|framer| match framer.shape {
                framer_dsl::ir::Shape::Stream(extent) => Some((extent, framer.tail.clone())),
                _ => None,
            });
        let params: Vec<String> =
            ty.params.iter().map(|param: &Param| param.name.clone()).collect();
        let (length, tail) = match found {
            Some((extent, tail)) => (described::streamed(self.ir, &params, &extent), tail),
            None => (String::from("bytes, in pieces as they come"), Vec::new()),
        };
        html! {
            (layout::draw_stream(&ty.name, length.clone()))
            p {
                "A payload: " (length) "."
                @if !tail.is_empty() { " Behind it stands " code { (quoted(&tail)) } "." }
            }
        }
    }
}

/// The values that a field may have, unless it is always the same.
fn values(described: &Described, derived: Option<&Derived>) -> Markup {
    let constant = derived.is_some_and(|derived| is_constant(&derived.expr));
    html! { @if !constant { (described.values) } }
}

fn is_constant(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Number(_) | ExprKind::Bool(_))
}

/// What an alternative is told by.
fn told_by(lead: Option<&Lead>, tag: Option<u64>) -> Markup {
    html! {
        @match (lead, tag) {
            (_, Some(tag)) => code { (tag) },
            (Some(Lead::Literal(literal)), _) => {
                code { (quoted(&literal.bytes)) }
                @if literal.nocase { " in any case" @if literal.word { "," } }
                @if literal.word { " as a word" }
            }
            (Some(Lead::Pattern(bytes)), _) => code { (pattern(bytes)) },
            (None, None) => "any other",
        }
    }
}

/// Bytes of which some bits are known, as people write them.
fn pattern(bytes: &[(u8, u8)]) -> String {
    let shown = bytes.iter().map(|(mask, value)| match mask {
        0xff => format!("{value:02x}"),
        0 => String::from("··"),
        _ => {
            let bit = |place: u8| match (mask >> place & 1, value >> place & 1) {
                (0, _) => '·',
                (_, 0) => '0',
                _ => '1',
            };
            (0..8).rev().map(bit).collect()
        }
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_show_what_is_known() {
        assert_eq!(pattern(&[(0xff, 0x2a), (0, 0), (0xf0, 0x30)]), "2a ·· 0011····");
    }
}
