//! The items of the top level.

use super::{Entity, Resolver};
use crate::diagnostic::{Code, Diagnostic, Witness};
use crate::model;
use crate::model::{
    ChecksumId, ChoiceId, ClassId, Delimiter, DelimiterId, Frame, FrameId, Limits, Member, Region,
    TransformId, TypeId, ValuesId,
};
use crate::syntax::{self, File, Item, RegionKind, VariantKind};

impl Resolver {
    /// Gives every name of the top level an id, so that the order of items does not matter.
    pub(super) fn declare(&mut self, file: &File) {
        let (mut delimiters, mut classes, mut frames) = (0, 0, 0);
        let (mut choices, mut values, mut transforms, mut checksums) = (0, 0, 0, 0);
        let next = |counter: &mut usize| {
            *counter += 1;
            *counter - 1
        };
        for item in &file.items {
            match item {
                Item::Delimiter(item) => {
                    self.enter(&item.name, Entity::Delimiter(DelimiterId(next(&mut delimiters))));
                }
                Item::Class(item) => {
                    self.enter(&item.name, Entity::Class(ClassId(next(&mut classes))));
                }
                Item::Frame(item) => {
                    self.enter(&item.name, Entity::Type(TypeId::Frame(FrameId(next(&mut frames)))));
                }
                Item::Enum(item) if is_values(item) => self
                    .enter(&item.name, Entity::Type(TypeId::Values(ValuesId(next(&mut values))))),
                Item::Enum(item) => {
                    let id = TypeId::Choice(ChoiceId(next(&mut choices)));
                    self.enter(&item.name, Entity::Type(id));
                    for variant in &item.variants {
                        if let VariantKind::Frame { .. } = variant.kind {
                            let id = TypeId::Frame(FrameId(next(&mut frames)));
                            if !self.model.own {
                                self.enter(&variant.name, Entity::Type(id));
                            }
                        }
                    }
                }
                Item::Transform(item) => {
                    let id = TransformId(next(&mut transforms));
                    self.enter(&item.name, Entity::Transform(id));
                }
                Item::Protocol(item) => self.enter(&item.name, Entity::Protocol),
                Item::Bits(item) => {
                    self.enter(&item.name, Entity::Type(TypeId::Frame(FrameId(next(&mut frames)))));
                }
                Item::Checksum(item) => {
                    let id = ChecksumId(next(&mut checksums));
                    self.enter(&item.name, Entity::Checksum(id));
                }
                Item::Import(_) => {}
            }
        }
        for item in &file.items {
            if let Item::Import(import) = item {
                self.import(import);
            }
        }
    }

    /// Resolves every item, in the order in which [`Resolver::declare`] gave the ids; what frames
    /// are made of comes before them.
    pub(super) fn define(&mut self, file: &File) {
        self.signatures(file);
        self.define_classes(file);
        for item in &file.items {
            match item {
                Item::Delimiter(item) => self.define_delimiter(item),
                Item::Enum(item) if is_values(item) => self.define_values(item),
                Item::Transform(item) => self.define_transform(item),
                Item::Checksum(item) => self.define_checksum(item),
                Item::Class(_) | Item::Import(_) => {}
                Item::Frame(_) | Item::Enum(_) | Item::Bits(_) | Item::Protocol(_) => {}
            }
        }
        for item in &file.items {
            match item {
                Item::Frame(item) => self.define_frame(item),
                Item::Enum(item) if !is_values(item) => self.define_choice(item),
                Item::Bits(item) => self.define_bits(item),
                _ => {}
            }
        }
        self.define_later();
        let mut order = std::mem::take(&mut self.model.order);
        order.sort_by_key(|ty| self.model.span(*ty));
        self.model.order = order;
        for item in &file.items {
            if let Item::Protocol(item) = item {
                self.define_protocol(item);
            }
        }
    }

