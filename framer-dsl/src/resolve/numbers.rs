//! Numbers of every coding, and the ranges of their values.

use super::Resolver;
use super::members::number_bounds;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Coding, Fixed, Int, Number, Tier, Type, TypeId, ValuesId, Varint};
use crate::syntax::{self, Ident, TypeKind};

impl Resolver {
    /// Narrows a number to `in low..=high`.
    pub(super) fn restrict(&mut self, ty: &mut Type, range: &syntax::Range) {
        match number_bounds(ty) {
            Some((low, high)) => self.narrow(low, high, range),
            None => self.no_range(range),
        }
    }

    pub(super) fn no_range(&mut self, range: &syntax::Range) {
        let message = "only a number without a sign has a range of values";
        self.report(Diagnostic::new(Code::ExprType, range.span, message));
    }

    /// Narrows the values `low..=high` to the range.
    pub(super) fn narrow(&mut self, low: &mut u64, high: &mut u64, range: &syntax::Range) {
        let wanted_low = range.low.as_ref().map_or(*low, |low| low.value);
        let wanted_high = range.high.as_ref().map_or(*high, |high| high.value);
        if wanted_low > wanted_high || wanted_high > *high {
            let widest = *high;
            self.report(
                Diagnostic::new(Code::EmptyRange, range.span, "no value is in this range")
                    .label(format!("the type holds 0..={widest}")),
            );
        } else {
            (*low, *high) = (wanted_low, wanted_high);
        }
    }

    /// An unsigned integer type of Rust by its name.
    pub(super) fn int(&mut self, name: &Ident) -> Option<Int> {
        let bits = match name.name.as_str() {
            "u8" => 8,
            "u16" => 16,
            "u32" => 32,
            "u64" => 64,
            _ => {
                self.unsupported(name.span, &format!("the type `{}` here", name.name));
                return None;
            }
        };
        Some(Int::unsigned(bits))
    }

    /// An integer that stands by itself, so of whole bytes.
    pub(super) fn int_type(&mut self, ty: &syntax::Type) -> Option<Type> {
        let TypeKind::Int { signed, bits, little } = ty.kind else { return None };
        if bits % 8 != 0 {
            self.report(
                Diagnostic::new(Code::BadBits, ty.span, format!("{bits} bits are no whole bytes"))
                    .help("what is not of whole bytes shares them: `bits u8 { a: 3, b: 5 }`"),
            );
            return None;
        }
        let int = Int { bits, signed };
        Some(Type::Fixed(Fixed { int, little, low: 0, high: int.max() }))
    }

    pub(super) fn varint(
        &mut self,
        coding: &Ident,
        ty: &Ident,
        extent: Option<&syntax::Range>,
    ) -> Option<Type> {
        let int = self.int(ty)?;
        if coding.name == "quic" {
            if let Some(extent) = extent {
                let message = "a QUIC integer has 1, 2, 4 or 8 bytes";
                self.report(Diagnostic::new(Code::Arguments, extent.span, message));
                return None;
            }
            let max_bytes = int.bytes();
            let high = u64::MAX >> (66 - 8 * u32::try_from(max_bytes).unwrap_or(8));
            let coding = Coding::Quic;
            return Some(Type::Varint(Varint { coding, int, max_bytes, low: 0, high }));
        }
        let coding = if coding.name == "leb128" { Coding::Leb128 } else { Coding::Base128 };
        let most = usize::from(int.bits.div_ceil(7));
        let max_bytes = match extent.map(|range| (&range.low, &range.high, range.span)) {
            None => most,
            Some((low, Some(high), span)) => {
                let low = low.as_ref().map_or(1, |low| low.value);
                if low != 1 || high.value == 0 || high.value > u64::from(int.bits.div_ceil(7)) {
                    let message = format!("a number of `u{}` has 1 to {most} bytes", int.bits);
                    self.report(Diagnostic::new(Code::EmptyRange, span, message));
                    return None;
                }
                usize::try_from(high.value).unwrap_or(most)
            }
            Some((_, None, span)) => {
                let message = "nothing limits the bytes";
                self.report(Diagnostic::new(Code::Unbounded, span, message));
                return None;
            }
        };
        let bits = (7 * max_bytes).min(64);
        let high = int.max().min(u64::MAX >> (64 - bits));
        Some(Type::Varint(Varint { coding, int, max_bytes, low: 0, high }))
    }

