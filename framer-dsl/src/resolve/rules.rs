//! Rules of protocols: what they fire on, what comes of it, and what their replies decide.
//!
//! What happens only where a field of the frame says so is taken apart here: one rule for each
//! answer, so that the later stages know rules without conditions only.

use super::Resolver;
use super::expr::{Guard, Scope, Ty};
use super::protocol::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Arm, Effect, Expr, ExprKind, FrameId, Message, MessageKind, Role, Rule, Target, TypeId, VarId,
};
use crate::syntax::{self, Ident, Pattern};

/// How many fields of one frame may decide what a rule does: each doubles the rules.
const MAX_QUESTIONS: usize = 6;

/// What decides whether something happens.
#[derive(Clone)]
enum Condition {
    /// What the frame itself says, or the reply where it is that of an arm.
    Own(Expr),
    /// What the request says that an arm answers.
    Asked(Expr),
}

/// An effect, and when it happens.
type Perhaps = (Option<Condition>, Effect);

/// An arm for one pattern, before it is taken apart.
struct Draft {
    message: Message,
    own: Vec<Expr>,
    /// What the request must say.
    asked: Vec<Expr>,
    target: Target,
    effects: Vec<Perhaps>,
}

/// Answers to questions about a frame.
struct Answers<'q> {
    questions: &'q [Expr],
    bits: usize,
}

impl<'q> Answers<'q> {
    /// All that there can be.
    fn all(questions: &'q [Expr]) -> impl Iterator<Item = Answers<'q>> {
        (0..1_usize << questions.len()).map(move |bits| Answers { questions, bits })
    }

    /// Whether the expression holds; `None` if it is no question.
    fn known(&self, expr: &Expr) -> Option<bool> {
        let (asked, wanted) = expr.positive();
        let place = self.questions.iter().position(|question| question == asked)?;
        Some((self.bits >> place & 1 == 1) == wanted)
    }

    fn holds(&self, expr: &Expr) -> bool {
        self.known(expr).unwrap_or(true)
    }

    /// The questions as they are answered.
    fn own(&self) -> Vec<Expr> {
        let answered = |(place, question): (usize, &Expr)| match self.bits >> place & 1 {
            1 => question.clone(),
            _ => Expr { kind: ExprKind::Not(Box::new(question.clone())) },
        };
        self.questions.iter().enumerate().map(answered).collect()
    }
}

/// The questions that some expressions ask, each once.
fn questions<'e>(exprs: impl Iterator<Item = &'e Expr>) -> Vec<Expr> {
    let mut questions: Vec<Expr> = Vec::new();
    for expr in exprs {
        let (question, _) = expr.positive();
        if !questions.contains(question) {
            questions.push(question.clone());
        }
    }
    questions
}

impl Resolver {
    /// The rule, or several: one for each of its frames where it looks into them, and one for each
    /// answer to what it asks of them.
    pub(super) fn rule(&mut self, rule: &syntax::Rule, context: &Context<'_>) -> Vec<Rule> {
        let Some(role) = self.role(context, &rule.role) else { return Vec::new() };
        let messages: Vec<Message> = rule
            .messages
            .iter()
            .filter_map(|pattern| self.message(pattern, role, context))
            .collect();
        let looks = rule.guard.is_some() || !rule.outcome.effects.is_empty();
        let each = if looks { 1 } else { messages.len().max(1) };
        let parts = messages.chunks(each);
        parts.flat_map(|messages| self.rule_of(rule, role, messages, context)).collect()
    }

