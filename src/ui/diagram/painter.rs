//! What moves: requests on the wire, in hand and waiting, and the marks where they failed.
//!
//! - A dot is one watched request (or one in so many: the legend says so), where it is at this instant. A hop that lasts
//!   less than a picture is a streak, which glows for a moment so that the eye can catch it. Where streaks are many they
//!   become a band.
//! - Shape and colour say what it is: disc = read, square = write, diamond = failed; at a cache ring = hit, grey ring =
//!   miss, triangle = fill, hollow diamond = stale; hollow square = replication.
//! - With reduced motion nothing moves: each edge carries the number of requests on it.

use std::collections::BTreeMap;

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::frame::{Dot, FrameView, NodeNow, Scene, Status};
use crate::layout::{Layout, Point, Scale, View};
use crate::nodes::Cause;
use crate::nodes::observer::Look;
use crate::ui::same::Same;
use crate::ui::{dom, format};

use super::export::{self, Spot};
use super::heaps::{heap, in_hand_row};
use super::palette::Palette;
use super::pixels::{Pixels, Shape};

/// How long the mark of a failure fades.
const MARK_MS: f64 = 1200.0;
/// How long a streak glows.
const GLOW_MS: f64 = 160.0;
/// More marks than this at one card say nothing more; its badge and the charts have the number.
const MARKS_PER_CARD: usize = 22;
const GLOWS_MAX: usize = 200;
/// A dot that went further than this since the last picture leaves a streak, in CSS pixels.
const STREAK_FROM: f64 = 12.0;
/// With more streaks than this, those that cover most of an edge are drawn as one band.
const BAND_FROM: usize = 120;
/// Stamps that all streaks of a picture may take; with more to draw they are drawn more coarsely.
const STREAK_STAMPS: f64 = 6000.0;
/// On the last part of its way, a dot turns to the cell of the server it goes to; on the first, it comes from one.
const TURNS: f64 = 0.14;
/// Lower cards have no room for those in hand below their words.
const IN_HAND_FROM: f64 = 68.0;

/// A failure that is still to be seen.
struct Mark {
    card: usize,
    cause: Cause,
    born_ms: f64,
    at: Point,
}

/// A streak that is still to be seen.
struct Glow {
    way: Way,
    from: f64,
    to: f64,
    colour: [u8; 3],
    born_ms: f64,
}

/// Draws what moves.
#[derive(Default)]
pub struct Painter {
    canvas: Option<(HtmlCanvasElement, CanvasRenderingContext2d)>,
    layout: Same<Layout>,
    told: Option<(Same<Scene>, Option<Same<Status>>)>,
    view: View,
    palette: Palette,
    pixels: Pixels,
    ratio: f64,
    requests_per_dot: u32,
    /// Distance between two stamps of a streak.
    streak_step: f64,
    calm: bool,
    marks: Vec<Mark>,
    marked: usize,
    glows: Vec<Glow>,
    /// The last frame, for pictures between frames.
    dots: Vec<Dot>,
    nodes: Vec<NodeNow>,
    /// The request that is marked, as its dots are tagged.
    followed: Option<u32>,
    /// Dots of the last picture, by edge and direction: what reduced motion shows as numbers.
    on_edges: Vec<u32>,
}

impl Painter {
    /// Draws on this canvas from now on.
    pub fn attach(&mut self, canvas: HtmlCanvasElement) {
        let context = canvas.get_context("2d").ok().flatten().and_then(|context| context.dyn_into().ok());
        self.canvas = context.map(|context| (canvas, context));
        self.set_type();
        self.read_colours();
    }

    /// Sets the type of labels: once for each size of the canvas, which forgets it, since that takes long.
    fn set_type(&self) {
        if let Some((_, context)) = &self.canvas {
            context.set_font("600 11px system-ui, sans-serif");
            context.set_text_align("center");
        }
    }

