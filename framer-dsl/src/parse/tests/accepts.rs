//! Every construct of the language, and the places in the tree.

use super::{SMTP, at, read};
use crate::syntax::*;

/// The fields of the frame that the members make up.
fn fields(members: &str) -> Vec<Field> {
    let file = read(&format!("frame F {{ {members} }}"));
    let Some(Item::Frame(frame)) = file.items.into_iter().next() else { panic!("{members}") };
    let field = |member| match member {
        Member::Field(field) => field,
        other => panic!("{other:?}"),
    };
    frame.body.into_iter().map(field).collect()
}

fn kind(ty: &str) -> TypeKind {
    fields(&format!("x: {ty}")).remove(0).ty.kind
}

fn expr(text: &str) -> String {
    fn show(expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Bool(value) => value.to_string(),
            ExprKind::Number(value) => value.to_string(),
            ExprKind::Path(path) => {
                path.iter().map(|name| name.name.as_str()).collect::<Vec<_>>().join(".")
            }
            ExprKind::Call { function, args } => {
                let args: Vec<_> = args.iter().map(show).collect();
                format!("{}({})", function.name, args.join(" "))
            }
            ExprKind::Not(inner) => format!("!{}", show(inner)),
            ExprKind::Binary { op, left, right } => {
                format!("({op:?} {} {})", show(left), show(right))
            }
            ExprKind::Fields { from, to } => format!("{}..{}", from.name, to.name),
            ExprKind::Literal(literal) => format!("{:?}", literal.bytes),
            ExprKind::Text { any: true, path, .. } => format!("any {}", path.len()),
            ExprKind::Text { path, .. } => format!("contains {}", path.len()),
        }
    }
    show(fields(&format!("x: u8 if {text}")).remove(0).cond.as_ref().expect("has a condition"))
}

#[test]
fn smtp_is_read_whole() {
    let file = read(SMTP);
    assert_eq!(file.docs.0.len(), 3);
    let count = |sort: fn(&Item) -> bool| file.items.iter().filter(|item| sort(item)).count();
    assert_eq!(file.items.len(), 34);
    assert_eq!(count(|item| matches!(item, Item::Class(_))), 12);
    assert_eq!(count(|item| matches!(item, Item::Frame(_))), 13);
    assert_eq!(count(|item| matches!(item, Item::Enum(_))), 6);
    let Some(Item::Protocol(smtp)) = file.items.last() else { panic!("no protocol") };
    assert_eq!(smtp.roles.len(), 2);
    assert_eq!(smtp.speaks.len(), 2);
    assert_eq!(smtp.vars.len(), 3);
    let rules: Vec<_> = smtp.states.iter().map(|state| state.rules.len()).collect();
    assert_eq!(rules, [3, 0, 1, 3, 4, 2, 14]);
    let greeting = &smtp.states[0];
    assert_eq!(greeting.within.as_ref().map(|within| within.millis.value), Some(300_000));
    assert_eq!(smtp.states[6].except[0].name, "Greeting");
    let Some(ehlo) = smtp.states[6].rules[0].awaits.as_ref() else { panic!("no arms") };
    assert_eq!(ehlo[0].outcome.effects.len(), 3);
}

