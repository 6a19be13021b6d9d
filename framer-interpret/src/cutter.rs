//! Frames out of bytes that come in any pieces, without a protocol.

use framer_runtime::cutter::{Cuts, Cutting};
use framer_runtime::protocol::Cut;
use framer_runtime::violation::Violation;

use crate::description::Schema;
use crate::value::Value;

/// Cuts frames of one [`Schema`] out of bytes that come in any pieces.
///
/// ```
/// use framer_dsl::Sources;
/// use framer_interpret::{Description, Value};
/// use framer_runtime::cutter::Cutting;
///
/// let text = r#"frame Netstring {
///     size: dec u32 [1..=6] = len(data), ":", data: bytes [size], ",",
/// }"#;
/// let description = Description::load(&Sources::new("netstring.frame", text)).expect("it compiles");
/// let netstring = description.schema("Netstring").expect("it is declared");
/// let mut cutter = netstring.cutter(64 * 1024).expect("it says where it ends");
/// cutter.receive(b"5:hello,3:a");
/// let Cutting::Frame(Value::Frame(frame)) = cutter.poll()? else { panic!("it is there") };
/// assert_eq!(frame.get("data"), Some(&Value::Bytes(b"hello".into())));
/// assert!(matches!(cutter.poll()?, Cutting::More(3)));
/// # Ok::<(), framer_runtime::violation::Violation>(())
/// ```
#[derive(Debug)]
pub struct Cutter {
    schema: Schema,
    cuts: Cuts,
}

impl Cutter {
    pub(crate) fn new(schema: Schema, cut: Cut, input_bytes: usize) -> Cutter {
        Cutter { schema, cuts: Cuts::new(schema.name(), cut, input_bytes) }
    }

    /// Takes bytes in, as many as there is room for; how many that was.
    pub fn receive(&mut self, bytes: &[u8]) -> usize {
        self.cuts.receive(bytes)
    }

    /// The next frame. Its bytes are done with at the next call.
    ///
    /// # Errors
    /// A boundary that cannot be found: final, and every later call returns it again.
    pub fn poll(&mut self) -> Result<Cutting<Value<'_>>, Violation> {
        self.cuts.poll(|reader| self.schema.read(reader))
    }

    /// The bytes have ended.
    ///
    /// # Errors
    /// [`Rule::EndOfStream`](framer_runtime::violation::Rule::EndOfStream), where they ended inside
    /// a frame, or the violation that was final.
    pub fn end_of_stream(&mut self) -> Result<(), Violation> {
        self.cuts.end_of_stream()
    }

    /// How many bytes of the stream belong to what has been given.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.cuts.position()
    }

    /// How many bytes have been examined to find boundaries.
    #[must_use]
    pub fn scanned(&self) -> u64 {
        self.cuts.scanned()
    }
}
