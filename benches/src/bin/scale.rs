//! Draws what a byte or a message costs as inputs, reads and connections grow.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use framer_bench::harness::Kind;
use framer_bench::scale::{self, Line, Plot};
use plotters::element::DashedPathElement;
use plotters::prelude::*;

/// Draws what a byte or a message costs as inputs, reads and connections grow
#[derive(Debug, Parser)]
#[command(name = "scale")]
struct Arguments {
    /// How large the largest input is, in MiB
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1024))]
    mib: u32,
    /// How many connections there are at most
    #[arg(long, default_value_t = 10_000)]
    connections: usize,
    /// Print a JSON object a point, too
    #[arg(long)]
    json: bool,
    /// Where the pictures go
    #[arg(long, value_name = "DIRECTORY", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/plots"))]
    into: PathBuf,
}

/// What is told of a point.
#[derive(serde::Serialize)]
struct Point<'a> {
    plot: &'a str,
    work: &'a str,
    case: &'a str,
    kind: Kind,
    grows: f64,
    nanoseconds: f64,
}

/// The colours of works, which people who do not see all colours tell apart, too.
const COLORS: [RGBColor; 4] =
    [RGBColor(0, 90, 181), RGBColor(213, 94, 0), RGBColor(0, 135, 90), RGBColor(150, 70, 150)];

const SIZE: (u32, u32) = (900, 560);

fn main() -> Result<()> {
    let Arguments { mib, connections, json, into } = Arguments::parse();
    std::fs::create_dir_all(&into)?;
    let plots: [Box<dyn Fn() -> Plot>; 3] = [
        Box::new(move || scale::sizes((mib as usize) << 20)),
        Box::new(scale::reads),
        Box::new(move || scale::connections(connections)),
    ];
    for plot in plots {
        let plot = plot();
        if json {
            tell(&plot)?;
        }
        let path = into.join(plot.name).with_extension("svg");
        draw(&plot, &path)?;
        println!("{}", path.display());
    }
    Ok(())
}

fn tell(plot: &Plot) -> Result<()> {
    for Line { work, case, kind, points } in &plot.lines {
        for (grows, nanoseconds) in points.iter().copied() {
            let point = Point { plot: plot.name, work, case, kind: *kind, grows, nanoseconds };
            println!("{}", serde_json::to_string(&point)?);
        }
    }
    Ok(())
}

/// Lines over two logarithmic axes: what is ours is drawn through, the others are dashed.
fn draw(plot: &Plot, path: &Path) -> Result<()> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let points = || plot.lines.iter().flat_map(|line| line.points.iter().copied());
    let (grows, told) = (points().map(|(grows, _)| grows), points().map(|(_, told)| told));
    let (least, most) = ends(grows).context("a point")?;
    let (low, high) = ends(told).context("a point")?;
    // Whole tens at the bottom, and room at the top for the names of the lines.
    let (low, high) = (10_f64.powf(low.log10().floor()), high * (high / low).powf(0.4).max(8.0));
    let mut chart = ChartBuilder::on(&root)
        .caption(plot.title, ("sans-serif", 20))
        .margin(12)
        .margin_right(32)
        .x_label_area_size(42)
        .y_label_area_size(62)
        .build_cartesian_2d((least..most).log_scale().base(plot.times), (low..high).log_scale())?;
    let mut mesh = chart.configure_mesh();
    mesh.x_desc(plot.grows).y_desc(plot.told).light_line_style(BLACK.mix(0.05));
    mesh.x_label_formatter(&|count| amount(*count)).y_label_formatter(&|time| format!("{time}"));
    mesh.label_style(("sans-serif", 14)).axis_desc_style(("sans-serif", 15)).draw()?;
    let mut works: Vec<&str> = Vec::new();
    for line in &plot.lines {
        if !works.contains(&line.work) {
            works.push(line.work);
        }
        let place = works.iter().position(|work| *work == line.work).unwrap_or_default();
        let style = COLORS[place % COLORS.len()].stroke_width(2);
        let name = format!("{}, {}", line.work, line.case);
        let points = line.points.iter().copied();
        if line.kind == Kind::Ours {
            let drawn = chart.draw_series(LineSeries::new(points, style))?.label(name);
            drawn.legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 24, y)], style));
        } else {
            let drawn = chart.draw_series(DashedLineSeries::new(points, 6, 4, style))?.label(name);
            drawn.legend(move |(x, y)| {
                DashedPathElement::new(vec![(x, y), (x + 24, y)], 6, 4, style)
            });
        }
    }
    let mut legend = chart.configure_series_labels();
    legend.position(SeriesLabelPosition::UpperRight).label_font(("sans-serif", 14));
    legend.legend_area_size(32).background_style(WHITE.mix(0.85)).border_style(BLACK.mix(0.3));
    legend.draw()?;
    Ok(root.present()?)
}

/// The least and the most of some figures.
fn ends(figures: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    figures.fold(None, |ends, figure| match ends {
        None => Some((figure, figure)),
        Some((low, high)) => Some((figure.min(low), figure.max(high))),
    })
}

/// A count as people write it.
fn amount(count: f64) -> String {
    let units = [(1u32 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")];
    let unit =
        units.into_iter().find(|(size, _)| count >= f64::from(*size) && count % 1024.0 == 0.0);
    match unit {
        Some((size, name)) => format!("{} {name}", count / f64::from(size)),
        None => format!("{count}"),
    }
}
