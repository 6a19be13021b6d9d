//! What was read before is read again where it is looked at, without holding its rules against it once
//! more: it is the same then.

use framer_runtime::frame::Frame;
use framer_runtime::violation::Rule;

framer_runtime::framer! {
    delimiter LF = "\n";
    class letter = 'a'..='z';
    class text = 'a'..='z' | '0'..='9' | ".";

    /// A line of a head.
    enum Line in until LF max 64 {
        Size { word "size", " ", value: dec u16 [1..=5] },
        Name { "name ", name: ascii run letter [1..=20] },
        _ Note { text: ascii run text [1..=20] },
    }
    frame Head {
        lines: [Line] until "\n" count max 16,
        let sized = some(lines.Size),
        let named = any lines.Name.name == "x",
        let large = lines.Size.value > 9,
        require count(lines.Size) <= 2 else Sizes,
    }

    /// A number that is there or not.
    frame Code { value: dec u8 [3] in 0..=99, "." }
    frame Item in until LF max 64 { code: Code?, text: ascii run text [1..=20] }
    frame Items { items: [Item] to end count max 8 }

    /// More alternatives than a list has bits for.
    enum Letters in until LF max 64 {
        Aa { "aa=" }, Ab { "ab=" }, Ac { "ac=" }, Ad { "ad=" }, Ae { "ae=" },
        Ba { "ba=" }, Bb { "bb=" }, Bc { "bc=" }, Bd { "bd=" }, Be { "be=" },
        Ca { "ca=" }, Cb { "cb=" }, Cc { "cc=" }, Cd { "cd=" }, Ce { "ce=" },
        Da { "da=" }, Db { "db=" }, Dc { "dc=" }, Dd { "dd=" }, De { "de=" },
        Ea { "ea=" }, Eb { "eb=" }, Ec { "ec=" }, Ed { "ed=" }, Ee { "ee=" },
        Fa { "fa=" }, Fb { "fb=" }, Fc { "fc=" }, Fd { "fd=" }, Fe { "fe=" },
        Ga { "ga=" }, Gb { "gb=" }, Gc { "gc=" }, Gd { "gd=" },
    }
    frame Many {
        lines: [Letters] until "\n" count max 16,
        let first = some(lines.Aa),
        let last_of_its_own = some(lines.Ga),
        let shares = some(lines.Gb),
        let shares_too = some(lines.Gd),
    }
}

/// What a head tells of its lines: whether one is a size, one is called so, and the first is large.
fn told(head: &Head<'_>) -> (bool, bool, bool) {
    (head.sized(), head.named(), head.large())
}

#[test]
fn lines_that_are_not_asked_for_are_passed_over() {
    let cases: [(&[u8], _); 8] = [
        (b"\n", (false, false, false)),
        (b"note\nsizes\n\n", (false, false, false)),
        (b"name y\nname x\n\n", (false, true, false)),
        (b"note\nsize 9\n\n", (true, false, false)),
        (b"size 10\nname x\nnote\n\n", (true, true, true)),
        (b"name size\nsize 1\nsize 10\n\n", (true, false, false)),
        (b"sizes\nsize 10\n\n", (true, false, true)),
        (b"name x\nnote\n\n", (false, true, false)),
    ];
    for (bytes, wanted) in cases {
        let head = Head::decode(bytes).expect("a head");
        assert_eq!(told(&head), wanted, "{}", bytes.escape_ascii());
        let lines: Vec<Line<'_>> = head.lines.iter().collect();
        assert_eq!(told(&Head::new(&lines)), wanted, "{}", bytes.escape_ascii());
        assert_eq!(Head::new(&lines), head);
        let owned = head.owned().expect("it was read");
        assert_eq!((owned.as_bytes(), told(&owned.view())), (bytes, wanted));
    }
    let three = Head::decode(b"size 1\nsize 2\nnote\nsize 3\n\n");
    assert_eq!(three.map_err(|invalid| invalid.rule), Err(Rule::Require("Sizes")));
}

#[test]
fn what_may_be_missing_is_missing_again() {
    let items = Items::decode(b"099.abc\n100.abc\nabc\n99.abc\n").expect("items");
    let seen: Vec<_> = items.items.iter().map(|item| (item.code, item.text)).collect();
    let code = Some(Code { value: 99 });
    assert_eq!(seen, [(code, "abc"), (None, "100.abc"), (None, "abc"), (None, "99.abc")]);
    let owned = items.owned().expect("they were read");
    assert_eq!(owned.view(), items);
}

#[test]
fn what_shares_a_bit_is_told_apart() {
    let told = |bytes: &[u8]| {
        let many = Many::decode(bytes).expect("lines");
        (many.first(), many.last_of_its_own(), many.shares(), many.shares_too())
    };
    assert_eq!(told(b"\n"), (false, false, false, false));
    assert_eq!(told(b"bb=\naa=\n\n"), (true, false, false, false));
    assert_eq!(told(b"ga=\nbb=\n\n"), (false, true, false, false));
    assert_eq!(told(b"gb=\n\n"), (false, false, true, false));
    assert_eq!(told(b"gc=\n\n"), (false, false, false, false));
    assert_eq!(told(b"gc=\ngd=\n\n"), (false, false, false, true));
}
