//! The diagram: frames, edges and cards, and over them the canvas with what moves.

mod card;
mod curve;
mod layout;
mod legend;
mod painter;
mod palette;
mod pixels;
pub mod queues;
pub mod role;
mod watch;

use std::rc::Rc;

use web_sys::HtmlCanvasElement;
use yew::prelude::*;

use crate::frame::{Scene, Status};
use crate::nodes::context::Life;
use crate::scenario::{Change, places};

use super::dom::{use_size, use_styles};
use super::frames::Frames;
use super::names;
use super::state::Selection;
use card::NodeCard;
pub use card::{HOT, WARM, utilisation};
use layout::{Course, Edge, FrameOf, Layout, Scale};
pub use painter::Painter;

/// What the diagram shows and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Rc<Scene>,
    /// How it stands.
    pub status: Option<Rc<Status>>,
    /// What the inspector shows.
    pub selection: Option<Selection>,
    /// Reduced motion is wanted.
    pub calm: bool,
    /// Draws what moves.
    pub frames: FramesHandle,
    /// The visitor turns to a part.
    pub on_select: Callback<Option<Selection>>,
    /// The visitor changes something.
    pub on_change: Callback<Change>,
}

/// The one drawer of frames; the same for as long as the page lives.
#[derive(Clone)]
pub struct FramesHandle(pub Rc<Frames>);

impl PartialEq for FramesHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// The diagram.
#[component]
pub fn Diagram(props: &Props) -> Html {
    let surface = use_node_ref();
    let canvas = use_node_ref();
    let (width, height) = use_size(&surface);
    let layout = use_memo((props.scene.clone(), width as u32, height as u32), |(scene, width, height)| {
        if *width == 0 { Rc::default() } else { Rc::new(Layout::new(scene, f64::from(*width), f64::from(*height))) }
    });
    let layout = Rc::clone(&layout);
    use_painter(&canvas, &layout, props);
    let per_dot = props.status.as_ref().map_or(1, |status| status.requests_per_dot);
    let scale = match layout.scale {
        Scale::Large => "large",
        Scale::Medium => "medium",
        Scale::Compact => "compact",
        Scale::Small => "small",
    };
    let cards = layout.cards.iter().map(|card| {
        html! {
            <NodeCard
                key={card.nodes.first().copied().unwrap_or_default()}
                card={card.clone()}
                scene={props.scene.clone()}
                status={props.status.clone()}
                selection={props.selection}
                on_select={props.on_select.clone()}
                on_change={props.on_change.clone()}
            />
        }
    });
    html! {
        <section class={classes!("diagram", layout.spread.then_some("spread"), layout.tall.then_some("tall"), props.scene.scenario.operations.is_some().then_some("run"))} aria-label="Diagram of the system" id="simulation" tabindex="-1">
            <div class={classes!("surface", scale, layout.spread.then_some("map"))} ref={surface}>
                { outlines(&layout, props) }
                { for cards }
                <canvas ref={canvas} aria-hidden="true" />
                { labels(&layout, props) }
            </div>
            { queues::queues(&props.scene, props.status.as_deref(), &props.on_select) }
            { watch::watch(&props.scene, props.status.as_deref()) }
            { legend::legend(&props.scene, per_dot, props.calm) }
        </section>
    }
}

#[hook]
fn use_painter(canvas: &NodeRef, layout: &Rc<Layout>, props: &Props) {
    let (frames, canvas) = (props.frames.0.clone(), canvas.clone());
    use_effect_with((), {
        let frames = frames.clone();
        move |()| {
            if let Some(canvas) = canvas.cast::<HtmlCanvasElement>() {
                frames.painter.borrow_mut().attach(canvas);
            }
        }
    });
    let per_dot = props.status.as_ref().map_or(1, |status| status.requests_per_dot);
    use_effect_with((layout.clone(), per_dot), {
        let frames = frames.clone();
        move |(layout, per_dot)| {
            let mut painter = frames.painter.borrow_mut();
            painter.set_requests_per_dot(*per_dot);
            painter.set_layout(layout.clone());
            drop(painter);
            frames.ask();
        }
    });
}

/// Frames and edges.
fn outlines(layout: &Layout, props: &Props) -> Html {
    let (width, height) = layout.size;
    let frames = layout.frames.iter().map(|frame| {
        let rect = frame.rect;
        html! {
            <g class={class_of(&frame.of)}>
                <rect
                    x={rect.x.to_string()} y={rect.y.to_string()}
                    width={rect.w.to_string()} height={rect.h.to_string()} rx="12"
                />
            </g>
        }
    });
    let edges = layout.edges.iter().filter(|edge| is_shown(edge, layout, props)).map(|edge| {
        let stream = (edge.course == Course::Stream).then_some("stream");
        let ends = [edge.from, edge.to].map(|card| reach(props, &layout.cards[card].nodes));
        // A stream ends with whichever end dies, a request with whom it goes to.
        let reach = if stream.is_some() && ends[0] == "cut" { ends[0] } else { ends[1] };
        let quiet = (layout.spread && is_quiet(props, &layout.cards[edge.from].nodes)).then_some("quiet");
        let class = classes!("edge", stream, reach, quiet);
        html! { <path {class} d={edge.curve.path()} /> }
    });
    html! {
        <svg width={width.to_string()} height={height.to_string()} aria-hidden="true">{ for frames }{ for edges }</svg>
    }
}

