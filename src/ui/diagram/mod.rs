//! The diagram: frames, edges and cards, and over them the canvas with what moves.

mod card;
mod legend;
mod morph;
mod painter;
mod palette;
mod pixels;
pub mod queues;
pub mod role;
mod tier;
mod watch;
mod zoom;

use std::rc::Rc;

use web_sys::HtmlCanvasElement;
use yew::prelude::*;

use crate::frame::{Scene, Status};
use crate::layout::{self, Course, Edge, FrameOf, Layout, Rect, Scale, View};
use crate::nodes::context::Life;
use crate::scenario::Change;

use super::dom::{use_size, use_styles};
use super::frames::Frames;
use super::names;
use super::state::Selection;
use card::NodeCard;
pub use card::{HOT, WARM, utilisation};
use morph::use_morph;
pub use painter::Painter;
use zoom::use_zoom;

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
    let wanted = use_memo((props.scene.clone(), width as u32), |(scene, width)| {
        if *width == 0 { None } else { layout::height_wanted(scene, f64::from(*width)) }
    });
    // Empty, the style sheet says it.
    use_styles(&surface, vec![("flex-basis", wanted.map_or_else(String::new, |height| format!("{height}px")))]);
    let zoom = use_zoom(&surface, &layout);
    let named = morph::named(&layout, &props.scene);
    let morph = use_morph(&named, props.calm);
    use_painter(&canvas, &layout, zoom.view, props);
    // Below what moves: frames, edges and cards; above it: names. One transform for both, and the painter's.
    let (below, above) = (use_node_ref(), use_node_ref());
    use_styles(&below, vec![("transform", zoom.view.transform())]);
    use_styles(&above, vec![("transform", zoom.view.transform())]);
    let per_dot = props.status.as_ref().map_or(1, |status| status.requests_per_dot);
    let scale = match layout.scale {
        Scale::Large => "large",
        Scale::Medium => "medium",
        Scale::Compact => "compact",
        Scale::Small => "small",
    };
    // In a fragment of their own below, since only a list in which all have keys is matched by them.
    let cards = layout.cards.iter().zip(&named).map(|(card, named)| {
        html! {
            <NodeCard
                key={named.key.clone()}
                card={card.clone()}
                told={card.folded && layout::is_told(layout.scale, card.rect.h)}
                arrives={morph.arrives(&named.key)}
                scene={props.scene.clone()}
                status={props.status.clone()}
                selection={props.selection}
                on_select={props.on_select.clone()}
                on_change={props.on_change.clone()}
            />
        }
    });
    let enlarged = zoom.view.is_enlarged(&layout);
    let moves = morph.moves.then_some("morphing");
    html! {
        <section class={classes!("diagram", layout.spread.then_some("spread"), props.scene.scenario.operations.is_some().then_some("run"))} aria-label="Diagram of the system" id="simulation" tabindex="-1" onkeydown={zoom.on_key.clone()}>
            <div
                class={classes!("surface", scale, layout.spread.then_some("map"), enlarged.then_some("enlarged"), moves)}
                ref={surface} role="group" aria-label="Diagram" tabindex="0"
                aria-keyshortcuts="+ - 0"
                onpointerdown={zoom.on_down.clone()} onpointermove={zoom.on_move.clone()}
                onpointerup={zoom.on_up.clone()} onpointercancel={zoom.on_up.clone()} onpointerleave={zoom.on_up.clone()}
            >
                <div class="world" ref={below}>
                    { outlines(&layout, props) }
                    <>{ for cards }</>
                    { morph.ghosts() }
                </div>
                <canvas ref={canvas} aria-hidden="true" />
                <div class="world names" ref={above}>{ labels(&layout, props) }</div>
            </div>
            { queues::queues(&props.scene, props.status.as_deref(), &props.on_select) }
            { watch::watch(&props.scene, props.status.as_deref()) }
            <div class="foot">
                { legend::legend(&props.scene, per_dot, props.calm) }
                { zoom.buttons(&layout) }
            </div>
        </section>
    }
}

