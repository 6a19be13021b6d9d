//! Members of frames made up.

use framer_tests::twin::Changes;

use crate::text::{DELIMITERS, Known, LITERALS, pick};

const NUMBERS: [&str; 26] = [
    "u8",
    "u8 in 1..=3",
    "u8 = 97",
    "u16 le",
    "u24",
    "i8",
    "i16 le",
    "u64",
    "leb128 u32 [1..=3]",
    "base128 u64",
    "quic u64",
    "u8 { 0xfe => u16 le, 0xff => u32 }",
    "dec u8 [1..=3]",
    "dec u16 [3]",
    "dec u16 [1..=4] in 7..=2000",
    "hex u16 [1..=4]",
    "hex u8 [2] upper",
    "dec i64 [1..=5]",
    "dec u32 [1..=5] zeros",
    "bytes [2]",
    "ascii [1]",
    "utf8 [3]",
    "bytes via Cobs max 40",
    "bytes via Slip max 40",
    "[u8; 2]",
    "[u16 le] to end count max 5",
];

const CLASSES: [&str; 5] = ["letter", "digit", "mixed", "text", "other"];

pub(crate) struct Members<'s> {
    source: &'s mut Changes,
    known: &'s [Known],
    prefix: &'s str,
    fields: usize,
    /// Numbers and flags that conditions may look at.
    numbers: Vec<String>,
    flags: Vec<String>,
    depth: usize,
}

