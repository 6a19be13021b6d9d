//! Delimiters, classes, transforms and checksums, as the runtime has them.

use framer_dsl::ir;
use framer_runtime::checksum::{Algorithm, Checksum};
use framer_runtime::class::Class;
use framer_runtime::scan::Delimiter;
use framer_runtime::transform::{Coding, Escapes, Token};

/// What a description declares beside its types and protocols, each by its place.
pub(crate) struct Statics {
    pub(crate) delimiters: Vec<&'static Delimiter>,
    pub(crate) classes: Vec<&'static Class>,
    pub(crate) transforms: Vec<Transform>,
    pub(crate) checksums: Vec<Checksum>,
}

pub(crate) enum Transform {
    Escapes(&'static Escapes),
    Coding(&'static Coding),
}

pub(crate) fn build(ir: &'static ir::Ir) -> Statics {
    let delimiters: Vec<&'static Delimiter> = ir.delimiters.iter().map(delimiter).collect();
    let classes = ir.classes.iter();
    Statics {
        classes: classes.map(|item| forever(Class::new(&item.name, item.set.0))).collect(),
        transforms: ir.transforms.iter().map(|item| transform(&delimiters, item)).collect(),
        checksums: ir.checksums.iter().map(checksum).collect(),
        delimiters,
    }
}

/// What lives as long as the process.
pub(crate) fn forever<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// The same for several.
pub(crate) fn all_forever<T>(values: impl IntoIterator<Item = T>) -> &'static [T] {
    Vec::leak(values.into_iter().collect())
}

fn checksum(item: &ir::Checksum) -> Checksum {
    match item.kind {
        ir::ChecksumKind::Xor => Checksum::Xor,
        ir::ChecksumKind::Lrc => Checksum::Lrc,
        ir::ChecksumKind::Internet => Checksum::Internet,
        ir::ChecksumKind::Crc { width, poly, init, refin, refout, xorout } => {
            macro_rules! crc {
                ($int:ty, $make:path) => {{
                    let narrow = |number: u64| <$int>::try_from(number).unwrap_or_default();
                    let (poly, init, xorout) = (narrow(poly), narrow(init), narrow(xorout));
                    let parameters: Algorithm<$int> =
                        Checksum::parameters(width, poly, init, refin, refout, xorout);
                    $make(forever(parameters))
                }};
            }
            match ir::Int::unsigned(width).width() {
                8 => crc!(u8, Checksum::crc8),
                16 => crc!(u16, Checksum::crc16),
                32 => crc!(u32, Checksum::crc32),
                _ => crc!(u64, Checksum::crc64),
            }
        }
    }
}

fn delimiter(item: &'static ir::Delimiter) -> &'static Delimiter {
    forever(match item.others.is_empty() {
        true => Delimiter::new(&item.bytes, item.lenient),
        false => {
            let others = all_forever(item.others.iter().map(Vec::as_slice));
            Delimiter::any(&item.bytes, others, &item.set, item.lenient)
        }
    })
}

fn transform(delimiters: &[&'static Delimiter], item: &'static ir::Transform) -> Transform {
    let name = item.name.as_str();
    match &item.kind {
        ir::TransformKind::Escapes(of) => {
            let tokens = all_forever(of.tokens.iter().map(token));
            let after = delimiters[of.after.0];
            Transform::Escapes(forever(Escapes::new(of.at_start, after, tokens)))
        }
        ir::TransformKind::Whole(ir::Whole::Escapes { begin, tokens }) => {
            let marks = all_forever(marks(tokens));
            let tokens = all_forever(tokens.iter().map(token));
            Transform::Coding(forever(Coding::escapes(name, begin, tokens, marks)))
        }
        ir::TransformKind::Whole(coding @ ir::Whole::Hex { begin, upper, .. }) => {
            Transform::Coding(forever(Coding::hex(name, begin, coding.end(), *upper)))
        }
        ir::TransformKind::Whole(ir::Whole::Blocks { full, reduced }) => {
            Transform::Coding(forever(Coding::blocks(name, *full, *reduced)))
        }
    }
}

fn token(token: &'static ir::Token) -> Token {
    match token.kind {
        ir::TokenKind::Both => Token::both(&token.plain, &token.coded),
        ir::TokenKind::Decode => Token::decode(&token.plain, &token.coded),
        ir::TokenKind::End => Token::end(&token.coded),
    }
}

/// Each byte once with which an escape, or what is to be escaped, begins.
fn marks(tokens: &[ir::Token]) -> Vec<u8> {
    let mut marks = Vec::new();
    for token in tokens {
        let plain = token.plain.first().filter(|_| token.kind == ir::TokenKind::Both);
        for byte in token.coded.first().into_iter().chain(plain) {
            if !marks.contains(byte) {
                marks.push(*byte);
            }
        }
    }
    marks
}