#[hook]
fn use_painter(canvas: &NodeRef, layout: &Rc<Layout>, view: View, props: &Props) {
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
    use_effect_with(view, move |view| {
        frames.painter.borrow_mut().set_view(*view);
        frames.ask();
    });
}

/// Frames and edges.
fn outlines(layout: &Layout, props: &Props) -> Html {
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
    let edges = layout.edges.iter().filter(|edge| is_shown(edge, layout, props)).map(|edge| {
        let stream = (edge.course == Course::Stream).then_some("stream");
        let ends = [edge.from, edge.to].map(|card| reach(props, &layout.cards[card].nodes));
        // A stream ends with whichever end dies, a request with whom it goes to.
        let reach = if stream.is_some() && ends[0] == "cut" { ends[0] } else { ends[1] };
        let quiet = (layout.spread && is_quiet(props, &layout.cards[edge.from].nodes)).then_some("quiet");
        let touched = [edge.from, edge.to].into_iter().any(|card| is_selected(props, &layout.cards[card]));
        let class = classes!("edge", stream, reach, quiet, touched.then_some("touched"));
        html! { <path {class} d={edge.curve.path()} /> }
    });
    html! {
        <svg class="outlines" width={width.to_string()} height={height.to_string()} aria-hidden="true">
            <g>{ for frames }</g>
            <g class="ways">{ for edges }</g>
        </svg>
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
    let texts = layout.frames.iter().map(|frame| {
        let (x, y) = ((frame.rect.x + 14.0).to_string(), (frame.rect.y + 20.0).to_string());
        html! { <text class={class_of(&frame.of)} {x} {y}>{ &frame.name }</text> }
    });
    html! { <svg class="labels" aria-hidden="true">{ for texts }{ scalers(layout, props) }</svg> }
}

/// Whether the inspector shows what this card stands for, or part of it.
fn is_selected(props: &Props, card: &layout::Card) -> bool {
    match props.selection {
        Some(Selection::Node(node)) => card.nodes.contains(&node),
        Some(Selection::Tier(tier)) => card.tier == tier,
        None => false,
    }
}

/// Whether these nodes have had nothing to do lately: from an edge where nobody is, say, nothing goes to the origin.
fn is_quiet(props: &Props, nodes: &[usize]) -> bool {
    let Some(status) = &props.status else { return false };
    nodes.iter().filter_map(|&node| status.nodes.get(node)).all(|node| node.served_per_second == 0.0)
}

/// Above the servers of a tier that gets more or fewer by itself: between what; where there is no room it is in the
/// inspector alone. A folded tier says it on its card.
fn scalers(layout: &Layout, props: &Props) -> Html {
    let scene = &props.scene;
    let label = |(tier, own): (usize, &crate::frame::SceneTier)| {
        let scaler = names::scaler(scene, own)?;
        let cards = layout.cards.iter().filter(|card| card.tier == tier && !card.folded);
        let first = cards.map(|card| card.rect).min_by(|a, b| a.y.total_cmp(&b.y))?;
        let space = Rect { x: first.x, y: first.y - 19.0, w: first.w, h: 16.0 };
        let text = format!("autoscaler {}–{}", scaler.minimum, scaler.maximum);
        let (x, y) = (first.centre().0, first.y - 7.0);
        layout.is_free(&space).then(|| {
            html! { <text class="scaler" x={x.to_string()} y={y.to_string()} text-anchor="middle">{ text }</text> }
        })
    };
    html! { <>{ for scene.tiers.iter().enumerate().filter_map(label) }</> }
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
fn use_place(element: &NodeRef, rect: Rect) {
    let px = |number: f64| format!("{number}px");
    let styles = vec![("left", px(rect.x)), ("top", px(rect.y)), ("width", px(rect.w)), ("height", px(rect.h))];
    use_styles(element, styles);
}
