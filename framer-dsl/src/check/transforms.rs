//! Decoding undoes encoding.

use super::codings::{Search, Verdict, alphabet};
use crate::diagnostic::{Code, Diagnostic, Witness};
use crate::model::{self, Model, Token, TokenKind, Transform, TransformKind, Whole};

/// The longest payload that is tried, in bytes.
const LONGEST: usize = 5;

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for transform in &model.transforms {
        match &transform.kind {
            TransformKind::Escapes(of) => {
                if one_end(transform, &of.tokens, diagnostics) {
                    streamed(model, transform, of, diagnostics);
                }
            }
            TransformKind::Whole(Whole::Escapes { tokens, .. }) => {
                if one_end(transform, tokens, diagnostics) {
                    whole(transform, tokens, diagnostics);
                }
            }
            TransformKind::Whole(Whole::Hex { tokens, .. }) => {
                if one_end(transform, tokens, diagnostics) {
                    digits(transform, tokens, diagnostics);
                }
            }
            // They are as they are.
            TransformKind::Whole(Whole::Blocks { .. }) => {}
        }
    }
}

fn one_end(transform: &Transform, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) -> bool {
    let ends = tokens.iter().filter(|token| token.kind == TokenKind::End).count();
    if ends != 1 {
        diagnostics.push(
            Diagnostic::new(
                Code::Unbounded,
                transform.span,
                format!("`{}` has {ends} ends", transform.name),
            )
            .label("a payload ends in one way")
            .help("say `end \"...\";` once"),
        );
    }
    ends == 1
}

/// Escapes of a payload in pieces.
fn streamed(
    model: &Model,
    transform: &Transform,
    of: &model::Escapes,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let after = &model.delimiters[of.after.0];
    if !after.others.is_empty() {
        diagnostics.push(
            Diagnostic::new(
                Code::Unsupported,
                transform.span,
                "an escape behind one of several ends cannot be compiled by this version",
            )
            .also(after.span, "declared here"),
        );
        return;
    }
    let coded = |token: &&Token| !token.coded.ends_with(&token.plain);
    if let Some(token) = of.tokens.iter().find(coded) {
        diagnostics.push(Diagnostic::new(
            Code::Unsupported,
            token.span,
            "an escape that does not end with what it stands for",
        ));
        return;
    }
    let escapes = Escapes { transform: of, after: &after.bytes };
    if let Some((payload, read)) = escapes.counterexample() {
        let wire = escapes.encode(&payload);
        diagnostics.push(not_inverse(transform, &payload, &wire, read.as_deref()));
    }
}

/// Escapes of a whole payload.
fn whole(transform: &Transform, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) {
    match Search::new(tokens).verdict() {
        Verdict::Inverse => {}
        Verdict::Counterexample { payload, wire, read } => {
            diagnostics.push(not_inverse(transform, &payload, &wire, read.as_deref()));
        }
        Verdict::Unknown => diagnostics.push(Diagnostic::new(
            Code::Unsupported,
            transform.span,
            "escapes that are too many to be looked through cannot be compiled by this version",
        )),
    }
}

/// Digits are told from an end that is more than digits.
fn digits(transform: &Transform, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) {
    for end in tokens.iter().map(|token| &token.coded) {
        let Ok(text) = std::str::from_utf8(end) else { continue };
        if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let even = format!("{text}{}", if text.len() % 2 == 0 { "" } else { "0" });
            let pairs = even.as_bytes().chunks(2).filter_map(|pair| str::from_utf8(pair).ok());
            let payload: Vec<u8> =
                pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect();
            let wire = [even.as_bytes(), end].concat();
            diagnostics.push(not_inverse(transform, &payload, &wire, Some(&[])));
        }
    }
}

fn not_inverse(
    transform: &Transform,
    payload: &[u8],
    wire: &[u8],
    read: Option<&[u8]>,
) -> Diagnostic {
    Diagnostic::new(
        Code::NotInverse,
        transform.span,
        format!("`{}` does not read back what it writes", transform.name),
    )
    .label("encoding and decoding do not agree")
    .witness(Witness::RoundTrip {
        payload: payload.to_vec(),
        wire: wire.to_vec(),
        read: read.map(<[u8]>::to_vec),
    })
}

struct Escapes<'m> {
    transform: &'m model::Escapes,
    after: &'m [u8],
}

impl Escapes<'_> {
    /// The shortest payload that is not read back, and what is read instead.
    fn counterexample(&self) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
        let alphabet = alphabet(&self.transform.tokens, self.after);
        let mut texts = vec![Vec::new()];
        for _ in 0..=LONGEST {
            for payload in texts.iter().filter(|payload| self.whole(payload)) {
                let read = self.decode(&self.encode(payload));
                if read.as_ref() != Some(payload) {
                    return Some((payload.clone(), read));
                }
            }
            texts = texts
                .iter()
                .flat_map(|text| {
                    alphabet.iter().map(move |byte| [text.as_slice(), &[*byte]].concat())
                })
                .collect();
        }
        None
    }

    /// Whether a payload may be written: it ends with a delimiter, of which no byte is alone.
    fn whole(&self, payload: &[u8]) -> bool {
        let mut rest = payload;
        while let Some((first, behind)) = rest.split_first() {
            rest = match rest.strip_prefix(self.after) {
                Some(behind) => behind,
                None if self.after.contains(first) => return false,
                None => behind,
            };
        }
        payload.is_empty() && self.transform.at_start || payload.ends_with(self.after)
    }

    fn holds(&self, before: &[u8]) -> bool {
        before.is_empty() && self.transform.at_start || before.ends_with(self.after)
    }

    fn encode(&self, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for (place, byte) in payload.iter().enumerate() {
            let mut tokens = self.transform.tokens.iter();
            let token =
                tokens.find(|token| token.kind == TokenKind::Both && token.plain == [*byte]);
            match token.filter(|_| self.holds(&payload[..place])) {
                Some(token) => out.extend(&token.coded),
                None => out.push(*byte),
            }
        }
        let mut tokens = self.transform.tokens.iter();
        out.extend(tokens.find(|token| token.kind == TokenKind::End).iter().flat_map(|t| &t.coded));
        out
    }

    /// The payload up to its end, if it has one.
    fn decode(&self, wire: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut rest = wire;
        // Behind a delimiter of the wire, that is: an escape does not make one.
        let mut holds = self.transform.at_start;
        while !rest.is_empty() {
            let tokens =
                self.transform.tokens.iter().filter(|token| rest.starts_with(&token.coded));
            if let Some(token) = tokens.filter(|_| holds).max_by_key(|token| token.coded.len()) {
                if token.kind == TokenKind::End {
                    return Some(out);
                }
                out.extend(&token.plain);
                rest = &rest[token.coded.len()..];
                holds = false;
                continue;
            }
            let count = if rest.starts_with(self.after) { self.after.len() } else { 1 };
            holds = rest.starts_with(self.after);
            out.extend(&rest[..count]);
            rest = &rest[count..];
        }
        None
    }
}
