//! Values made up from a description.

use std::borrow::Cow;

use framer_dsl::ir::{
    Element as Kind, Extent, FieldKind, Int, List, Param, Record, Step, TextKind, Type, TypeId,
    TypeKind, Values, ValuesKind,
};
use framer_interpret::{Description, Frame, Value};

use super::Changes;

/// Makes up values: most can be written, and some break a rule.
pub struct Made {
    description: &'static Description,
    source: Changes,
}

impl Made {
    /// Those of a seed.
    #[must_use]
    pub fn of(description: &'static Description, seed: u64) -> Made {
        Made { description, source: Changes::of(seed) }
    }

    /// One of the type of this name.
    ///
    /// # Panics
    /// If the description has no such type.
    pub fn value(&mut self, name: &str) -> Value<'static> {
        let mut types = self.description.ir().types.iter();
        let ty = types.find(|ty| ty.name == name).expect("it is declared");
        self.ty(ty, 0)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.source.below(bound)
    }

    fn ty(&mut self, ty: &'static Type, depth: usize) -> Value<'static> {
        match &ty.kind {
            TypeKind::Record(record) => Value::Frame(self.frame(ty, record, depth)),
            TypeKind::Choice(choice) => {
                let place = self.below(choice.alternatives.len());
                let id = TypeId::Frame(choice.alternatives[place].frame);
                self.ty(self.description.ir().ty(id), depth)
            }
            TypeKind::Values(values) => self.named(values),
            TypeKind::Stream | TypeKind::External(_) => Value::Missing,
        }
    }

    fn named(&mut self, values: &Values) -> Value<'static> {
        let name = |name: &String| Cow::Owned(name.clone());
        match &values.kind {
            ValuesKind::Literals(all) => {
                let value = &all[self.below(all.len())];
                Value::Name { name: name(&value.name), number: None }
            }
            ValuesKind::Numbers { int, values, other, .. } => {
                let place = self.below(values.len() + usize::from(other.is_some()));
                match (values.get(place), other) {
                    (Some(value), _) => {
                        Value::Name { name: name(&value.name), number: Some(value.value) }
                    }
                    (None, Some(other)) => {
                        let number = self.number(0, int.max());
                        Value::Name { name: name(&other.name), number: Some(number) }
                    }
                    (None, None) => Value::Missing,
                }
            }
        }
    }

    fn frame(
        &mut self,
        ty: &'static Type,
        record: &'static Record,
        depth: usize,
    ) -> Frame<'static> {
        let mut frame = Frame::new(ty.name.as_str());
        for Param { name, kind, kept, .. } in &record.params {
            if *kept {
                frame = frame.with(name.as_str(), self.field(kind, depth));
            }
        }
        for step in &record.steps {
            match step {
                Step::Field(field) if field.derived.is_none() => {
                    if let FieldKind::List(list) = &field.kind {
                        for shared in &list.shared {
                            frame =
                                frame.with(shared.name.as_str(), self.field(&shared.kind, depth));
                        }
                    }
                    let there = field.cond.is_none() || self.below(2) == 0;
                    let value = match there {
                        true => self.field(&field.kind, depth),
                        false => Value::Missing,
                    };
                    frame = frame.with(field.name.as_str(), value);
                }
                Step::Bits(bits) => {
                    for field in bits.fields.iter().filter(|field| field.derived.is_none()) {
                        frame = frame.with(field.name.as_str(), self.field(&field.kind, depth));
                    }
                }
                _ => {}
            }
        }
        frame
    }

    fn field(&mut self, kind: &'static FieldKind, depth: usize) -> Value<'static> {
        match kind {
            FieldKind::Number(of) if of.int.signed => self.signed(of.int),
            FieldKind::Number(of) => {
                let digits = u32::try_from(of.max_digits).unwrap_or(u32::MAX);
                let radix = if of.hex { 16_u64 } else { 10 };
                let fits = radix.checked_pow(digits).map_or(u64::MAX, |above| above - 1);
                Value::Number(self.number(of.low, of.high.min(fits)))
            }
            FieldKind::Fixed(of) if of.int.signed => self.signed(of.int),
            FieldKind::Fixed(of) => Value::Number(self.number(of.low, of.high)),
            FieldKind::Varint(of) => Value::Number(self.number(of.low, of.high)),
            FieldKind::Bit | FieldKind::Flag { .. } => Value::Flag(self.below(2) == 0),
            FieldKind::Text { kind, extent, .. } => self.text(*kind, extent),
            FieldKind::Coded { .. } => {
                let len = self.below(12);
                Value::Bytes((0..len).map(|_| self.byte()).collect::<Vec<u8>>().into())
            }
            FieldKind::Named { ty, .. } => self.ty(self.description.ir().ty(*ty), depth + 1),
            FieldKind::Optional(ty) => match self.below(2) {
                0 => Value::Missing,
                _ => self.ty(self.description.ir().ty(*ty), depth + 1),
            },
            FieldKind::List(list) => self.list(list, depth),
        }
    }

    fn list(&mut self, list: &'static List, depth: usize) -> Value<'static> {
        let most = if depth > 2 { 1 } else { 4 };
        let count = self.below(most.min(list.max) + 1);
        let elements = (0..count).map(|_| match list.element {
            Kind::Type(id) => self.ty(self.description.ir().ty(id), depth + 1),
            Kind::Int { int, .. } => Value::Number(self.number(0, int.max())),
        });
        Value::List(elements.map(Into::into).collect())
    }

    fn number(&mut self, low: u64, high: u64) -> u64 {
        let width = high.saturating_sub(low);
        let small = |most: u64| usize::try_from(most.min(300)).unwrap_or(300) + 1;
        match self.below(4) {
            0 => low,
            1 => high,
            2 => low + self.below(small(width)) as u64,
            _ => high - self.below(small(width)) as u64,
        }
    }

    fn signed(&mut self, int: Int) -> Value<'static> {
        let most = i64::try_from(int.max() >> 1).unwrap_or(i64::MAX);
        Value::Signed(match self.below(4) {
            0 => most,
            1 => -most - 1,
            2 => -1,
            _ => i64::try_from(self.below(200)).unwrap_or_default().min(most),
        })
    }

    fn text(&mut self, kind: TextKind, extent: &Extent) -> Value<'static> {
        let (len, class) = match extent {
            Extent::Run { class, min, max, .. } => {
                let more = (max - min).min(9);
                (min + self.below(more + 1), Some(self.description.ir().classes[class.0].set))
            }
            Extent::Exactly(len) => (*len, None),
            _ => (self.below(12), None),
        };
        let mut bytes = Vec::new();
        while bytes.len() < len {
            let byte = if self.below(4) == 0 { self.byte() } else { b'a' + self.byte() % 26 };
            let fits = class.is_none_or(|class| class.contains(byte));
            if fits && (kind == TextKind::Bytes || byte.is_ascii()) {
                bytes.push(byte);
            } else if let Some(first) =
                (0..=127).find(|byte| class.is_some_and(|of| of.contains(*byte)))
            {
                bytes.push(first);
            }
        }
        match kind {
            TextKind::Bytes => Value::Bytes(bytes.into()),
            _ => Value::Text(String::from_utf8(bytes).expect("it is ASCII").into()),
        }
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or_default()
    }
}
