//! The diagram as a drawing of its own: frames, edges, cards with their words, and every dot where it is at this moment.

use std::fmt::Write;

use crate::frame::{Scene, Status};
use crate::layout::{Card, Layout, Point, Rect};
use crate::ui::{format, theme};

use super::card::{self, Face};
use super::morph;
use super::pixels::Shape;

/// Below the diagram, for what it is of.
const FOOT: f64 = 28.0;
/// Half of a dot's width.
const DOT: f64 = 3.5;

/// A dot as it is drawn.
pub struct Spot {
    /// Where.
    pub at: Point,
    /// In which shape.
    pub shape: Shape,
    /// In which colour.
    pub colour: [u8; 3],
}

/// The drawing, as SVG.
pub fn svg(layout: &Layout, scene: &Scene, status: Option<&Status>, dots: &[Spot]) -> String {
    let (width, height) = layout.size;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{}\" viewBox=\"0 0 {width} {}\" \
         font-family=\"system-ui, sans-serif\" role=\"img\" aria-label=\"{}\">",
        height + FOOT,
        height + FOOT,
        escaped(&scene.scenario.name)
    );
    rect(&mut out, Rect { x: 0.0, y: 0.0, w: width, h: height + FOOT }, 0.0, "--panel", "none");
    for frame in &layout.frames {
        rect(&mut out, frame.rect, 12.0, "--place", &theme::colour("--line"));
        text(&mut out, (frame.rect.x + 14.0, frame.rect.y + 20.0), 12.0, "--soft", Anchor::Start, &frame.name);
    }
    let edge = theme::colour("--edge");
    for way in &layout.edges {
        let _ = write!(out, "<path d=\"{}\" fill=\"none\" stroke=\"{edge}\" stroke-width=\"1.2\"/>", way.curve.path());
    }
    layout.cards.iter().for_each(|own| draw_card(&mut out, own, scene, status));
    dots.iter().for_each(|dot| draw_dot(&mut out, dot));
    let per_dot = status.map_or(1, |status| status.requests_per_dot);
    let moment = status.map_or_else(String::new, |status| {
        format!(" · {} · seed {} · digest {}", format::moment(status.now_ms), status.seed, status.digest)
    });
    let told = format!("{}{moment} · 1 dot = {} · Zero to Millions", scene.scenario.name, requests(per_dot));
    text(&mut out, (14.0, height + 18.0), 11.0, "--soft", Anchor::Start, &told);
    out.push_str("</svg>\n");
    out
}

fn requests(count: u32) -> String {
    if count == 1 { "1 request".to_owned() } else { format!("{} requests", format::count(count.into())) }
}

fn draw_card(out: &mut String, own: &Card, scene: &Scene, status: Option<&Status>) {
    let Rect { x, y, w, h } = own.rect;
    let Face { rate, note, utilisation, class, .. } = card::face(own, scene, status);
    let is_down = class == "down";
    rect(out, own.rect, 8.0, "--panel", &theme::colour(if is_down { "--fail" } else { "--edge" }));
    // What does not fit is cut at the card's edge.
    let clip = format!("card-{}-{}", own.tier, own.nodes.first().copied().unwrap_or_default());
    let _ = write!(
        out,
        "<clipPath id=\"{clip}\"><rect x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{h}\"/></clipPath><g clip-path=\"url(#{clip})\">",
        x + 6.0,
        (w - 12.0).max(0.0)
    );
    text(out, (x + 10.0, y + 17.0), 12.0, "--ink", Anchor::Bold, &morph::title(own, scene));
    text(out, (x + 10.0, y + 32.0), 11.0, "--soft", Anchor::Start, &rate);
    text(out, (x + w - 10.0, y + 32.0), 11.0, "--soft", Anchor::End, &note);
    out.push_str("</g>");
    if let Some(share) = utilisation.filter(|_| h >= 44.0) {
        text(out, (x + w - 10.0, y + 17.0), 11.0, "--soft", Anchor::End, &format!("{}%", format::percent(share)));
        let bar = Rect { x: x + 10.0, y: y + h - 9.0, w: w - 20.0, h: 4.0 };
        rect(out, bar, 2.0, "--line", "none");
        let colour = match card::load_class(share) {
            "hot" => "--fail",
            "warm" => "--warm",
            _ => "--accent",
        };
        rect(out, Rect { w: bar.w * share.clamp(0.0, 1.0), ..bar }, 2.0, colour, "none");
    }
}

fn draw_dot(out: &mut String, Spot { at: (x, y), shape, colour: [red, green, blue] }: &Spot) {
    let colour = format!("#{red:02x}{green:02x}{blue:02x}");
    let (l, r, t, b) = (x - DOT, x + DOT, y - DOT, y + DOT);
    let solid = format!("fill=\"{colour}\"");
    let hollow = format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\"");
    let _ = match shape {
        Shape::Circle | Shape::Trace | Shape::Small => {
            write!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{DOT}\" {solid}/>")
        }
        Shape::Ring => write!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" {hollow}/>"),
        Shape::Square => write!(out, "<path d=\"M{l:.1},{t:.1}H{r:.1}V{b:.1}H{l:.1}z\" {solid}/>"),
        Shape::Hollow => write!(out, "<path d=\"M{l:.1},{t:.1}H{r:.1}V{b:.1}H{l:.1}z\" {hollow}/>"),
        Shape::Diamond => {
            write!(out, "<path d=\"M{x:.1},{t:.1}L{r:.1},{y:.1} {x:.1},{b:.1} {l:.1},{y:.1}z\" {solid}/>")
        }
        Shape::HollowDiamond => {
            write!(out, "<path d=\"M{x:.1},{t:.1}L{r:.1},{y:.1} {x:.1},{b:.1} {l:.1},{y:.1}z\" {hollow}/>")
        }
        Shape::Triangle => write!(out, "<path d=\"M{x:.1},{t:.1}L{r:.1},{b:.1} {l:.1},{b:.1}z\" {solid}/>"),
        Shape::Cross => write!(out, "<path d=\"M{l:.1},{t:.1}L{r:.1},{b:.1}M{r:.1},{t:.1}L{l:.1},{b:.1}\" {hollow}/>"),
    };
}

fn rect(out: &mut String, Rect { x, y, w, h }: Rect, round: f64, fill: &str, stroke: &str) {
    let fill = theme::colour(fill);
    let _ = write!(
        out,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{h:.1}\" rx=\"{round}\" fill=\"{fill}\" stroke=\"{stroke}\"/>",
        w.max(0.0)
    );
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Start,
    Bold,
    End,
}

fn text(out: &mut String, (x, y): Point, size: f64, colour: &str, anchor: Anchor, words: &str) {
    let more = match anchor {
        Anchor::Start => "",
        Anchor::Bold => " font-weight=\"600\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let (colour, words) = (theme::colour(colour), escaped(words));
    let _ = write!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{colour}\"{more}>{words}</text>");
}

/// What people have written, without anything that XML would take for its own.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