    /// A number of `width` bits, or what its marks stand for.
    pub(super) fn tiered(
        &mut self,
        width: u8,
        little: bool,
        tiers: &[syntax::Tier],
    ) -> Option<Varint> {
        let first = Int::unsigned(width);
        let mut found: Vec<Tier> = Vec::new();
        let mut widest = first;
        for tier in tiers {
            let Type::Fixed(of) = self.int_type(&tier.ty)? else { return None };
            let before = found.last().map(|before| (before.mark, before.int.bits));
            let (mark, bits) = before.unwrap_or((0, width));
            let in_order = found.is_empty() || tier.mark.value > mark;
            if !in_order || tier.mark.value > first.max() || of.int.bits <= bits || of.int.signed {
                self.report(
                    Diagnostic::new(Code::BadBits, tier.ty.span, "this mark is out of order")
                        .help("marks grow, and so does the width of what they stand for"),
                );
                return None;
            }
            widest = of.int;
            found.push(Tier { mark: tier.mark.value, int: of.int, little: of.little });
        }
        let coding = Coding::Tiers { first, little, tiers: found };
        let max_bytes = first.bytes() + widest.bytes();
        Some(Varint { coding, int: widest, max_bytes, low: 0, high: widest.max() })
    }

    pub(super) fn number(
        &mut self,
        hex: bool,
        int: &Ident,
        digits: &syntax::Range,
        zeros: bool,
    ) -> Option<Type> {
        let int = match int.name.as_str() {
            "i8" | "i16" | "i32" | "i64" if !hex => {
                let bits = int.name.get(1..).and_then(|bits| bits.parse().ok()).unwrap_or(64);
                Int { bits, signed: true }
            }
            _ => self.int(int)?,
        };
        let min_digits = digits.low.as_ref().map_or(1, |low| low.value);
        let Some(high) = &digits.high else {
            self.report(
                Diagnostic::new(Code::Unbounded, digits.span, "nothing limits the digits")
                    .help("say how many there may be: `[1..=20]`"),
            );
            return None;
        };
        if min_digits == 0 || min_digits > high.value {
            self.report(Diagnostic::new(Code::EmptyRange, digits.span, "no number is so wide"));
            return None;
        }
        let min_digits = self.size(min_digits, digits.span)?;
        let max_digits = self.size(high.value, digits.span)?;
        Some(Type::Number(Number {
            hex,
            int,
            min_digits,
            max_digits,
            zeros: zeros || min_digits == max_digits,
            upper: false,
            low: 0,
            high: largest(hex, max_digits).min(int.max()),
        }))
    }

    /// A choice of numbers of so many bits.
    pub(super) fn values_of(&mut self, name: &Ident, width: u8) -> Option<ValuesId> {
        let ty = self.ty(name)?;
        let int = match ty {
            TypeId::Values(values) => self.model.values.get(values.0).and_then(|of| of.int()),
            _ => None,
        };
        match (ty, int) {
            (TypeId::Values(values), Some(int)) if int.bits == width => Some(values),
            _ => {
                let mut diagnostic = Diagnostic::new(
                    Code::BadBits,
                    name.span,
                    format!("`{}` is no choice of numbers of {width} bits", name.name),
                )
                .help(format!("declare it as `enum {}: u{width} {{ ... }}`", name.name));
                if let Some((_, place)) = self.names.of(name) {
                    diagnostic = diagnostic.also(place, "declared here");
                }
                self.report(diagnostic);
                None
            }
        }
    }
}

/// The largest number of so many digits, as far as 64 bits go.
fn largest(hex: bool, digits: usize) -> u64 {
    let radix: u64 = if hex { 16 } else { 10 };
    let digits = u32::try_from(digits).unwrap_or(u32::MAX);
    radix.checked_pow(digits).map_or(u64::MAX, |above| above - 1)
}