    /// The theme has changed.
    pub fn read_colours(&mut self) {
        self.palette = Palette::read();
    }

    /// Where things are from now on.
    pub fn set_layout(&mut self, layout: Same<Layout>) {
        let ((width, height), ratio) = (layout.size, dom::pixel_ratio());
        if (width, height) != self.layout.size || ratio != self.ratio {
            self.ratio = ratio;
            self.pixels.resize(width, height, ratio);
            if let Some((canvas, _)) = &self.canvas {
                canvas.set_width((width * ratio) as u32);
                canvas.set_height((height * ratio) as u32);
            }
            self.set_type();
            self.set_view(self.view);
        }
        if layout.cards.len() != self.layout.cards.len() {
            // The structure is another: dots and nodes are of the old one.
            self.dots.clear();
            self.nodes.clear();
        }
        self.layout = layout;
        self.marks.clear();
        self.glows.clear();
    }

    /// Which part of the layout is seen.
    pub fn set_view(&mut self, view: View) {
        self.view = view;
        self.pixels.set_view(view);
    }

    /// How many requests a dot stands for.
    pub fn set_requests_per_dot(&mut self, requests: u32) {
        self.requests_per_dot = requests;
    }

    /// Whether reduced motion is wanted.
    pub fn set_calm(&mut self, calm: bool) {
        self.calm = calm;
    }

    /// Marks this request, wherever it is.
    pub fn follow(&mut self, request: Option<u64>) {
        self.followed = request.map(Dot::tag);
    }

    /// What there is, and how it stands.
    pub fn tell(&mut self, scene: Same<Scene>, status: Option<Same<Status>>) {
        self.told = Some((scene, status));
    }

    /// The whole diagram as it stands, as SVG.
    pub fn drawing(&self) -> Option<String> {
        let (scene, status) = self.told.as_ref()?;
        let spot = |at, shape, colour| Spot { at, shape, colour };
        let located = self.dots.iter().filter_map(|&dot| self.locate(dot)).filter(|dot| dot.now < 1.0);
        let mut spots: Vec<Spot> = located
            .map(|dot| {
                spot(lane(&self.layout, &dot.way, dot.now), shape(dot.look), self.palette.looks[dot.look as usize])
            })
            .collect();
        let per_dot = self.requests_per_dot.max(1);
        for card in &self.layout.cards {
            let waiting: u32 =
                card.nodes.iter().filter_map(|&node| self.nodes.get(node)).map(|node| node.waiting).sum();
            let heap = heap(card, self.layout.horizontal, self.layout.between).take(waiting.div_ceil(per_dot) as usize);
            spots.extend(heap.map(|at| spot(at, Shape::Small, self.palette.waiting)));
        }
        Some(export::svg(&self.layout, scene, status.as_deref(), &spots))
    }

    /// Draws a picture; without a frame, the last one with its marks faded further. Says whether it is still fading.
    pub fn paint(&mut self, frame: Option<FrameView>, now_ms: f64) -> bool {
        let Some((_, context)) = self.canvas.clone() else { return false };
        if self.layout.cards.is_empty() {
            return false;
        }
        self.marks.retain(|mark| now_ms - mark.born_ms < MARK_MS);
        self.glows.retain(|glow| now_ms - glow.born_ms < GLOW_MS);
        match frame {
            Some(frame) => self.take(&frame, now_ms),
            // Nothing has moved since.
            None => self.dots.iter_mut().for_each(|dot| dot.before = dot.now),
        }
        let dots: Vec<Located> = self.dots.iter().filter_map(|&dot| self.locate(dot)).collect();
        self.pixels.clear();
        let bands = if self.calm { BTreeMap::new() } else { self.draw_dots(&dots, now_ms) };
        self.draw_nodes();
        self.draw_marks(now_ms);
        // The picture is as large as the canvas, so it can be put there.
        let _ = self.pixels.show(&context);
        let (scale, (x, y)) = (self.ratio * self.view.scale, self.view.offset);
        let _ = context.set_transform(scale, 0.0, 0.0, scale, x * self.ratio, y * self.ratio);
        self.draw_bands(&context, &bands);
        if self.calm {
            self.count_dots(&dots);
            self.draw_counts(&context);
        }
        self.draw_followed(&context, &dots);
        self.draw_labels(&context, now_ms);
        let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        !self.marks.is_empty() || !self.glows.is_empty()
    }

