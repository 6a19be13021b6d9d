//! Makes one tree of the texts of a description: its own items, those that it imports, and what
//! they need.
//!
//! Afterwards every name that is imported is declared where its import leads, and stands for nothing
//! else where it is imported; no protocol is imported, and no item of another text is there that nothing asked for. The imports stay in the
//! tree: they say what each text may call by its name.

use std::collections::{BTreeSet, HashMap};

use crate::diagnostic::{Code, Diagnostic};
use crate::nearest::nearest;
use crate::source::Span;
use crate::syntax::{File, Ident, Import, Item, VariantKind, mentions};

/// Joins what was read of the texts of a description, its own first.
///
/// # Errors
/// Every import of what its text does not declare, or of what cannot be imported.
pub(crate) fn join(files: &[&File]) -> Result<File, Vec<Diagnostic>> {
    let texts = Texts(files.iter().map(|file| Text::new(file)).collect());
    let diagnostics = texts.judge();
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let needed = texts.needed();
    let mut joined = File::default();
    for (place, text) in texts.0.iter().enumerate() {
        if place == 0 {
            joined.docs = text.file.docs.clone();
        }
        let items = text.file.items.iter().enumerate();
        let items = items.filter(|(item, of)| {
            place == 0 || matches!(of, Item::Import(_)) || needed.contains(&(place, *item))
        });
        joined.items.extend(items.map(|(_, item)| item.clone()));
    }
    Ok(joined)
}

/// One text, and what it gives a name.
struct Text<'f> {
    file: &'f File,
    /// The places of the items that names are declared in, and where the names stand.
    declared: HashMap<&'f str, (usize, Span)>,
    imports: Vec<&'f Import>,
}

impl<'f> Text<'f> {
    fn new(file: &'f File) -> Text<'f> {
        let mut text = Text { file, declared: HashMap::new(), imports: Vec::new() };
        for (place, item) in file.items.iter().enumerate() {
            let name = match item {
                Item::Import(import) => {
                    text.imports.push(import);
                    continue;
                }
                Item::Delimiter(item) => &item.name,
                Item::Class(item) => &item.name,
                Item::Frame(item) => &item.name,
                Item::Enum(item) => {
                    for variant in &item.variants {
                        if matches!(variant.kind, VariantKind::Frame { .. }) {
                            let name = &variant.name;
                            text.declared.insert(&name.name, (place, name.span));
                        }
                    }
                    &item.name
                }
                Item::Bits(item) => &item.name,
                Item::Checksum(item) => &item.name,
                Item::Transform(item) => &item.name,
                Item::Protocol(item) => &item.name,
            };
            text.declared.insert(&name.name, (place, name.span));
        }
        text
    }

    /// The place of the item that declares a name.
    fn item(&self, name: &str) -> Option<usize> {
        self.declared.get(name).map(|(place, _)| *place)
    }

    /// Names that are imported, and stand for something else already.
    fn taken(&self) -> Vec<Diagnostic> {
        let mut imported: HashMap<&str, Span> = HashMap::new();
        let mut diagnostics = Vec::new();
        let others = self.imports.iter().filter(|import| !import.is_of_itself());
        for name in others.flat_map(|import| &import.names) {
            let declared = self.declared.get(name.name.as_str()).map(|(_, span)| *span);
            let first = imported.get(name.name.as_str()).copied();
            let what = if first.is_some() { "imported" } else { "declared" };
            if let Some(first) = first.or(declared) {
                diagnostics.push(
                    Diagnostic::new(
                        Code::Duplicate,
                        name.span,
                        format!("`{}` is {what} already", name.name),
                    )
                    .label("imported")
                    .also(first, format!("{what} here first"))
                    .help("each name of a text stands for one thing in it"),
                );
            }
            imported.entry(&name.name).or_insert(name.span);
        }
        diagnostics
    }

    fn import_of(&self, name: &str) -> Option<&'f Import> {
        self.imports.iter().find(|import| import.names.iter().any(|of| of.name == name)).copied()
    }
}