    fn define_delimiter(&mut self, item: &syntax::Delimiter) {
        for (place, bytes) in item.alternatives.iter().enumerate() {
            if bytes.value.is_empty() {
                self.report(Diagnostic::new(
                    Code::EmptyRange,
                    bytes.span,
                    format!("the delimiter `{}` is empty", item.name.name),
                ));
            }
            let before = |place: usize| &bytes.value[..place];
            if bytes.value.iter().enumerate().any(|(place, byte)| before(place).contains(byte)) {
                self.unsupported(bytes.span, "a delimiter that repeats a byte");
            }
            let alike = item.alternatives[..place].iter().find(|earlier| {
                earlier.value.starts_with(&bytes.value) || bytes.value.starts_with(&earlier.value)
            });
            if let Some(alike) = alike {
                self.report(
                    Diagnostic::new(
                        Code::Shadowed,
                        bytes.span,
                        "one end begins with another, so that what follows would have to tell",
                    )
                    .label("which of them it is, is told too late")
                    .also(alike.span, "the other"),
                );
            }
        }
        let mut all = item.alternatives.iter().map(|bytes| bytes.value.clone());
        let name = self.constant(&item.name);
        self.model.delimiters.push(Delimiter {
            docs: item.docs.clone(),
            name,
            span: item.name.span,
            bytes: all.next().unwrap_or_default(),
            others: all.collect(),
            lenient: item.lenient,
        });
    }

    fn define_frame(&mut self, item: &syntax::Frame) {
        let params = self.params_of(&item.name);
        let region = item.region.as_ref().and_then(|region| self.region(region));
        let limits = self.limits(item.limits.as_ref());
        let body = self.members(&item.body, &params);
        if !item.body.iter().any(|member| matches!(member, syntax::Member::Stream(_))) {
            self.unused(&params, &body);
        }
        self.model.order.push(TypeId::Frame(FrameId(self.model.frames.len())));
        self.model.frames.push(Frame {
            docs: item.docs.clone(),
            name: item.name.name.clone(),
            span: item.name.span,
            params,
            limits,
            region,
            body,
            lets: Vec::new(),
        });
    }

    /// Bits with a name are a frame of nothing else.
    fn define_bits(&mut self, item: &syntax::Bits) {
        let bits = self.bits(&item.carrier, &item.fields, item.span);
        for field in item.fields.iter().filter(|field| field.derived.is_some()) {
            self.unsupported(field.span, "a derived field of bits with a name");
        }
        self.model.order.push(TypeId::Frame(FrameId(self.model.frames.len())));
        self.model.frames.push(Frame {
            docs: item.docs.clone(),
            name: item.name.name.clone(),
            span: item.name.span,
            params: Vec::new(),
            limits: None,
            region: None,
            body: bits.map(Member::Bits).into_iter().collect(),
            lets: Vec::new(),
        });
    }

    pub(super) fn limits(&mut self, limits: Option<&syntax::Limits>) -> Option<Limits> {
        let limits = limits?;
        let depth = match &limits.depth {
            None => None,
            Some(depth) => {
                match u16::try_from(depth.value).ok().filter(|d| (1..=128).contains(d)) {
                    Some(depth) => Some(depth),
                    None => {
                        // What is read so deep is on the stack.
                        let message = "a depth is from 1 to 128";
                        self.report(Diagnostic::new(Code::EmptyRange, depth.span, message));
                        None
                    }
                }
            }
        };
        Some(Limits { max: limits.max.value, depth })
    }

    pub(super) fn region(&mut self, region: &syntax::Region) -> Option<Region> {
        let RegionKind::Until(name) = &region.kind else {
            self.unsupported(region.span, "this kind of region");
            return None;
        };
        let delimiter = self.delimiter(name)?;
        let Some(max) = &region.max else {
            let ends = self.model.delimiters.get(delimiter.0).map(model::Delimiter::set);
            let other = (b'a'..=b'z').find(|byte| !ends.iter().flatten().any(|end| end == byte));
            let says = "and so on, without an end".to_owned();
            self.report(
                Diagnostic::new(
                    Code::Unbounded,
                    region.span,
                    "nothing limits how far the delimiter may be",
                )
                .label("a peer could send for ever")
                .witness(Witness::Bytes { bytes: vec![other.unwrap_or(b'a'); 8], says })
                .help("say `max N`: the longest frame in bytes, with its delimiter"),
            );
            return None;
        };
        let skip = region.skip.is_some();
        Some(Region { delimiter, max: max.value, skip, span: region.span })
    }
}

/// Whether an enum is a choice of values rather than of frames.
fn is_values(item: &syntax::Enum) -> bool {
    let mut variants = item.variants.iter();
    match item.repr {
        _ if item.tag.is_some() => false,
        Some(_) => !variants.any(|variant| matches!(variant.kind, VariantKind::Frame { .. })),
        None => variants.next().is_some_and(|variant| {
            matches!(variant.kind, VariantKind::Literal(_) | VariantKind::Number(_))
        }),
    }
}
