//! The diagram: frames, edges and cards, and over them the canvas with what moves.

mod card;
mod export;
mod heaps;
mod legend;
mod morph;
mod outlines;
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
use crate::layout::{self, Layout, Rect, Scale, View};
use crate::scenario::Change;

use super::dom::{use_size, use_styles};
use super::frames::Frames;
use super::names;
use super::same::Same;
use super::state::Selection;
use card::NodeCard;
pub use card::{HOT, WARM, utilisation};
use morph::use_morph;
use outlines::{Outlines, class_of};
pub use painter::Painter;
use zoom::use_zoom;

/// What the diagram shows and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Option<Same<Status>>,
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
    let held = use_mut_ref(Same::<Layout>::default);
    let layout = use_memo((props.scene.clone(), width as u32, height as u32), |(scene, width, height)| {
        let mut held = held.borrow_mut();
        // Most changes leave everything in its place, and then what moves goes on.
        if *width > 0 {
            let new = Layout::new(scene, f64::from(*width), f64::from(*height));
            if new != **held {
                *held = Same::new(new);
            }
        }
        held.clone()
    });
    let layout = Same::clone(&layout);
    let wanted = use_memo((props.scene.clone(), width as u32), |(scene, width)| {
        if *width == 0 { None } else { layout::height_wanted(scene, f64::from(*width)) }
    });
    // Empty, the style sheet says it.
    use_styles(&surface, vec![("flex-basis", wanted.map_or_else(String::new, |height| format!("{height}px")))]);
    let nearer = use_memo(layout.clone(), |layout| outlines::nearer(layout));
    let zoom = use_zoom(&surface, &layout);
    let named = use_memo((layout.clone(), props.scene.clone()), |(layout, scene)| morph::named(layout, scene));
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
    let cards = layout.cards.iter().zip(named.iter()).map(|(card, named)| {
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
                    <Outlines layout={layout.clone()} looks={outlines::looks(&layout, &nearer, props)} />
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
fn use_painter(canvas: &NodeRef, layout: &Same<Layout>, view: View, props: &Props) {
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
    use_effect_with((props.scene.clone(), props.status.clone()), {
        let frames = frames.clone();
        move |(scene, status)| frames.painter.borrow_mut().tell(scene.clone(), status.clone())
    });
    use_effect_with(view, move |view| {
        frames.painter.borrow_mut().set_view(*view);
        frames.ask();
    });
}

/// What frames are called.
fn labels(layout: &Layout, props: &Props) -> Html {
    let texts = layout.frames.iter().map(|frame| {
        let (x, y) = ((frame.rect.x + 14.0).to_string(), (frame.rect.y + 20.0).to_string());
        html! { <text class={class_of(&frame.of)} {x} {y}>{ &frame.name }</text> }
    });
    html! { <svg class="labels" aria-hidden="true">{ for texts }{ scalers(layout, props) }</svg> }
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

/// Places an element at a rectangle.
#[hook]
fn use_place(element: &NodeRef, rect: Rect) {
    let px = |number: f64| format!("{number}px");
    let styles = vec![("left", px(rect.x)), ("top", px(rect.y)), ("width", px(rect.w)), ("height", px(rect.h))];
    use_styles(element, styles);
}
