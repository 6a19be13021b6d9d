//! A whole description, ready to be run.

use std::fmt;
use std::sync::OnceLock;

use framer_dsl::Sources;
use framer_dsl::diagnostic::Diagnostic;
use framer_dsl::ir::{Choice, Ir, Record, Shape, Type, TypeId, TypeKind};
use framer_runtime::class::Class;
use framer_runtime::frame::{Decoded, Encoded, told};
use framer_runtime::measure::Node;
use framer_runtime::protocol::Cut;
use framer_runtime::read::Reader;
use framer_runtime::scan::Delimiter;
use framer_runtime::transform::Coding;
use framer_runtime::write::Writer;

use crate::cutter::Cutter;
use crate::protocol::Protocol;
use crate::statics::{Statics, Transform, all_forever, forever};
use crate::{Value, cut, measure, protocol, statics, types};

/// What a `.frame` text means, run without generating Rust.
///
/// It lives as long as the process, as the tables of a compiled description do: the runtime holds
/// its names and literals wherever they are needed.
///
/// ```
/// use framer_dsl::Sources;
/// use framer_interpret::{Description, Value};
///
/// let text = "frame Block { kind: u8, size: u8 = len(data), data: bytes [size] }";
/// let description = Description::load(&Sources::new("block.frame", text)).expect("it compiles");
/// let block = description.schema("Block").expect("it is declared");
/// let value = block.decode(b"\x07\x02ab").expect("a block");
/// let frame = value.frame().expect("a frame");
/// assert_eq!(frame.get("kind"), Some(&Value::Number(7)));
/// assert_eq!(frame.fields[2].range, 2..4);
/// // What is derived need not be said.
/// let mut out = Vec::new();
/// block.encode(&value, &mut out).expect("it was read");
/// assert_eq!(out, b"\x07\x02ab");
/// ```
pub struct Description {
    ir: &'static Ir,
    statics: Statics,
    /// What passes over each type, by its place in the IR.
    nodes: OnceLock<Vec<Node>>,
    protocols: OnceLock<&'static [Protocol]>,
}

impl Description {
    /// Reads and checks a description.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(sources: &Sources) -> Result<&'static Description, Vec<Diagnostic>> {
        let ir: &'static Ir = forever(framer_dsl::analyze(sources)?);
        let statics = statics::build(ir);
        let (nodes, protocols) = (OnceLock::new(), OnceLock::new());
        Ok(forever(Description { ir, statics, nodes, protocols }))
    }

    /// What it was lowered to.
    #[must_use]
    pub fn ir(&self) -> &'static Ir {
        self.ir
    }

    /// Its protocols, in order.
    #[must_use]
    pub fn protocols(&'static self) -> &'static [Protocol] {
        self.protocols.get_or_init(|| {
            let machines = self.ir.machines.iter();
            all_forever(machines.map(|machine| protocol::build(self, machine)))
        })
    }

    /// The frames and choices that can be read and written by themselves, in order.
    pub fn schemas(&'static self) -> impl Iterator<Item = Schema> {
        let alone = |ty: &&'static Type| {
            let part = matches!(&ty.kind, TypeKind::Record(record) if !record.hoisted.is_empty());
            ty.params.is_empty() && !part && !matches!(ty.kind, TypeKind::Stream)
        };
        self.ir.types.iter().filter(alone).map(move |ty| Schema { description: self, ty })
    }

    /// One of them by its name.
    #[must_use]
    pub fn schema(&'static self, name: &str) -> Option<Schema> {
        self.schemas().find(|schema| schema.ty.name == name)
    }

    pub(crate) fn ty(&self, id: TypeId) -> &'static Type {
        self.ir.ty(id)
    }

    /// The frame of this id, which is no stream.
    pub(crate) fn record(&self, id: TypeId) -> Option<&'static Record> {
        match &self.ty(id).kind {
            TypeKind::Record(record) => Some(record),
            _ => None,
        }
    }

    pub(crate) fn choice(&self, id: TypeId) -> Option<&'static Choice> {
        match &self.ty(id).kind {
            TypeKind::Choice(choice) => Some(choice),
            _ => None,
        }
    }

    pub(crate) fn delimiter(&self, id: framer_dsl::ir::DelimiterId) -> &'static Delimiter {
        self.statics.delimiters[id.0]
    }

    pub(crate) fn class(&self, id: framer_dsl::ir::ClassId) -> &'static Class {
        self.statics.classes[id.0]
    }

    pub(crate) fn transform(&self, id: framer_dsl::ir::TransformId) -> &Transform {
        &self.statics.transforms[id.0]
    }

    /// A transform that is a coding, as resolving has made sure.
    ///
    /// # Panics
    /// If it is none: a bug of the compiler.
    pub(crate) fn coding(&self, id: framer_dsl::ir::TransformId) -> &'static Coding {
        match self.transform(id) {
            Transform::Coding(coding) => coding,
            Transform::Escapes(_) => panic!("a field is in a coding of a whole payload"),
        }
    }

    pub(crate) fn checksum(&self, id: framer_dsl::ir::ChecksumId, bytes: &[u8]) -> u64 {
        self.statics.checksums[id.0].of(bytes)
    }

    /// What passes over a type.
    pub(crate) fn node(&'static self, id: TypeId) -> Node {
        let nodes = self.nodes.get_or_init(|| {
            let node = |ty: &'static Type| {
                Node::new(forever(move |ruler: &mut framer_runtime::measure::Ruler<'_>| {
                    measure::ty(self, ty, ruler, &[])
                }))
            };
            self.ir.types.iter().map(node).collect()
        });
        let place = self.ir.types.iter().position(|ty| ty.id == id);
        place.and_then(|place| nodes.get(place)).copied().unwrap_or_else(|| self.missing(id))
    }

    fn missing(&self, id: TypeId) -> ! {
        panic!("lowering left out {id:?}")
    }
}

