//! Bytes held against literals and patterns.

/// Whether `bytes` begin with the pattern: for each byte which bits are known, and what they are.
#[must_use]
#[inline]
pub fn matches(bytes: &[u8], pattern: &[(u8, u8)]) -> bool {
    let begin = bytes.get(..pattern.len());
    begin.is_some_and(|begin| {
        begin.iter().zip(pattern).all(|(byte, (mask, value))| byte & mask == *value)
    })
}

/// Whether `bytes` are `literal`, letter case aside if `nocase`.
#[must_use]
#[inline]
pub fn is(bytes: &[u8], literal: &[u8], nocase: bool) -> bool {
    if nocase { bytes.eq_ignore_ascii_case(literal) } else { bytes == literal }
}

/// Whether `bytes` begin with `literal`, letter case aside if `nocase`; if `word`, no letter,
/// digit, `-` or `_` may follow it.
// Where the literal is known, what is left of it are a few comparisons of numbers.
#[inline(always)]
#[must_use]
pub fn starts(bytes: &[u8], literal: &[u8], nocase: bool, word: bool) -> bool {
    let Some((begin, rest)) = bytes.split_at_checked(literal.len()) else { return false };
    let alike = match nocase {
        true => alike(begin, literal),
        false => begin == literal,
    };
    alike && !(word && rest.first().is_some_and(in_word))
}

/// Whether as many bytes as the literal has are alike, letter case aside. Most alternatives are told
/// apart by the first few of them.
#[inline(always)]
fn alike(bytes: &[u8], literal: &[u8]) -> bool {
    let other = match literal.len() {
        0 => return true,
        1..4 => other::<1>(bytes, literal),
        4..8 => other::<4>(bytes, literal),
        8.. => other::<8>(bytes, literal),
    };
    !other && (literal.len() == 1 || bytes.eq_ignore_ascii_case(literal))
}

/// Whether the first `N` bytes are others, letter case aside.
#[inline(always)]
fn other<const N: usize>(bytes: &[u8], literal: &[u8]) -> bool {
    let (Some(bytes), Some(literal)) = (bytes.first_chunk::<N>(), literal.first_chunk::<N>())
    else {
        return true;
    };
    let mut differ = 0;
    for (byte, letter) in bytes.iter().zip(literal) {
        let case = if letter.is_ascii_alphabetic() { 0x20 } else { 0 };
        differ |= (byte | case) ^ (letter | case);
    }
    differ != 0
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

#[inline]
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
