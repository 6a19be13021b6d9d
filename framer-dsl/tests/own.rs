//! What is on the wire fits the type of one's own that a description is compiled for.

use framer_dsl::own::{Field, Holds, Own};
use framer_dsl::{Options, Sources, derive};
use proc_macro2::{Span, TokenStream};

/// A field of a type of one's own, by its name in the description.
fn field(name: &str, optional: bool, holds: Holds) -> Field {
    Field {
        name: name.to_owned(),
        member: TokenStream::new(),
        optional,
        holds,
        span: Span::call_site(),
    }
}

fn plain(ty: &str) -> Holds {
    Holds::Plain(ty.to_owned())
}

fn reference(ty: &str) -> Holds {
    Holds::Reference(ty.to_owned())
}

fn named(ty: &str) -> Holds {
    Holds::Named(ty.to_owned())
}

/// What does not fit, each by its message.
fn mistakes(text: &str, fields: &[Field]) -> Vec<String> {
    let own =
        Own { borrows: true, bodies: vec![fields.to_vec()], external: &|_, _| TokenStream::new() };
    let found = derive(&Sources::new("own.frame", text), &own, &Options::default());
    found.err().into_iter().flatten().map(|one| one.message).collect()
}

/// Asserts what a field on the wire can be held by, and how it is called where it cannot.
fn held(wire: &str, fits: &[Holds], others: &[Holds], shown: &str) {
    let text = format!(
        "delimiter LF = \"\\n\";\n\
         frame Message {{ size: u8 = len(more), it: {wire}, \".\", more: bytes [size] }}"
    );
    let found = |holds: &Holds| {
        let more = field("more", false, named("Vec"));
        mistakes(&text, &[field("it", false, holds.clone()), more])
    };
    for holds in fits {
        assert_eq!(found(holds), [""; 0], "{wire} as {holds:?}");
    }
    for holds in others {
        let rust = match holds {
            Holds::Plain(name) | Holds::Named(name) => name.clone(),
            Holds::Reference(of) => format!("&{of}"),
            Holds::Array(len) => len.map_or("[u8; _]".to_owned(), |len| format!("[u8; {len}]")),
        };
        let message = format!("`it` is {shown} on the wire, which a `{rust}` cannot hold");
        assert_eq!(found(holds), [message], "{wire} as {holds:?}");
    }
}

#[test]
fn what_holds_it() {
    held("u16", &[plain("u16"), named("Length")], &[plain("u32"), plain("i16")], "`u16`");
    held("dec i64 [1..=9]", &[plain("i64")], &[plain("u64"), reference("str")], "`i64`");
    held("leb128 u32 [1..=4]", &[plain("u32")], &[plain("u8")], "`u32`");
    held("flag \"+\" | \"-\"", &[plain("bool")], &[plain("u8")], "`bool`");
    held(
        "bytes [4]",
        &[Holds::Array(Some(4)), Holds::Array(None), reference("[u8]"), named("Vec")],
        &[Holds::Array(Some(3)), reference("str"), plain("u32")],
        "`&[u8]`, `Vec<u8>` or `[u8; 4]`",
    );
    held(
        "bytes until LF max 9",
        &[reference("[u8]")],
        &[Holds::Array(Some(4)), Holds::Array(None)],
        "`&[u8]` or `Vec<u8>`",
    );
    held("utf8 [4]", &[reference("str")], &[reference("[u8]")], "`&str` or `String`");
    held("[u8; 3]", &[named("List")], &[Holds::Array(Some(3))], "`Vec` or `List`");
    held("Other", &[named("Other")], &[plain("u8")], "a type of its own");
}

#[test]
fn bits() {
    let text = "frame Message { bits u16 { more: 1, kind: 3 = 2, low: 12 } }";
    let more = |holds| field("more", false, holds);
    let low = |holds| field("low", false, holds);
    assert_eq!(mistakes(text, &[more(plain("bool")), low(plain("u16"))]), [""; 0]);
    assert_eq!(
        mistakes(text, &[more(plain("u8")), low(plain("u8"))]),
        [
            "`more` is `bool` on the wire, which a `u8` cannot hold",
            "`low` is `u16` on the wire, which a `u8` cannot hold",
        ]
    );
    let missing = "`Message` has no field `low` in Rust";
    assert_eq!(mistakes(text, &[more(plain("bool"))]), [missing]);
}

#[test]
fn what_may_be_missing() {
    let text = "frame Message { more: u8, number: u16 if more > 0, other: Other? }";
    let found = |more: bool, number: bool, other: bool| {
        mistakes(
            text,
            &[
                field("more", more, plain("u8")),
                field("number", number, plain("u16")),
                field("other", other, named("Other")),
            ],
        )
    };
    let must = |name: &str| {
        format!("`{name}` may be missing on the wire, so it must be an `Option` in Rust")
    };
    assert_eq!(found(false, true, true), [""; 0]);
    assert_eq!(found(false, false, false), [must("number"), must("other")]);
    let cannot = "`more` is always there on the wire, so it cannot be an `Option` in Rust";
    assert_eq!(found(true, true, true), [cannot]);
}

#[test]
fn what_only_a_description_has() {
    let found = |text: &str| mistakes(text, &[field("list", false, named("Vec"))]);
    let refused =
        |what: &str| format!("{what} in a type of one's own cannot be compiled by this version");
    assert_eq!(found("frame Message { list: [u8; 3] }"), [""; 0]);
    assert_eq!(found("frame Message { list: [u8] to end count max 3 }"), [""; 0]);
    let given = "frame Message(size: u64) { stream data: bytes [size] }";
    assert_eq!(found(given), [refused("a parameter"), refused("a stream")]);
    let named = "frame Message { list: [u8; 3], let some = 1 > 0 }";
    assert_eq!(found(named), [refused("a `let`")]);
    let until = "frame Message { list: [Other] until \"!\" max 9 count max 3 }";
    assert_eq!(found(until), [refused("a list with an end of its own")]);
}

/// What a type of its own begins with is not known.
#[test]
fn what_follows() {
    let text =
        "class small = 'a'..='z';\nframe Message { text: ascii run small [1..=9], other: Other }";
    let fields = [field("text", false, reference("str")), field("other", false, named("Other"))];
    assert_eq!(mistakes(text, &fields), ["`text` takes what follows it"]);
}
