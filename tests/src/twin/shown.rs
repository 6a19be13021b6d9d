//! Interpreted values as `Debug` shows the compiled ones.

use framer_dsl::ir::{
    Element as Kind, FieldKind, ListEnd, Param, Record, Shape, Step, StreamExtent, TypeId, TypeKind,
};
use framer_interpret::{Description, Event, Frame, Protocol, Value};
use framer_runtime::protocol::Role;

/// A value of the type of this name.
///
/// # Panics
/// If the description has none.
#[must_use]
pub fn show(description: &'static Description, name: &str, value: &Value<'_>) -> String {
    let ty = description.ir().types.iter().find(|ty| ty.name == name).expect("it is declared");
    Shown { description }.ty(ty.id, value)
}

/// An event of what `from` said, as the machine of the other role shows it.
#[must_use]
pub fn show_event(protocol: &'static Protocol, from: Role, event: &Event<'_>) -> String {
    let description = protocol.description();
    let shown = Shown { description };
    match event {
        Event::Frame { frame, refused: false } => {
            format!("{}({})", frame.name, shown.frame(frame))
        }
        Event::Frame { frame, refused: true } => {
            let machine = protocol.machine();
            let place = if from == Role::First { 0 } else { 1 };
            let spoken = machine.framers[machine.speaks[place]].ty;
            format!("Refused({})", shown.ty(spoken, &Value::Frame(frame.clone())))
        }
        Event::Data { frame, data } => {
            let framers = protocol.machine().framers.iter();
            let masked = framers.filter(|framer| framer.name == *frame).any(|framer| {
                let shape = framer.shape;
                matches!(shape, Shape::Stream(StreamExtent::Param { mask: Some(_), .. }))
            });
            match masked {
                true => format!("{frame}({data:?})"),
                false => format!("{frame}({:?})", data.coded()),
            }
        }
        Event::End { frame } => format!("{frame}End"),
        Event::Malformed(violation) => format!("Malformed({violation:?})"),
        Event::Upgrade(layer) => format!("Upgrade({layer})"),
    }
}

#[derive(Clone, Copy)]
struct Shown {
    description: &'static Description,
}

impl Shown {
    fn ty(self, id: TypeId, value: &Value<'_>) -> String {
        match (&self.description.ir().ty(id).kind, value) {
            (TypeKind::Choice(_), Value::Frame(frame)) => {
                format!("{}({})", frame.name, self.frame(frame))
            }
            (_, Value::Frame(frame)) => self.frame(frame),
            (TypeKind::Values(values), Value::Name { name, number }) => {
                let other = match &values.kind {
                    framer_dsl::ir::ValuesKind::Numbers { other, .. } => other.as_ref(),
                    framer_dsl::ir::ValuesKind::Literals(_) => None,
                };
                match other.is_some_and(|other| other.name == *name) {
                    true => format!("{name}({})", number.expect("a number")),
                    false => name.clone().into_owned(),
                }
            }
            (_, other) => panic!("{id:?} is not {other:?}"),
        }
    }

    fn record(self, frame: &Frame<'_>) -> &'static Record {
        let mut types = self.description.ir().types.iter();
        let ty = types.find(|ty| ty.name == frame.name).expect("it is declared");
        match &ty.kind {
            TypeKind::Record(record) => record,
            other => panic!("{other:?} is no frame"),
        }
    }

    fn frame(self, frame: &Frame<'_>) -> String {
        let record = self.record(frame);
        let fields = frame.fields.iter().filter(|field| !field.derived);
        let fields: Vec<String> = fields
            .map(|field| {
                let value = self.field(record, &field.name, &field.value);
                format!("{}: {value}", field.name)
            })
            .collect();
        match fields.is_empty() {
            true => frame.name.clone().into_owned(),
            false => format!("{} {{ {} }}", frame.name, fields.join(", ")),
        }
    }

    fn field(self, record: &'static Record, name: &str, value: &Value<'_>) -> String {
        let (kind, conditional) = kind(record, name);
        match (value, conditional || matches!(kind, FieldKind::Optional(_))) {
            (Value::Missing, _) => "None".to_owned(),
            (value, true) => format!("Some({})", self.value(kind, value)),
            (value, false) => self.value(kind, value),
        }
    }

    fn value(self, kind: &FieldKind, value: &Value<'_>) -> String {
        match (kind, value) {
            (FieldKind::Named { ty, .. } | FieldKind::Optional(ty), value) => self.ty(*ty, value),
            (FieldKind::List(list), Value::List(elements)) => {
                let show = |value: &Value<'_>| match list.element {
                    Kind::Type(id) => self.ty(id, value),
                    Kind::Int { int, little } => match little && int.bits > 8 {
                        true => format!("Le({})", plain(value)),
                        false => plain(value),
                    },
                };
                let elements = elements.iter().map(|element| show(&element.value));
                format!("[{}]", elements.collect::<Vec<_>>().join(", "))
            }
            (_, value) => plain(value),
        }
    }
}

fn plain(value: &Value<'_>) -> String {
    match value {
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Signed(number) => number.to_string(),
        Value::Bytes(bytes) => format!("{bytes:?}"),
        Value::Text(text) => format!("{text:?}"),
        Value::Coded(coded) => format!("{coded:?}"),
        other => panic!("{other:?} is of a type of its own"),
    }
}

/// What a field is, and whether it may be missing.
fn kind(record: &'static Record, name: &str) -> (&'static FieldKind, bool) {
    let is_param = |param: &&Param| param.name == name;
    if let Some(param) = record.params.iter().find(is_param) {
        return (&param.kind, false);
    }
    let found = record.steps.iter().find_map(|step| match step {
        Step::Field(field) if field.name == name => Some((&field.kind, field.cond.is_some())),
        Step::Field(field) => match &field.kind {
            FieldKind::List(list) if matches!(list.end, ListEnd::Flag { .. }) => {
                let shared = list.shared.iter().find(|field| field.name == name);
                shared.map(|field| (&field.kind, false))
            }
            _ => None,
        },
        Step::Bits(bits) => {
            let found = bits.fields.iter().find(|field| field.name == name);
            found.map(|field| (&field.kind, false))
        }
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no field {name}"))
}
