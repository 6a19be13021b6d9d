//! The groups of RFC 2920 against what follows from the states.

use std::collections::{BTreeMap, BTreeSet};

use framer_protocols::smtp::PROTOCOL;
use framer_runtime::protocol::{Barrier, KindId, Rule, Said, StateId, Target};

/// For each command the reason why nothing may follow it, the same in every state.
fn barriers() -> BTreeMap<&'static str, Option<Barrier>> {
    let mut barriers = BTreeMap::new();
    for state in PROTOCOL.states {
        for rule in state.rules.iter().chain(state.any) {
            for kind in rule.kinds {
                // "Bdat if last" is a BDAT.
                let name = PROTOCOL.kind_name(*kind).split(' ').next().unwrap_or_default();
                let before = barriers.insert(name, rule.barrier);
                assert!(before.is_none_or(|before| before == rule.barrier), "{name}");
            }
        }
    }
    barriers
}

#[test]
fn the_groups_are_those_of_rfc_2920() {
    let mut barriers = barriers();
    barriers.remove("Reply");
    let of = |wanted: fn(&Option<Barrier>) -> bool| -> Vec<&str> {
        let named = barriers.iter().filter(|(_, barrier)| wanted(barrier));
        named.map(|(name, _)| *name).collect()
    };
    let derived =
        of(|barrier| matches!(barrier, Some(Barrier::Framing | Barrier::Variable | Barrier::End)));
    let declared = of(|barrier| *barrier == Some(Barrier::Declared));
    // RFC 2920 section 3.1: "EHLO, DATA, VRFY, EXPN, TURN, QUIT, and NOOP"; RFC 3207 section 4
    // adds STARTTLS and RFC 4954 section 4 AUTH with its lines. HELO forgets what EHLO offered.
    assert_eq!(derived, ["Auth", "AuthResponse", "Data", "Ehlo", "Helo", "Quit", "StartTls"]);
    assert_eq!(declared, ["Expn", "Noop", "Vrfy"]);
    // "RSET, MAIL FROM, SEND FROM, SOML FROM, SAML FROM, and RCPT TO can all appear anywhere",
    // and RFC 3030 section 4.2 says the same of BDAT.
    let free = of(Option::is_none);
    for command in ["Bdat", "Mail", "Rcpt", "Rset"] {
        assert!(free.contains(&command), "{command}: {free:?}");
    }
    assert_eq!(barriers["Ehlo"], Some(Barrier::Variable));
    assert_eq!(barriers["Data"], Some(Barrier::Framing));
    assert_eq!(barriers["StartTls"], Some(Barrier::Framing));
    assert_eq!(barriers["Auth"], Some(Barrier::Framing));
    assert_eq!(barriers["Quit"], Some(Barrier::End));
}

/// Where a rule can lead once its reply has come.
fn outcomes(state: StateId, rule: &Rule) -> Vec<StateId> {
    let stay = match rule.target {
        Target::State(state) => state,
        _ => state,
    };
    let arms = rule.arms.iter().filter_map(|arm| match arm.target {
        Target::State(state) => Some(state),
        Target::Stay | Target::Again => Some(stay),
        Target::Close => None,
    });
    arms.collect()
}

#[test]
fn nothing_else_must_wait() {
    let kinds: Vec<KindId> = (0..PROTOCOL.kinds.len())
        .map(|place| KindId(u8::try_from(place).expect("few kinds")))
        .filter(|kind| PROTOCOL.kind_name(*kind) != "Reply")
        .collect();
    let mut pairs = 0;
    for variables in 0..8 {
        for place in 0..PROTOCOL.states.len() {
            let state = StateId(u8::try_from(place).expect("few states"));
            for first in &kinds {
                let rule = PROTOCOL.rule(state, &Said::only(*first), variables);
                let Some(rule) = rule.filter(|rule| rule.barrier.is_none()) else { continue };
                for second in &kinds {
                    let framings = outcomes(state, rule).into_iter().map(|outcome| {
                        PROTOCOL
                            .rule(outcome, &Said::only(*second), variables)
                            .map(|rule| rule.framing)
                    });
                    let framings: BTreeSet<_> = framings.collect();
                    let names = [first, second].map(|kind| PROTOCOL.kind_name(*kind));
                    assert!(framings.len() <= 1, "{names:?} in {}", PROTOCOL.states[place].name);
                    pairs += 1;
                }
            }
        }
    }
    assert!(pairs > 5000, "{pairs} pairs");
}
