//! Rules as lines: those of a box, and those of the edges out of it.

use framer_dsl::ir::{Machine, Role, StateId, Target};

use super::{Line, Sort, Word, shared};
use crate::written::{Arm, Effect, Outcome, Rule};

/// What rules are drawn with.
pub(super) struct Drawing<'i> {
    pub(super) machine: &'i Machine,
    pub(super) final_replies: &'i [String],
}

/// A rule in a box: what is said, and what replies do.
struct Entry {
    role: Role,
    said: Vec<String>,
    /// Conditions, effects and the end.
    behind: Vec<Word>,
    /// What happens sometimes, and replies.
    below: Vec<Line>,
}

/// What happens beside the change of state.
struct Effects {
    /// In any case.
    always: Vec<Word>,
    /// With a condition each.
    sometimes: Vec<Line>,
}

impl Drawing<'_> {
    /// The lines of a box, and those that lead to other states; `state` is none for any state.
    pub(super) fn rules(
        &self,
        rules: &[Rule<'_>],
        state: Option<usize>,
    ) -> (Vec<Line>, Vec<(usize, Vec<Line>)>) {
        let mut entries: Vec<Entry> = Vec::new();
        let mut leads: Vec<(usize, Vec<Line>)> = Vec::new();
        let mut refused: Vec<(Role, Vec<String>)> = Vec::new();
        for rule in rules {
            if rule.refuse {
                note_refused(&mut refused, rule);
                continue;
            }
            let mut edges = 0;
            let mut replies = Vec::new();
            for (to, line) in self.outcomes(rule) {
                match to.filter(|to| Some(*to) != state) {
                    Some(to) => {
                        edges += 1;
                        lead(&mut leads, to, line);
                    }
                    None => replies.extend(line),
                }
            }
            if edges == 0 || !replies.is_empty() {
                let mut effects = self.effects(&rule.outcome);
                let mut behind = guard(&rule.when);
                behind.append(&mut effects.always);
                if edges == 0 && replies.is_empty() {
                    behind.extend(awaited(rule));
                }
                if rule.arms.is_empty() && rule.outcome.target == Target::Close {
                    behind.push(Word::new(Sort::Close, "close"));
                }
                effects.sometimes.append(&mut replies);
                join(&mut entries, rule, behind, effects.sometimes);
            }
        }
        let mut lines: Vec<Line> = entries.into_iter().flat_map(Entry::lines).collect();
        for (role, said) in refused {
            let words = vec![
                Word::new(Sort::Note, "refused:"),
                Word::new(Sort::Said(role), said.join(", ")),
            ];
            lines.push(Line { inner: false, words });
        }
        (lines, leads)
    }

    /// What comes of a rule: a line for each state that it leads to, and one for each reply that
    /// does something else than leave the state as it is.
    fn outcomes(&self, rule: &Rule<'_>) -> Vec<(Option<usize>, Vec<Line>)> {
        let Effects { mut always, sometimes } = self.effects(&rule.outcome);
        let mut words = vec![Word::new(Sort::Said(rule.role), named(&rule.said))];
        words.extend(guard(&rule.when));
        words.append(&mut always);
        let head = || {
            let head = Line { inner: false, words: words.clone() };
            std::iter::once(head).chain(sometimes.iter().cloned()).collect::<Vec<Line>>()
        };
        if rule.arms.is_empty() {
            return match rule.outcome.target {
                Target::State(StateId(to)) => vec![(Some(to), head())],
                _ => Vec::new(),
            };
        }
        let mut outcomes = Vec::new();
        for (place, arm) in rule.arms.iter().enumerate() {
            let target = match arm.outcome.target {
                Target::Stay => rule.outcome.target,
                other => other,
            };
            let Some((mut reply, mut sometimes)) = self.reply(rule, arm, place) else { continue };
            match target {
                Target::State(StateId(to)) => {
                    let mut lines = head();
                    match lines.as_mut_slice() {
                        [line] => line.words.append(&mut reply.words),
                        _ => lines.push(reply),
                    }
                    lines.append(&mut sometimes);
                    outcomes.push((Some(to), lines));
                    continue;
                }
                Target::Close => reply.words.push(Word::new(Sort::Close, "close")),
                Target::Again => reply.words.push(Word::new(Sort::Note, "and more follows")),
                Target::Stay if arm.outcome.effects.is_empty() => continue,
                Target::Stay => {}
            }
            let mut lines = vec![reply];
            lines.append(&mut sometimes);
            outcomes.push((None, lines));
        }
        outcomes
    }

    /// A reply and what it does sometimes, unless it is one that is said once for all.
    fn reply(&self, rule: &Rule<'_>, arm: &Arm, place: usize) -> Option<(Line, Vec<Line>)> {
        let said: Vec<&str> = arm.said.iter().map(String::as_str).collect();
        let shown: Vec<&str> = match shared::closes(arm) {
            true => said
                .into_iter()
                .filter(|name| !self.final_replies.iter().any(|other| other == name))
                .collect(),
            false => said,
        };
        if shown.is_empty() {
            return None;
        }
        let other = if place > 0 { "any other" } else { "any reply" };
        let shown: Vec<&str> =
            shown.into_iter().map(|name| if name == "_" { other } else { name }).collect();
        let mut words = vec![Word::new(Sort::Said(rule.role.peer()), shown.join(" | "))];
        words.extend(guard(&arm.when));
        let mut effects = self.effects(&arm.outcome);
        words.append(&mut effects.always);
        Some((Line { inner: true, words }, effects.sometimes))
    }

    fn effects(&self, outcome: &Outcome) -> Effects {
        let mut words = Vec::new();
        let mut sometimes = Vec::new();
        let mut set: Vec<&str> = Vec::new();
        for (effect, when) in &outcome.effects {
            let sort = match effect {
                Effect::Then { role, .. } | Effect::Speaks { role, .. } => Sort::Switch(*role),
                Effect::Upgrade { .. } => Sort::Upgrade,
                Effect::Set { var, .. } => {
                    if !set.contains(&var.as_str()) {
                        set.push(var);
                    }
                    continue;
                }
            };
            let word = Word::new(sort, effect.told(&self.machine.roles));
            if when.is_empty() {
                words.push(word);
            } else {
                let words = std::iter::once(word).chain(guard(when)).collect();
                sometimes.push(Line { inner: true, words });
            }
        }
        if !set.is_empty() {
            words.push(Word::new(Sort::Note, format!("sets {}", set.join(", "))));
        }
        Effects { always: words, sometimes }
    }
}

