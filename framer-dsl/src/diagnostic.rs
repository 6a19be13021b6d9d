//! What is wrong with a `.frame` text: a code, a message, the places, what shows it, a way out.

mod render;
mod witness;

pub use render::render;
pub use witness::{Step, Witness};

use crate::source::Span;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// The stable codes of diagnostics.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$name),+];

            /// The code as it is printed.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $text,)+
                }
            }

            /// What it means, why it matters on the wire, and an example that raises it beside one
            /// that does not: a text in Markdown.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self {
                    $(Code::$name => include_str!(concat!("explain/", $text, ".md")),)+
                }
            }

            /// The code that is printed so.
            #[must_use]
            pub fn named(text: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }
    };
}

codes! {
    /// The text is not of the language's grammar.
    Syntax = "F0001",
    /// A literal cannot be read: a bad escape, a number out of range.
    BadLiteral = "F0002",
    /// A name is declared twice.
    Duplicate = "F0101",
    /// A name is used that nothing declares.
    Unknown = "F0102",
    /// A name stands for something of another sort.
    WrongSort = "F0103",
    /// Arguments and parameters do not agree.
    Arguments = "F0104",
    /// An expression, or a field of a type of the user's own, has a type that does not fit.
    ExprType = "F0105",
    /// A frame contains itself without a bound.
    Recursion = "F0106",
    /// A name that is taken in the generated code.
    Reserved = "F0107",
    /// An import that leads to no text.
    Import = "F0108",
    /// A buffer without a bound.
    Unbounded = "F0201",
    /// Two alternatives of a choice accept the same bytes.
    Shadowed = "F0202",
    /// Nothing separates a field from what follows it.
    Ambiguous = "F0203",
    /// A frame can be empty where one is repeated, or may be missing.
    NoProgress = "F0204",
    /// A range or extent holds nothing.
    EmptyRange = "F0205",
    /// A frame of a protocol has no boundary of its own.
    NoBoundary = "F0206",
    /// A list needs a flag that says when it ends, or shares what its elements lack.
    BadList = "F0207",
    /// What stands in a region may hold a byte of its delimiter.
    HoldsDelimiter = "F0208",
    /// A transform that does not read back what it writes.
    NotInverse = "F0209",
    /// An expression without a result for some values.
    NotTotal = "F0210",
    /// Bits that do not add up, or marks out of order.
    BadBits = "F0211",
    /// A length or condition that the encoder cannot make true.
    NotDerived = "F0212",
    /// Offsets from the beginning of a frame that is not around them.
    NotAround = "F0213",
    /// A state that no rule leads to.
    Unreachable = "F0301",
    /// A frame that its role can never send.
    NeverSent = "F0302",
    /// A rule or an arm that another takes everything from.
    Overlap = "F0303",
    /// A reply, or a frame that is passed over, of which nothing is said.
    Unanswered = "F0304",
    /// A reply that may come before others changes the state.
    AnyOrder = "F0305",
    /// What crosses a frame on its way has no place where that leads.
    Crossing = "F0306",
    /// What was said before an upgrade would be read behind it.
    CarriedOn = "F0307",
    /// A state or an exchange that nothing ends.
    Stuck = "F0308",
    /// How a frame is read depends on a reply that has not come.
    Race = "F0309",
    /// Something is declared, and nothing uses it.
    Unused = "F0401",
    /// A state may last for ever without a byte of the peer.
    NoTimeLimit = "F0402",
    /// Nothing was found of what an `allow` allows.
    NothingAllowed = "F0403",
    /// A rule of `any state` that every state has a rule before.
    Overridden = "F0404",
    /// Only some outcomes of what is outstanding take a frame.
    SomeOutcomes = "F0405",
    /// The language has it, this compiler does not yet.
    Unsupported = "F0900",
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The description means something, and probably something else than its author thinks.
    Warning,
    /// The description is not compiled.
    Error,
}

impl Code {
    /// How bad what it stands for is.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Code::Unused
            | Code::NoTimeLimit
            | Code::NothingAllowed
            | Code::Overridden
            | Code::SomeOutcomes => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// Whether `#[allow(CODE, "why")]` may stand before what it is found in: of a warning it may,
    /// and of a race that the bytes of the protocol leave, whatever the description says.
    #[must_use]
    pub fn can_be_allowed(self) -> bool {
        let warning = self.severity() == Severity::Warning && self != Code::NothingAllowed;
        warning || matches!(self, Code::Crossing | Code::Race)
    }
}

/// A place with what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is said; may be empty.
    pub text: String,
}

/// One mistake of the description's author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where.
    pub primary: Label,
    /// The other places that have to do with it.
    pub secondary: Vec<Label>,
    /// The shortest bytes, value or order of messages that shows it, where there is one.
    pub witness: Option<Witness>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake at `span`.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            message: message.into(),
            primary: Label { span, text: String::new() },
            secondary: Vec::new(),
            witness: None,
            help: None,
        }
    }

    /// Says something at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.primary.text = text.into();
        self
    }

    /// Shows another place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// Shows that it is so.
    #[must_use]
    pub fn witness(mut self, witness: Witness) -> Diagnostic {
        self.witness = Some(witness);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }
}
