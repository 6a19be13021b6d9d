//! Expressions, with the precedence they have in Rust.

use super::grammar::Rule;
use super::node::{Builder, Node};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::{BinaryOp, Expr, ExprKind, Ident, TextTest};

/// How many operators an expression may have. Later stages recurse over the tree.
const MAX_OPERATORS: usize = 128;

impl Builder<'_> {
    /// An expression.
    pub(super) fn expr(&mut self, node: &Node<'_>) -> Expr {
        let operands: Vec<_> = node.all(Rule::operand).collect();
        let operators: Vec<_> = node.all(Rule::operator).collect();
        let nots: usize = operands.iter().map(|operand| operand.all(Rule::not).count()).sum();
        if operators.len() + nots > MAX_OPERATORS {
            let message = format!("an expression of more than {MAX_OPERATORS} operators");
            self.report(Diagnostic::new(Code::Syntax, self.span(node), message));
            return Expr { kind: ExprKind::Bool(false), span: self.span(node) };
        }
        self.comparisons_alone(&operators);
        // Operands and operators wait on two stacks until an operator that binds less arrives.
        let mut values = Vec::new();
        let mut waiting: Vec<BinaryOp> = Vec::new();
        for (index, operand) in operands.iter().enumerate() {
            if let Some(operator) = index.checked_sub(1).and_then(|before| operators.get(before)) {
                let op = binary_op(operator);
                while waiting.last().is_some_and(|&left| binding(left) >= binding(op)) {
                    combine(&mut values, &mut waiting);
                }
                waiting.push(op);
            }
            let value = self.operand(operand);
            values.push(value);
        }
        while !waiting.is_empty() {
            combine(&mut values, &mut waiting);
        }
        values.pop().unwrap_or_else(|| node.broken(Rule::operand))
    }

    /// `a < b < c` means nothing, as in Rust.
    fn comparisons_alone(&mut self, operators: &[Node<'_>]) {
        let mut compared = false;
        for operator in operators {
            match binding(binary_op(operator)) {
                COMPARISON if compared => {
                    let message = "comparisons cannot be chained";
                    self.report(
                        Diagnostic::new(Code::Syntax, self.span(operator), message)
                            .help("join two comparisons with `&&`, or use parentheses"),
                    );
                }
                COMPARISON => compared = true,
                looser => compared = compared && looser > COMPARISON,
            }
        }
    }

    fn operand(&mut self, node: &Node<'_>) -> Expr {
        let span = self.span(node);
        let inner = node.children().find(|child| child.rule() != Rule::not);
        let inner = inner.unwrap_or_else(|| node.broken(Rule::path));
        let mut value = self.primary(&inner);
        for _ in node.all(Rule::not) {
            value = Expr { kind: ExprKind::Not(Box::new(value)), span };
        }
        value
    }

    fn primary(&mut self, node: &Node<'_>) -> Expr {
        let span = self.span(node);
        let kind = match node.rule() {
            Rule::paren => self.expr(&node.the(Rule::expr)).kind,
            Rule::any_test | Rule::contains => ExprKind::Text {
                any: node.has(Rule::kw_any),
                path: self.path(&node.the(Rule::path)),
                how: if node.has(Rule::kw_starts) {
                    TextTest::Starts
                } else if node.has(Rule::kw_contains) {
                    TextTest::Contains
                } else {
                    TextTest::Is
                },
                literal: self.literal(&node.the(Rule::literal)),
            },
            Rule::literal => ExprKind::Literal(self.literal(node)),
            Rule::number => ExprKind::Number(self.number(node).value),
            Rule::boolean => ExprKind::Bool(node.has(Rule::kw_true)),
            Rule::call => return self.call(node),
            Rule::fields => ExprKind::Fields {
                from: self.ident(&node.nth(Rule::name, 0)),
                to: self.ident(&node.nth(Rule::name, 1)),
            },
            Rule::path => ExprKind::Path(self.path(node)),
            other => node.broken(other),
        };
        Expr { kind, span }
    }

    /// `len(body)`
    pub(super) fn call(&mut self, node: &Node<'_>) -> Expr {
        let kind = ExprKind::Call { function: self.name(node), args: self.args(node) };
        Expr { kind, span: self.span(node) }
    }

    /// The arguments of a node that may have some.
    pub(super) fn args(&mut self, node: &Node<'_>) -> Vec<Expr> {
        let args: Vec<_> = node.child(Rule::args).iter().flat_map(expressions).collect();
        args.iter().map(|arg| self.expr(arg)).collect()
    }

    pub(super) fn path(&self, node: &Node<'_>) -> Vec<Ident> {
        self.names(node)
    }

    /// The expression behind `if`, where there is one.
    pub(super) fn condition(&mut self, node: &Node<'_>) -> Option<Expr> {
        node.child(Rule::condition).map(|condition| self.expr(&condition.the(Rule::expr)))
    }
}

fn expressions<'t>(node: &Node<'t>) -> Vec<Node<'t>> {
    node.all(Rule::expr).collect()
}

/// Joins the last two values with the last operator that waits.
fn combine(values: &mut Vec<Expr>, waiting: &mut Vec<BinaryOp>) {
    if let (Some(right), Some(left), Some(op)) = (values.pop(), values.pop(), waiting.pop()) {
        let span = left.span.to(right.span);
        let (left, right) = (Box::new(left), Box::new(right));
        values.push(Expr { kind: ExprKind::Binary { op, left, right }, span });
    }
}

/// How tight comparisons bind.
const COMPARISON: u8 = 3;

/// How tight an operator binds, in Rust's order.
fn binding(op: BinaryOp) -> u8 {
    use BinaryOp as Op;
    match op {
        Op::Or => 1,
        Op::And => 2,
        Op::Equal | Op::NotEqual | Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual => {
            COMPARISON
        }
        Op::BitOr => 4,
        Op::BitAnd => 5,
        Op::ShiftLeft | Op::ShiftRight => 6,
        Op::Add | Op::Subtract => 7,
        Op::Multiply | Op::Divide | Op::Remainder => 8,
    }
}

fn binary_op(node: &Node<'_>) -> BinaryOp {
    match node.choice().rule() {
        Rule::op_or => BinaryOp::Or,
        Rule::op_and => BinaryOp::And,
        Rule::op_equal => BinaryOp::Equal,
        Rule::op_not_equal => BinaryOp::NotEqual,
        Rule::op_less => BinaryOp::Less,
        Rule::op_less_equal => BinaryOp::LessEqual,
        Rule::op_greater => BinaryOp::Greater,
        Rule::op_greater_equal => BinaryOp::GreaterEqual,
        Rule::op_add => BinaryOp::Add,
        Rule::op_subtract => BinaryOp::Subtract,
        Rule::op_multiply => BinaryOp::Multiply,
        Rule::op_divide => BinaryOp::Divide,
        Rule::op_remainder => BinaryOp::Remainder,
        Rule::op_bit_and => BinaryOp::BitAnd,
        Rule::op_bit_or => BinaryOp::BitOr,
        Rule::op_shift_left => BinaryOp::ShiftLeft,
        Rule::op_shift_right => BinaryOp::ShiftRight,
        other => node.broken(other),
    }
}