/// All of them, by their ids.
struct Texts<'f>(Vec<Text<'f>>);

impl<'f> Texts<'f> {
    fn from(&self, import: &Import) -> Option<(usize, &Text<'f>)> {
        let place = usize::from(import.from?.0);
        Some((place, self.0.get(place)?))
    }

    /// What is wrong with what is imported.
    fn judge(&self) -> Vec<Diagnostic> {
        let mut diagnostics: Vec<_> = self.0.iter().flat_map(Text::taken).collect();
        for import in self.0.iter().flat_map(|text| &text.imports) {
            let Some((_, from)) = self.from(import) else { continue };
            if import.is_of_itself() {
                let message = "a text imports nothing from itself";
                diagnostics.push(
                    Diagnostic::new(Code::Import, import.path.span, message)
                        .label("leads back to this text"),
                );
                continue;
            }
            diagnostics.extend(import.names.iter().filter_map(|name| judge(from, import, name)));
        }
        diagnostics
    }

    /// The items of other texts that the first one imports, and what they need, each by the places
    /// of its text and of itself.
    fn needed(&self) -> BTreeSet<(usize, usize)> {
        let mut needed = BTreeSet::new();
        let mut open: Vec<(usize, usize)> = Vec::new();
        if let Some(root) = self.0.first() {
            let names = root.imports.iter().flat_map(|import| &import.names);
            open.extend(names.filter_map(|name| self.declaration(0, name)));
        }
        while let Some((text, place)) = open.pop() {
            if !needed.insert((text, place)) {
                continue;
            }
            if let Some(item) = self.0.get(text).and_then(|of| of.file.items.get(place)) {
                mentions(item, &mut |name| open.extend(self.declaration(text, name)));
            }
        }
        needed
    }

    /// Where a name that a text mentions is declared.
    fn declaration(&self, text: usize, name: &Ident) -> Option<(usize, usize)> {
        let of = self.0.get(text)?;
        if let Some(place) = of.item(&name.name) {
            return Some((text, place));
        }
        let (text, from) = self.from(of.import_of(&name.name)?)?;
        Some((text, from.item(&name.name)?))
    }
}

