//! Whole programs of both roles over a simulated network that does whatever networks do: what holds
//! of each protocol holds after each step.
//!
//! `FRAMER_SEEDS=100000 cargo test --release --test simulation` runs so many of each, and
//! `FRAMER_SEED=17` one again.

mod dns;
mod packetstream;
mod resp;
mod services;
mod smtp;

use framer_runtime::machine::Machine;
use framer_runtime::testing::{Chance, Faults, Pair};

/// How many seeds an ordinary run takes of each.
const SEEDS: u64 = 200;

/// Both roles over a network that does what chance says.
fn pair<A: Machine, B: Machine>(chance: &mut Chance, left: A, right: B) -> Pair<A, B> {
    let (to_left, to_right) = (Faults::any(chance), Faults::any(chance));
    Pair::new(chance.split(), left, right).faults_to_left(to_left).faults_to_right(to_right)
}

/// Asserts that neither side has ever held more than this.
fn bounded<A: Machine, B: Machine>(pair: &mut Pair<A, B>, input: usize, output: usize) {
    for (held_in, held_out) in [pair.left().peak_bytes(), pair.right().peak_bytes()] {
        assert!(held_in <= input && held_out <= output, "{held_in} and {held_out} bytes are held");
    }
}