    /// The rules for some of its messages.
    fn rule_of(
        &mut self,
        rule: &syntax::Rule,
        role: Role,
        messages: &[Message],
        context: &Context<'_>,
    ) -> Vec<Rule> {
        let frame = match messages {
            [Message { kind: MessageKind::Frame(frame), .. }] => Some(*frame),
            [Message { kind: MessageKind::Malformed, .. }] => None,
            [_] => spoken_frame(context, role),
            _ => None,
        };
        let scope = Scope::frame(frame, &context.vars);
        let guard = match &rule.guard {
            Some(guard) => self.guard(guard, scope),
            None => Guard::default(),
        };
        let (target, effects) = self.outcome(&rule.outcome, scope, None, context);
        let arms: Option<Vec<Draft>> = rule.awaits.as_ref().map(|arms| {
            arms.iter().flat_map(|arm| self.arm(arm, role.peer(), frame, context)).collect()
        });
        let whole = Rule {
            role,
            messages: messages.to_vec(),
            own: guard.own,
            vars: guard.vars,
            refuse: rule.refuse,
            sync: rule.sync.is_some(),
            target,
            effects: Vec::new(),
            arms: None,
            span: rule.span,
        };
        self.take_apart(&whole, &effects, arms.as_deref())
    }

    /// A rule for each answer to what its effects and arms ask of its frame.
    fn take_apart(
        &mut self,
        whole: &Rule,
        effects: &[Perhaps],
        arms: Option<&[Draft]>,
    ) -> Vec<Rule> {
        let drafts = arms.unwrap_or_default();
        let own = effects.iter().filter_map(|(condition, _)| match condition {
            Some(Condition::Own(expr)) => Some(expr),
            _ => None,
        });
        let in_arms = drafts.iter().flat_map(|arm| &arm.effects);
        let asked = in_arms.filter_map(|(condition, _)| match condition {
            Some(Condition::Asked(expr)) => Some(expr),
            _ => None,
        });
        let asked = drafts.iter().flat_map(|arm| &arm.asked).chain(asked);
        let questions = questions(own.chain(asked));
        if questions.len() > MAX_QUESTIONS {
            let what = format!("a rule that depends on more than {MAX_QUESTIONS} conditions");
            self.unsupported(whole.span, &what);
            return Vec::new();
        }
        let mut rules = Vec::new();
        // The guard has answered some.
        let possible = |answers: &Answers<'_>| whole.own.iter().all(|own| answers.holds(own));
        let mut all = Answers::all(&questions).filter(possible).peekable();
        while let Some(answers) = all.next() {
            let happens = |(condition, _): &&Perhaps| match condition {
                Some(Condition::Own(expr) | Condition::Asked(expr)) => answers.holds(expr),
                None => true,
            };
            let effects = effects.iter().filter(happens).map(|(_, effect)| effect.clone());
            let fitting =
                drafts.iter().filter(|arm| arm.asked.iter().all(|expr| answers.holds(expr)));
            let arms = arms.map(|_| fitting.flat_map(|arm| arm.arms(&answers)).collect());
            // The last takes what the others leave.
            let answered = all.peek().map(|_| answers.own()).unwrap_or_default();
            let own = [whole.own.clone(), answered].concat();
            rules.push(Rule { own, effects: effects.collect(), arms, ..whole.clone() });
        }
        rules
    }

    fn message(&mut self, pattern: &Pattern, role: Role, context: &Context<'_>) -> Option<Message> {
        match pattern {
            Pattern::Frame(name) if name.name == "malformed" => {
                Some(Message { kind: MessageKind::Malformed, span: name.span })
            }
            Pattern::Frame(name) => {
                let frame = self.frame(name)?;
                Some(Message { kind: MessageKind::Frame(frame), span: name.span })
            }
            Pattern::Any(span) => Some(Message { kind: MessageKind::Any, span: *span }),
            Pattern::Value(range) => {
                let by = context.speaks[role.index()].as_ref().and_then(|s| s.by.as_ref());
                if by.is_none() {
                    self.report(
                        Diagnostic::new(
                            Code::WrongSort,
                            range.span,
                            "nothing says which field this value is of",
                        )
                        .help("say `speaks FRAME by FIELD;`"),
                    );
                    return None;
                }
                let low = range.low.as_ref().map_or(0, |low| low.value);
                let high = range.high.as_ref().map_or(u64::MAX, |high| high.value);
                if low > high {
                    let message = "no value is in this range";
                    self.report(Diagnostic::new(Code::EmptyRange, range.span, message));
                    return None;
                }
                Some(Message { kind: MessageKind::Value { low, high }, span: range.span })
            }
        }
    }