/// What is wrong with one name of an import.
fn judge(from: &Text<'_>, import: &Import, name: &Ident) -> Option<Diagnostic> {
    let path = &import.path.value;
    match from.item(&name.name).and_then(|place| from.file.items.get(place)) {
        Some(Item::Protocol(_)) => Some(
            Diagnostic::new(
                Code::WrongSort,
                name.span,
                format!("`{}` is a protocol, which is not imported", name.name),
            )
            .label("a protocol is a description of its own")
            .help("import what it speaks; one that follows another is an `upgrade`"),
        ),
        Some(_) => None,
        None => {
            let diagnostic = Diagnostic::new(
                Code::Unknown,
                name.span,
                format!("`{path}` declares no `{}`", name.name),
            )
            .label("not declared there");
            if let Some(other) = from.import_of(&name.name) {
                let place = other.path.span;
                return Some(
                    diagnostic.also(place, "comes from here").help("import it from there"),
                );
            }
            Some(match nearest(&name.name, from.declared.keys().copied()) {
                Some(close) => diagnostic.help(format!("did you mean `{close}`?")),
                None => diagnostic,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};
    use std::path::Path;

    use crate::diagnostic::{Code, render};
    use crate::ir::Ir;
    use crate::source::{Source, SourceId};
    use crate::{Sources, analyze};

    /// Texts by their paths, the first the description.
    fn sources(texts: &[(&str, &str)]) -> Sources {
        let [(path, text), others @ ..] = texts else { panic!("no text") };
        Sources::load(Source::new(*path, *text), |path: &Path| {
            let found = others.iter().find(|(other, _)| Path::new(other) == path);
            found.map(|(_, text)| (*text).to_owned()).ok_or(Error::from(ErrorKind::NotFound))
        })
    }

    fn analyzed(texts: &[(&str, &str)]) -> Ir {
        let sources = sources(texts);
        analyze(&sources).unwrap_or_else(|found| panic!("{}", render(&sources, &found, false)))
    }

    fn types(ir: &Ir) -> Vec<&str> {
        ir.types.iter().map(|ty| ty.name.as_str()).collect()
    }

    const BASE: &str =
        "delimiter CRLF = \"\\r\\n\"; delimiter LF = \"\\n\"; class text = 'a'..='z';
        frame Line in until CRLF max 80 { kind: Kind, text: utf8 run text [0..=70] }
        enum Kind { Good = \"+\", Bad = \"-\" }
        frame Unused { a: u8 }
        enum Other { One { \"1\" }, Two { \"2\", of: Digits } }
        frame Digits { of: dec u8 [1] }";

    #[test]
    fn only_what_is_needed_comes() {
        let own = "import \"base.frame\" { Line }; frame First { line: Line }";
        let ir = analyzed(&[("own.frame", own), ("base.frame", BASE)]);
        assert_eq!(types(&ir), ["First", "Line", "Kind"]);
        assert_eq!(ir.delimiters.len(), 1);
        assert_eq!(ir.classes.len(), 1);
        // An alternative comes with the choice that declares it.
        let own = "import \"base.frame\" { Two };";
        let ir = analyzed(&[("own.frame", own), ("base.frame", BASE)]);
        assert_eq!(types(&ir), ["Other", "One", "Two", "Digits"]);
    }

    #[test]
    fn what_nobody_calls_by_its_name_may_have_that_of_another() {
        let own = "import \"base.frame\" { Line }; class text = '0'..='9'; delimiter CRLF = \";\";
            frame Own in until CRLF max 9 { text: utf8 run text [0..=8] }";
        let ir = analyzed(&[("own.frame", own), ("base.frame", BASE)]);
        let delimiters: Vec<_> =
            ir.delimiters.iter().map(|of| (of.name.as_str(), of.bytes.as_slice())).collect();
        assert_eq!(delimiters, [("CRLF", &b";"[..]), ("CRLF_2", b"\r\n")]);
        let classes: Vec<_> =
            ir.classes.iter().map(|of| (of.name.as_str(), of.set.contains(b'a'))).collect();
        assert_eq!(classes, [("text", false), ("text_2", true)]);
        // It is not seen from here either.
        let own = "import \"base.frame\" { Line }; frame Own in until CRLF max 9 { a: Kind }";
        let sources = sources(&[("own.frame", own), ("base.frame", BASE)]);
        let found = analyze(&sources).expect_err("names that are not imported");
        assert_eq!(found.len(), 2);
        for diagnostic in found {
            assert_eq!(diagnostic.code, Code::Unknown);
            assert_eq!(diagnostic.secondary[0].span.source, SourceId(1));
        }
    }

    #[test]
    fn two_ways_and_circles() {
        let ir = analyzed(&[
            (
                "own.frame",
                "import \"a.frame\" { A }; import \"b.frame\" { B }; frame Own { a: A, b: B }",
            ),
            ("a.frame", "import \"c.frame\" { C }; frame A { c: C } frame Back { x: u8 }"),
            ("b.frame", "import \"./c.frame\" { C }; frame B { c: C }"),
            ("c.frame", "import \"a.frame\" { Back }; frame C { back: Back }"),
        ]);
        assert_eq!(types(&ir), ["Own", "A", "Back", "B", "C"]);
    }

    #[test]
    fn types_of_one_module_have_different_names() {
        let own = "import \"base.frame\" { Line }; frame Kind { a: u8 }";
        let texts = [("own.frame", own), ("base.frame", BASE)];
        let found = analyze(&sources(&texts)).expect_err("two types of a name");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code, Code::Duplicate);
        assert_eq!(found[0].primary.span.source, SourceId(1));
        assert_eq!(found[0].secondary[0].span.source, SourceId(0));
    }
}
