//! Numbers, times and expressions, as people read them.

use framer_dsl::ir::{
    BinaryOp, Expr, ExprKind, FieldKind, Ir, Record, Step, Test, TypeId, TypeKind, ValuesKind,
};

/// A number with commas between its thousands.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A length or number of elements.
pub(crate) fn wide(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// So many of something, whose plural has an `s`.
pub(crate) fn count(value: u64, of: &str) -> String {
    let plural = if value == 1 { "" } else { "s" };
    format!("{} {of}{plural}", number(value))
}

/// So many bytes.
pub(crate) fn bytes(value: u64) -> String {
    count(value, "byte")
}

/// From so many to so many.
pub(crate) fn between(low: u64, high: u64) -> String {
    if low == high { number(low) } else { format!("{} to {}", number(low), number(high)) }
}

/// A time in its largest unit that leaves nothing over.
pub(crate) fn time(millis: u64) -> String {
    let units = [(3_600_000, "h"), (60_000, "min"), (1000, "s")];
    let fitting = units.into_iter().find(|(unit, _)| millis > 0 && millis.is_multiple_of(*unit));
    let (unit, name) = fitting.unwrap_or((1, "ms"));
    format!("{} {name}", number(millis / unit))
}

/// What stands between quotation marks for these bytes.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

/// The first sentence of some documentation, on one line.
pub(crate) fn first_sentence(docs: &[String]) -> String {
    let paragraph: Vec<&str> =
        docs.iter().map(|line| line.trim()).take_while(|line| !line.is_empty()).collect();
    let text = paragraph.join(" ");
    match text.find(". ").or_else(|| text.find(": ")) {
        Some(end) => format!("{}.", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The fields of a type, if it is a frame with fields.
pub(crate) fn record(ir: &Ir, ty: TypeId) -> Option<&Record> {
    let TypeId::Frame(_) = ty else { return None };
    match &ir.ty(ty).kind {
        TypeKind::Record(record) => Some(record),
        _ => None,
    }
}

/// A question about a frame and its answer, as the language writes it.
pub(crate) fn answer(ir: &Ir, frame: TypeId, question: &Expr, holds: bool) -> String {
    let printer = Printer { ir, record: record(ir, frame), names: true };
    printer.answer(question, holds)
}

/// An expression over the fields of a frame, as the language writes it.
pub(crate) fn expr(ir: &Ir, frame: Option<TypeId>, expr: &Expr) -> String {
    let record = frame.and_then(|frame| record(ir, frame));
    Printer { ir, record, names: true }.expr(expr, 0)
}

/// The same, without the names that the frame itself has for expressions.
pub(crate) fn meaning(ir: &Ir, frame: TypeId, expr: &Expr) -> String {
    Printer { ir, record: record(ir, frame), names: false }.expr(expr, 0)
}

struct Printer<'i> {
    ir: &'i Ir,
    record: Option<&'i Record>,
    /// Whether expressions that have a name are called by it.
    names: bool,
}

impl Printer<'_> {
    fn answer(&self, question: &Expr, holds: bool) -> String {
        if holds {
            return self.expr(question, 2);
        }
        if self.named(question).is_none()
            && let ExprKind::Binary { op, left, right } = &question.kind
            && let Some(opposite) = opposite(*op)
        {
            let (op, left, right) = (opposite, left.clone(), right.clone());
            return self.expr(&Expr { kind: ExprKind::Binary { op, left, right } }, 2);
        }
        format!("!{}", self.expr(question, 9))
    }

    /// The name that the frame has for an expression.
    fn named(&self, expr: &Expr) -> Option<&str> {
        let mut lets = self.record.filter(|_| self.names)?.lets.iter();
        lets.find(|of| of.value == *expr).map(|of| of.name.as_str())
    }

    fn expr(&self, expr: &Expr, outer: u8) -> String {
        if let Some(name) = self.named(expr) {
            return name.to_owned();
        }
        match &expr.kind {
            ExprKind::Not(inner) => format!("!{}", self.expr(inner, 9)),
            ExprKind::Binary { op, left, right } => {
                let (symbol, level) = operator(*op);
                let right = match self.value_name(left, right) {
                    Some(name) => name,
                    None => self.expr(right, level + 1),
                };
                let text = format!("{} {symbol} {right}", self.expr(left, level));
                if level < outer { format!("({text})") } else { text }
            }
            ExprKind::Compare { path, op, right } => {
                let (symbol, level) = operator(*op);
                let text = format!("{path} {symbol} {}", self.expr(right, level + 1));
                if level < outer { format!("({text})") } else { text }
            }
            ExprKind::Any { test: Test::Is(_) | Test::Starts(_) | Test::Contains(_), .. } => {
                if outer > 3 {
                    format!("({expr})")
                } else {
                    expr.to_string()
                }
            }
            ExprKind::Checksum(id, part) => match self.ir.checksums.get(id.0) {
                Some(checksum) => format!("{}({part})", checksum.name),
                None => expr.to_string(),
            },
            _ => expr.to_string(),
        }
    }

    /// The name of a value that a field of a choice is compared with.
    fn value_name(&self, field: &Expr, value: &Expr) -> Option<String> {
        let (ExprKind::Field(name), ExprKind::Number(value)) = (&field.kind, &value.kind) else {
            return None;
        };
        let FieldKind::Named { ty, .. } = kind_of(self.record?, name)? else { return None };
        let ty = self.ir.ty(*ty);
        let TypeKind::Values(of) = &ty.kind else { return None };
        let ValuesKind::Numbers { values, .. } = &of.kind else { return None };
        let found = values.iter().find(|of| of.value == *value)?;
        Some(format!("{}.{}", ty.name, found.name))
    }
}

/// What the field of this name is.
fn kind_of<'r>(record: &'r Record, name: &str) -> Option<&'r FieldKind> {
    record.steps.iter().find_map(|step| match step {
        Step::Field(field) if field.name == name => Some(&field.kind),
        Step::Bits(bits) => {
            let found = bits.fields.iter().find(|field| field.name == name);
            found.map(|field| &field.kind)
        }
        _ => None,
    })
}

