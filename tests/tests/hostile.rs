//! What a hostile peer says to each bundled protocol, in every cut and to both engines: what comes of
//! it is what the table says. `FRAMER_BLESS=1` writes that down anew, to be read before it is kept.

use framer_tests::bundled::Bundled;
use framer_tests::conversation::Line;
use framer_tests::hostile::{self, Attack};
use framer_tests::twin::{Ran, Told};

fn refused(of: &Bundled) {
    let attacks = hostile::of(of.name);
    assert!(!attacks.is_empty());
    let told: Vec<[String; 2]> = attacks.iter().map(|attack| in_every_cut(of, attack)).collect();
    if std::env::var_os("FRAMER_BLESS").is_some() {
        let file = hostile::file(of.name);
        let text = std::fs::read_to_string(&file).expect("it was read");
        std::fs::write(file, hostile::blessed(&text, &told)).expect("it can be written");
        return;
    }
    for (Attack { name, wanted, .. }, told) in attacks.iter().zip(&told) {
        assert_eq!(told, wanted, "{}: {name}", of.name);
    }
}

/// What is told of an attack, however its bytes come.
fn in_every_cut(of: &Bundled, attack: &Attack) -> [String; 2] {
    let whole = of.run(&attack.lines, &|_, bytes| vec![bytes]);
    // Whether bytes come before an upgrade or behind it is told by when they come.
    if !upgrades(&whole) && !of.protocol().is_datagram() {
        let lens = attack.lines.iter().map(|line| match line {
            Line::Client(bytes) | Line::Server(bytes) => bytes.len(),
            Line::Upgrade => 0,
        });
        let longest = lens.max().unwrap_or(0);
        let (piece, step) = if longest < 1000 { (1, 1) } else { (509, 61) };
        let single = of.run(&attack.lines, &|_, bytes| bytes.chunks(piece).collect());
        assert_eq!(single.said, whole.said, "{}: {}", of.name, attack.name);
        for cut in (1..longest.min(300)).step_by(step) {
            let ran = of.run(&attack.lines, &|_, bytes| {
                let (first, second) = bytes.split_at(cut.min(bytes.len()));
                vec![first, second]
            });
            assert_eq!(ran.said, whole.said, "{}: {} cut at {cut}", of.name, attack.name);
        }
    }
    hostile::told(&whole)
}

fn upgrades(ran: &Ran) -> bool {
    let upgrade =
        |told: &Told| matches!(told, Told::Event { what, .. } if what.starts_with("Upgrade("));
    ran.said.iter().flatten().any(upgrade)
}

framer_tests::each_bundled!(refused);
