//! Checksums.

use super::{Entity, Resolver};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Checksum, ChecksumId, ChecksumKind, Fixed, Int, Type};
use crate::source::Span;
use crate::syntax::{self, ExprKind, Ident};

/// What a CRC is given, of which the first two must be.
const SETTINGS: [&str; 6] = ["width", "poly", "init", "refin", "refout", "xorout"];

impl Resolver {
    pub(super) fn define_checksum(&mut self, item: &syntax::Checksum) {
        let kind = match item.algorithm.name.as_str() {
            "crc" => self.crc(item),
            name @ ("xor" | "lrc" | "internet") => {
                if let Some((setting, _)) = item.settings.first() {
                    let message = format!("`{name}` has no settings");
                    self.report(Diagnostic::new(Code::Arguments, setting.span, message));
                }
                Some(match name {
                    "xor" => ChecksumKind::Xor,
                    "lrc" => ChecksumKind::Lrc,
                    _ => ChecksumKind::Internet,
                })
            }
            name => {
                let message = format!("no checksum is `{name}`");
                self.report(
                    Diagnostic::new(Code::Unknown, item.algorithm.span, message)
                        .help("there are `crc`, `xor`, `lrc` and `internet`"),
                );
                None
            }
        };
        let name = self.constant(&item.name);
        self.model.checksums.push(Checksum {
            docs: item.docs.clone(),
            name,
            span: item.name.span,
            kind: kind.unwrap_or(ChecksumKind::Xor),
        });
    }

    fn crc(&mut self, item: &syntax::Checksum) -> Option<ChecksumKind> {
        for (place, (name, _)) in item.settings.iter().enumerate() {
            let before = item.settings.get(..place).unwrap_or_default();
            if !SETTINGS.contains(&name.name.as_str()) {
                let message = format!("a CRC has no `{}`", name.name);
                self.report(
                    Diagnostic::new(Code::Unknown, name.span, message)
                        .help(format!("it has {}", SETTINGS.join(", "))),
                );
            } else if let Some((first, _)) =
                before.iter().find(|(other, _)| other.name == name.name)
            {
                let message = format!("`{}` is said twice", name.name);
                self.report(
                    Diagnostic::new(Code::Duplicate, name.span, message)
                        .also(first.span, "here first"),
                );
            }
        }
        let width = self.setting(item, "width", 64)?;
        let Some(width) = u8::try_from(width).ok().filter(|width| *width > 0) else {
            let message = "a CRC has 1 to 64 bits";
            self.report(Diagnostic::new(Code::EmptyRange, item.span, message));
            return None;
        };
        let most = u64::MAX >> (64 - width);
        let poly = self.setting(item, "poly", most)?;
        let given = |name: &str| item.settings.iter().any(|(setting, _)| setting.name == name);
        let mut or_zero = |name: &str| match given(name) {
            true => self.setting(item, name, most),
            false => Some(0),
        };
        let (init, xorout) = (or_zero("init")?, or_zero("xorout")?);
        let (refin, refout) = (self.flag(item, "refin")?, self.flag(item, "refout")?);
        Some(ChecksumKind::Crc { width, poly, init, refin, refout, xorout })
    }

    /// A number that must be given, at most so large.
    fn setting(&mut self, item: &syntax::Checksum, name: &str, most: u64) -> Option<u64> {
        let found = item.settings.iter().find(|(setting, _)| setting.name == name);
        match found.map(|(_, value)| (&value.kind, value.span)) {
            Some((ExprKind::Number(number), _)) if *number <= most => Some(*number),
            Some((ExprKind::Number(number), span)) => {
                let message = format!("{number} is larger than {most}");
                self.wrong(Code::EmptyRange, span, message)
            }
            Some((_, span)) => self.wrong(Code::ExprType, span, "a number is needed here"),
            None => {
                let message = format!("nothing says the `{name}`");
                self.wrong(Code::Arguments, item.span, message)
            }
        }
    }

    fn flag(&mut self, item: &syntax::Checksum, name: &str) -> Option<bool> {
        let found = item.settings.iter().find(|(setting, _)| setting.name == name);
        match found.map(|(_, value)| (&value.kind, value.span)) {
            None => Some(false),
            Some((ExprKind::Bool(flag), _)) => Some(*flag),
            Some((_, span)) => self.wrong(Code::ExprType, span, "`true` or `false` is needed here"),
        }
    }

    fn wrong<T>(&mut self, code: Code, span: Span, message: impl Into<String>) -> Option<T> {
        self.report(Diagnostic::new(code, span, message));
        None
    }

    /// The checksum of this name, if it is one.
    pub(super) fn checksum(&mut self, name: &Ident) -> Option<ChecksumId> {
        match self.names.of(name) {
            Some((Entity::Checksum(id), declared)) => {
                self.used.insert(declared);
                Some(id)
            }
            _ => None,
        }
    }

    /// The integer that holds a checksum, where nothing else is said.
    pub(super) fn checksum_type(&mut self, name: &Ident) -> Option<Type> {
        let id = self.find_as(name, "a checksum", |entity| match entity {
            Entity::Checksum(id) => Some(id),
            _ => None,
        })?;
        let bits = self.model.checksums.get(id.0)?.bits().next_multiple_of(8);
        let int = Int::unsigned(bits);
        Some(Type::Fixed(Fixed { int, little: false, low: 0, high: int.max() }))
    }
}
