//! What leads to itself, in a graph whose nodes are numbers: in steps as many as it has edges, and
//! without recursion, however deep it is.

/// The nodes in groups: those that lead to each other are in one, and it stands behind all others
/// that it leads to. `next` has for each node where it leads.
pub(crate) fn components(next: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let nodes = vec![Node::default(); next.len()];
    let mut search = Search { nodes, open: Vec::new(), seen: 0, groups: Vec::new() };
    for node in 0..next.len() {
        if search.nodes[node].number == 0 {
            search.from(node, next);
        }
    }
    search.groups
}

/// Whether a group of [`components`] is a cycle, and no node by itself.
pub(crate) fn leads_back(group: &[usize], next: &[Vec<usize>]) -> bool {
    match group {
        [node] => next[*node].contains(node),
        _ => true,
    }
}

#[derive(Clone, Default)]
struct Node {
    /// In the order in which they are come to, from 1 on.
    number: usize,
    /// The first node that it leads back to.
    least: usize,
    /// Its group is not known yet.
    open: bool,
}

/// The search of Tarjan, with its own stack.
struct Search {
    nodes: Vec<Node>,
    open: Vec<usize>,
    seen: usize,
    groups: Vec<Vec<usize>>,
}

impl Search {
    fn enter(&mut self, node: usize) {
        self.seen += 1;
        self.nodes[node] = Node { number: self.seen, least: self.seen, open: true };
        self.open.push(node);
    }

    fn from(&mut self, start: usize, next: &[Vec<usize>]) {
        self.enter(start);
        // Each node on the way, with how many of its edges were followed.
        let mut way = vec![(start, 0)];
        while let Some((node, edge)) = way.last_mut() {
            let node = *node;
            if let Some(&to) = next[node].get(*edge) {
                *edge += 1;
                if self.nodes[to].number == 0 {
                    self.enter(to);
                    way.push((to, 0));
                } else if self.nodes[to].open {
                    let number = self.nodes[to].number;
                    self.nodes[node].least = self.nodes[node].least.min(number);
                }
                continue;
            }
            way.pop();
            let Node { number, least, .. } = self.nodes[node];
            if let Some((before, _)) = way.last() {
                self.nodes[*before].least = self.nodes[*before].least.min(least);
            }
            if number == least {
                self.close(node);
            }
        }
    }

    /// What is open from this node on is a group.
    fn close(&mut self, node: usize) {
        let place = self.open.iter().rposition(|open| *open == node).unwrap_or(0);
        let group = self.open.split_off(place);
        group.iter().for_each(|node| self.nodes[*node].open = false);
        self.groups.push(group);
    }
}

#[cfg(test)]
mod tests {
    use super::{components, leads_back};

    #[test]
    fn groups_stand_behind_what_they_lead_to() {
        let next = [vec![1], vec![2, 3], vec![1], vec![], vec![4], vec![0, 3]];
        let groups = components(&next);
        assert_eq!(groups, [vec![3], vec![1, 2], vec![0], vec![4], vec![5]]);
        let cycles: Vec<bool> = groups.iter().map(|group| leads_back(group, &next)).collect();
        assert_eq!(cycles, [false, true, false, true, false]);
    }

    #[test]
    fn depth_takes_no_stack() {
        let count = 100_000;
        let next: Vec<Vec<usize>> = (0..count).map(|node| vec![(node + 1) % count]).collect();
        assert_eq!(components(&next).len(), 1);
        let next: Vec<Vec<usize>> = (0..count).map(|node| vec![node.max(1) - 1]).collect();
        assert_eq!(components(&next).len(), count);
    }
}
