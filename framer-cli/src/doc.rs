//! Pages that say what a description means: one for each protocol, one for the frames that belong
//! to none, and one that leads to them.
//!
//! They need no script and no other file but the style beside them.

mod boxes;
mod items;
mod layout;
mod markdown;
mod protocol;
mod reached;
mod table;
mod tokens;
mod types;
mod words;

use std::path::Path;

use framer_dsl::ir::{Ir, Machine, Type, TypeId};
use maud::{DOCTYPE, Markup, html};

use crate::graph::clean;
use markdown::markdown;
use types::Sections;

/// The name of the style.
const STYLE: &str = "framer.css";

/// What tells the pages from those that somebody else wrote.
const GENERATOR: &str = "framer doc";

/// The pages of a description and their style, by the names of their files.
pub(crate) fn pages(path: &str, ir: &Ir) -> Vec<(String, String)> {
    let name = Path::new(path)
        .file_stem()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut pages = vec![(String::from(STYLE), include_str!("doc/style.css").to_owned())];
    let mut links: Vec<(String, String, String)> = Vec::new();
    for machine in &ir.machines {
        let file = format!("protocol.{}.html", machine.name);
        let types = reached::by_protocol(ir, machine);
        let page = page(&machine.name, &name, protocol_page(ir, machine, &types));
        links.push((
            file.clone(),
            machine.name.clone(),
            crate::words::first_sentence(&machine.docs.0),
        ));
        pages.push((file, page));
    }
    let others = reached::by_none(ir);
    if !others.is_empty() {
        let (file, title) = (String::from("frames.html"), String::from("Frames"));
        let what = String::from("What belongs to no protocol.");
        pages.push((file.clone(), page(&title, &name, frames_page(ir, &others))));
        links.push((file, title, what));
    }
    pages.push((String::from("index.html"), page(&name, &name, index_page(&name, ir, &links))));
    pages
}

/// Whether [`pages`] may give a page this name, beside those that it always gives.
pub(crate) fn is_page_name(name: &str) -> bool {
    name == "frames.html" || name.starts_with("protocol.") && name.ends_with(".html")
}

/// Whether a text is a page that [`pages`] made.
pub(crate) fn is_page(text: &str) -> bool {
    let head = text.split_once("</head>").map_or("", |(head, _)| head);
    head.contains(&format!("<meta name=\"generator\" content=\"{GENERATOR}\">"))
}

/// Where something of this name stands in a page.
fn place_of(name: &str) -> String {
    format!("type-{name}")
}

/// A whole page.
fn page(title: &str, description: &str, body: Markup) -> String {
    let title =
        if title == description { title.to_owned() } else { format!("{title} – {description}") };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(GENERATOR);
                title { (clean(&title)) }
                link rel="stylesheet" href=(STYLE);
            }
            body { main { (body) } }
        }
    };
    page.into_string() + "\n"
}

fn index_page(name: &str, ir: &Ir, links: &[(String, String, String)]) -> Markup {
    html! {
        h1 { (clean(name)) }
        (markdown(&ir.docs.0, &|_| None))
        ul class="pages" {
            @for (file, title, what) in links {
                li { a href=(file) { (title) } @if !what.is_empty() { ": " (clean(what)) } }
            }
        }
    }
}

fn protocol_page(ir: &Ir, machine: &Machine, types: &[TypeId]) -> Markup {
    let place = |name: &str| place_in(ir, types, name);
    let sections = Sections { ir, places: &place };
    html! {
        p class="up" { a href="index.html" { "All pages" } }
        h1 { (machine.name) " " span class="sort" { "protocol" } }
        (sections.docs(&machine.docs))
        nav {
            a href="#states" { "States" } " " a href="#limits" { "Limits" } " "
            a href="#mistakes" { "Mistakes" } " " a href="#frames" { "Frames" }
            (items::contents(ir))
        }
        (protocol::sections(&sections, machine))
        (types_section(&sections, types))
        (items::section(&sections))
    }
}

fn frames_page(ir: &Ir, types: &[TypeId]) -> Markup {
    let place = |name: &str| place_in(ir, types, name);
    let sections = Sections { ir, places: &place };
    html! {
        p class="up" { a href="index.html" { "All pages" } }
        h1 { "Frames" }
        nav { a href="#frames" { "Frames" } (items::contents(ir)) }
        (types_section(&sections, types))
        (items::section(&sections))
    }
}

fn types_section(sections: &Sections<'_, '_>, types: &[TypeId]) -> Markup {
    let all: Vec<&Type> = types.iter().map(|id| sections.ir.ty(*id)).collect();
    html! {
        section id="frames" {
            h2 { "Frames" }
            ul class="contents" { @for ty in &all { li { (sections.link(ty.id)) } } }
            @for ty in &all { (sections.section(ty)) }
        }
    }
}

/// The place of a type that the page has.
fn place_in(ir: &Ir, types: &[TypeId], name: &str) -> Option<String> {
    let known = types.iter().any(|id| ir.ty(*id).name == name);
    known.then(|| format!("#{}", place_of(name)))
}
