//! Frames as JSON, and back: bytes as hexadecimal digits, texts as texts, what is missing as null.
//!
//! A frame is an object of its fields. Where a choice stands, the object has one member: the name of
//! the alternative, with its fields. A value with a name is the name; one that has none of those is an
//! object of the name of the catch-all and the number. What this cannot tell, the description does.

use std::borrow::Cow;

use framer_dsl::ir::{
    Element, FieldKind, Ir, List, Record, Step, TextKind, Type, TypeId, TypeKind, Values,
    ValuesKind,
};
use framer_interpret::{self as interpret, Frame, Value};
use serde_json::{Map, Value as Json};

/// What is wrong with an object that is to be a frame.
#[derive(Debug, thiserror::Error)]
#[error("{}{message}", if .path.is_empty() { String::new() } else { format!("`{path}`: ") })]
pub(crate) struct Wrong {
    /// The fields that lead to it.
    path: String,
    message: String,
}

impl Wrong {
    fn new(message: impl Into<String>) -> Wrong {
        Wrong { path: String::new(), message: message.into() }
    }

    /// The same, inside `field`.
    fn inside(self, field: &str) -> Wrong {
        let path = match self.path.as_str() {
            "" => field.to_owned(),
            path => format!("{field}.{path}"),
        };
        Wrong { path, ..self }
    }
}

/// The frame or choice of this name.
pub(crate) fn named<'i>(ir: &'i Ir, name: &str) -> Option<&'i Type> {
    ir.types.iter().find(|ty| ty.name == name)
}

/// What kind of field the name is of.
fn kind<'i>(record: &'i Record, name: &str) -> Option<&'i FieldKind> {
    let params = record.params.iter().map(|param| (&param.name, &param.kind));
    let steps = record.steps.iter().flat_map(|step| {
        let shared = match step {
            Step::Field(interpret_field) => match &interpret_field.kind {
                FieldKind::List(list) => list.shared.as_slice(),
                _ => &[],
            },
            _ => &[],
        };
        let own = match step {
            Step::Field(field) => std::slice::from_ref(field),
            _ => &[],
        };
        let bits = match step {
            Step::Bits(bits) => bits.fields.as_slice(),
            _ => &[],
        };
        let fields = own.iter().chain(shared).map(|field| (&field.name, &field.kind));
        fields.chain(bits.iter().map(|field| (&field.name, &field.kind)))
    });
    params.chain(steps).find(|(of, _)| *of == name).map(|(_, kind)| kind)
}

/// The fields of a frame.
pub(crate) fn fields(ir: &Ir, frame: &Frame<'_>) -> Map<String, Json> {
    let record = named(ir, &frame.name).and_then(record);
    let of = |field: &interpret::Field<'_>| {
        let kind = record.and_then(|record| kind(record, &field.name));
        let ty = kind.and_then(|kind| type_of(ir, kind));
        (field.name.to_string(), to_json(ir, ty, &field.value))
    };
    frame.fields.iter().map(of).collect()
}

fn record(ty: &Type) -> Option<&Record> {
    match &ty.kind {
        TypeKind::Record(record) => Some(record),
        _ => None,
    }
}

/// The type of a field, or of the elements of a list.
fn type_of<'i>(ir: &'i Ir, kind: &FieldKind) -> Option<&'i Type> {
    let id: TypeId = match kind {
        FieldKind::Named { ty, .. } | FieldKind::Optional(ty) => *ty,
        FieldKind::List(List { element: Element::Type(ty), .. }) => *ty,
        _ => return None,
    };
    Some(ir.ty(id))
}

/// A value of the type, if it is of one with a name.
pub(crate) fn to_json(ir: &Ir, ty: Option<&Type>, value: &Value<'_>) -> Json {
    match value {
        Value::Missing => Json::Null,
        Value::Flag(flag) => Json::from(*flag),
        Value::Number(number) => Json::from(*number),
        Value::Signed(number) => Json::from(*number),
        Value::Bytes(bytes) => Json::from(hex::encode(bytes)),
        Value::Text(text) => Json::from(text.as_ref()),
        Value::Coded(coded) => Json::from(hex::encode(coded.to_vec())),
        Value::Name { name, number } => match number {
            Some(number) if is_other(ty, name) => one(name, Json::from(*number)),
            _ => Json::from(name.as_ref()),
        },
        Value::Frame(frame) => {
            let fields = Json::Object(fields(ir, frame));
            let is_choice = matches!(ty.map(|ty| &ty.kind), Some(TypeKind::Choice(_)));
            if is_choice { one(&frame.name, fields) } else { fields }
        }
        Value::List(all) => {
            Json::Array(all.iter().map(|element| to_json(ir, ty, &element.value)).collect())
        }
    }
}

/// An object with one member.
fn one(name: &str, value: Json) -> Json {
    Json::Object(Map::from_iter([(name.to_owned(), value)]))
}

/// Whether the name is that of the catch-all.
fn is_other(ty: Option<&Type>, name: &str) -> bool {
    match ty.map(|ty| &ty.kind) {
        Some(TypeKind::Values(Values { kind: ValuesKind::Numbers { other, .. } })) => {
            other.as_ref().is_some_and(|other| other.name == name)
        }
        _ => false,
    }
}

