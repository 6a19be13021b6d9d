//! Codings by escapes that hold anywhere: decoding undoes encoding, whatever the payload.
//!
//! A payload is given byte by byte to an encoder, its wire to a decoder as far as that can tell,
//! and what it reads is compared. What the future depends on is little: what either has not done
//! yet, and what has not been read. Where nothing new comes of any byte, everything was tried.

use std::collections::HashSet;

use crate::model::{Token, TokenKind};

/// So many states of an encoder and a decoder are looked at.
const MAX_STATES: usize = 20_000;

/// What the search came to.
pub(super) enum Verdict {
    Inverse,
    /// The shortest payload that is not read back, its wire, and what is read instead.
    Counterexample {
        payload: Vec<u8>,
        wire: Vec<u8>,
        read: Option<Vec<u8>>,
    },
    /// There is more to try than was tried.
    Unknown,
}

/// What the future depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct State {
    /// Bytes of the payload that may begin an escape.
    pending: Vec<u8>,
    /// Bytes of the wire that cannot be told yet.
    held: Vec<u8>,
    /// Bytes of the payload that have not been read.
    unread: Vec<u8>,
}

/// What coded bytes go on with, as the runtime reads them.
#[derive(Clone, Copy, Debug)]
enum Part<'m> {
    Raw(usize),
    Token(&'m Token),
    Bad,
    Hold,
}

pub(super) struct Search<'m> {
    tokens: &'m [Token],
    /// So many states are looked at.
    most: usize,
}

impl<'m> Search<'m> {
    pub(super) fn new(tokens: &'m [Token]) -> Search<'m> {
        Search { tokens, most: MAX_STATES }
    }

    pub(super) fn verdict(&self) -> Verdict {
        let alphabet = alphabet(self.tokens, &[]);
        let mut seen: HashSet<State> = HashSet::new();
        let mut level = vec![(Vec::new(), State::default())];
        while !level.is_empty() {
            let mut next = Vec::new();
            // What ends here is shorter than what goes on.
            if let Some((payload, _)) = level.iter().find(|(_, state)| !self.ends(state.clone())) {
                return self.shown(payload.clone());
            }
            for (payload, state) in &level {
                for byte in &alphabet {
                    let longer = [payload.as_slice(), &[*byte]].concat();
                    let Some(state) = self.step(state.clone(), *byte) else {
                        return self.shown(longer);
                    };
                    if seen.insert(state.clone()) {
                        next.push((longer, state));
                    }
                }
            }
            if seen.len() > self.most {
                return Verdict::Unknown;
            }
            level = next;
        }
        Verdict::Inverse
    }

    /// One byte of the payload; `None` where something else is read.
    fn step(&self, mut state: State, byte: u8) -> Option<State> {
        state.pending.push(byte);
        state.unread.push(byte);
        while let Some(taken) = self.encode(&state.pending, &mut state.held, false) {
            state.pending.drain(..taken);
        }
        self.read(&mut state).then_some(state)
    }

    /// Reads what can be told; whether it is what was written, and not its end.
    fn read(&self, state: &mut State) -> bool {
        loop {
            let (taken, plain) = match self.part(&state.held) {
                Part::Hold => return true,
                Part::Bad => return false,
                Part::Raw(count) => (count, state.held[..count].to_vec()),
                Part::Token(token) if token.kind == TokenKind::End => return false,
                Part::Token(token) => (token.coded.len(), token.plain.clone()),
            };
            if !state.unread.starts_with(&plain) {
                return false;
            }
            state.held.drain(..taken);
            state.unread.drain(..plain.len());
        }
    }

    /// Whether the payload is read back if it ends here.
    fn ends(&self, state: State) -> bool {
        let State { mut pending, mut held, unread } = state;
        while let Some(taken) = self.encode(&pending, &mut held, true) {
            pending.drain(..taken);
        }
        held.extend_from_slice(self.end());
        self.decode(&held).is_some_and(|(read, rest)| read == unread && rest == 0)
    }

    fn end(&self) -> &'m [u8] {
        let end = self.tokens.iter().find(|token| token.kind == TokenKind::End);
        end.map_or(&[], |end| &end.coded)
    }

    /// Writes what the payload begins with; how many of its bytes that was, if it can be told.
    fn encode(&self, payload: &[u8], wire: &mut Vec<u8>, whole: bool) -> Option<usize> {
        let both = || self.tokens.iter().filter(|token| token.kind == TokenKind::Both);
        let longer = || both().any(|token| goes_on(&token.plain, payload));
        if payload.is_empty() || !whole && longer() {
            return None;
        }
        let fitting = both().filter(|token| payload.starts_with(&token.plain));
        match fitting.max_by_key(|token| token.plain.len()) {
            Some(token) => {
                wire.extend(&token.coded);
                Some(token.plain.len())
            }
            None => {
                wire.push(payload[0]);
                Some(1)
            }
        }
    }