    /// Remembers what outlasts the frame.
    fn take(&mut self, frame: &FrameView, now_ms: f64) {
        self.dots.clear();
        self.dots.extend(frame.dots());
        self.nodes.clear();
        self.nodes.extend(frame.nodes());
        for mark in frame.marks() {
            let Some(card) = self.layout.card_of(usize::from(mark.node)) else { continue };
            if self.marks.iter().filter(|own| own.card == card).count() >= MARKS_PER_CARD {
                continue;
            }
            // Spread along the side where requests come in: multiples of irrational numbers leave no clusters.
            let rect = self.layout.cards[card].rect;
            let share = (self.marked as f64 * 0.618_034).fract();
            let depth = 6.0 + (self.marked as f64 * 0.754_878).fract() * 26.0;
            let at = match self.layout.horizontal {
                true => (rect.x - depth, rect.y + rect.h * share),
                false => (rect.x + rect.w * share, rect.y - depth),
            };
            self.marked += 1;
            self.marks.push(Mark { card, cause: mark.cause, born_ms: now_ms, at });
        }
    }

    fn locate(&self, dot: Dot) -> Option<Located> {
        let (edge, against) = self.layout.route(usize::from(dot.from), usize::from(dot.to))?;
        let cells = [dot.from, dot.to].map(|node| self.layout.cell_of(usize::from(node)));
        Some(Located {
            way: Way { edge, against, cells },
            before: f64::from(dot.before),
            now: f64::from(dot.now),
            look: dot.look,
            tag: dot.tag,
        })
    }

    /// Draws dots and streaks. Returns how many streaks are left to be drawn as bands, by edge and look.
    fn draw_dots(&mut self, dots: &[Located], now_ms: f64) -> BTreeMap<(usize, usize), u32> {
        let layout = self.layout.clone();
        let went = |dot: &Located| (dot.now - dot.before) * layout.edges[dot.way.edge].curve.length;
        let streaks = dots.iter().filter(|dot| went(dot) > STREAK_FROM).count();
        self.streak_step = (dots.iter().map(went).sum::<f64>() / STREAK_STAMPS).max(2.5);
        let mut bands = BTreeMap::new();
        for glow in std::mem::take(&mut self.glows) {
            let fade = 0.5 * (1.0 - (now_ms - glow.born_ms) / GLOW_MS);
            self.draw_streak(&layout, glow.way, (glow.from, glow.to), glow.colour, fade);
            self.glows.push(glow);
        }
        for dot in dots {
            let colour = self.palette.looks[dot.look as usize];
            if went(dot) > STREAK_FROM {
                if streaks > BAND_FROM && dot.now - dot.before > 0.4 {
                    *bands.entry((dot.way.edge, dot.look as usize)).or_insert(0) += 1;
                    continue;
                }
                let share = (dot.before, dot.now);
                self.draw_streak(&layout, dot.way, share, colour, 0.55);
                if streaks <= BAND_FROM && self.glows.len() < GLOWS_MAX {
                    let Located { way, before: from, now: to, .. } = *dot;
                    self.glows.push(Glow { way, from, to, colour, born_ms: now_ms });
                }
            }
            if dot.now < 1.0 {
                let at = lane(&layout, &dot.way, dot.now);
                self.pixels.stamp(shape(dot.look), at, colour, 1.0);
            }
        }
        bands
    }

