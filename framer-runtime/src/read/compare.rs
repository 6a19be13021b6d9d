//! Bytes held against literals and patterns.

/// Whether `bytes` begin with the pattern: for each byte which bits are known, and what they are.
#[must_use]
pub fn matches(bytes: &[u8], pattern: &[(u8, u8)]) -> bool {
    let begin = bytes.get(..pattern.len());
    begin.is_some_and(|begin| {
        begin.iter().zip(pattern).all(|(byte, (mask, value))| byte & mask == *value)
    })
}

/// Whether `bytes` are `literal`, letter case aside if `nocase`.
#[must_use]
pub fn is(bytes: &[u8], literal: &[u8], nocase: bool) -> bool {
    if nocase { bytes.eq_ignore_ascii_case(literal) } else { bytes == literal }
}

/// Whether `bytes` begin with `literal`, letter case aside if `nocase`; if `word`, no letter,
/// digit, `-` or `_` may follow it.
#[must_use]
pub fn starts(bytes: &[u8], literal: &[u8], nocase: bool, word: bool) -> bool {
    let Some((begin, rest)) = bytes.split_at_checked(literal.len()) else { return false };
    let alike = if nocase { begin.eq_ignore_ascii_case(literal) } else { begin == literal };
    alike && !(word && rest.first().is_some_and(in_word))
}

/// Whether `literal` stands somewhere in `bytes`, letter case aside if `nocase`; if `word`, no
/// letter, digit, `-` or `_` may stand beside it.
#[must_use]
pub fn contains(bytes: &[u8], literal: &[u8], nocase: bool, word: bool) -> bool {
    let mut places = 0..=bytes.len();
    places.any(|at| {
        let (before, rest) = bytes.split_at_checked(at).unwrap_or_default();
        starts(rest, literal, nocase, word) && !(word && before.last().is_some_and(in_word))
    })
}

pub(crate) fn in_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_".contains(byte)
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn a_literal_within() {
        assert!(contains(b"a STARTTLS b", b"STARTTLS", false, true));
        assert!(contains(b"starttls", b"STARTTLS", true, true));
        assert!(!contains(b"starttls", b"STARTTLS", false, true));
        for beside in [&b"STARTTLS2"[..], b"XSTARTTLS", b"X-STARTTLS", b"STARTTLS_", b"STARTTL"] {
            assert!(!contains(beside, b"STARTTLS", false, true));
            assert_eq!(contains(beside, b"STARTTLS", false, false), beside != b"STARTTL");
        }
        assert!(contains(b"XSTARTTLS STARTTLS", b"STARTTLS", false, true));
        assert!(contains(b"ab", b"", false, false));
    }
}