impl<'s> Members<'s> {
    pub(crate) fn new(source: &'s mut Changes, known: &'s [Known], prefix: &'s str) -> Members<'s> {
        let (numbers, flags) = (Vec::new(), Vec::new());
        Members { source, known, prefix, fields: 0, numbers, flags, depth: 0 }
    }

    /// So many of them.
    pub(crate) fn some(&mut self, count: usize) -> String {
        let members: Vec<String> = (0..count).map(|_| self.member()).collect();
        members.join(", ")
    }

    fn name(&mut self) -> String {
        self.fields += 1;
        format!("{}{}", self.prefix, self.fields)
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        pick(self.source, of)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.source.below(bound)
    }

    fn member(&mut self) -> String {
        match self.below(16) {
            0 | 1 => self.pick(&LITERALS).to_owned(),
            2 => self.bits(),
            3 | 4 => self.derived(),
            5 => self.conditional(),
            6 if self.depth < 2 => {
                self.depth += 1;
                let count = 1 + self.below(2);
                let inside = self.some(count);
                self.depth -= 1;
                let delimiter = self.pick(&DELIMITERS);
                format!("in until {delimiter} max {} {{ {inside} }}", 4 + self.below(30))
            }
            7 => {
                let least = self.below(2);
                let (class, written) = match self.below(4) {
                    0 => ("mixed", "a"),
                    1 => ("digit", "1"),
                    2 if least == 0 => ("blank", ""),
                    _ => ("blank", " "),
                };
                format!("skip {class} [{least}..=4] = \"{written}\"")
            }
            _ => {
                let (name, ty) = (self.name(), self.ty());
                if ty.starts_with("u8") && !ty.contains('=') || ty == "dec u16 [3]" {
                    self.numbers.push(name.clone());
                }
                if ty.starts_with("flag") {
                    self.flags.push(name.clone());
                }
                format!("{name}: {ty}")
            }
        }
    }

    fn ty(&mut self) -> String {
        match self.below(12) {
            0 => self.run(),
            1 => {
                let kind = self.pick(&["bytes", "utf8", "ascii"]);
                format!("{kind} to end")
            }
            2 => {
                let delimiter = self.pick(&DELIMITERS);
                format!("bytes until {delimiter} max {}", 3 + self.below(20))
            }
            3 => {
                let [on, off] = [self.pick(&LITERALS), self.pick(&LITERALS)];
                match self.below(3) {
                    0 => format!("flag {on}"),
                    1 => format!("flag {on} | {off}"),
                    _ => format!("flag {on} or end"),
                }
            }
            4 | 5 => self.named(),
            6 | 7 => self.list(),
            _ => self.pick(&NUMBERS).to_owned(),
        }
    }

    fn run(&mut self) -> String {
        let kind = self.pick(&["bytes", "utf8", "ascii"]);
        let class = self.pick(&CLASSES);
        let (low, more) = (self.below(3), 1 + self.below(9));
        match self.below(5) {
            0 => format!("{kind} run {class} trim blank [{low}..={}]", low + more),
            1 => format!("{kind} run {class} escape '\\\\' text [{low}..={}]", low + more),
            _ => format!("{kind} run {class} [{low}..={}]", low + more),
        }
    }

    /// A type that is known, as it may be held here.
    fn holds(&mut self) -> Option<String> {
        let known: Vec<&Known> = self.known.iter().filter(|known| !known.given).collect();
        if known.is_empty() {
            return None;
        }
        Some(known[self.source.below(known.len())].name.clone())
    }

    fn named(&mut self) -> String {
        let Some(name) = self.holds() else { return "u8".to_owned() };
        match self.below(4) {
            0 => format!("{name}?"),
            1 => format!("{name} in [{}]", 1 + self.below(9)),
            _ => name,
        }
    }

    fn list(&mut self) -> String {
        let Some(name) = self.holds() else { return "[u8; 3]".to_owned() };
        match self.below(6) {
            0 => format!("[{name}; 2]"),
            1 => format!("[{name}] to end count max 4"),
            2 => format!("[{name}] run count max 4"),
            3 => format!("[{name}] until {} count max 4", self.pick(&DELIMITERS)),
            4 => format!("[{name}] until {} max 40 count max 4", self.pick(&LITERALS)),
            _ => format!("[{name}] shared f1 until !f2 count max 4"),
        }
    }

    fn bits(&mut self) -> String {
        let [flag, number, wide] = [self.name(), self.name(), self.name()];
        self.flags.push(flag.clone());
        self.numbers.push(number.clone());
        match self.below(4) {
            0 => format!("bits u8 {{ {flag}: 1, {number}: 3, {wide}: 4 = 6 }}"),
            1 => format!("bits u16 le {{ {number}: 4 in 0..=2, {flag}: 1, {wide}: 11 }}"),
            2 => format!(
                "bits u8 {{ {flag}: 1, {wide}: 1 = true, {number}: 6 {{ 62 => u8, 63 => u16 }} }}"
            ),
            _ => format!("bits base128 u32 {{ {wide}: 30, {number}: 1, {flag}: 1 }}"),
        }
    }

    /// A number, and what it measures or tells.
    fn derived(&mut self) -> String {
        let [number, held] = [self.name(), self.name()];
        let int = self.pick(&[
            "u8",
            "u16 le",
            "dec u8 [1..=3]",
            "leb128 u16",
            "hex u8 [2]",
            "dec u16 [1..=3] zeros",
        ]);
        let named = self.holds();
        let given = self.known.iter().find(|known| known.given).map(|known| known.name.clone());
        let choice = self.below(11);
        match (choice, named, given) {
            (0, Some(name), _) => {
                format!("{number}: {int} = len({held}), {held}: {name} in [{number}]")
            }
            (1, Some(name), _) => {
                format!("{number}: u8 in ..=9 = count({held}), {held}: [{name}; {number}]")
            }
            (2, ..) => {
                let rest = self.some(2);
                format!("{number}: {int} = len(rest), {rest}")
            }
            (3, ..) => {
                let rest = self.some(1);
                format!("{number}: u16 = len(rest) + 2, {rest}")
            }
            (4, Some(name), _) => {
                let flag = self.name();
                format!(
                    "bits u8 {{ {flag}: 1 = some({held}), {number}: 7 }}, {held}: {name} if {flag}"
                )
            }
            (5, ..) => {
                let of = self.ty();
                format!("{held}: {of}, {number}: u16 = crc({held})")
            }
            (6, ..) => {
                let [one, two] = [self.ty(), self.ty()];
                let (first, last) = (self.name(), self.name());
                format!("{first}: {one}, {last}: {two}, {number} = sum({first}..{last})")
            }
            (7 | 8, _, Some(name)) => {
                let size = self.name();
                format!(
                    "{number}: u8 = tag({held}), {size}: u8 = len({held}), {held}: {name}({number}) \
                     in [{size}]"
                )
            }
            (9, ..) => {
                let of = self.ty();
                let last = self.name();
                format!("{number}: {int} = len({held}..{last}), {held}: {of}, {last}: u8")
            }
            (10, ..) => format!("{number}: u8 = len({held}) / 2, {held}: bytes [{number} * 2]"),
            _ => format!("{number}: {int} = len({held}), {held}: bytes [{number}]"),
        }
    }

    fn conditional(&mut self) -> String {
        let (name, ty) = (self.name(), self.ty());
        let numbers = self.numbers.len();
        let flags = self.flags.len();
        let at = self.below(numbers.max(flags).max(1));
        let number = self.numbers.get(at).cloned();
        let flag = self.flags.get(at).cloned();
        match (number, flag, self.below(3)) {
            (_, Some(flag), 0) => format!("{name}: {ty} if {flag}"),
            (Some(number), Some(flag), 1) => format!("{name}: {ty} if {number} > 2 || !{flag}"),
            (Some(number), _, 1 | 0) => format!("{name}: {ty} if {number} == 1"),
            (Some(number), ..) => format!("require {number} < 200 else TooMuch"),
            (None, Some(flag), _) => format!("require {flag} else NotSo"),
            (None, None, _) => format!("{name}: {ty}"),
        }
    }
}
