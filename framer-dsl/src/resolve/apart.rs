//! Rules whose effects depend on something, taken apart: one rule or arm for each answer, so that the
//! later stages know rules without conditions only.

use super::Resolver;
use crate::model::{Arm, Ask, Effect, Expr, ExprKind, Message, Rule, Target};

/// How many questions may decide what a rule does: each doubles the rules.
const MAX_QUESTIONS: usize = 6;

/// What decides whether something happens: all of it.
#[derive(Clone, Default)]
pub(super) struct Condition {
    /// What the frame itself says, or the reply where it is that of an arm.
    pub(super) own: Option<Expr>,
    /// What the request says that an arm answers.
    pub(super) asked: Option<Expr>,
    /// What variables are.
    pub(super) vars: Vec<(Ask, bool)>,
}

/// An effect, and when it happens.
pub(super) type Perhaps = (Condition, Effect);

/// An arm for one pattern, before it is taken apart.
pub(super) struct Draft {
    pub(super) message: Message,
    pub(super) own: Vec<Expr>,
    /// What the request must say.
    pub(super) asked: Vec<Expr>,
    pub(super) vars: Vec<(Ask, bool)>,
    pub(super) target: Target,
    pub(super) effects: Vec<Perhaps>,
}

/// What something depends on.
#[derive(Clone, PartialEq)]
enum Question {
    Frame(Expr),
    Variable(Ask),
}

impl Question {
    /// What an expression asks, and the answer with which it holds.
    fn of(expr: &Expr) -> (Question, bool) {
        let (question, wanted) = expr.positive();
        (Question::Frame(question.clone()), wanted)
    }

    fn about((ask, wanted): &(Ask, bool)) -> (Question, bool) {
        (Question::Variable(ask.clone()), *wanted)
    }
}

/// Answers to questions.
struct Answers<'q> {
    questions: &'q [Question],
    bits: usize,
}

impl<'q> Answers<'q> {
    /// All that there can be.
    fn all(questions: &'q [Question]) -> impl Iterator<Item = Answers<'q>> {
        (0..1_usize << questions.len()).map(move |bits| Answers { questions, bits })
    }

    /// Whether it is answered so, or not asked.
    fn holds(&self, (question, wanted): &(Question, bool)) -> bool {
        let place = self.questions.iter().position(|other| other == question);
        place.is_none_or(|place| (self.bits >> place & 1 == 1) == *wanted)
    }

    fn hold<'a>(&self, own: impl IntoIterator<Item = &'a Expr>, vars: &[(Ask, bool)]) -> bool {
        own.into_iter().all(|own| self.holds(&Question::of(own)))
            && vars.iter().all(|var| self.holds(&Question::about(var)))
    }

    /// The questions as they are answered.
    fn told(&self) -> (Vec<Expr>, Vec<(Ask, bool)>) {
        let (mut own, mut vars) = (Vec::new(), Vec::new());
        for (place, question) in self.questions.iter().enumerate() {
            match (question, self.bits >> place & 1 == 1) {
                (Question::Frame(expr), true) => own.push(expr.clone()),
                (Question::Frame(expr), false) => {
                    own.push(Expr { kind: ExprKind::Not(Box::new(expr.clone())) });
                }
                (Question::Variable(ask), answer) => vars.push((ask.clone(), answer)),
            }
        }
        (own, vars)
    }
}

/// Each question once.
fn distinct(all: impl Iterator<Item = (Question, bool)>) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    for (question, _) in all {
        if !questions.contains(&question) {
            questions.push(question);
        }
    }
    questions
}

/// What effects ask of the frame that they happen with, and of variables.
fn own_questions(effects: &[Perhaps]) -> impl Iterator<Item = (Question, bool)> {
    let frame = effects.iter().filter_map(|(condition, _)| condition.own.as_ref());
    let vars = effects.iter().flat_map(|(condition, _)| &condition.vars);
    frame.map(Question::of).chain(vars.map(Question::about))
}

impl Resolver {
    /// A rule for each answer to what its effects ask, and to what its arms ask of its frame.
    pub(super) fn take_apart(
        &mut self,
        whole: &Rule,
        effects: &[Perhaps],
        arms: Option<&[Draft]>,
    ) -> Vec<Rule> {
        let drafts = arms.unwrap_or_default();
        let in_arms = drafts.iter().flat_map(|arm| &arm.effects);
        let in_arms = in_arms.filter_map(|(condition, _)| condition.asked.as_ref());
        let asked = drafts.iter().flat_map(|arm| &arm.asked).chain(in_arms);
        let questions = distinct(own_questions(effects).chain(asked.map(Question::of)));
        let most = drafts.iter().map(|arm| distinct(own_questions(&arm.effects)).len()).max();
        if questions.len().max(most.unwrap_or_default()) > MAX_QUESTIONS {
            let what = format!("a rule that depends on more than {MAX_QUESTIONS} conditions");
            self.unsupported(whole.span, &what);
            return Vec::new();
        }
        let mut rules = Vec::new();
        // The guard has answered some.
        let possible = |answers: &Answers<'_>| answers.hold(&whole.own, &whole.vars);
        let mut all = Answers::all(&questions).filter(possible).peekable();
        while let Some(answers) = all.next() {
            let happens = |(condition, _): &&Perhaps| answers.hold(&condition.own, &condition.vars);
            let effects = effects.iter().filter(happens).map(|(_, effect)| effect.clone());
            let fitting = drafts.iter().filter(|arm| answers.hold(&arm.asked, &[]));
            let arms = arms.map(|_| fitting.flat_map(|arm| arm.arms(&answers)).collect());
            // The last takes what the others leave.
            let (own, vars) = all.peek().map(|_| answers.told()).unwrap_or_default();
            rules.push(Rule {
                own: [whole.own.clone(), own].concat(),
                vars: [whole.vars.clone(), vars].concat(),
                effects: effects.collect(),
                arms,
                ..whole.clone()
            });
        }
        rules
    }
}

impl Draft {
    /// An arm for each answer to what its effects ask of the reply and of variables, given what the
    /// request says.
    fn arms(&self, asked: &Answers<'_>) -> Vec<Arm> {
        let questions = distinct(own_questions(&self.effects));
        let mut arms = Vec::new();
        let possible = |answers: &Answers<'_>| answers.hold(&self.own, &self.vars);
        let mut all = Answers::all(&questions).filter(possible).peekable();
        while let Some(answers) = all.next() {
            let happens = |(condition, _): &&Perhaps| {
                answers.hold(&condition.own, &condition.vars) && asked.hold(&condition.asked, &[])
            };
            let effects = self.effects.iter().filter(happens).map(|(_, effect)| effect.clone());
            let effects: Vec<Effect> = effects.collect();
            let (own, vars) = all.peek().map(|_| answers.told()).unwrap_or_default();
            arms.push(Arm {
                message: self.message.clone(),
                own: [self.own.clone(), own].concat(),
                vars: [self.vars.clone(), vars].concat(),
                target: self.target,
                effects,
            });
        }
        arms
    }
}
