//! The same bytes in other pieces.

/// Asserts that `run`, which is given the input in pieces and tells what came of it, tells the
/// same for each: the input as a whole, cut in two everywhere, and byte by byte.
///
/// # Panics
/// If it does not.
pub fn same_in_every_cut<T: PartialEq + std::fmt::Debug>(
    input: &[u8],
    run: impl Fn(&[&[u8]]) -> T,
) -> T {
    let whole = run(&[input]);
    for cut in 0..=input.len() {
        let (first, second) = input.split_at(cut);
        assert_eq!(run(&[first, second]), whole, "cut at {cut}");
    }
    let bytes: Vec<&[u8]> = input.chunks(1).collect();
    assert_eq!(run(&bytes), whole, "byte by byte");
    whole
}
