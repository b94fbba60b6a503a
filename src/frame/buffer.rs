//! One instant of what moves, as a flat buffer of 32-bit floats.
//!
//! Layout: counts of dots, marks and nodes · dots of 6 numbers · marks of 3 · nodes of 4.

use crate::nodes::Cause;
use crate::nodes::observer::Look;

const HEADER: usize = 3;
const DOT: usize = 6;
const MARK: usize = 3;
const NODE: usize = 4;

/// A request on the wire: how far it came from the last frame to this one. Of a hop shorter than that the whole is
/// covered, so it is drawn as a streak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dot {
    /// Node index.
    pub from: u16,
    /// Node index.
    pub to: u16,
    /// How far it was at the last frame, from 0 to 1.
    pub before: f32,
    /// How far it is, from 0 to 1.
    pub now: f32,
    /// What it looks like.
    pub look: Look,
    /// To tell requests apart: see [`Dot::tag`].
    pub tag: u32,
}

impl Dot {
    /// The lowest 20 bits of a request's number: what a 32-bit float holds for certain.
    pub fn tag(request: u64) -> u32 {
        (request & 0xf_ffff) as u32
    }
}

/// A place where a request failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Node index.
    pub node: u16,
    /// Why.
    pub cause: Cause,
    /// How long ago, in simulated milliseconds.
    pub age_ms: f32,
}

/// A node at this instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodeNow {
    /// Whether it serves: 0 up, 1 down, 2 booting, 3 drained.
    pub life: u8,
    /// Requests waiting.
    pub waiting: u32,
    /// Requests in hand.
    pub in_hand: u32,
    /// Cores at work.
    pub cores_busy: u32,
}

/// A buffer under construction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    dots: Vec<f32>,
    marks: Vec<f32>,
    nodes: Vec<f32>,
}

impl Frame {
    /// Adds a request on the wire.
    pub fn push_dot(&mut self, dot: Dot) {
        let Dot { from, to, before, now, look, tag } = dot;
        self.dots.extend([f32::from(from), f32::from(to), before, now, f32::from(look as u8), tag as f32]);
    }

    /// Adds a failure.
    pub fn push_mark(&mut self, mark: Mark) {
        self.marks.extend([f32::from(mark.node), f32::from(mark.cause as u8), mark.age_ms]);
    }

    /// Adds a node; in the order of their indices.
    pub fn push_node(&mut self, node: NodeNow) {
        self.nodes.extend([f32::from(node.life), node.waiting as f32, node.in_hand as f32, node.cores_busy as f32]);
    }

    /// The flat buffer.
    pub fn into_buffer(self) -> Vec<f32> {
        let mut buffer = Vec::with_capacity(HEADER + self.dots.len() + self.marks.len() + self.nodes.len());
        buffer.extend([
            (self.dots.len() / DOT) as f32,
            (self.marks.len() / MARK) as f32,
            (self.nodes.len() / NODE) as f32,
        ]);
        buffer.extend(self.dots);
        buffer.extend(self.marks);
        buffer.extend(self.nodes);
        buffer
    }
}

/// Reads a flat buffer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameView<'a> {
    dots: &'a [f32],
    marks: &'a [f32],
    nodes: &'a [f32],
}

impl<'a> FrameView<'a> {
    /// A view of `buffer`; `None` if it is not a frame.
    pub fn new(buffer: &'a [f32]) -> Option<Self> {
        let (header, rest) = buffer.split_at_checked(HEADER)?;
        let (dots, rest) = rest.split_at_checked(header[0] as usize * DOT)?;
        let (marks, rest) = rest.split_at_checked(header[1] as usize * MARK)?;
        (rest.len() == header[2] as usize * NODE).then_some(Self { dots, marks, nodes: rest })
    }

    /// The requests on the wire.
    pub fn dots(&self) -> impl ExactSizeIterator<Item = Dot> + 'a {
        self.dots.chunks_exact(DOT).map(|d| Dot {
            from: d[0] as u16,
            to: d[1] as u16,
            before: d[2],
            now: d[3],
            look: Look::ALL[(d[4] as usize).min(Look::ALL.len() - 1)],
            tag: d[5] as u32,
        })
    }

    /// The failures.
    pub fn marks(&self) -> impl ExactSizeIterator<Item = Mark> + 'a {
        self.marks.chunks_exact(MARK).map(|m| Mark {
            node: m[0] as u16,
            cause: Cause::ALL[(m[1] as usize).min(Cause::COUNT - 1)],
            age_ms: m[2],
        })
    }

    /// The nodes, by index.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeNow> + 'a {
        self.nodes.chunks_exact(NODE).map(|n| NodeNow {
            life: n[0] as u8,
            waiting: n[1] as u32,
            in_hand: n[2] as u32,
            cores_busy: n[3] as u32,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let dots = Look::ALL.map(|look| Dot { from: 1, to: 900, before: 0.25, now: 1.0, look, tag: 1_048_575 });
        let mark = Mark { node: 3, cause: Cause::Timeout, age_ms: 12.5 };
        let node = NodeNow { life: 1, waiting: 1_000_000, in_hand: 128, cores_busy: 2 };
        let mut frame = Frame::default();
        dots.iter().for_each(|&dot| frame.push_dot(dot));
        frame.push_mark(mark);
        frame.push_node(node);
        let buffer = frame.into_buffer();
        let view = FrameView::new(&buffer).expect("it is a frame");
        assert_eq!(view.dots().collect::<Vec<_>>(), dots);
        assert_eq!(view.marks().collect::<Vec<_>>(), [mark]);
        assert_eq!(view.nodes().collect::<Vec<_>>(), [node]);
        assert_eq!(FrameView::new(&buffer[..buffer.len() - 1]), None);
    }
}
