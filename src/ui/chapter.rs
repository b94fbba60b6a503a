//! The chapter's text: what this stage is about and what to try. Every figure in it comes from the run or the scenario.

use std::rc::Rc;

use serde_json::Value;
use yew::prelude::*;

use crate::frame::{Scene, Status};
use crate::nodes::Kind;

use super::journey::{CHAPTERS, chapter_of};
use super::parameters::look_up;
use super::{format, names};

/// What the text is about.
pub struct Props {
    /// The id of the stage.
    pub stage: Option<String>,
    /// What there is.
    pub scene: Rc<Scene>,
    /// The scenario, to look values up.
    pub values: Rc<Value>,
    /// How it stands.
    pub status: Option<Rc<Status>>,
}

/// What a chapter says.
struct Text {
    title: &'static str,
    paragraphs: Vec<Html>,
    tries: &'static [&'static str],
}

/// The chapter's text.
pub fn chapter(props: &Props) -> Html {
    let number = chapter_of(props.stage.as_deref());
    let text = match props.stage.as_deref() {
        Some("single-server") => single_server(props),
        Some("separate-database") => separate_database(props),
        Some("vertical-scaling") => vertical_scaling(props),
        Some("load-balancer") => load_balancer(props),
        Some(_) | None => Text { title: "", paragraphs: Vec::new(), tries: &[] },
    };
    let name = number.and_then(|number| CHAPTERS.get(number - 1));
    html! {
        <section class="chapter" aria-labelledby="chapter-title">
            <p class="eyebrow">
                if let (Some(number), Some(name)) = (number, name) { { format!("{number} · {name}") } }
            </p>
            <h1 id="chapter-title">{ text.title }</h1>
            { for text.paragraphs.into_iter().map(|paragraph| html! { <p>{ paragraph }</p> }) }
            if !text.tries.is_empty() {
                <h2>{ "Try" }</h2>
                <ul class="tries">{ for text.tries.iter().map(|text| html! { <li>{ *text }</li> }) }</ul>
            }
        </section>
    }
}

fn single_server(props: &Props) -> Text {
    Text {
        title: "One machine does it all",
        paragraphs: vec![
            html! {
                <>
                    { "A single server holds the site and its data. A browser asks DNS for its address, keeps the answer \
                       for a while, and sends its requests there. Web server and database take turns on the same cores, " }
                    { busy(props, Kind::WebServer) }{ "." }
                </>
            },
            html! {
                { "This carries more users than most people expect. But one resource ends first, and when the machine \
                   dies, everything does." }
            },
        ],
        tries: &[
            "Drag users to 1,000,000: which resource ends first, and what do clients get then?",
            "Double-click a card, or press K on it, to kill that process. R restores it: watch how long it starts.",
            "Select the web server and give its machine more cores. How far does that carry?",
            "Pause, go back on the time bar, and do something else: the future changes.",
        ],
    }
}

fn separate_database(props: &Props) -> Text {
    Text {
        title: "The database moves out",
        paragraphs: vec![
            html! {
                <>
                    { "Web server and database no longer take cores from each other: the web server is " }
                    { busy(props, Kind::WebServer) }{ ", the database " }{ busy(props, Kind::Database) }
                    { ". Each can be given the machine that it needs, and be restarted alone." }
                </>
            },
            html! {
                { "The price is a trip over the network for every query. And there are now two machines that \
                   everything depends on." }
            },
        ],
        tries: &[
            "Turn users up slowly. Which of the two turns red first, and at how many users?",
            "Kill the database: what needs no data is still answered, the rest fails.",
            "Give the machine of the busier one more cores. What is next to break now?",
            "Allow the database a single connection and watch its queue.",
        ],
    }
}

fn vertical_scaling(props: &Props) -> Text {
    let size = |machine: &str| look_up(&props.values, &format!("machines.{machine}.size")).and_then(Value::as_str);
    let mark = |text: Option<&str>| html! { <mark>{ text.unwrap_or("another machine").to_owned() }</mark> };
    Text {
        title: "A bigger machine",
        paragraphs: vec![
            html! {
                <>
                    { "The quickest way to carry more is a bigger machine: the web server now runs on " }
                    { mark(size("app")) }{ " and is " }{ busy(props, Kind::WebServer) }{ ", the database on " }
                    { mark(size("data")) }{ ". Nothing in the program has to change." }
                </>
            },
            html! {
                { "But cores wait for each other, so twice the cores do less than twice the work at twice the price. The \
                   list of machines ends. And the biggest one still dies as a whole." }
            },
        ],
        tries: &[
            "Select the web server and choose the next size, and the next. How does the price grow, how the capacity?",
            "Turn users up until the largest size is full. That is the ceiling.",
            "Kill the web server. How much of the site is left?",
        ],
    }
}

fn load_balancer(props: &Props) -> Text {
    let servers = props.scene.tiers.iter().find(|tier| tier.kind == Kind::WebServer);
    let check = |field: &str| look_up(&props.values, &format!("tiers.balancer.health_check.{field}"));
    let interval = check("interval_ms").and_then(Value::as_f64).map(format::span);
    let probes = check("unhealthy_after").and_then(Value::as_u64).map(format::count);
    Text {
        title: "Many servers behind one address",
        paragraphs: vec![
            html! {
                <>
                    { "Clients know one address. Behind it a balancer hands each request to one of " }
                    <mark>{ servers.map(|tier| format::count(u64::from(tier.instances))) }{ " web servers" }</mark>
                    { ", which are " }{ busy(props, Kind::WebServer) }{ ". One of them may die without taking the site \
                       with it." }
                </>
            },
            html! {
                <>
                    { "Not without errors, though. The balancer asks every " }<mark>{ interval }</mark>
                    { " whether a server is well, and believes it dead after " }<mark>{ probes }{ " failed probes" }</mark>
                    { ". Until then it goes on sending requests there." }
                </>
            },
        ],
        tries: &[
            "Kill Web 2: what was read is tried again at the other server, what was written fails.",
            "Restore it. It has to start and to pass its probes, and then gets its share little by little.",
            "Kill Balancer 1. How long until the other one has its address?",
            "Select the balancer and probe ten times as often. What does it cost, what does it save?",
            "Set the web servers to 100. What breaks next?",
        ],
    }
}

/// How busy the first tier of a kind is, in words.
fn busy(props: &Props, kind: Kind) -> Html {
    let tier = props.scene.tiers.iter().position(|tier| tier.kind == kind);
    let status = tier.and_then(|tier| props.status.as_ref()?.tiers.get(tier).copied());
    let title = tier.map(|tier| names::tier(&props.scene, tier));
    let share = status.map(|status| format!("{}% busy", format::percent(status.utilisation)));
    html! { <mark title={title}>{ share.unwrap_or_else(|| "not yet busy".to_owned()) }</mark> }
}
