//! Transforms.

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    DelimiterId, Escapes, Token, TokenKind, Transform, TransformId, TransformKind, Whole,
};
use crate::syntax::{self, EscapeBlock, EscapeRule, Ident, Literal};

impl Resolver {
    pub(super) fn define_transform(&mut self, item: &syntax::Transform) {
        let kind = match &item.kind {
            syntax::TransformKind::Escapes(blocks) => {
                if blocks.len() > 1 {
                    self.unsupported(item.span, "a transform of several blocks");
                }
                blocks.first().map(|block| self.escapes(block))
            }
            syntax::TransformKind::Blocks(name) => self.blocks(name).map(TransformKind::Whole),
        };
        // One that is wrong, and reported, has its place all the same.
        let broken = TransformKind::Whole(Whole::Blocks { full: u8::MAX, reduced: false });
        let name = self.constant(&item.name);
        self.model.transforms.push(Transform {
            docs: item.docs.clone(),
            name,
            span: item.name.span,
            kind: kind.unwrap_or(broken),
        });
    }

    /// The codings by blocks have names.
    fn blocks(&mut self, name: &Ident) -> Option<Whole> {
        match name.name.as_str() {
            "cobs" => Some(Whole::Blocks { full: 0xff, reduced: false }),
            "cobs_r" => Some(Whole::Blocks { full: 0xff, reduced: true }),
            "cobs_zpe" => Some(Whole::Blocks { full: 0xe0, reduced: false }),
            _ => {
                let message = format!("no coding by blocks is called `{}`", name.name);
                self.report(
                    Diagnostic::new(Code::Unknown, name.span, message)
                        .help("there are `cobs`, `cobs_r` and `cobs_zpe`"),
                );
                None
            }
        }
    }

    fn escapes(&mut self, block: &EscapeBlock) -> TransformKind {
        let anywhere = !block.at_start && block.after.is_none();
        let (mut begin, mut hex, mut tokens) = (None, None, Vec::new());
        for rule in &block.rules {
            match rule {
                EscapeRule::Begin(literal) if !anywhere => {
                    let what = "a beginning of what is escaped behind a delimiter";
                    self.unsupported(literal.span, what);
                }
                EscapeRule::Begin(literal) => {
                    self.nonempty(literal);
                    if begin.replace(literal.bytes.clone()).is_some() {
                        self.unsupported(literal.span, "a second beginning");
                    }
                }
                EscapeRule::Hex { span, .. } if !anywhere || block.rules.len() > 3 => {
                    self.unsupported(*span, "digits beside other escapes");
                }
                EscapeRule::Hex { upper, span } => hex = Some((*upper, *span)),
                EscapeRule::Both { plain, coded } => {
                    if anywhere {
                        self.nonempty(plain);
                    } else if plain.bytes.len() != 1 {
                        self.unsupported(plain.span, "an escape of more or less than one byte");
                    }
                    tokens.push(self.token(TokenKind::Both, Some(plain), coded));
                }
                EscapeRule::Decode { plain, coded } => {
                    tokens.push(self.token(TokenKind::Decode, Some(plain), coded));
                }
                EscapeRule::End(coded) => tokens.push(self.token(TokenKind::End, None, coded)),
            }
        }
        if anywhere {
            let begin = begin.unwrap_or_default();
            let ends = tokens.iter().all(|token| token.kind == TokenKind::End);
            return TransformKind::Whole(match hex {
                Some((upper, _)) if ends => Whole::Hex { begin, tokens, upper },
                Some((_, span)) => {
                    self.unsupported(span, "digits beside other escapes");
                    Whole::Escapes { begin, tokens }
                }
                None => Whole::Escapes { begin, tokens },
            });
        }
        let after = match &block.after {
            Some(after) => self.delimiter(after),
            None => {
                self.unsupported(block.span, "an escape that holds at the start only");
                None
            }
        };
        let after = after.unwrap_or(DelimiterId(0));
        TransformKind::Escapes(Escapes { at_start: block.at_start, after, tokens })
    }

    fn token(&mut self, kind: TokenKind, plain: Option<&Literal>, coded: &Literal) -> Token {
        self.nonempty(coded);
        let plain = plain.map(|plain| plain.bytes.clone()).unwrap_or_default();
        Token { kind, plain, coded: coded.bytes.clone(), span: coded.span }
    }

    /// What is looked for has a byte.
    fn nonempty(&mut self, literal: &Literal) {
        if literal.bytes.is_empty() {
            let message = "nothing stands everywhere";
            self.report(Diagnostic::new(Code::EmptyRange, literal.span, message));
        }
    }

    /// A transform of payloads that come in pieces.
    pub(super) fn streaming(&mut self, name: &Ident) -> Option<TransformId> {
        let id = self.transform(name)?;
        match self.model.transforms.get(id.0)?.kind {
            TransformKind::Escapes(_) => Some(id),
            TransformKind::Whole(_) => {
                self.unsupported(name.span, "a streamed payload in a coding of whole payloads");
                None
            }
        }
    }

    /// A transform of whole payloads.
    pub(super) fn coding(&mut self, name: &Ident) -> Option<TransformId> {
        let id = self.transform(name)?;
        match self.model.transforms.get(id.0)?.kind {
            TransformKind::Whole(_) => Some(id),
            TransformKind::Escapes(_) => {
                self.unsupported(name.span, "a whole payload with escapes behind a delimiter");
                None
            }
        }
    }
}