    fn draw_streak(&mut self, layout: &Layout, way: Way, (from, to): (f64, f64), colour: [u8; 3], alpha: f64) {
        let steps = ((to - from) * layout.edges[way.edge].curve.length / self.streak_step).ceil().max(1.0);
        for step in 0..=steps as usize {
            let part = step as f64 / steps;
            let at = lane(layout, &way, from + (to - from) * part);
            self.pixels.stamp(Shape::Trace, at, colour, alpha * (0.2 + 0.8 * part));
        }
    }

    /// A ring about the request that is followed.
    fn draw_followed(&self, context: &CanvasRenderingContext2d, dots: &[Located]) {
        for dot in dots.iter().filter(|dot| Some(dot.tag) == self.followed && dot.now < 1.0) {
            let (x, y) = lane(&self.layout, &dot.way, dot.now);
            context.set_stroke_style_str(&self.palette.accent);
            context.set_line_width(2.5);
            context.begin_path();
            // Fails for a negative radius only.
            let _ = context.arc(x, y, 9.0, 0.0, std::f64::consts::TAU);
            context.stroke();
        }
    }

    fn draw_bands(&self, context: &CanvasRenderingContext2d, bands: &BTreeMap<(usize, usize), u32>) {
        for (&(edge, look), &count) in bands {
            context.set_stroke_style_str(&self.palette.bands[look]);
            context.set_global_alpha(0.45);
            context.set_line_width((f64::from(count) + 1.0).log2().clamp(1.0, 8.0));
            context.begin_path();
            let pieces = &self.layout.edges[edge].curve.pieces;
            context.move_to(pieces[0][0].0, pieces[0][0].1);
            for [_, first, second, end] in pieces {
                context.bezier_curve_to(first.0, first.1, second.0, second.1, end.0, end.1);
            }
            context.stroke();
        }
        context.set_global_alpha(1.0);
    }

    /// Requests that wait, heaped up before the card; requests in hand, in a row on it.
    fn draw_nodes(&mut self) {
        let layout = self.layout.clone();
        let per_dot = self.requests_per_dot.max(1);
        for card in &layout.cards {
            let own = card.nodes.iter().filter_map(|&node| self.nodes.get(node));
            let (waiting, in_hand) = own.fold((0, 0), |sum, node| (sum.0 + node.waiting, sum.1 + node.in_hand));
            let (heap, row) = (heap(card, layout.horizontal, layout.between), in_hand_row(card));
            for at in heap.take(waiting.div_ceil(per_dot) as usize) {
                self.pixels.stamp(Shape::Small, at, self.palette.waiting, 1.0);
            }
            if let Some(cells) = &card.cells {
                // Who of a folded tier has some waiting.
                let mark = if cells.pitch.0.min(cells.pitch.1) < 6.0 { Shape::Trace } else { Shape::Small };
                let waits = |node: &&usize| self.nodes.get(**node).is_some_and(|node| node.waiting > 0);
                for at in card.nodes.iter().filter(waits).filter_map(|&node| layout.cell_of(node)) {
                    self.pixels.stamp(mark, at, self.palette.waiting, 1.0);
                }
            }
            if !card.folded && layout.scale != Scale::Compact && card.rect.h >= IN_HAND_FROM {
                for at in row.take(in_hand.div_ceil(per_dot) as usize) {
                    self.pixels.stamp(Shape::Small, at, self.palette.in_hand, 0.75);
                }
            }
        }
    }

    fn draw_marks(&mut self, now_ms: f64) {
        let colour = self.palette.looks[Look::Failed as usize];
        for mark in &self.marks {
            let age = (now_ms - mark.born_ms) / MARK_MS;
            let shape = if mark.cause == Cause::Unauthorized { Shape::Cross } else { Shape::Diamond };
            self.pixels.stamp(shape, (mark.at.0, mark.at.1 + 10.0 * age), colour, 1.0 - age);
        }
    }