/// A frame or choice of a description that can be read and written by itself.
#[derive(Clone, Copy)]
pub struct Schema {
    pub(crate) description: &'static Description,
    pub(crate) ty: &'static Type,
}

impl fmt::Debug for Schema {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Schema").field(&self.ty.name).finish()
    }
}

impl Schema {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        &self.ty.name
    }

    /// What it was lowered to.
    #[must_use]
    pub fn ty(&self) -> &'static Type {
        self.ty
    }

    /// Reads `bytes`, which are one frame and nothing else.
    ///
    /// # Errors
    /// The first rule that is broken, with the place in `bytes`.
    pub fn decode<'a>(&self, bytes: &'a [u8]) -> Decoded<Value<'a>> {
        let mut reader = Reader::new(bytes);
        let value = self.read(&mut reader)?;
        told(&self.ty.name, reader.finish())?;
        Ok(value)
    }

    /// Reads one where `reader` stands, and moves behind it.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn read<'a>(&self, reader: &mut Reader<'a>) -> Decoded<Value<'a>> {
        told(&self.ty.name, types::read(self.description, self.ty, reader, &[]))
    }

    /// Writes a value behind what `out` holds.
    ///
    /// # Errors
    /// The first field that would not be read back as it is, with
    /// [`Rule::Condition`](framer_runtime::violation::Rule::Condition) where it is missing or of
    /// another sort; then nothing was written.
    pub fn encode(&self, value: &Value<'_>, out: &mut Vec<u8>) -> Encoded {
        Writer::whole(&self.ty.name, &mut out.into(), |writer| {
            types::write(self.description, self.ty, writer, value, &[])
        })
    }

    /// How its end is found in a stream, where the description has no protocol and it can be.
    #[must_use]
    pub fn cut(&self) -> Option<Cut> {
        cut::whole(self.description, self.ty.id, self.ty.cut?)
    }

    /// What cuts it out of a stream, holding at most so many bytes which are not done with; at
    /// least twice the longest frame is granted.
    #[must_use]
    pub fn cutter(&self, input_bytes: usize) -> Option<Cutter> {
        Some(Cutter::new(*self, self.cut()?, input_bytes))
    }

    /// Whether its end is found so, and how much a frame may have.
    #[must_use]
    pub fn shape(&self) -> Option<Shape> {
        self.ty.cut
    }
}
