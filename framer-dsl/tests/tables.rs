//! As much as the runtime's tables have places for is compiled, and one more is told.

use framer_dsl::source::Source;
use framer_dsl::{Sources, diagnose};

/// What is wrong with a description.
fn mistakes(text: &str) -> Vec<String> {
    let source = Source::new("tables.frame", text.to_owned());
    let sources = Sources::load(source, |_| Err(std::io::ErrorKind::NotFound.into()));
    diagnose(&sources).iter().map(|one| one.message.clone()).collect()
}

/// Asserts that so many of something compile, and that one more does not.
fn most(count: usize, what: &str, text: impl Fn(usize) -> String) {
    assert_eq!(mistakes(&text(count)), [""; 0], "{what} is one more than {count}");
    let message = format!("{what} cannot be compiled by this version");
    assert_eq!(mistakes(&text(count + 1)), [message]);
}

/// A protocol of a client that says one of so many commands, which have so many flags.
fn protocol(commands: usize, flags: usize, body: &str) -> String {
    let flags: String = (0..flags).map(|flag| format!(", f{flag}: flag \" {flag}\"")).collect();
    let commands: Vec<_> =
        (0..commands).map(|number| format!("C{number} {{ \"c{number:03}\"{flags} }}")).collect();
    let commands = commands.join(",\n");
    format!(
        "delimiter LF = \"\\n\";\n\
         enum Command in until LF max 100 {{ {commands} }}\n\
         frame Reply in until LF max 100 {{ text: utf8 to end }}\n\
         protocol Talk over stream {{\n\
         roles client, server; client speaks Command; server speaks Reply;\n\
         pending fifo max 1;\n{body}\n}}"
    )
}

#[test]
fn states() {
    most(64, "a 65th state", |count| {
        let states: Vec<_> = (0..count)
            .map(|place| {
                let next = (place + 1) % count;
                format!(
                    "state S{place} within 1 s else close {{ \
                     client C0 => awaits {{ _ => S{next} }}; }}"
                )
            })
            .collect();
        protocol(1, 0, &states.join("\n"))
    });
}

#[test]
fn rules() {
    most(255, "a state of more than 255 rules", |count| {
        let all: Vec<_> = (0..count).map(|number| format!("C{number}")).collect();
        let all = all.join(", ");
        let body = format!(
            "state Open within 1 s else close {{ client {all} => awaits {{ _ => stay }}; }}"
        );
        protocol(count, 0, &body)
    });
}

#[test]
fn guards() {
    most(4, "a frame with more than four guards", |count| {
        let rules: String = (0..count)
            .map(|flag| format!("client C0 if f{flag} => awaits {{ _ => stay }};\n"))
            .collect();
        let rest = "client C0 => awaits { _ => stay };";
        protocol(1, count, &format!("state Open within 1 s else close {{ {rules}{rest} }}"))
    });
}

/// Each stands in the one before it.
#[test]
fn types_in_each_other() {
    most(64, "types that stand in each other deeper than 64", |count| {
        let nested = |place: usize| match place + 1 == count {
            true => format!("frame F{place} {{ last: u8 }}\n"),
            false => format!("frame F{place} {{ next: F{} }}\n", place + 1),
        };
        (0..count).map(nested).collect()
    });
}

#[test]
fn variables() {
    let message = "more than 32 variables and questions about numbers";
    // Beside the questions there are 29 variables.
    most(3, message, |count| {
        let vars: String = (0..29).map(|var| format!("var v{var}: bool = false;\n")).collect();
        let sets: String = (0..29).map(|var| format!("v{var} = true; ")).collect();
        let asked: Vec<_> = (0..29).map(|var| format!("v{var}")).collect();
        let asked = asked.join(" && ");
        let questions: String = (0..count)
            .map(|many| format!("client C0 if many == {many} => {{ {sets} }};\n"))
            .collect();
        protocol(
            2,
            0,
            &format!(
                "{vars}var many: u8 = 0;\nstate Open within 1 s else close {{ {questions} \
                 client C0 => {{ many += 1 }} awaits {{ _ => stay }}; \
                 client C1 if {asked} => awaits {{ _ => close }}; \
                 client C1 => awaits {{ _ => stay }}; }}"
            ),
        )
    });
}

/// Its digits end no line.
#[test]
fn a_number_that_is_known_behind_its_line() {
    let text = "delimiter LF = \"\\n\";\n\
        frame Items { list: [Item] to end count max 9 }\n\
        frame Item { size: u8 = len(data), data: bytes [size] }\n\
        frame Counted {\n\
        in until LF max 20 { \"n\", size: dec u32 [1..=4] in ..=1000 = len(items) },\n\
        items: Items in [size],\n\
        }";
    assert_eq!(mistakes(text), [""; 0]);
}

/// A counter of so many bits goes through all that they can be.
#[test]
fn places() {
    let counter = |bits: usize| {
        let vars: String = (0..bits).map(|bit| format!("var b{bit}: bool = false;\n")).collect();
        let step = |bit: usize| {
            let asked: String = (0..bit).map(|below| format!(" && b{below}")).collect();
            let clear: String = (0..bit).map(|below| format!("; b{below} = false")).collect();
            format!("client Tick if !b{bit}{asked} => {{ b{bit} = true{clear} }};\n")
        };
        let steps: String = (0..bits).map(step).collect();
        format!(
            "frame Tick {{ kind: u8 }}\n\
             protocol Count over datagram {{\n\
             roles client, server; client speaks Tick; server speaks Tick;\n\
             {vars}state Open within 1 s else close {{ {steps} server Tick => close; }}\n}}"
        )
    };
    assert_eq!(mistakes(&counter(16)), [""; 0]);
    let message = "states and variables that are too many to be looked through cannot be \
                   compiled by this version";
    assert_eq!(mistakes(&counter(17)), [message]);
}