    /// The payload up to its end, and how many bytes follow that.
    fn decode(&self, wire: &[u8]) -> Option<(Vec<u8>, usize)> {
        let (mut read, mut rest) = (Vec::new(), wire);
        loop {
            match self.part(rest) {
                Part::Hold | Part::Bad => return None,
                Part::Raw(count) => {
                    read.extend(&rest[..count]);
                    rest = &rest[count..];
                }
                Part::Token(token) if token.kind == TokenKind::End => {
                    return Some((read, rest.len() - token.coded.len()));
                }
                Part::Token(token) => {
                    read.extend(&token.plain);
                    rest = &rest[token.coded.len()..];
                }
            }
        }
    }

    /// The longest token that `rest` begins with; `Err` where more bytes would tell.
    fn token(&self, rest: &[u8]) -> Result<Option<&'m Token>, ()> {
        if self.tokens.iter().any(|token| goes_on(&token.coded, rest)) {
            return Err(());
        }
        let fitting = self.tokens.iter().filter(|token| rest.starts_with(&token.coded));
        Ok(fitting.max_by_key(|token| token.coded.len()))
    }

    fn part(&self, rest: &[u8]) -> Part<'m> {
        match self.token(rest) {
            Err(()) => Part::Hold,
            Ok(Some(token)) => Part::Token(token),
            Ok(None) => self.raw(rest),
        }
    }

    /// Bytes that would have been escaped are bad, unless a token begins in them.
    fn raw(&self, rest: &[u8]) -> Part<'m> {
        for token in self.tokens.iter().filter(|token| token.kind == TokenKind::Both) {
            let plain = &token.plain;
            if goes_on(plain, rest) {
                return Part::Hold;
            }
            if !rest.starts_with(plain) {
                continue;
            }
            for place in 1..plain.len() {
                match self.token(&rest[place..]) {
                    Err(()) => return Part::Hold,
                    Ok(None) => {}
                    Ok(Some(token)) => {
                        // An end stands for nothing.
                        let whole = token.plain.starts_with(&plain[place..]);
                        return if whole { Part::Bad } else { Part::Raw(place) };
                    }
                }
            }
            return Part::Bad;
        }
        Part::Raw(1)
    }

    fn shown(&self, payload: Vec<u8>) -> Verdict {
        let (mut wire, mut rest) = (Vec::new(), payload.as_slice());
        while let Some(taken) = self.encode(rest, &mut wire, true) {
            rest = &rest[taken..];
        }
        wire.extend_from_slice(self.end());
        let read = self.decode(&wire).map(|(read, _)| read);
        Verdict::Counterexample { payload, wire, read }
    }
}

/// Every byte that means something, and one that does not.
pub(super) fn alphabet(tokens: &[Token], others: &[u8]) -> Vec<u8> {
    let bytes = tokens.iter().flat_map(|token| token.plain.iter().chain(&token.coded));
    let mut alphabet: Vec<u8> = bytes.chain(others).copied().collect();
    alphabet.sort_unstable();
    alphabet.dedup();
    alphabet.extend((0..=u8::MAX).find(|byte| !alphabet.contains(byte)));
    alphabet
}

/// Whether there is more of something than has come of it.
fn goes_on(whole: &[u8], begun: &[u8]) -> bool {
    matches!(whole.strip_prefix(begun), Some([_, ..]))
}

#[cfg(test)]
mod tests {
    use super::{Part, Search, State, Verdict, alphabet};
    use crate::model::{Token, TokenKind};
    use crate::source::{SourceId, Span};

    fn token(kind: TokenKind, plain: &[u8], coded: &[u8]) -> Token {
        let span = Span { source: SourceId(0), start: 0, end: 0 };
        Token { kind, plain: plain.to_vec(), coded: coded.to_vec(), span }
    }

    /// What goes both ways, and an end.
    fn tokens(pairs: &[(&[u8], &[u8])], end: &[u8]) -> Vec<Token> {
        let both = pairs.iter().map(|(plain, coded)| token(TokenKind::Both, plain, coded));
        both.chain([token(TokenKind::End, &[], end)]).collect()
    }