/// The value of a type with a name that the JSON stands for.
pub(crate) fn from_json(ir: &Ir, ty: &Type, json: &Json) -> Result<Value<'static>, Wrong> {
    match &ty.kind {
        TypeKind::Record(record) => {
            let Json::Object(members) = json else {
                return Err(Wrong::new(format!("expected an object: the fields of {}", ty.name)));
            };
            frame(ir, ty, record, members).map(Value::Frame)
        }
        TypeKind::Choice(choice) => {
            let ids = choice.alternatives.iter().map(|of| TypeId::Frame(of.frame));
            let all: Vec<&Type> = ids.map(|id| ir.ty(id)).collect();
            let expected = || {
                let names: Vec<&str> = all.iter().map(|ty| ty.name.as_str()).collect();
                Wrong::new(format!("expected an object of one of {}", names.join(", ")))
            };
            let Json::Object(members) = json else { return Err(expected()) };
            let mut members = members.iter();
            let (Some((name, fields)), None) = (members.next(), members.next()) else {
                return Err(expected());
            };
            let found = all.iter().find(|ty| ty.name == *name).ok_or_else(expected)?;
            from_json(ir, found, fields).map_err(|wrong| wrong.inside(name))
        }
        TypeKind::Values(values) => name(values, json),
        TypeKind::Stream | TypeKind::External(_) => {
            Err(Wrong::new(format!("{} is a payload, and no value", ty.name)))
        }
    }
}

/// The frame with these fields.
fn frame(
    ir: &Ir,
    ty: &Type,
    record: &Record,
    members: &Map<String, Json>,
) -> Result<Frame<'static>, Wrong> {
    let mut frame = Frame::new(ty.name.clone());
    for (name, json) in members {
        let Some(kind) = kind(record, name) else {
            return Err(Wrong::new(format!("{} has no field `{name}`", ty.name)));
        };
        let value = field(ir, kind, json).map_err(|wrong| wrong.inside(name))?;
        frame = frame.with(name.clone(), value);
    }
    Ok(frame)
}

fn field(ir: &Ir, kind: &FieldKind, json: &Json) -> Result<Value<'static>, Wrong> {
    if json.is_null() {
        return Ok(Value::Missing);
    }
    match kind {
        FieldKind::Number(of) => number(of.int.signed, json),
        FieldKind::Fixed(of) => number(of.int.signed, json),
        FieldKind::Varint(_) => number(false, json),
        FieldKind::Bit | FieldKind::Flag { .. } => {
            json.as_bool().map(Value::Flag).ok_or_else(|| Wrong::new("expected true or false"))
        }
        FieldKind::Text { kind: TextKind::Bytes, .. } | FieldKind::Coded { .. } => bytes(json),
        FieldKind::Text { .. } => match json {
            Json::String(text) => Ok(Value::Text(Cow::Owned(text.clone()))),
            _ => Err(Wrong::new("expected a text")),
        },
        FieldKind::Named { ty, .. } | FieldKind::Optional(ty) => from_json(ir, ir.ty(*ty), json),
        FieldKind::List(list) => {
            let Json::Array(all) = json else { return Err(Wrong::new("expected a list")) };
            let one = |(place, json): (usize, &Json)| {
                let value = match list.element {
                    Element::Type(ty) => from_json(ir, ir.ty(ty), json),
                    Element::Int { int, .. } => number(int.signed, json),
                };
                value
                    .map(interpret::Element::from)
                    .map_err(|wrong| wrong.inside(&place.to_string()))
            };
            all.iter().enumerate().map(one).collect::<Result<_, _>>().map(Value::List)
        }
    }
}

fn number(signed: bool, json: &Json) -> Result<Value<'static>, Wrong> {
    let value = match signed {
        true => json.as_i64().map(Value::Signed),
        false => json.as_u64().map(Value::Number),
    };
    value.ok_or_else(|| Wrong::new("expected a number of at most 64 bits"))
}

fn bytes(json: &Json) -> Result<Value<'static>, Wrong> {
    let expected = || Wrong::new("expected bytes, as hexadecimal digits in a text");
    let bytes = json.as_str().and_then(|digits| hex::decode(digits).ok()).ok_or_else(expected)?;
    Ok(Value::Bytes(Cow::Owned(bytes)))
}

/// A value with a name.
fn name(values: &Values, json: &Json) -> Result<Value<'static>, Wrong> {
    let names: Vec<&str> = match &values.kind {
        ValuesKind::Literals(all) => all.iter().map(|value| value.name.as_str()).collect(),
        ValuesKind::Numbers { values, .. } => values.iter().map(|of| of.name.as_str()).collect(),
    };
    match (&values.kind, json) {
        (ValuesKind::Literals(_), Json::String(name)) if names.contains(&name.as_str()) => {
            Ok(Value::Name { name: Cow::Owned(name.clone()), number: None })
        }
        (ValuesKind::Numbers { values, .. }, Json::String(name)) => {
            let found = values.iter().find(|value| value.name == *name);
            let number = found.map(|value| value.value);
            number
                .map(|number| Value::Name { name: Cow::Owned(name.clone()), number: Some(number) })
        }
        .ok_or_else(|| Wrong::new(format!("expected one of {}", names.join(", ")))),
        (ValuesKind::Numbers { other: Some(other), .. }, Json::Object(members)) => {
            let number = members.get(&other.name).filter(|_| members.len() == 1);
            let number = number.and_then(Json::as_u64);
            let name = Cow::Owned(other.name.clone());
            number
                .map(|number| Value::Name { name, number: Some(number) })
                .ok_or_else(|| Wrong::new(format!("expected a number as `{}`", other.name)))
        }
        _ => Err(Wrong::new(format!("expected one of {}", names.join(", ")))),
    }
}
