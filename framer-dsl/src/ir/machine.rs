//! Protocols: states, rules and ways of cutting.

use super::{
    Change, Docs, Expr, FrameId, Key, Received, Region, Relation, Role, Span, StreamExtent, Target,
    TransformId, TypeId, Within,
};

/// A protocol.
#[derive(Clone, Debug)]
pub struct Machine {
    pub docs: Docs,
    pub name: String,
    pub datagrams: bool,
    pub roles: [String; 2],
    pub framers: Vec<Framer>,
    /// How each role's direction is cut at the beginning, by its place among the framers.
    pub speaks: [usize; 2],
    pub kinds: Vec<Kind>,
    pub states: Vec<State>,
    pub any: Vec<Rule>,
    /// Those that are true or false, a bit each by its place.
    pub vars: Vec<Var>,
    /// Those that hold numbers.
    pub numbers: Vec<Number>,
    /// What is asked about numbers; the answers are bits behind those of `vars`.
    pub tests: Vec<Test>,
    /// Whether the frames of each role await replies.
    pub asks: [bool; 2],
    pub pending: u64,
    /// How many milliseconds a reply may take.
    pub reply_millis: Option<u64>,
    /// The field that pairs a reply with its request.
    pub key: Option<Key>,
    pub layers: Vec<String>,
    /// Where values of a frame are needed for an effect.
    pub sites: Vec<Site>,
}

/// One way of cutting one role's direction.
#[derive(Clone, Debug)]
pub struct Framer {
    pub role: Role,
    pub ty: TypeId,
    pub name: String,
    pub shape: Shape,
    /// The bytes that must stand behind a payload of known length.
    pub tail: Vec<u8>,
    /// The longest frame that lies in memory as a whole, in bytes.
    pub bound: u64,
    /// The field that arms look at.
    pub by: Option<String>,
}

/// How the end of a frame is found.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// By its delimiter.
    Delimited(Region),
    /// It is a datagram.
    Datagram,
    /// By the numbers in it, at most so many bytes.
    Measured { max: u64 },
    /// By the coding of its payload, which is all of it.
    Coded { transform: TransformId, max: u64, skip: bool },
    /// By the flag of its last element.
    Lines { element: TypeId, region: Region, max: usize },
    /// It is not looked for: the payload is passed on as it comes.
    Stream(StreamExtent),
}

/// A kind of frame that rules tell apart.
#[derive(Clone, Debug)]
pub struct Kind {
    /// The name of its frame, and what tells it from the others of that.
    pub label: String,
    /// The name of its frame.
    pub name: String,
    pub role: Role,
    pub of: KindOf,
    /// The answers of the guards over the frame's own fields.
    pub own: Vec<(Expr, bool)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KindOf {
    Frame(FrameId),
    Malformed,
}

#[derive(Clone, Debug)]
pub struct Var {
    pub docs: Docs,
    pub name: String,
    pub initial: bool,
}

/// A variable that holds a number.
#[derive(Clone, Debug)]
pub struct Number {
    pub docs: Docs,
    pub name: String,
    pub initial: u64,
    pub low: u64,
    pub high: u64,
}

/// A question about a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Test {
    /// By its place among the numbers.
    pub number: usize,
    pub is: Relation,
    pub to: Amount,
}

/// How much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    Constant(u64),
    /// What a site gives, counted from 1.
    Site(usize),
    /// Another number, by its place.
    Number(usize),
}

impl Machine {
    /// The bit of the answer to a test.
    #[must_use]
    pub fn bit_of(&self, test: usize) -> u32 {
        bit(self.vars.len() + test)
    }

    /// The bits of the answers to all tests.
    #[must_use]
    pub fn bits_of_tests(&self) -> u32 {
        (0..self.tests.len()).fold(0, |bits, test| bits | self.bit_of(test))
    }
}

/// The bit at a place, of which checking has left no more than there are.
pub(crate) fn bit(place: usize) -> u32 {
    u32::try_from(place).ok().and_then(|place| 1_u32.checked_shl(place)).unwrap_or_default()
}

#[derive(Clone, Debug)]
pub struct State {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub within: Option<Within>,
    pub rules: Vec<Rule>,
    pub any: bool,
}

#[derive(Clone, Debug)]
pub struct Rule {
    /// Where it is written: rules that were taken apart share it.
    pub span: Span,
    /// By their places among the kinds.
    pub kinds: Vec<usize>,
    pub low: u64,
    pub high: u64,
    /// Bits of the variables and tests that the guard looks at, and what they must be.
    pub mask: u32,
    pub value: u32,
    pub refuse: bool,
    pub barrier: Option<Barrier>,
    pub framing: u16,
    pub target: Target,
    pub effects: Vec<Effect>,
    pub arms: Vec<Arm>,
}

/// Why nothing may follow until the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    Framing,
    Variable,
    End,
    /// The reply changes the state, and others may come before it.
    Order,
    Declared,
}

#[derive(Clone, Copy, Debug)]
pub enum Effect {
    Then {
        role: Role,
        framer: usize,
        site: usize,
        /// The site of the key that lies over the payload.
        mask: usize,
    },
    /// What was made due of the role waits until the other one has said this.
    Hold {
        role: Role,
        until: FrameId,
    },
    Speaks {
        role: Role,
        framer: usize,
    },
    Upgrade {
        layer: usize,
        received: Received,
    },
    Set {
        var: usize,
        site: usize,
    },
    /// A constant.
    Assign {
        var: usize,
        value: bool,
    },
    /// A number changes, by its place.
    Change {
        number: usize,
        change: Change,
        by: Amount,
    },
}

#[derive(Clone, Debug)]
pub struct Arm {
    /// Where its pattern is written: arms that were taken apart share it.
    pub span: Span,
    pub kinds: Vec<usize>,
    pub low: u64,
    pub high: u64,
    /// Bits of the variables and tests that the guard looks at, and what they must be.
    pub mask: u32,
    pub value: u32,
    pub target: Target,
    pub effects: Vec<Effect>,
}

/// A place in the description where an effect needs values of the frame it fires on.
#[derive(Clone, Debug)]
pub struct Site {
    /// The frame whose fields are read.
    pub frame: FrameId,
    pub action: SiteAction,
}

#[derive(Clone, Debug)]
pub enum SiteAction {
    /// A parameter of a framer.
    Parameter { framer: usize, value: Expr },
    /// The value of a variable, by its place.
    Variable { var: usize, value: Expr },
    /// What a number is compared with, or changed by, by its place.
    Number { number: usize, value: Expr },
}
