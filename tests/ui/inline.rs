//! Two mistakes are two errors, each at its tokens.

framer_runtime::framer! {
    class letter = 'a'..='z';
    frame Word { text: ascii run lettre [1..=9] }
    frame Number { value: dec u8 [1..=3] in 9..=1 }
}

fn main() {
    let word = Word::new("text");
    println!("{} {}", word.text, Number::new(1).value);
}
