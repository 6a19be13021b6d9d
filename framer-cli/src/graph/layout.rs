//! Where boxes, edges and their labels stand.

use dagre::graph::{Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel};

/// A size or place, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// What is to be placed.
pub(super) struct Plan {
    /// The size of each box.
    pub(super) boxes: Vec<Point>,
    /// From which box to which, with the size of the label.
    pub(super) edges: Vec<(usize, usize, Point)>,
}

/// Where everything stands.
pub(super) struct Placed {
    pub(super) size: Point,
    /// The upper left corner of each box.
    pub(super) boxes: Vec<Point>,
    pub(super) edges: Vec<PlacedEdge>,
}

/// An edge.
pub(super) struct PlacedEdge {
    /// The points that it goes by.
    pub(super) points: Vec<Point>,
    /// The upper left corner of its label.
    pub(super) label: Point,
}

/// Places everything from the top down.
pub(super) fn place(plan: &Plan) -> Placed {
    let options = GraphOptions { directed: true, multigraph: true, compound: false };
    let mut graph: Graph<NodeLabel, EdgeLabel> = Graph::with_options(options);
    for (place, size) in plan.boxes.iter().enumerate() {
        let label = NodeLabel { width: size.x, height: size.y, ..NodeLabel::default() };
        graph.set_node(place.to_string(), Some(label));
    }
    for (place, (from, to, size)) in plan.edges.iter().enumerate() {
        let label = EdgeLabel {
            width: size.x,
            height: size.y,
            labelpos: LabelPos::Center,
            ..EdgeLabel::default()
        };
        let (from, to) = (from.to_string(), to.to_string());
        graph.set_edge(from.as_str(), to.as_str(), Some(label), Some(&place.to_string()));
    }
    let options =
        LayoutOptions { nodesep: 36.0, edgesep: 28.0, ranksep: 44.0, ..LayoutOptions::default() };
    dagre::layout(&mut graph, Some(options));
    let corner = |x: Option<f64>, y: Option<f64>, size: &Point| Point {
        x: x.unwrap_or_default() - size.x / 2.0,
        y: y.unwrap_or_default() - size.y / 2.0,
    };
    let boxes = plan.boxes.iter().enumerate().map(|(place, size)| {
        let node = graph.node(&place.to_string());
        corner(node.and_then(|node| node.x), node.and_then(|node| node.y), size)
    });
    let boxes: Vec<Point> = boxes.collect();
    let edges = plan.edges.iter().enumerate().map(|(place, (from, to, size))| {
        let edge = graph.edge(&from.to_string(), &to.to_string(), Some(&place.to_string()));
        let points = edge.iter().flat_map(|edge| &edge.points);
        PlacedEdge {
            points: points.map(|point| Point { x: point.x, y: point.y }).collect(),
            label: corner(edge.and_then(|edge| edge.x), edge.and_then(|edge| edge.y), size),
        }
    });
    let edges: Vec<PlacedEdge> = edges.collect();
    let size = extent(plan, &boxes, &edges);
    Placed { size, boxes, edges }
}

/// How much room everything takes.
fn extent(plan: &Plan, boxes: &[Point], edges: &[PlacedEdge]) -> Point {
    let corners = boxes.iter().zip(&plan.boxes).map(|(at, size)| (at, *size));
    let labels = edges.iter().zip(&plan.edges).map(|(edge, (_, _, size))| (&edge.label, *size));
    let points = edges.iter().flat_map(|edge| &edge.points).map(|point| (point, Point::default()));
    let all = corners.chain(labels).chain(points);
    all.fold(Point::default(), |most, (at, size)| Point {
        x: most.x.max(at.x + size.x),
        y: most.y.max(at.y + size.y),
    })
}
