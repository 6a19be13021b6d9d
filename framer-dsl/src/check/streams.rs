//! A streamed payload stands by itself.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Model, TypeId};

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for frame in model.frames.iter().filter(|frame| frame.stream().is_some()) {
        let Some(region) = &frame.region else { continue };
        diagnostics.push(
            Diagnostic::new(
                Code::Unsupported,
                region.span,
                "a region around a stream cannot be compiled by this version",
            )
            .also(frame.span, "streamed by itself"),
        );
    }
    for ty in &model.order {
        for part in model.parts(*ty) {
            let TypeId::Frame(frame) = part else { continue };
            if model.frames[frame.0].stream().is_some() {
                let name = model.name(part);
                diagnostics.push(
                    Diagnostic::new(
                        Code::Unsupported,
                        model.span(*ty),
                        format!("`{name}` is a stream, and cannot be part of another frame"),
                    )
                    .label("holds the stream")
                    .also(model.span(part), "streamed by itself")
                    .help("switch to it in a protocol: `then NAME`"),
                );
            }
        }
    }
}
