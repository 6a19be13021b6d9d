//! Protocols made up: a few states, requests whose replies lead elsewhere, and switches of the framing.

use std::fmt::{self, Display, Formatter};

use framer_tests::twin::Changes;

/// What is said, by either side. Each is a line of one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Said {
    /// A request by its place.
    Ask(usize),
    /// What the client says only if it is due.
    Note,
    Mark,
    /// A reply by its code.
    Tell(u8),
    /// What the server says only if it is due.
    Extra,
}

pub(crate) const ASKS: [&str; 3] = ["A", "B", "C"];

/// What a rule or an arm does to the framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    Then(Said),
    Upgrade,
}

/// Where a rule or an arm leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goes {
    Stay,
    To(usize),
    Close,
    Again,
}

#[derive(Clone, Debug)]
pub(crate) struct Arm {
    /// The code that it takes; `None` takes all.
    pub(crate) code: Option<u8>,
    pub(crate) goes: Goes,
    pub(crate) effect: Option<Effect>,
    pub(crate) sets: Option<bool>,
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) ask: usize,
    /// Only if the variable is true.
    pub(crate) guarded: bool,
    pub(crate) refuse: bool,
    pub(crate) sync: bool,
    pub(crate) goes: Goes,
    pub(crate) effect: Option<Effect>,
    pub(crate) arms: Vec<Arm>,
}

#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) pending: usize,
    pub(crate) states: Vec<Vec<Rule>>,
    /// Of `any state`.
    pub(crate) any: Vec<Rule>,
}

impl Spec {
    pub(crate) fn of(seed: u64) -> Spec {
        let mut source = Source { changes: Changes::of(seed), states: 0 };
        source.states = 1 + source.changes.below(3);
        let states = (0..source.states).map(|_| source.rules(3)).collect();
        Spec { pending: 1 + source.changes.below(4), states, any: source.rules(2) }
    }
}

struct Source {
    changes: Changes,
    states: usize,
}

impl Source {
    fn one_in(&mut self, of: usize) -> bool {
        self.changes.below(of) == 0
    }

    /// Rules for about so many of four requests.
    fn rules(&mut self, of_four: usize) -> Vec<Rule> {
        let mut rules = Vec::new();
        for ask in 0..ASKS.len() {
            if self.changes.below(4) < of_four {
                if self.one_in(6) {
                    rules.push(Rule { guarded: true, ..self.rule(ask) });
                }
                rules.push(self.rule(ask));
            }
        }
        rules
    }

    fn rule(&mut self, ask: usize) -> Rule {
        let mut arms = Vec::new();
        if !self.one_in(5) {
            for code in 1..=self.changes.below(3) {
                let code = u8::try_from(code).ok();
                arms.push(self.arm(code));
            }
            let last = self.arm(None);
            // The other replies end the exchange.
            let goes = if last.goes == Goes::Again { Goes::Stay } else { last.goes };
            arms.push(Arm { goes, ..last });
        }
        Rule {
            ask,
            guarded: false,
            refuse: self.one_in(8),
            sync: self.one_in(12) && !arms.is_empty(),
            goes: self.goes(),
            effect: if self.one_in(8) { self.then() } else { None },
            arms,
        }
    }

    fn arm(&mut self, code: Option<u8>) -> Arm {
        let goes = match self.changes.below(12) {
            0 => Goes::Close,
            1 => Goes::Again,
            _ => self.goes(),
        };
        let ends = goes == Goes::Close;
        let effect = match self.changes.below(24) {
            0 => Some(Effect::Upgrade),
            1..=3 => self.then(),
            _ => None,
        };
        let sets = if self.one_in(8) { Some(self.one_in(2)) } else { None };
        Arm { code, goes, effect: effect.filter(|_| !ends), sets: sets.filter(|_| !ends) }
    }

    fn goes(&mut self) -> Goes {
        match self.one_in(2) {
            true => Goes::Stay,
            false => Goes::To(self.changes.below(self.states)),
        }
    }

    fn then(&mut self) -> Option<Effect> {
        Some(Effect::Then([Said::Note, Said::Mark, Said::Extra][self.changes.below(3)]))
    }
}

impl Display for Effect {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Effect::Then(Said::Extra) => write!(out, "server then Extra; "),
            Effect::Then(said) => write!(out, "client then {said:?}; "),
            Effect::Upgrade => write!(out, "upgrade Tls; "),
        }
    }
}

impl Display for Goes {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Goes::Stay => write!(out, "stay"),
            Goes::To(state) => write!(out, "S{state}"),
            Goes::Close => write!(out, "close"),
            Goes::Again => write!(out, "again"),
        }
    }
}

impl Display for Arm {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(out, "{code}")?,
            None => write!(out, "_")?,
        }
        write!(out, " => {} {{ ", self.goes)?;
        self.effect.iter().try_for_each(|effect| write!(out, "{effect}"))?;
        self.sets.iter().try_for_each(|value| write!(out, "open = {value}; "))?;
        write!(out, "}}, ")
    }
}

impl Display for Rule {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let word = |there: bool, word: &'static str| if there { word } else { "" };
        let guard = word(self.guarded, " if open");
        let (refuse, sync) = (word(self.refuse, "refuse "), word(self.sync, "sync "));
        write!(out, "client {}{guard} => {refuse}{sync}{} {{ ", ASKS[self.ask], self.goes)?;
        self.effect.iter().try_for_each(|effect| write!(out, "{effect}"))?;
        write!(out, "}}")?;
        if !self.arms.is_empty() {
            write!(out, " awaits {{ ")?;
            self.arms.iter().try_for_each(|arm| write!(out, "{arm}"))?;
            write!(out, "}}")?;
        }
        writeln!(out, ";")
    }
}

const HEAD: &str = r#"
delimiter LF = "\n";
class letter = 'a'..='z';
enum Request in until LF max 8 { A { "a" }, B { "b" }, C { "c" } }
frame Tell in until LF max 8 { code: dec u8 [1] }
frame Note in until LF max 8 { text: ascii run letter [1..=1] }
frame Mark in until LF max 8 { text: ascii run letter [1..=1] }
frame Extra in until LF max 8 { text: ascii run letter [1..=1] }
protocol Made over stream {
roles client, server; client speaks Request; server speaks Tell by code;
"#;

impl Display for Spec {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "{HEAD}pending fifo max {}; var open: bool = false;", self.pending)?;
        for (place, rules) in self.states.iter().enumerate() {
            writeln!(out, "state S{place} {{")?;
            rules.iter().try_for_each(|rule| write!(out, "{rule}"))?;
            writeln!(out, "}}")?;
        }
        writeln!(out, "any state within 1 min else close {{")?;
        self.any.iter().try_for_each(|rule| write!(out, "{rule}"))?;
        writeln!(out, "}} }}")
    }
}
