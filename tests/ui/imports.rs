//! A mistake in what is imported is one error at the import, and so is a name that is not there.

mod wrong {
    framer_runtime::framer! {
        import "ui/words.frame" { Number };
        frame Pair { first: Number, second: Number }
    }
}

mod missing {
    framer_runtime::framer! {
        import "ui/words.frame" { Word, Wort };
        frame Pair { first: Word, second: Wort }
    }
}

fn main() {
    let first = wrong::Number::new(1);
    println!("{}", wrong::Pair::new(first, first).first.value);
    println!("{}", missing::Pair::new(missing::Word::new("a"), missing::Word::new("b")).first.text);
}
