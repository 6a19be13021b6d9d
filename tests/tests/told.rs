//! What breaks a rule is told with the name of the frame that it is in: read and written, by
//! generated code, by what is derived, and by what is interpreted.

use framer_dsl::Sources;
use framer_interpret::{Description, Element, Frame as Run, Value as Tree};
use framer_runtime::Frame;
use framer_runtime::violation::Rule;

framer_runtime::framer!("told.frame");

const DESCRIPTION: &str = include_str!("../told.frame");

/// The frame, the field and the rule.
type Refused = (&'static str, &'static str, Rule);

/// What generated code refuses to write.
fn refused(frame: &impl Frame) -> Refused {
    let mut out = Vec::new();
    let error = frame.encode(&mut out).expect_err("it is refused");
    assert_eq!(out, b"");
    (error.frame, error.field, error.rule)
}

/// What refuses the same tree to be written as the frame `name`.
fn refused_run(name: &str, tree: Run<'_>) -> Refused {
    let sources = Sources::new("told.frame", DESCRIPTION);
    let description = Description::load(&sources).expect("it compiles");
    let schema = description.schema(name).expect("it stands by itself");
    let mut out = Vec::new();
    let error = schema.encode(&Tree::Frame(tree), &mut out).expect_err("it is refused");
    assert_eq!(out, b"");
    (error.frame, error.field, error.rule)
}

/// Neither writes it, for the same reason.
#[track_caller]
fn both(frame: &impl Frame, name: &str, tree: Run<'_>, wanted: Refused) {
    assert_eq!(refused(frame), wanted);
    assert_eq!(refused_run(name, tree), wanted);
}

fn text(text: &str) -> Tree<'_> {
    Tree::Text(text.into())
}

fn named(name: &'static str, of: &'static str) -> Tree<'static> {
    Tree::Frame(Run::new(name).with("text", text(of)))
}