    /// The payload that is not read back; `Err` where there is too much to try.
    fn payload(tokens: &[Token]) -> Result<Option<Vec<u8>>, ()> {
        match Search::new(tokens).verdict() {
            Verdict::Inverse => Ok(None),
            Verdict::Counterexample { payload, .. } => Ok(Some(payload)),
            Verdict::Unknown => Err(()),
        }
    }

    fn search(pairs: &[(&[u8], &[u8])], end: &[u8]) -> Result<Option<Vec<u8>>, ()> {
        payload(&tokens(pairs, end))
    }

    #[test]
    fn what_is_read_back() {
        let slip: [(&[u8], &[u8]); 2] = [(b"\xc0", b"\xdb\xdc"), (b"\xdb", b"\xdb\xdd")];
        assert_eq!(search(&slip, b"\xc0"), Ok(None));
        assert_eq!(search(&slip[..1], b"\xc0"), Ok(Some(b"\xdb\xdc".to_vec())));
        assert_eq!(search(&[], b"\xc0"), Ok(Some(b"\xc0".to_vec())));
        let stuffed: [(&[u8], &[u8]); 1] = [(b"\xff\xff\xff\xff", b"\xff\xff\xff\xff\0")];
        assert_eq!(search(&stuffed, b"\xff\xff\xff\xff\xfe"), Ok(None));
        assert_eq!(search(&[(b"\x10", b"\x10\x10")], b"\x10\x03"), Ok(None));
        // The end may be the end of what stands for something else.
        assert_eq!(search(&[(b"a", b"ab")], b"b"), Ok(Some(b"b".to_vec())));
        assert_eq!(search(&[(b"a", b"ab")], b"a"), Ok(Some(b"".to_vec())));
        assert_eq!(search(&[(b"aa", b"ab"), (b"b", b"ba")], b"ac"), Ok(Some(b"ab".to_vec())));
    }
    /// Of the payloads that go wrong the shortest is shown, and of those the first.
    #[test]
    fn the_first_that_goes_wrong() {
        // An end in the middle, and what is read as something else.
        let mut both = tokens(&[], b"\x01");
        both.push(token(TokenKind::Decode, b"\x00", b"\x05"));
        assert_eq!(payload(&both), Ok(Some(b"\x01".to_vec())));
        // `ad` would be read as another, which is told at once; `b` is not ended by its end.
        let mut late = tokens(&[(b"b", b"e")], b"ee");
        late.push(token(TokenKind::Decode, b"x", b"ad"));
        assert_eq!(payload(&late), Ok(Some(b"b".to_vec())));
    }

    #[test]
    fn more_than_can_be_tried() {
        // Behind each byte everything is written and read.
        let slip = tokens(&[(b"\xc0", b"\xdb\xdc"), (b"\xdb", b"\xdb\xdd")], b"\xc0");
        let verdict = |most: usize| Search { tokens: &slip, most }.verdict();
        assert!(matches!(verdict(0), Verdict::Unknown));
        assert!(matches!(verdict(1), Verdict::Inverse));
    }

    #[test]
    fn what_stays_behind_the_end() {
        let tokens = tokens(&[], b"ee");
        let state = |held: &[u8]| State { held: held.to_vec(), ..State::default() };
        assert!(Search::new(&tokens).ends(state(b"")));
        assert!(!Search::new(&tokens).ends(state(b"e")));
    }

    /// What is read of the beginning, as the runtime reads it.
    #[test]
    fn parts() {
        let tokens = tokens(&[(b"xy", b"ab"), (b"aa", b"ac")], b"ad");
        let search = Search::new(&tokens);
        assert_eq!(alphabet(&tokens, b"\0"), b"\0abcdxy\x01");
        let part = |rest: &[u8]| match search.part(rest) {
            Part::Raw(count) => format!("{count} as they are"),
            Part::Token(token) => token.coded.escape_ascii().to_string(),
            Part::Bad => String::from("bad"),
            Part::Hold => String::from("more"),
        };
        assert_eq!(part(b""), "more");
        assert_eq!(part(b"x"), "more");
        assert_eq!(part(b"xx"), "1 as they are");
        assert_eq!(part(b"xy"), "bad");
        assert_eq!(part(b"a"), "more");
        assert_eq!(part(b"ab"), "ab");
        assert_eq!(part(b"aa"), "more");
        // It would have been escaped one byte earlier.
        assert_eq!(part(b"aac"), "bad");
        assert_eq!(part(b"aab"), "1 as they are");
        assert_eq!(part(b"aad"), "1 as they are");
        assert_eq!(part(b"aax"), "bad");
    }
}