fn class_of(frame: &FrameOf) -> &'static str {
    match frame {
        FrameOf::Place(_) => "place",
        FrameOf::Machine(_) => "machine",
    }
}

/// What frames are called.
fn labels(layout: &Layout, props: &Props) -> Html {
    let label = |frame: &FrameOf| match frame {
        FrameOf::Place(place) if layout.spread => place_name(place).to_owned(),
        FrameOf::Place(place) => format!("data centre · {}", place_name(place)),
        FrameOf::Machine(machine) => {
            let cores = props.scene.machines[*machine].cores;
            format!("machine · {cores} core{}", if cores == 1 { "" } else { "s" })
        }
    };
    let texts = layout.frames.iter().map(|frame| {
        let (x, y) = ((frame.rect.x + 14.0).to_string(), (frame.rect.y + 20.0).to_string());
        html! { <text class={class_of(&frame.of)} {x} {y}>{ label(&frame.of) }</text> }
    });
    html! { <svg class="labels" aria-hidden="true">{ for texts }{ scalers(layout, props) }</svg> }
}

/// Whether these nodes have had nothing to do lately: from an edge where nobody is, say, nothing goes to the origin.
fn is_quiet(props: &Props, nodes: &[usize]) -> bool {
    let Some(status) = &props.status else { return false };
    nodes.iter().filter_map(|&node| status.nodes.get(node)).all(|node| node.served_per_second == 0.0)
}

/// Above the servers of a tier that gets more or fewer by itself: who sees to that, and between what.
fn scalers(layout: &Layout, props: &Props) -> Html {
    let scene = &props.scene;
    let label = |(tier, own): (usize, &crate::frame::SceneTier)| {
        // On a map there is no room between cards, and a folded tier says it on its card.
        let scaler = names::scaler(scene, own).filter(|_| !layout.spread)?;
        let cards = layout.cards.iter().filter(|card| card.tier == tier && !card.folded);
        let first = cards.map(|card| card.rect).min_by(|a, b| a.y.total_cmp(&b.y))?;
        let text = format!("autoscaler · {} of {} to {}", own.instances, scaler.minimum, scaler.maximum);
        let (x, y) = (first.centre().0, first.y - 7.0);
        Some(html! { <text class="scaler" x={x.to_string()} y={y.to_string()} text-anchor="middle">{ text }</text> })
    };
    html! { <>{ for scene.tiers.iter().enumerate().filter_map(label) }</> }
}

fn place_name(id: &str) -> &str {
    places::find(id).map_or(id, |place| place.name)
}

/// Whether an edge is drawn at all, and not only what moves on it: ways that are seldom gone are, when they are.
fn is_shown(edge: &Edge, layout: &Layout, props: &Props) -> bool {
    match edge.course {
        Course::Usual => true,
        Course::Stream => streams(props, &layout.cards[edge.from].nodes, &layout.cards[edge.to].nodes),
        Course::Rare => {
            let same = |other: &&Edge| {
                let tier = |edge: &Edge| layout.cards[edge.to].tier;
                other.course == Course::Usual && other.from == edge.from && tier(other) == tier(edge)
            };
            let nearer = layout.edges.iter().filter(same);
            nearer.map(|edge| reach(props, &layout.cards[edge.to].nodes)).all(|reach| reach != "open")
        }
    }
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

/// Whether requests to these nodes find anybody, for the style sheet.
fn reach(props: &Props, nodes: &[usize]) -> &'static str {
    let Some(status) = &props.status else { return "open" };
    let known = || nodes.iter().filter_map(|&node| status.nodes.get(node));
    if known().any(|node| node.life == Life::Up && node.in_rotation != Some(false)) {
        "open"
    } else if known().any(|node| node.life == Life::Booting || node.life == Life::Up) {
        "idle"
    } else {
        "cut"
    }
}

/// Places an element at a rectangle.
#[hook]
fn use_place(element: &NodeRef, rect: layout::Rect) {
    let px = |number: f64| format!("{number}px");
    let styles = vec![("left", px(rect.x)), ("top", px(rect.y)), ("width", px(rect.w)), ("height", px(rect.h))];
    use_styles(element, styles);
}