#[test]
fn places_are_exact() {
    let file = read(SMTP);
    let Item::Delimiter(crlf) = &file.items[0] else { panic!("no delimiter") };
    assert_eq!(at(SMTP, crlf.span), "delimiter CRLF = \"\\r\\n\";");
    assert_eq!(at(SMTP, crlf.name.span), "CRLF");
    assert_eq!(crlf.docs.0.len(), 2);
    let text = "/// Docs.\nframe F { // why\n  a: u8 /* no */ , /// b\n b: Body in [a] }  // end";
    let file = read(text);
    let Item::Frame(frame) = &file.items[0] else { panic!("no frame") };
    assert!(at(text, frame.span).starts_with("frame F") && at(text, frame.span).ends_with('}'));
    let places: Vec<_> = frame
        .body
        .iter()
        .map(|member| match member {
            Member::Field(field) => (at(text, field.span), at(text, field.ty.span)),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(places, [("a: u8", "u8"), ("b: Body in [a]", "Body in [a]")]);
}

#[test]
fn numbers_and_texts() {
    assert!(matches!(kind("u16 le"), TypeKind::Int { signed: false, bits: 16, little: true }));
    assert!(matches!(kind("i64"), TypeKind::Int { signed: true, bits: 64, little: false }));
    assert!(matches!(kind("u1"), TypeKind::Int { bits: 1, .. }));
    assert!(matches!(kind("leb128 u64 [1..=10]"), TypeKind::Varint { extent: Some(_), .. }));
    assert!(matches!(kind("base128 u64"), TypeKind::Varint { extent: None, .. }));
    assert!(matches!(kind("quic u64"), TypeKind::Varint { .. }));
    assert!(matches!(kind("dec u16 [3]"), TypeKind::Number { hex: false, zeros: false, .. }));
    assert!(matches!(
        kind("hex u64 [1..=16] zeros"),
        TypeKind::Number { hex: true, zeros: true, .. }
    ));
    let extent = |text| match kind(text) {
        TypeKind::Text { extent, .. } => extent,
        other => panic!("{other:?}"),
    };
    assert!(matches!(extent("bytes [n + 1]"), Extent::Length(_)));
    assert!(matches!(extent("ascii until CRLF max 10"), Extent::Until { max: Some(_), .. }));
    assert!(matches!(extent("utf8 to end"), Extent::ToEnd));
    let run = extent("utf8 run quoted escape '\\\\' printable [0..=62]");
    let Extent::Run { escape: Some((byte, class)), length, .. } = run else { panic!("{run:?}") };
    assert_eq!((byte.value, class.name.as_str()), (b'\\', "printable"));
    assert_eq!((length.low.unwrap().value, length.high.unwrap().value), (0, 62));
}

#[test]
fn composed_types() {
    assert!(matches!(kind("flag \"-\" | \" \" or end"), TypeKind::Flag { or_end: true, .. }));
    assert!(matches!(kind("Path?"), TypeKind::Optional(_)));
    assert!(matches!(kind("Chunk(size, 1) in [n]"), TypeKind::Named { region: Some(_), .. }));
    assert!(matches!(kind("[u8; n]"), TypeKind::List { end: ListEnd::Count(_), .. }));
    assert!(matches!(kind("[T] to end"), TypeKind::List { end: ListEnd::ToEnd, .. }));
    let list = kind("[T?] shared (code, id) until !more && x == 3 count max 128");
    let TypeKind::List { shared, end: ListEnd::Until { .. }, max: Some(max), .. } = list else {
        panic!("{list:?}")
    };
    assert_eq!((shared.len(), max.value), (2, 128));
    let list =
        kind("[Label] until b\"\\0\" max 255 or Pointer <=> at(Message, offset) count max 9");
    let TypeKind::List { end: ListEnd::Until { max, elsewhere: Some(elsewhere), .. }, .. } = list
    else {
        panic!("{list:?}")
    };
    assert_eq!(max.map(|max| max.value), Some(255));
    let names = [&elsewhere.frame, &elsewhere.base, &elsewhere.offset].map(|of| of.name.as_str());
    assert_eq!((names, elsewhere.written), (["Pointer", "Message", "offset"], true));
}

#[test]
fn fields_have_ranges_conditions_and_values() {
    let all = fields("a: u8 in 2..=5 if b, n: u16 le = len(body), crc = crc16(a..n), c: u8 in 3..");
    assert_eq!(all[0].range.as_ref().and_then(|range| range.high.as_ref()).unwrap().value, 5);
    assert!(all[0].cond.is_some());
    assert!(all[1].derived.is_some());
    assert!(matches!(&all[2].ty.kind, TypeKind::Checksum(name) if name.name == "crc16"));
    assert!(all[2].derived.is_some());
    assert!(all[3].range.as_ref().is_some_and(|range| range.high.is_none()));
    // Keywords are words only where they stand.
    fields("class: u8, require: u8, stream: u8, word: u8, max: Max, type: state, in: u8");
}

#[test]
fn members_beside_fields() {
    let text = "frame F(size: u64) in until CRLF max 9 skip {
        nocase word \"HELO\", b\"\\xff\\0\",
        require a == 1 else Mismatch,
        stream body: bytes via Dots,
    }";
    let Some(Item::Frame(frame)) = read(text).items.pop() else { panic!("no frame") };
    assert_eq!(frame.params[0].ty.name, "u64");
    assert!(frame.region.is_some_and(|region| region.skip.is_some() && region.max.is_some()));
    let Member::Literal(first) = &frame.body[0] else { panic!("no literal") };
    assert!(first.nocase && first.word);
    let Member::Literal(second) = &frame.body[1] else { panic!("no literal") };
    assert_eq!(second.bytes, [0xff, 0]);
    assert!(matches!(frame.body[2], Member::Require { .. }));
    assert!(matches!(&frame.body[3], Member::Stream(stream)
        if matches!(stream.extent, StreamExtent::Via(_))));
}

#[test]
fn other_items() {
    let file = read(
        "import \"base.frame\" { A, b };
        delimiter EOL = \"\\r\\n\" | \"\\n\" lenient;
        class a = 'a'..='z' | \"-_\" - 'q' | 0x80..=0xff | b'\\xfe';
        enum V: u8 { A = 1, B = 0xff, _ Other }
        enum L nocase { A = \"x\", B = word \"y\" }
        enum T(a: u8) by a in [3] { A { x: u8 }, B, _ C { y: bytes to end } }
        bits F: u16 le { qr: 1, opcode: 4 }
        checksum crc16 = crc(width 16, poly 0x8005, refin true);
        transform B { blocks Block; }
        frame X(n: u64, key: u32) { stream data: bytes [n] xor key }
        transform E { at start, after EOL { \".\" <=> \"..\"; \"\" <= \".\"; end \".\"; } }
        transform S { anywhere { \"a\" <=> \"b\"; } after EOL {} }",
    );
    let Item::Class(class) = &file.items[2] else { panic!("no class") };
    let ClassSet::Union(terms) = &class.set else { panic!("{:?}", class.set) };
    assert!(matches!(terms[1], ClassSet::Difference(..)));
    let Item::Enum(tagged) = &file.items[5] else { panic!("no enum") };
    assert!(tagged.tag.is_some() && tagged.variants[2].catch_all);
    let Item::Bits(bits) = &file.items[6] else { panic!("no bits") };
    assert_eq!(bits.fields[1].width.value, 4);
    let Item::Checksum(crc) = &file.items[7] else { panic!("no checksum") };
    assert_eq!(crc.settings.len(), 3);
    let Item::Transform(escapes) = &file.items[10] else { panic!("no transform") };
    let TransformKind::Escapes(blocks) = &escapes.kind else { panic!("{escapes:?}") };
    assert!(blocks[0].at_start && blocks[0].after.is_some() && blocks[0].rules.len() == 3);
}

#[test]
fn rules_of_protocols() {
    let file = read(
        "protocol P over datagram {
            roles a, b;
            pending by id max 1024;
            state S within 500 ms else T {
                a A, malformed if x =>
                    refuse sync T { a then F(1); b speaks G } awaits { _ => stay };
                a 200..=299 => again { upgrade Ws carry; upgrade Tls; y = true };
                b _ => awaits {};
            }
        }",
    );
    let Item::Protocol(protocol) = &file.items[0] else { panic!("no protocol") };
    assert!(protocol.pending.as_ref().is_some_and(|pending| pending.key.len() == 1));
    let [first, second, third] = &protocol.states[0].rules[..] else { panic!("three rules") };
    assert!(first.refuse.is_some() && first.sync.is_some() && first.guard.is_some());
    assert_eq!((first.messages.len(), first.outcome.effects.len()), (2, 2));
    assert!(matches!(second.outcome.target, Target::Again));
    let effects = &second.outcome.effects;
    assert!(matches!(effects[0].0, Effect::Upgrade { received: Received::Carry, .. }));
    assert!(matches!(effects[1].0, Effect::Upgrade { received: Received::Reject, .. }));
    assert!(matches!(third.outcome.target, Target::Stay));
    assert!(third.awaits.as_ref().is_some_and(Vec::is_empty));
}

#[test]
fn precedence_is_rusts() {
    assert_eq!(expr("a || b && c"), "(Or a (And b c))");
    assert_eq!(
        expr("a + b * 3 >> 2 & 7 == d"),
        "(Equal (BitAnd (ShiftRight (Add a (Multiply b 3)) 2) 7) d)"
    );
    assert_eq!(expr("a - b - c"), "(Subtract (Subtract a b) c)");
    assert_eq!(expr("!(a | b) < c"), "(Less !(BitOr a b) c)");
    assert_eq!(expr("len(a.b, c..d) >= 0x10"), "(GreaterEqual len(a.b c..d) 16)");
    assert_eq!(expr("any lines.text starts nocase word \"AUTH\""), "any 2");
    assert_eq!(expr("a == 1 && b != 2"), "(And (Equal a 1) (NotEqual b 2))");
}
