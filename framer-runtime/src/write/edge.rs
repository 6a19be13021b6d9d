//! What says what may follow: words, and what stands only at the end.

use super::Writer;
use crate::frame::Encoded;
use crate::read::in_word;
use crate::violation::{EncodeError, Rule};

/// What was written last that says what may follow, in a region that has not ended yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) frame: &'static str,
    pub(super) end: usize,
    /// It is a word. Otherwise nothing at all may follow.
    pub(super) word: bool,
}

/// A region that is being written.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    pub(super) begin: usize,
    /// What stands before it and says what may follow.
    edge: Option<Edge>,
}

impl Opened {
    /// Where it begins: as [`Writer::mark`].
    #[must_use]
    pub const fn begin(&self) -> usize {
        self.begin
    }
}

impl Writer<'_> {
    /// A region begins here. Words and ends in it are none of those around it.
    #[inline]
    pub fn open(&mut self) -> Opened {
        // As a rule there is none, and nothing to be moved.
        let edge = if self.edge.is_some() { self.edge.take() } else { None };
        Opened { begin: self.mark(), edge }
    }

    /// A literal of the frame behind which no letter, digit, `-` or `_` may follow in its region.
    /// Whether one does is told by the next word, or at the end of the region: behind the frame,
    /// perhaps, so it is named here. A value has no name: see [`Writer::held_by`].
    ///
    /// # Errors
    /// [`Rule::Ambiguous`] if one follows an earlier word.
    #[inline]
    pub fn word(
        &mut self,
        frame: &'static str,
        literal: &'static (impl AsRef<[u8]> + ?Sized),
    ) -> Encoded {
        self.magic(literal.as_ref());
        self.edge_here(frame, true)
    }

    /// Nothing stands here in the frame, since the region ends. Whether it does is told by the next
    /// word, or at the end of the region, as of [`Writer::word`].
    ///
    /// # Errors
    /// [`Rule::Ambiguous`] if something follows what ends earlier, or an earlier word.
    pub fn nothing(&mut self, frame: &'static str) -> Encoded {
        self.edge_here(frame, false)
    }

    /// What was written last may be a value, and belongs to this frame: what follows a word in it
    /// is told with that name.
    #[inline]
    pub fn held_by(&mut self, frame: &'static str) {
        if let Some(edge) = &mut self.edge
            && edge.frame.is_empty()
        {
            edge.frame = frame;
        }
    }

    fn edge_here(&mut self, frame: &'static str, word: bool) -> Encoded {
        self.check_edge()?;
        self.edge = Some(Edge { frame, end: self.mark(), word });
        Ok(())
    }

    /// The region ends here: what is written next does not follow its words.
    ///
    /// # Errors
    /// [`Rule::Ambiguous`] if a letter, digit, `-` or `_` follows a [`Writer::word`] in it, or
    /// anything [`Writer::nothing`].
    #[inline]
    pub fn end_region(&mut self, opened: Opened) -> Encoded {
        match (&self.edge, &opened.edge) {
            (None, None) => Ok(()),
            _ => self.end_edge(opened.edge),
        }
    }

    fn end_edge(&mut self, outer: Option<Edge>) -> Encoded {
        self.check_edge()?;
        self.edge = outer;
        Ok(())
    }

    pub(super) fn check_edge(&self) -> Encoded {
        let Some(Edge { frame, end, word }) = self.edge else { return Ok(()) };
        match self.since(end).first() {
            Some(byte) if !word || in_word(byte) => {
                Err(EncodeError { frame, field: "", rule: Rule::Ambiguous })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::violation::Rule;
    use crate::write::tests::written;

    #[test]
    fn what_follows_a_word_is_not_a_part_of_it() {
        assert_eq!(written(|w| w.word("F", "GET")), Ok(b"GET".to_vec()));
        let followed = |bytes: &'static [u8]| {
            written(|w| {
                w.word("F", "GET")?;
                w.magic(bytes);
                Ok(())
            })
        };
        assert_eq!(followed(b" x"), Ok(b"GET x".to_vec()));
        for byte in [b"x", b"9", b"-", b"_"] {
            assert_eq!(followed(byte), Err(Rule::Ambiguous));
        }
        // Another word tells of the one before it.
        assert_eq!(
            written(|w| w
                .word("F", "A")
                .and_then(|()| w.word("F", "B"))
                .and_then(|()| w.word("F", " "))),
            Err(Rule::Ambiguous)
        );
        // What follows the region of a word is none of its business.
        let region = written(|w| {
            let opened = w.open();
            w.word("F", "A")?;
            w.end_region(opened)?;
            w.literal("B");
            Ok(())
        });
        assert_eq!(region, Ok(b"AB".to_vec()));
        // A region that begins behind a word is what follows it.
        let before = written(|w| {
            w.word("F", "A")?;
            let opened = w.open();
            w.end_region(opened)?;
            w.literal("B");
            Ok(())
        });
        assert_eq!(before, Err(Rule::Ambiguous));
        // Whatever ends in that region.
        for follows in ["B", "!"] {
            let ends = written(|w| {
                w.word("F", "A")?;
                let opened = w.open();
                w.nothing("F")?;
                w.end_region(opened)?;
                w.literal(follows);
                Ok(())
            });
            assert_eq!(ends.is_ok(), follows == "!");
        }
        let end = written(|w| {
            w.nothing("F")?;
            let opened = w.open();
            w.end_region(opened)?;
            w.literal("!");
            Ok(())
        });
        assert_eq!(end, Err(Rule::Ambiguous));
    }

    #[test]
    fn a_word_moves_with_what_is_put_before_it() {
        let moved = |follows: &'static str| {
            written(|w| {
                let place = w.mark();
                w.literal(" ");
                w.word("F", "A")?;
                w.literal(follows);
                let end = w.mark();
                w.literal("12");
                w.insert(place, end);
                Ok(())
            })
        };
        assert_eq!(moved("!"), Ok(b"12 A!".to_vec()));
        assert_eq!(moved("!b"), Ok(b"12 A!b".to_vec()));
        assert_eq!(moved("b"), Err(Rule::Ambiguous));
    }
}
