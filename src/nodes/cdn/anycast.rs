//! How clients come to an edge: one address that all edges announce, and routes that lead to the nearest. When an edge
//! dies its announcement is withdrawn, which takes a while; until then its clients find it dead.

use crate::nodes::NodeId;

/// Who announces the address, and where it leads from each client group.
#[derive(Clone, Debug)]
pub struct Anycast {
    /// By group: the edges, the nearest first.
    order: Vec<Vec<NodeId>>,
    /// By group: where the address leads now.
    leads_to: Vec<Option<NodeId>>,
    withdrawn: Vec<NodeId>,
}

impl Anycast {
    /// All edges announce it. `order` has for each client group the edges, the nearest first.
    pub fn new(order: Vec<Vec<NodeId>>) -> Self {
        let leads_to = order.iter().map(|edges| edges.first().copied()).collect();
        Self { order, leads_to, withdrawn: Vec::new() }
    }

    /// Where the address leads from a client group; nowhere if no edge announces it.
    #[inline]
    pub fn nearest(&self, group: u8) -> Option<NodeId> {
        self.leads_to[usize::from(group)]
    }

    /// Whether an edge announces the address.
    pub fn announces(&self, edge: NodeId) -> bool {
        !self.withdrawn.contains(&edge)
    }

    /// An edge announces the address from now on, or does not any more. Says whether that is a change.
    pub fn set(&mut self, edge: NodeId, announces: bool) -> bool {
        if self.announces(edge) == announces {
            return false;
        }
        if announces {
            self.withdrawn.retain(|&other| other != edge);
        } else {
            self.withdrawn.push(edge);
        }
        let first = |edges: &Vec<NodeId>| edges.iter().copied().find(|&edge| self.announces(edge));
        self.leads_to = self.order.iter().map(first).collect();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_leads_to_the_nearest_that_is_left() {
        let (near, far) = (NodeId(1), NodeId(2));
        let mut anycast = Anycast::new(vec![vec![near, far], vec![far, near]]);
        assert_eq!((anycast.nearest(0), anycast.nearest(1)), (Some(near), Some(far)));
        assert!(anycast.set(near, false) && !anycast.set(near, false));
        assert_eq!((anycast.nearest(0), anycast.nearest(1)), (Some(far), Some(far)));
        anycast.set(far, false);
        assert_eq!(anycast.nearest(0), None);
        anycast.set(near, true);
        assert_eq!((anycast.nearest(0), anycast.nearest(1)), (Some(near), Some(near)));
    }
}