    /// The arm, or one for each of its patterns; `asked`: the frame that it answers.
    fn arm(
        &mut self,
        arm: &syntax::Arm,
        role: Role,
        asked: Option<FrameId>,
        context: &Context<'_>,
    ) -> Vec<Draft> {
        let patterns = arm.patterns.iter();
        patterns.filter_map(|pattern| self.arm_of(arm, pattern, role, asked, context)).collect()
    }

    fn arm_of(
        &mut self,
        arm: &syntax::Arm,
        pattern: &Pattern,
        role: Role,
        asked: Option<FrameId>,
        context: &Context<'_>,
    ) -> Option<Draft> {
        let message = self.message(pattern, role, context)?;
        let frame = match message.kind {
            MessageKind::Frame(frame) => Some(frame),
            _ => spoken_frame(context, role),
        };
        let scope = Scope::frame(frame, &context.vars);
        let (mut own, mut of_request) = (Vec::new(), Vec::new());
        for term in arm.guard.iter().flat_map(terms) {
            match self.condition(term, scope, asked)? {
                Condition::Own(expr) => own.push(expr),
                Condition::Asked(expr) => of_request.push(expr),
            }
        }
        let (target, effects) = self.outcome(&arm.outcome, scope, asked, context);
        Some(Draft { message, own, asked: of_request, target, effects })
    }

    /// A condition over the fields of a frame, or, in an arm, of the request it answers.
    fn condition(
        &mut self,
        expr: &syntax::Expr,
        scope: Scope<'_>,
        asked: Option<FrameId>,
    ) -> Option<Condition> {
        let request = asked.and_then(|frame| self.model.frames.get(frame.0));
        let name = request.map(|frame| frame.name.clone());
        let is_value = |path: &[syntax::Ident]| self.is_value(path);
        match name.and_then(|name| syntax::without_prefix(expr, &name, &is_value)) {
            Some(of_request) => {
                let scope = Scope::frame(asked, &[]);
                self.expr_of(&of_request, scope, Ty::Bool).map(Condition::Asked)
            }
            None => {
                let guard = self.guard(expr, scope);
                if !guard.vars.is_empty() {
                    self.unsupported(expr.span, "a variable here");
                    return None;
                }
                let joined = guard.own.into_iter().reduce(|left, right| {
                    let (left, right) = (Box::new(left), Box::new(right));
                    let op = syntax::BinaryOp::And;
                    Expr { kind: ExprKind::Binary { op, left, right } }
                });
                joined.map(Condition::Own)
            }
        }
    }

    fn outcome(
        &mut self,
        outcome: &syntax::Outcome,
        scope: Scope<'_>,
        asked: Option<FrameId>,
        context: &Context<'_>,
    ) -> (Target, Vec<Perhaps>) {
        let target = match &outcome.target {
            syntax::Target::Stay => Target::Stay,
            syntax::Target::Close => Target::Close,
            syntax::Target::Again => Target::Again,
            syntax::Target::State(name) => {
                self.state(context, name).map_or(Target::Stay, Target::State)
            }
        };
        let mut effects = Vec::new();
        for (effect, condition) in &outcome.effects {
            let when = match condition {
                None => Some(None),
                Some(condition) => self.condition(condition, scope, asked).map(Some),
            };
            let effect = self.effect(effect, scope, context);
            effects.extend(when.zip(effect));
        }
        (target, effects)
    }