fn list(of: impl IntoIterator<Item = Tree<'static>>) -> Tree<'static> {
    Tree::List(of.into_iter().map(Element::from).collect())
}

const LONG: Rule = Rule::TooLong { max: 3 };

#[test]
fn what_is_written_is_told_where_it_is_refused() {
    let low = Tree::Name { name: "Low".into(), number: Some(1) };
    let fields = |name, note| {
        let fields = Run::new("Fields").with("name", named("Name", name));
        fields.with("level", low.clone()).with("note", note)
    };
    let name = Fields::new(Name::new("long"), Level::Low);
    both(&name, "Fields", fields("long", Tree::Missing), ("Name", "text", LONG));
    let mut note = Fields::new(Name::new("a"), Level::Low);
    note.note = Some(Note::new("long"));
    both(&note, "Fields", fields("a", named("Note", "long")), ("Note", "text", LONG));

    let notes = [Note::new("a"), Note::new("long")];
    let trees = || list([named("Note", "a"), named("Note", "long")]);
    let refused = ("Note", "text", LONG);
    both(&Counted::new(&notes[..]), "Counted", Run::new("Counted").with("notes", trees()), refused);
    both(&Ended::new(&notes[..]), "Ended", Run::new("Ended").with("notes", trees()), refused);
    let lines = [Line::new("long")];
    let reply = Run::new("Reply").with("code", Tree::Number(200));
    let trees = list([named("Line", "long")]);
    both(&Reply::new(200, &lines[..]), "Reply", reply.with("lines", trees), ("Line", "text", LONG));
}

#[test]
fn what_is_written_of_a_choice_is_told_where_it_is_refused() {
    let short = Told::from(Short::new("long"));
    both(&short, "Told", Run::new("Short").with("text", text("long")), ("Short", "text", LONG));
    let other = Run::new("Other").with("text", Tree::Bytes(b"s"[..].into()));
    both(&Told::from(Other::new(b"s")), "Told", other, ("Told", "", Rule::Ambiguous));
    let long = Run::new("Other").with("text", Tree::Bytes(b"abcdefgh"[..].into()));
    let refused = ("Told", "", Rule::TooLong { max: 8 });
    both(&Told::from(Other::new(b"abcdefgh")), "Told", long, refused);

    let given = Run::new("Given").with("value", named("Text", "long"));
    both(&Given::new(Text::new("long")), "Given", given, ("Text", "text", LONG));
    let number = Run::new("Number").with("number", Tree::Number(100));
    let given = Run::new("Given").with("value", Tree::Frame(number));
    let refused = ("Number", "number", Rule::Range { low: 0, high: 99 });
    both(&Given::new(Number::new(100)), "Given", given, refused);
}

/// It is told behind the frame that has the word.
#[test]
fn what_follows_a_word_is_told_with_the_frame_of_the_word() {
    let rest = || Tree::Bytes(b"od"[..].into());
    let said = Run::new("Said").with("verb", Tree::Frame(Run::new("Verb")));
    both(&Said::new(Verb, b"od"), "Said", said.with("rest", rest()), ("Verb", "", Rule::Ambiguous));
    // A value is told as a part of the frame that holds it, whoever looks.
    let method = || Tree::Name { name: "Get".into(), number: None };
    let asked = Run::new("Asked").with("method", method()).with("rest", rest());
    both(&Asked::new(Method::Get, b"od"), "Asked", asked, ("Asked", "", Rule::Ambiguous));
    let holder = Tree::Frame(Run::new("Holder").with("method", method()));
    let around = Run::new("Around").with("inner", holder).with("rest", rest());
    let refused = ("Holder", "", Rule::Ambiguous);
    both(&Around::new(Holder::new(Method::Get), b"od"), "Around", around, refused);
    let tail = Run::new("Tail").with("rest", rest()).with("loud", Tree::Flag(true));
    let beside = Run::new("Beside").with("method", method()).with("tail", Tree::Frame(tail));
    let refused = ("Beside", "", Rule::Ambiguous);
    both(&Beside::new(Method::Get, Tail::new(b"od", true)), "Beside", beside, refused);
}

/// What an interpreted frame holds may be anything; a compiled one has no such mistakes.
#[test]
fn what_is_of_another_sort_is_told_with_the_frame_that_holds_it() {
    let refused = ("Small", "", Rule::Condition);
    for name in [named("Note", "a"), Tree::Number(1)] {
        let small = Run::new("Small").with("name", name);
        let small = small.with("rest", Tree::Bytes(b"rest"[..].into()));
        assert_eq!(refused_run("Small", small), refused);
    }
}

#[test]
fn what_is_too_long_as_a_whole_is_told_with_its_own_name() {
    let rest = || Tree::Bytes(b"rest"[..].into());
    let small = Run::new("Small").with("name", named("Name", "ab")).with("rest", rest());
    let long = ("Small", "", Rule::TooLong { max: 6 });
    both(&Small::new(Name::new("ab"), b"rest"), "Small", small, long);
    let small = Small::new(Name::new("a"), b"rest");
    let mut memory = [0; 5];
    let error = small.encode_to_slice(&mut memory).expect_err("there is no room");
    assert_eq!((error.frame, error.rule), ("Small", Rule::NoRoom { bytes: 5 }));
}

/// A word of letters, one of them too many for it.
#[derive(Frame, Debug)]
#[frame(class letter = 'a'..='z';)]
struct Part {
    #[frame(ascii run letter [1..=3])]
    text: String,
}

/// A frame of one's own in its variants, and variants that are frames themselves.
#[derive(Frame, Debug)]
#[frame(class letter = 'a'..='z';)]
enum Own {
    #[frame(before("p"))]
    Parted(Part),
    #[frame(before("o"))]
    Optional(Option<Part>),
    #[frame(before("t"))]
    Texts {
        #[frame(ascii run letter [1..=3])]
        text: String,
    },
}

#[test]
fn what_is_derived_is_told_where_it_is_refused() {
    let text = || "long".to_owned();
    assert_eq!(refused(&Own::Parted(Part { text: text() })), ("Part", "text", LONG));
    assert_eq!(refused(&Own::Optional(Some(Part { text: text() }))), ("Part", "text", LONG));
    assert_eq!(refused(&Own::Texts { text: text() }), ("Texts", "text", LONG));
}

/// As what is read.
#[test]
fn what_is_read_is_told_where_it_breaks_a_rule() {
    let sources = Sources::new("told.frame", DESCRIPTION);
    let description = Description::load(&sources).expect("it compiles");
    let both = |compiled: Result<(), &'static str>, name: &str, bytes: &[u8], frame| {
        let schema = description.schema(name).expect("it stands by itself");
        let run = schema.decode(bytes).expect_err("it breaks a rule").frame;
        assert_eq!((compiled, run), (Err(frame), frame), "{name}");
    };
    fn read<F: Frame>(bytes: &[u8]) -> Result<(), &'static str> {
        F::decode(bytes).map(drop).map_err(|invalid| invalid.frame)
    }
    both(read::<Fields<'_>>(b"A:\x01"), "Fields", b"A:\x01", "Name");
    both(read::<Fields<'_>>(b"a:\x03"), "Fields", b"a:\x03", "Fields");
    both(read::<Counted<'_>>(b"\x01#A"), "Counted", b"\x01#A", "Note");
    both(read::<Ended<'_>>(b"#A."), "Ended", b"#A.", "Note");
    both(read::<Reply<'_>>(b"20A \n"), "Reply", b"20A \n", "Line");
    both(read::<Told<'_>>(b"sA\n"), "Told", b"sA\n", "Short");
    both(read::<Given<'_>>(b"\x02A"), "Given", b"\x02A", "Text");
    both(read::<Given<'_>>(b"\x03A"), "Given", b"\x03A", "Value");
    both(read::<Said<'_>>(b"no\n"), "Said", b"no\n", "Verb");
    both(read::<Asked<'_>>(b"no\n"), "Asked", b"no\n", "Asked");
    both(read::<Small<'_>>(b"abc:rest"), "Small", b"abc:rest", "Small");
    assert_eq!(read::<Own>(b"pA"), Err("Part"));
    assert_eq!(read::<Own>(b"tA"), Err("Texts"));
}
