//! Whole programs of both roles over a simulated network that does whatever networks do: what holds
//! of each protocol holds after each step.
//!
//! `FRAMER_SEEDS=100000 cargo test --release --test simulation` runs so many of each, and
//! `FRAMER_SEED=17` one again.

mod dns;
mod halves;
mod packetstream;
mod resp;
mod services;
mod smtp;
mod tftp;
mod upgrade;

use std::time::Duration;

use framer_runtime::connection::Limits;
use framer_runtime::machine::Machine;
use framer_runtime::testing::{Chance, Faults, Jump, Pair};

/// How many seeds an ordinary run takes of each.
const SEEDS: u64 = 200;

/// What a run of any protocol has.
struct Run<A, B> {
    pair: Pair<A, B>,
    /// How much may wait to be sent on either side.
    output_bytes: usize,
    /// When a clock jumps.
    jumps: Vec<Duration>,
    chance: Chance,
}

impl<A: Machine + Clone, B: Machine + Clone> Run<A, B> {
    /// Both roles over a network that does what chance says, with as little memory; in one of three
    /// runs clocks jump.
    fn new(chance: &mut Chance, left: A, right: B) -> Run<A, B> {
        let (to_left, to_right) = (Faults::any(chance), Faults::any(chance));
        let output_bytes = 128 << chance.below(8);
        let limits = Limits { input_bytes: 1, output_bytes, output_low_bytes: output_bytes / 4 };
        let mut pair = Pair::new(chance.split(), left, right)
            .faults_to_left(to_left)
            .faults_to_right(to_right)
            .limits(limits, limits);
        let count = if chance.one_in(3) { 1 + chance.below(3) } else { 0 };
        let jumps: Vec<_> = (0..count).map(|_| any_time(chance)).collect();
        jumps.iter().for_each(|at| pair.wake_at(*at));
        Run { pair, output_bytes, jumps, chance: chance.split() }
    }

    /// Lets a clock jump if it is time for that; whether it was.
    fn jumps(&mut self, woken: Duration) -> bool {
        let due = self.jumps.contains(&woken);
        if due {
            let jump = any_jump(&mut self.chance);
            match self.chance.below(2) {
                0 => self.pair.jump_left(jump),
                _ => self.pair.jump_right(jump),
            }
        }
        due
    }

    /// Asserts that neither side has ever held more than this: of output, what may wait and a
    /// message more, as much of what was sent, in a vector that grows by doubling.
    fn bounded(&mut self, input: usize, message: usize) {
        let output = 4 * (self.output_bytes + message);
        for (held_in, held_out) in [self.pair.left().peak_bytes(), self.pair.right().peak_bytes()] {
            let bounded = held_in <= input && held_out <= output;
            assert!(bounded, "{held_in} and {held_out} bytes are held");
        }
    }
}

/// Some time in the first half minute; no whole second, which programs are woken at.
fn any_time(chance: &mut Chance) -> Duration {
    Duration::from_millis(chance.below(30_000)) + Duration::from_nanos(1)
}

/// By less than a second, or by more than any time limit.
fn any_jump(chance: &mut Chance) -> Jump {
    let by = match chance.below(3) {
        0 => Duration::from_secs(24 * 60 * 60),
        _ => Duration::from_millis(chance.below(1000)),
    };
    if chance.below(2) == 0 { Jump::On(by) } else { Jump::Back(by) }
}
