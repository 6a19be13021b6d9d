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

/// Whether `bytes` begin with what ends something, which is one byte or two as a rule.
#[inline]
pub(crate) fn begins(bytes: &[u8], end: &[u8]) -> bool {
    match (bytes, end) {
        ([byte, ..], [one]) => byte == one,
        ([first, second, ..], [one, two]) => first == one && second == two,
        _ => bytes.starts_with(end),
    }
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

/// Whether as many bytes as the literal has are alike, letter case aside: by words, of which the
/// last may lie over the one before it.
#[inline(always)]
fn alike(bytes: &[u8], literal: &[u8]) -> bool {
    match literal.len() {
        0 => true,
        1..4 => words::<1>(bytes, literal),
        4..8 => words::<4>(bytes, literal),
        8.. => words::<8>(bytes, literal),
    }
}

#[inline(always)]
fn words<const N: usize>(bytes: &[u8], literal: &[u8]) -> bool {
    let (chunks, _) = bytes.as_chunks::<N>();
    let (wanted, _) = literal.as_chunks::<N>();
    // No iterator with a closure: that is not always unrolled.
    for (chunk, wanted) in chunks.iter().zip(wanted) {
        if !letters(*chunk, *wanted) {
            return false;
        }
    }
    match (bytes.last_chunk::<N>(), literal.last_chunk::<N>()) {
        (Some(chunk), Some(wanted)) => letters(*chunk, *wanted),
        _ => false,
    }
}

/// Whether these bytes are alike, letter case aside.
#[inline(always)]
fn letters<const N: usize>(bytes: [u8; N], literal: [u8; N]) -> bool {
    let mut case = literal;
    for letter in &mut case {
        *letter = if letter.is_ascii_alphabetic() { 0x20 } else { 0 };
    }
    word(bytes) | word(case) == word(literal) | word(case)
}

/// At most eight bytes as a number.
#[inline(always)]
fn word<const N: usize>(bytes: [u8; N]) -> u64 {
    let mut word = 0;
    for byte in bytes.iter().rev() {
        word = word << 8 | u64::from(*byte);
    }
    word
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
    use super::{alike, contains};

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

    #[test]
    fn letter_case_aside() {
        let text = b"Mail from:@[`{ STARTTLS-09xyZ";
        for len in 0..=text.len() {
            let literal = &text[..len];
            assert!(alike(&literal.to_ascii_lowercase(), literal));
            assert!(alike(&literal.to_ascii_uppercase(), literal));
            for (place, bit) in (0..len).flat_map(|place| (0..8).map(move |bit| (place, bit))) {
                let mut bytes = literal.to_vec();
                bytes[place] ^= 1 << bit;
                assert_eq!(alike(&bytes, literal), bytes.eq_ignore_ascii_case(literal));
            }
        }
    }
}
