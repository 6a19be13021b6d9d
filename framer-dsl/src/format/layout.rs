//! A text that can be laid out in more than one way, and the lines it becomes.

use super::comments::Comment;

/// How wide a line may be, in characters.
const WIDTH: usize = 100;

/// How much deeper a line is than what it belongs to, in characters.
const STEP: usize = 4;

/// A piece of a text.
#[derive(Clone, Debug)]
pub(super) enum Layout<'t> {
    /// A token.
    Text(&'t str),
    /// A comment, with what it needs around it.
    Comment(Comment<'t>),
    /// One space, but at the beginning of a line.
    Space,
    /// A space, or a new line where what follows, up to the next choice, does not fit.
    Fill {
        /// The new line is deeper than the one it goes on with.
        deeper: bool,
    },
    /// A space where the group stands on one line, otherwise a new line.
    Line,
    /// A token where the group does not stand on one line, otherwise nothing.
    Tail(&'static str),
    /// A new line.
    Break {
        /// With an empty line before it.
        blank: bool,
    },
    /// Its new lines are deeper.
    Nest(Vec<Layout<'t>>),
    /// On one line if it fits and holds no [`Layout::Break`].
    Group(Vec<Layout<'t>>),
    /// On the line if it fits; otherwise on the next one, deeper, if it fits there; otherwise it
    /// goes on here, and its groups are broken.
    Drop(Vec<Layout<'t>>),
}

/// A piece that is to be printed.
#[derive(Clone, Copy)]
struct Piece<'l, 't> {
    layout: &'l Layout<'t>,
    depth: usize,
    /// The group around it stands on several lines.
    broken: bool,
}

/// The lines of a text.
pub(super) fn print(layout: &[Layout<'_>]) -> String {
    let mut printer = Printer::default();
    let mut stack = Vec::new();
    push(&mut stack, layout, 0, true);
    while let Some(piece) = stack.pop() {
        printer.piece(piece, &mut stack);
    }
    let mut text = printer.text;
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn push<'l, 't>(stack: &mut Vec<Piece<'l, 't>>, all: &'l [Layout<'t>], depth: usize, broken: bool) {
    stack.extend(all.iter().rev().map(|layout| Piece { layout, depth, broken }));
}

/// What has been printed, and what the next token has to know of it.
#[derive(Default)]
struct Printer {
    text: String,
    /// Characters of the last line; of a line that has only begun, how deep it is.
    column: usize,
    /// A token stands on the last line.
    inside: bool,
    /// How deep the last line is.
    depth: usize,
    /// The last token opened a list, so that no blank line is wanted.
    opened: bool,
    /// A comment wants a new line before the next token: how deep, and whether behind a blank one.
    due: Option<(usize, bool)>,
}

impl Printer {
    fn piece<'l, 't>(&mut self, piece: Piece<'l, 't>, stack: &mut Vec<Piece<'l, 't>>) {
        let Piece { layout, depth, broken } = piece;
        match layout {
            Layout::Text(text) => self.token(text),
            Layout::Comment(comment) => self.comment(comment, depth),
            Layout::Space => self.space(),
            Layout::Fill { .. } if self.fits(1, &[], false, stack) => self.space(),
            Layout::Fill { deeper } => self.line(depth + if *deeper { STEP } else { 0 }, false),
            Layout::Line if broken => self.line(depth, false),
            Layout::Line => self.space(),
            Layout::Tail(text) if broken => self.token(text),
            Layout::Tail(_) => {}
            Layout::Break { blank } => self.line(depth, *blank),
            Layout::Nest(inner) => push(stack, inner, depth + STEP, broken),
            Layout::Group(inner) => {
                let broken = !self.fits(0, inner, true, stack);
                push(stack, inner, depth, broken);
            }
            Layout::Drop(inner) => {
                let here = self.fits(1, inner, true, stack);
                if here || !self.fits_below(depth + STEP, inner, stack) {
                    self.space();
                    push(stack, inner, depth, true);
                } else {
                    self.line(depth + STEP, false);
                    push(stack, inner, depth + STEP, true);
                }
            }
        }
    }

    /// Whether `inner` fits on one line that is so deep and has nothing on it yet.
    fn fits_below(&self, depth: usize, inner: &[Layout<'_>], stack: &[Piece<'_, '_>]) -> bool {
        let below = Printer { column: depth, ..Printer::default() };
        below.fits(0, inner, true, stack)
    }

    /// Whether `inner` on one line, `more` characters before it, and what stands behind it up to
    /// where a line may end, fit on the last line.
    fn fits(
        &self,
        more: usize,
        inner: &[Layout<'_>],
        whole: bool,
        stack: &[Piece<'_, '_>],
    ) -> bool {
        if self.due.is_some() {
            return false;
        }
        let Some(mut left) = WIDTH.checked_sub(self.column + more) else { return false };
        let mut ahead: Vec<&Layout<'_>> = inner.iter().rev().collect();
        let mut behind = stack.iter().rev();
        let mut within = whole;
        // Of two spaces one is printed.
        let mut spaced = more > 0 || !self.inside || self.text.ends_with(' ');
        loop {
            let space = usize::from(!spaced);
            spaced = false;
            let (next, broken) = match ahead.pop() {
                Some(next) => (next, !within),
                None => {
                    within = false;
                    match behind.next() {
                        Some(piece) => (piece.layout, piece.broken),
                        None => return true,
                    }
                }
            };
            let width = match next {
                Layout::Text(text) => text.chars().count(),
                Layout::Fill { .. } if !within => return true,
                Layout::Line if broken => return true,
                Layout::Space | Layout::Fill { .. } | Layout::Line => {
                    spaced = true;
                    space
                }
                Layout::Comment(comment) if comment.breaks() => return !within,
                Layout::Comment(comment) => space + comment.text.chars().count(),
                Layout::Tail(text) if broken => text.len(),
                Layout::Tail(_) => {
                    spaced = space == 0;
                    0
                }
                Layout::Break { .. } => return !within,
                Layout::Drop(_) if !within => return true,
                Layout::Drop(inner) => {
                    ahead.extend(inner.iter().rev());
                    spaced = true;
                    space
                }
                Layout::Nest(inner) | Layout::Group(inner) => {
                    ahead.extend(inner.iter().rev());
                    spaced = space == 0;
                    0
                }
            };
            match left.checked_sub(width) {
                Some(rest) => left = rest,
                None => return false,
            }
        }
    }

    fn token(&mut self, token: &str) {
        if let Some((depth, blank)) = self.due {
            self.line(depth, blank);
        }
        self.begin();
        self.write(token);
        self.opened = token == "{";
    }

    fn comment(&mut self, comment: &Comment<'_>, depth: usize) {
        if let Some((depth, _)) = self.due {
            self.line(depth, comment.blank.0);
        } else if comment.is_alone {
            let depth = if self.inside { depth + STEP } else { self.depth };
            self.line(depth, comment.blank.0);
        }
        self.space();
        self.begin();
        self.write(comment.text);
        self.opened = false;
        if comment.is_alone {
            self.due = Some((self.depth, comment.blank.1));
        } else if comment.is_line {
            self.due = Some((depth + STEP, false));
        }
    }

    fn space(&mut self) {
        if self.inside && self.due.is_none() && !self.text.ends_with(' ') {
            self.text.push(' ');
            self.column += 1;
        }
    }

    /// Goes on with a line that is so deep.
    fn line(&mut self, depth: usize, blank: bool) {
        self.due = None;
        if self.inside {
            self.text.truncate(self.text.trim_end_matches(' ').len());
            self.text.push('\n');
        }
        if blank && !self.opened && !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
        self.inside = false;
        self.depth = depth;
        self.column = depth;
    }

    /// Indents the line if nothing stands on it.
    fn begin(&mut self) {
        if !self.inside {
            self.text.extend(std::iter::repeat_n(' ', self.depth));
            self.inside = true;
        }
    }

    fn write(&mut self, text: &str) {
        self.text.push_str(text);
        self.column = match text.rsplit_once('\n') {
            Some((_, last)) => last.chars().count(),
            None => self.column + text.chars().count(),
        };
    }
}