/// How an operator is written, and how tight it binds.
fn operator(op: BinaryOp) -> (&'static str, u8) {
    match op {
        BinaryOp::Or => ("||", 1),
        BinaryOp::And => ("&&", 2),
        BinaryOp::Equal => ("==", 3),
        BinaryOp::NotEqual => ("!=", 3),
        BinaryOp::Less => ("<", 3),
        BinaryOp::LessEqual => ("<=", 3),
        BinaryOp::Greater => (">", 3),
        BinaryOp::GreaterEqual => (">=", 3),
        BinaryOp::BitOr => ("|", 4),
        BinaryOp::BitAnd => ("&", 5),
        BinaryOp::ShiftLeft => ("<<", 6),
        BinaryOp::ShiftRight => (">>", 6),
        BinaryOp::Add => ("+", 7),
        BinaryOp::Subtract => ("-", 7),
        BinaryOp::Multiply => ("*", 8),
        BinaryOp::Divide => ("/", 8),
        BinaryOp::Remainder => ("%", 8),
    }
}

/// The comparison that holds where this one does not.
fn opposite(op: BinaryOp) -> Option<BinaryOp> {
    Some(match op {
        BinaryOp::Equal => BinaryOp::NotEqual,
        BinaryOp::NotEqual => BinaryOp::Equal,
        BinaryOp::Less => BinaryOp::GreaterEqual,
        BinaryOp::GreaterEqual => BinaryOp::Less,
        BinaryOp::Greater => BinaryOp::LessEqual,
        BinaryOp::LessEqual => BinaryOp::Greater,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas() {
        let numbers = [0, 999, 1000, 12_288, 1_573_120].map(number);
        assert_eq!(numbers, ["0", "999", "1,000", "12,288", "1,573,120"]);
        assert_eq!([1, 2].map(bytes), ["1 byte", "2 bytes"]);
    }

    #[test]
    fn times_are_in_their_largest_unit() {
        let times = [0, 1, 1000, 1500, 60_000, 90_000, 3_600_000].map(time);
        assert_eq!(times, ["0 ms", "1 ms", "1 s", "1,500 ms", "1 min", "90 s", "1 h"]);
    }

    #[test]
    fn a_sentence_is_the_first_of_the_first_paragraph() {
        let docs = ["Over TCP", "or not. More.", "", "Other"].map(str::to_owned);
        assert_eq!(first_sentence(&docs), "Over TCP or not.");
        assert_eq!(first_sentence(&[]), "");
    }
}
