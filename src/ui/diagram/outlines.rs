//! Below the cards: the frames of places and machines, and the edges, each as it stands.

use yew::prelude::*;

use crate::layout::{self, Course, Edge, FrameOf, Layout};
use crate::nodes::context::Life;
use crate::ui::same::Same;
use crate::ui::state::Selection;

use super::Props;

/// What is outlined.
#[derive(Clone, PartialEq, Properties)]
pub struct OutlinesProps {
    /// Where everything is.
    pub layout: Same<Layout>,
    /// How each edge looks, in the layout's order; nothing for those that are not drawn.
    pub looks: Vec<Option<Look>>,
}

/// How an edge looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    stream: bool,
    /// Whether requests that go along it find anybody.
    reach: Reach,
    quiet: bool,
    touched: bool,
}

/// Whether requests to some nodes find anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Open,
    /// Somebody is there who is not ready.
    Idle,
    Cut,
}

/// Frames and edges.
#[component]
pub fn Outlines(props: &OutlinesProps) -> Html {
    let OutlinesProps { layout, looks } = props;
    // Writing hundreds of numbers takes longer than everything else here.
    let ways = use_memo(layout.clone(), |layout| {
        layout.edges.iter().map(|edge| AttrValue::from(edge.curve.path())).collect::<Vec<_>>()
    });
    let (width, height) = layout.size;
    let frames = layout.frames.iter().map(|frame| {
        let rect = frame.rect;
        html! {
            <g key={format!("{:?}", frame.of)} class={class_of(&frame.of)}>
                <rect
                    x={rect.x.to_string()} y={rect.y.to_string()}
                    width={rect.w.to_string()} height={rect.h.to_string()} rx="12"
                />
            </g>
        }
    });
    let edges = ways.iter().zip(looks).filter_map(|(way, look)| {
        let look = (*look)?;
        let reach = match look.reach {
            Reach::Open => "open",
            Reach::Idle => "idle",
            Reach::Cut => "cut",
        };
        let (stream, quiet, touched) = (look.stream, look.quiet, look.touched);
        let class =
            classes!("edge", stream.then_some("stream"), reach, quiet.then_some("quiet"), touched.then_some("touched"));
        Some(html! { <path {class} d={way.clone()} /> })
    });
    html! {
        <svg class="outlines" width={width.to_string()} height={height.to_string()} aria-hidden="true">
            <g>{ for frames }</g>
            <g class="ways">{ for edges }</g>
        </svg>
    }
}

/// The class of a frame, for the style sheet.
pub fn class_of(frame: &FrameOf) -> &'static str {
    match frame {
        FrameOf::Place(_) => "place",
        FrameOf::Machine(_) => "machine",
    }
}

/// How the edges of `layout` look.
pub fn looks(layout: &Layout, nearer: &[Vec<usize>], props: &Props) -> Vec<Option<Look>> {
    let reaches: Vec<Reach> = layout.cards.iter().map(|card| reach(props, &card.nodes)).collect();
    let look = |edge: &Edge| {
        let stream = edge.course == Course::Stream;
        let ends = [edge.from, edge.to].map(|card| reaches[card]);
        Look {
            stream,
            // A stream ends with whichever end dies, a request with whom it goes to.
            reach: if stream && ends[0] == Reach::Cut { ends[0] } else { ends[1] },
            quiet: layout.spread && is_quiet(props, &layout.cards[edge.from].nodes),
            touched: [edge.from, edge.to].into_iter().any(|card| is_selected(props, &layout.cards[card])),
        }
    };
    // Ways that are seldom gone are drawn when they are: when nobody who is nearer is there. What moves on them always is.
    let is_shown = |edge: &Edge, nearer: &[usize]| match edge.course {
        Course::Usual => true,
        Course::Stream => streams(props, &layout.cards[edge.from].nodes, &layout.cards[edge.to].nodes),
        Course::Rare => nearer.iter().all(|&card| reaches[card] != Reach::Open),
    };
    layout.edges.iter().zip(nearer).map(|(edge, nearer)| is_shown(edge, nearer).then(|| look(edge))).collect()
}

/// For each edge that is seldom gone, the cards of the same tier to which requests usually go from where it begins.
pub fn nearer(layout: &Layout) -> Vec<Vec<usize>> {
    let tier = |edge: &Edge| layout.cards[edge.to].tier;
    let of = |edge: &Edge| match edge.course {
        Course::Usual | Course::Stream => Vec::new(),
        Course::Rare => {
            let same =
                |other: &&Edge| other.course == Course::Usual && other.from == edge.from && tier(other) == tier(edge);
            layout.edges.iter().filter(same).map(|other| other.to).collect()
        }
    };
    layout.edges.iter().map(of).collect()
}

/// Whether these nodes have had nothing to do lately: from an edge where nobody is, say, nothing goes to the origin.
fn is_quiet(props: &Props, nodes: &[usize]) -> bool {
    let Some(status) = &props.status else { return false };
    nodes.iter().filter_map(|&node| status.nodes.get(node)).all(|node| node.served_per_second == 0.0)
}

/// Whether one of these nodes follows one of the others, or both take writes.
fn streams(props: &Props, some: &[usize], others: &[usize]) -> bool {
    let follows = |node: &usize, whom: &[usize]| {
        let own = props.status.as_ref().and_then(|status| status.nodes.get(*node)?.replication);
        own.is_some_and(|own| own.conflicts.is_some() || whom.contains(&usize::from(own.follows)))
    };
    // Between shards, while rows move.
    let moves = |node: &usize| {
        let status = props.status.as_ref().and_then(|status| status.nodes.get(*node)?.shard);
        status.is_some_and(|own| own.moved.is_some())
    };
    if some.iter().any(moves) && others.iter().any(moves) {
        return true;
    }
    some.iter().any(|node| follows(node, others)) || others.iter().any(|node| follows(node, some))
}

/// Whether requests to these nodes find anybody.
fn reach(props: &Props, nodes: &[usize]) -> Reach {
    let Some(status) = &props.status else { return Reach::Open };
    let known = || nodes.iter().filter_map(|&node| status.nodes.get(node));
    if known().any(|node| node.life == Life::Up && node.in_rotation != Some(false)) {
        Reach::Open
    } else if known().any(|node| node.life == Life::Booting || node.life == Life::Up) {
        Reach::Idle
    } else {
        Reach::Cut
    }
}

/// Whether the inspector shows what this card stands for, or part of it.
fn is_selected(props: &Props, card: &layout::Card) -> bool {
    match props.selection {
        Some(Selection::Node(node)) => card.nodes.contains(&node),
        Some(Selection::Tier(tier)) => card.tier == tier,
        None => false,
    }
}
