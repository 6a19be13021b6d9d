//! The lines of a text.

use memchr::memchr;

/// What is left of a text, line by line; the last one has no LF, and may be empty.
#[derive(Clone)]
pub(super) struct Lines<'a>(Option<&'a str>);

impl<'a> Lines<'a> {
    pub(super) const fn new(text: &'a str) -> Lines<'a> {
        Lines(Some(text))
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.take()?;
        let end = memchr(b'\n', text.as_bytes());
        match end.and_then(|end| text.split_at_checked(end)) {
            Some((line, rest)) => {
                self.0 = rest.strip_prefix('\n');
                Some(line)
            }
            None => Some(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::Lines;

    #[test]
    fn as_split_gives_them() {
        for text in ["", "a", "\n", "a\n", "\nb", "a\nbc\n\nd", "é\nü"] {
            let lines: Vec<&str> = Lines::new(text).collect();
            assert_eq!(lines, text.split('\n').collect::<Vec<_>>());
        }
    }
}