    fn effect(
        &mut self,
        effect: &syntax::Effect,
        scope: Scope<'_>,
        context: &Context<'_>,
    ) -> Option<Effect> {
        match effect {
            syntax::Effect::Then { role, frame, args, after, span } => {
                let role = self.role(context, role);
                let ty = self.ty(frame)?;
                let params = match ty {
                    TypeId::Frame(id) => self.model.frames[id.0].params.len(),
                    TypeId::Choice(id) => self.model.choices[id.0].params.len(),
                    TypeId::Values(_) | TypeId::External(_) => 0,
                };
                if params != args.len() {
                    self.report(
                        Diagnostic::new(
                            Code::Arguments,
                            *span,
                            match params {
                                1 => format!("`{}` takes one argument", frame.name),
                                _ => format!("`{}` takes {params} arguments", frame.name),
                            },
                        )
                        .label(match args.len() {
                            0 => "none given".to_owned(),
                            given => format!("{given} given"),
                        }),
                    );
                    return None;
                }
                let args = args
                    .iter()
                    .map(|arg| self.expr_of(arg, scope, Ty::Number))
                    .collect::<Option<_>>()?;
                let role = role?;
                let after = match after {
                    Some(after) => Some(self.word(after, role, context)?),
                    None => None,
                };
                Some(Effect::Then { role, ty, args, after, span: *span })
            }
            syntax::Effect::Speaks { role, frame, span } => {
                let (role, ty) = (self.role(context, role), self.ty(frame));
                Some(Effect::Speaks { role: role?, ty: ty?, span: *span })
            }
            syntax::Effect::Upgrade { layer, received, span } => {
                if context.datagrams {
                    self.unsupported(*span, "an upgrade over datagrams");
                }
                let (layer, received) = (layer.name.clone(), *received);
                Some(Effect::Upgrade { layer, received, span: *span })
            }
            syntax::Effect::Set { var, value, .. } => {
                let Some(id) = context.vars.iter().position(|other| other.name == var.name) else {
                    let message = format!("no variable is `{}`", var.name);
                    self.report(Diagnostic::new(Code::Unknown, var.span, message));
                    return None;
                };
                let value = self.expr_of(value, scope, Ty::Bool)?;
                Some(Effect::Set { var: VarId(id), value })
            }
        }
    }

    /// What the other role says before something of `role` that is due may come.
    fn word(&mut self, name: &Ident, role: Role, context: &Context<'_>) -> Option<FrameId> {
        match self.message(&Pattern::Frame(name.clone()), role.peer(), context)?.kind {
            MessageKind::Frame(frame) => Some(frame),
            _ => self.refuse(name.span, "what is no frame here"),
        }
    }
}

impl Draft {
    /// An arm for each answer to what its effects ask of the reply, given what the request says.
    fn arms(&self, asked: &Answers<'_>) -> Vec<Arm> {
        let questions =
            questions(self.effects.iter().filter_map(|(condition, _)| match condition {
                Some(Condition::Own(expr)) => Some(expr),
                _ => None,
            }));
        let mut arms = Vec::new();
        let possible = |answers: &Answers<'_>| self.own.iter().all(|own| answers.holds(own));
        let mut all = Answers::all(&questions).filter(possible).peekable();
        while let Some(answers) = all.next() {
            let happens = |(condition, _): &&Perhaps| match condition {
                Some(Condition::Own(expr)) => answers.holds(expr),
                Some(Condition::Asked(expr)) => asked.holds(expr),
                None => true,
            };
            let effects = self.effects.iter().filter(happens).map(|(_, effect)| effect.clone());
            let effects: Vec<Effect> = effects.collect();
            let answered = all.peek().map(|_| answers.own()).unwrap_or_default();
            let own = [self.own.clone(), answered].concat();
            arms.push(Arm { message: self.message.clone(), own, target: self.target, effects });
        }
        arms
    }
}

/// The terms of a guard, joined by `&&`.
fn terms(guard: &syntax::Expr) -> Vec<&syntax::Expr> {
    match &guard.kind {
        syntax::ExprKind::Binary { op: syntax::BinaryOp::And, left, right } => {
            [terms(left), terms(right)].concat()
        }
        _ => vec![guard],
    }
}

/// The frame that a role speaks, where it is one and not a choice.
fn spoken_frame(context: &Context<'_>, role: Role) -> Option<FrameId> {
    match context.speaks[role.index()].as_ref()?.ty {
        TypeId::Frame(frame) => Some(frame),
        _ => None,
    }
}