impl Entry {
    fn lines(self) -> Vec<Line> {
        let mut words = vec![Word::new(Sort::Said(self.role), named(&self.said))];
        words.extend(self.behind);
        let mut lines = vec![Line { inner: false, words }];
        lines.extend(self.below);
        lines
    }
}

/// The replies to what no reply changes anything of, so that it is seen to await one.
fn awaited(rule: &Rule<'_>) -> Option<Word> {
    let names = rule.arms.iter().filter(|arm| !shared::closes(arm)).flat_map(|arm| &arm.said);
    let names = names.map(|name| if name == "_" { "any reply" } else { name });
    let names: Vec<&str> = names.collect();
    (!names.is_empty()).then(|| Word::new(Sort::Said(rule.role.peer()), names.join(" | ")))
}

/// What is said, by its names.
fn named(said: &[String]) -> String {
    let names = said.iter().map(|name| if name == "_" { "anything" } else { name });
    names.collect::<Vec<_>>().join(", ")
}

/// What must hold, as one word.
fn guard(when: &[String]) -> Vec<Word> {
    let all = when.join(" && ");
    if all.is_empty() { Vec::new() } else { vec![Word::new(Sort::Guard, format!("if {all}"))] }
}

/// Adds a rule to one of which the same is true.
fn join(entries: &mut Vec<Entry>, rule: &Rule<'_>, behind: Vec<Word>, below: Vec<Line>) {
    let known = entries.iter_mut().find(|entry| {
        entry.role == rule.role && (&entry.behind, &entry.below) == (&behind, &below)
    });
    match known {
        Some(entry) => {
            let said = rule.said.iter().filter(|name| !entry.said.contains(name));
            let said: Vec<String> = said.cloned().collect();
            entry.said.extend(said);
        }
        None => entries.push(Entry { role: rule.role, said: rule.said.clone(), behind, below }),
    }
}

fn note_refused(refused: &mut Vec<(Role, Vec<String>)>, rule: &Rule<'_>) {
    let said = rule.said.iter().cloned();
    match refused.iter_mut().find(|(role, _)| *role == rule.role) {
        Some((_, names)) => names.extend(said),
        None => refused.push((rule.role, said.collect())),
    }
}

fn lead(leads: &mut Vec<(usize, Vec<Line>)>, to: usize, lines: Vec<Line>) {
    match leads.iter_mut().find(|(other, _)| *other == to) {
        Some((_, known)) => known.extend(lines),
        None => leads.push((to, lines)),
    }
}
