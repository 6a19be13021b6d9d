//! Frames passed over element by element.

use super::node::Way;
use super::{Children, Measured, Node, Ruler, Searches, Unmeasured};
use crate::few::Stack;
use crate::read::{Reader, begins};
use crate::violation::{Invalid, Rule};

/// Passes over a frame element by element, and remembers where it is: no element is looked at
/// again once it has been there as a whole.
#[derive(Clone, Debug, Default)]
pub struct Walk<const OPEN: usize = 0> {
    passed: Passed<OPEN>,
    searches: Searches,
}

/// How far a frame has been passed over.
#[derive(Clone, Debug, Default)]
struct Passed<const OPEN: usize> {
    /// How many bytes of it.
    at: usize,
    /// What has elements left to come, the innermost last.
    open: Stack<Open, OPEN>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    left: u64,
    node: Node,
    depth: u16,
    /// Where its elements are counted by their end: what stands there, and how many may come.
    until: Option<(&'static [u8], u64)>,
}

impl<const OPEN: usize> Walk<OPEN> {
    /// How many bytes have been examined for delimiters, over all frames.
    #[must_use]
    pub const fn scanned(&self) -> u64 {
        self.searches.scan.scanned()
    }

    /// Begins a new frame.
    pub fn reset(&mut self) {
        self.passed.at = 0;
        self.passed.open.clear();
        self.searches.reset();
    }

    /// Where the frame ends that `input` begins with, at most `max` bytes long, or how many more are
    /// needed at least to tell. Called again with more bytes behind the same ones, it goes on where it
    /// stopped.
    ///
    /// # Errors
    /// The rule that is broken, [`Rule::TooLong`] among them.
    pub fn end(
        &mut self,
        frame: &'static str,
        node: Node,
        input: &[u8],
        max: usize,
    ) -> Result<Result<usize, usize>, Invalid> {
        let too_long = || {
            let rule = Rule::TooLong { max: u64::try_from(max).unwrap_or(u64::MAX) };
            Invalid { rule, frame, start: 0, end: max }
        };
        // What stands behind the limit has no part in it, be it there or not.
        let input = input.get(..max).unwrap_or(input);
        // One ruler for all elements: it is larger than most of them.
        self.searches.passed = 0;
        let mut ruler = Ruler::with(frame, input, &mut self.searches);
        let ended = self.passed.all(node, input, &mut ruler);
        let broken = ruler.broken();
        match ended {
            Ok(end) if end <= max => Ok(Ok(end)),
            Err(Unmeasured::More(need)) if need <= max.saturating_sub(input.len()) => Ok(Err(need)),
            Err(Unmeasured::Broken) => Err(broken.unwrap_or_else(too_long)),
            _ => Err(too_long()),
        }
    }
}

impl<const OPEN: usize> Passed<OPEN> {
    /// Passes over what is left of a frame; where it ends.
    fn all<'a>(&mut self, whole: Node, input: &'a [u8], ruler: &mut Ruler<'a>) -> Measured<usize> {
        let frame = ruler.frame;
        loop {
            let (node, depth) = match self.open.last() {
                Some(open) => (open.node, open.depth),
                None => (whole, 0),
            };
            if self.ended(frame, input, ruler)? {
                self.open.pop();
            } else {
                let (end, children) = match node.0 {
                    Way::Delimited(of) => {
                        let rest = input.get(self.at..).unwrap_or_default();
                        let of = (of.frame, of.delimiter, of.max);
                        let bytes = ruler.end_of(of, rest, self.at)?;
                        (self.at.saturating_add(bytes), Children::NONE)
                    }
                    Way::Pass(pass) => {
                        ruler.frame = frame;
                        ruler.reader = Reader::at(input, self.at, depth);
                        ruler.beyond = 0;
                        let children = pass(ruler)?;
                        (ruler.end()?, children)
                    }
                };
                if let Some(searches) = ruler.searches.as_deref_mut() {
                    searches.reset();
                }
                self.at = end;
                self.descend(children, ruler.reader.depth());
            }
            if self.open.is_empty() {
                return Ok(self.at);
            }
        }
    }

    /// Whether the elements of the innermost list end here, by their literal, which is passed.
    fn ended(&mut self, frame: &'static str, input: &[u8], ruler: &Ruler<'_>) -> Measured<bool> {
        let Some(Open { left, until: Some((bytes, max)), .. }) = self.open.last() else {
            return Ok(false);
        };
        let rest = input.get(self.at..).unwrap_or_default();
        if begins(rest, bytes) {
            self.at = self.at.saturating_add(bytes.len());
            return Ok(true);
        }
        if rest.len() < bytes.len() && bytes.starts_with(rest) {
            // The next byte may show that it is none.
            return Err(Unmeasured::More(1));
        }
        if *left == 0 {
            let rule = Rule::Count { max: usize::try_from(*max).unwrap_or(usize::MAX) };
            return Err(ruler.breaks(Invalid { rule, frame, start: self.at, end: self.at }));
        }
        Ok(false)
    }

    /// An element was passed, or the frame itself, and `children` are left of it.
    fn descend(&mut self, children: Children, depth: u16) {
        if let Some(open) = self.open.last_mut() {
            open.left = open.left.saturating_sub(1);
            if open.left == 0 && open.until.is_none() {
                self.open.pop();
            }
        }
        if let (1.., Some(node)) = (children.count, children.node) {
            let until = children.until.map(|literal| (literal, children.count));
            self.open.push(Open { left: children.count, node, depth, until });
        }
    }
}
