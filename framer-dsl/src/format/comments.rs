//! The comments between tokens, which the grammar passes over.

/// A comment, and how it stood among the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comment<'t> {
    pub(super) text: &'t str,
    /// It ends with its line.
    pub(super) is_line: bool,
    /// It is to stand on lines of its own: nothing else did, or it has several.
    pub(super) is_alone: bool,
    /// Whether a blank line stood before it, and behind it.
    pub(super) blank: (bool, bool),
    /// Where it ends.
    pub(super) end: usize,
}

impl<'t> Comment<'t> {
    /// The comment that the text begins with at `at`, if it does.
    fn read(text: &'t str, at: usize) -> Option<Comment<'t>> {
        let rest = text.get(at..).unwrap_or_default();
        let is_line = rest.starts_with("//");
        let length = match is_line {
            true => rest.find('\n').unwrap_or(rest.len()),
            false if rest.starts_with("/*") => block_length(rest),
            false => return None,
        };
        let (comment, end) = (rest[..length].trim_end(), at + length);
        Some(Comment { text: comment, is_line, is_alone: false, blank: (false, false), end })
    }

    /// What it stands in takes more than one line.
    pub(super) fn breaks(&self) -> bool {
        self.is_line || self.is_alone
    }
}

/// The comments of `text[from..to]`, where no token stands.
pub(super) fn between(text: &str, from: usize, to: usize) -> Vec<Comment<'_>> {
    let mut comments: Vec<Comment<'_>> = Vec::new();
    let mut at = from;
    // A text begins with a line.
    let mut before = usize::from(from == 0);
    loop {
        let blanks = text[at..to].trim_start_matches(is_blank);
        let behind = text[at..to - blanks.len()].matches('\n').count();
        let ends_line = behind > 0 || blanks.is_empty() && to == text.len();
        if let Some(last) = comments.last_mut() {
            last.is_alone = before > 0 && ends_line || last.text.contains('\n');
            last.blank.1 = behind > 1;
            before = 0;
        }
        before += behind;
        let Some(comment) = Comment::read(text, to - blanks.len()).filter(|_| !blanks.is_empty())
        else {
            return comments;
        };
        at = comment.end;
        let blank = (before > 1, false);
        comments.push(Comment { blank, ..comment });
    }
}

/// The comments from `from` to the end of its line, if no token stands before that.
pub(super) fn ending_line(text: &str, from: usize) -> Vec<Comment<'_>> {
    let mut comments = Vec::new();
    let mut at = from;
    loop {
        let rest = text[at..].trim_start_matches(|next| next != '\n' && is_blank(next));
        if rest.is_empty() || rest.starts_with('\n') {
            return comments;
        }
        let is_documentation = rest.starts_with("///") && !rest.starts_with("////");
        match Comment::read(text, text.len() - rest.len()) {
            Some(comment) if comment.text.contains('\n') => return comments,
            Some(comment) if !is_documentation => {
                at = comment.end;
                comments.push(comment);
            }
            _ => return Vec::new(),
        }
    }
}

/// Whether a blank line is the first thing behind `from`.
pub(super) fn blank_ahead(text: &str, from: usize) -> bool {
    let rest = &text[from..];
    let blanks = rest.len() - rest.trim_start_matches(is_blank).len();
    rest[..blanks].matches('\n').count() > 1
}

/// What the grammar calls a blank.
fn is_blank(next: char) -> bool {
    matches!(next, ' ' | '\t' | '\r' | '\n' | '\u{feff}')
}

/// The length of the comment that begins the text, with those inside it.
fn block_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}