    /// Says once per card and cause why requests failed there.
    fn draw_labels(&self, context: &CanvasRenderingContext2d, now_ms: f64) {
        if self.marks.is_empty() {
            return;
        }
        let mut newest: BTreeMap<(usize, Cause), f64> = BTreeMap::new();
        for mark in &self.marks {
            newest.insert((mark.card, mark.cause), mark.born_ms);
        }
        let mut lines = vec![0; self.layout.cards.len()];
        for ((card, cause), born_ms) in newest {
            let rect = self.layout.cards[card].rect;
            let y = rect.y + rect.h + 14.0 + 13.0 * f64::from(lines[card]);
            lines[card] += 1;
            context.set_global_alpha((2.0 * (1.0 - (now_ms - born_ms) / MARK_MS)).clamp(0.0, 1.0));
            self.write(context, format::cause(cause), (rect.centre().0, y), &self.palette.failure);
        }
        context.set_global_alpha(1.0);
    }

    fn count_dots(&mut self, dots: &[Located]) {
        self.on_edges = vec![0; self.layout.edges.len()];
        dots.iter().filter(|dot| dot.now < 1.0).for_each(|dot| self.on_edges[dot.way.edge] += 1);
    }

    fn draw_counts(&self, context: &CanvasRenderingContext2d) {
        for (edge, &dots) in self.layout.edges.iter().zip(&self.on_edges) {
            if dots > 0 {
                let ((x, y), _) = edge.curve.at(0.5);
                let requests = u64::from(dots) * u64::from(self.requests_per_dot.max(1));
                self.write(context, &format::amount(requests), (x, y + 4.0), &self.palette.ink);
            }
        }
    }

    /// Text with a border of the paper's colour, readable over lines.
    fn write(&self, context: &CanvasRenderingContext2d, text: &str, (x, y): Point, colour: &str) {
        context.set_stroke_style_str(&self.palette.paper);
        context.set_line_width(4.0);
        context.set_line_join("round");
        context.set_fill_style_str(colour);
        // Text with finite coordinates can always be drawn.
        let _ = context.stroke_text(text, x, y);
        let _ = context.fill_text(text, x, y);
    }
}

/// The way of a dot: an edge, whether it goes against its direction, and the cells where it starts and ends.
#[derive(Clone, Copy)]
struct Way {
    edge: usize,
    against: bool,
    cells: [Option<Point>; 2],
}

/// A dot on its way.
struct Located {
    way: Way,
    before: f64,
    now: f64,
    look: Look,
    tag: u32,
}

fn shape(look: Look) -> Shape {
    match look {
        Look::Read => Shape::Circle,
        Look::Write => Shape::Square,
        Look::FromCache => Shape::Ring,
        Look::Failed => Shape::Diamond,
        Look::Replication => Shape::Hollow,
        Look::Miss => Shape::Ring,
        Look::Fill => Shape::Triangle,
        Look::Stale => Shape::HollowDiamond,
        Look::Unauthorized => Shape::Cross,
        Look::Message => Shape::Triangle,
    }
}

/// A point on a way, on the right-hand side of where the request goes; at the card of a folded tier, on the way between its
/// side and the cell of the server.
#[inline]
fn lane(layout: &Layout, way: &Way, share: f64) -> Point {
    let ((x, y), (dx, dy)) = layout.edges[way.edge].curve.at(if way.against { 1.0 - share } else { share });
    let side = if way.against { -3.5 } else { 3.5 };
    let at = (x - dy * side, y + dx * side);
    let shares = [1.0 - share / TURNS, 1.0 - (1.0 - share) / TURNS];
    let turned = way.cells.iter().zip(shares).filter_map(|(cell, share)| cell.filter(|_| share > 0.0).zip(Some(share)));
    turned.fold(at, |at, (cell, share)| {
        let part = share * share * (3.0 - 2.0 * share);
        (at.0 + (cell.0 - at.0) * part, at.1 + (cell.1 - at.1) * part)
    })
}
