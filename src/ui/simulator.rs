//! The page's end of the simulation: a worker, or the host on the page's own thread where workers are not to be had
//! (or where the address says `?inline`).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Float32Array, JsString, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::frame::Charts;
use crate::player::{Command, Reply};

use super::address;
use super::host::{Host, Rest};
use super::message::{Body, FromHost, ToHost};
use super::worker;

/// A stretch of work on the page's own thread, which has to draw as well.
const INLINE_STRETCH_MS: f64 = 5.0;
const INLINE_REST_MS: u32 = 8;

#[wasm_bindgen]
extern "C" {
    type ImportMeta;
    #[wasm_bindgen(method, getter)]
    fn url(this: &ImportMeta) -> JsString;
    #[wasm_bindgen(thread_local_v2, js_namespace = import, js_name = meta)]
    static IMPORT_META: ImportMeta;
}

/// What the page learns.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// The host said something, of the present run.
    Said(Body),
    /// What was to be opened is there, or cannot be opened.
    Arrived,
    /// The simulation runs on the page's own thread, and why.
    Inline(String),
    /// The simulation has died.
    Died(String),
}

/// The page's end of the simulation.
pub struct Simulator {
    hear: Box<dyn Fn(News)>,
    run: Cell<u32>,
    /// The run that what is being opened will be.
    awaited: Cell<Option<u32>>,
    engine: RefCell<Engine>,
}

enum Engine {
    /// Not started yet.
    None,
    Worker {
        worker: Worker,
        /// What it was sent before its first reply: for the host on this thread, should it never reply.
        unanswered: Vec<ToHost>,
        alive: bool,
    },
    Inline {
        host: Box<Host>,
        /// The next stretch of work.
        next: Option<Timeout>,
    },
}

impl Simulator {
    /// Starts the simulation; `hear` is told the news.
    pub fn start(hear: impl Fn(News) + 'static) -> Rc<Self> {
        let own = Rc::new(Self {
            hear: Box::new(hear),
            run: Cell::new(0),
            awaited: Cell::new(None),
            engine: RefCell::new(Engine::None),
        });
        if address::option("inline").is_some() {
            own.play_inline("the address asks for it", Vec::new());
        } else if let Err(error) = own.start_worker() {
            own.play_inline(&describe(&error), Vec::new());
        }
        own
    }

    /// Sends a command.
    pub fn command(self: &Rc<Self>, command: Command) {
        if let Command::Open { .. } | Command::OpenFile { .. } = command {
            // Run 1 is what the player begins with by itself.
            self.awaited.set(Some(self.run.get().max(1) + 1));
        }
        self.send(ToHost::Command { run: self.run.get(), command });
    }

    /// Sends a message.
    pub fn send(self: &Rc<Self>, message: ToHost) {
        match &mut *self.engine.borrow_mut() {
            Engine::None => {}
            Engine::Worker { worker, unanswered, alive } => {
                post(worker, &message);
                if !*alive {
                    unanswered.push(message);
                }
            }
            Engine::Inline { host, next } => {
                host.receive(message);
                *next = Some(self.soon(0));
            }
        }
    }

    fn start_worker(self: &Rc<Self>) -> Result<(), JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options("./worker.js", &options)?;
        let start = Object::new();
        Reflect::set(&start, &"glue".into(), &IMPORT_META.with(ImportMeta::url))?;
        Reflect::set(&start, &"module".into(), &wasm_bindgen::module())?;
        let own = self.clone();
        let on_message =
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| own.hear_worker(&event.data()));
        worker.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
        let own = self.clone();
        let on_error = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            event.prevent_default();
            // A script that cannot be fetched is told by a plain event, without a message.
            let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message);
            own.worker_failed(&message.unwrap_or_else(|| "its worker cannot be loaded".to_owned()));
        });
        worker.set_onerror(Some(on_error.into_js_value().unchecked_ref()));
        worker.post_message(&start)?;
        *self.engine.borrow_mut() = Engine::Worker { worker, unanswered: Vec::new(), alive: false };
        Ok(())
    }

    fn hear_worker(self: &Rc<Self>, data: &JsValue) {
        let Some(parts) = data.dyn_ref::<Array>() else {
            let error = Reflect::get(data, &"error".into()).unwrap_or_default();
            return self.worker_failed(&error.as_string().unwrap_or_default());
        };
        if let Engine::Worker { unanswered, alive, .. } = &mut *self.engine.borrow_mut() {
            *alive = true;
            unanswered.clear();
        }
        let run = parts.get(0).as_f64().unwrap_or_default() as u32;
        match decode(parts) {
            Ok(body) => self.hear_host(FromHost { run, body }),
            Err(error) => (self.hear)(News::Died(format!("the worker's reply cannot be read: {error}"))),
        }
    }

    /// A worker that never replied is replaced; one that did takes the run with it.
    fn worker_failed(self: &Rc<Self>, message: &str) {
        let engine = std::mem::replace(&mut *self.engine.borrow_mut(), Engine::None);
        match engine {
            Engine::Worker { worker, unanswered, alive: false } => {
                worker.terminate();
                self.play_inline(message, unanswered);
            }
            Engine::Worker { worker, .. } => {
                worker.terminate();
                (self.hear)(News::Died(message.to_owned()));
            }
            Engine::Inline { .. } => *self.engine.borrow_mut() = engine,
            Engine::None => {}
        }
    }

    fn play_inline(self: &Rc<Self>, reason: &str, unanswered: Vec<ToHost>) {
        let mut host = Box::new(Host::new());
        unanswered.into_iter().for_each(|message| host.receive(message));
        *self.engine.borrow_mut() = Engine::Inline { host, next: Some(self.soon(0)) };
        (self.hear)(News::Inline(reason.to_owned()));
    }

    fn soon(self: &Rc<Self>, ms: u32) -> Timeout {
        let own = self.clone();
        Timeout::new(ms, move || own.work_inline())
    }

    fn work_inline(self: &Rc<Self>) {
        let performance = web_sys::window().and_then(|window| window.performance());
        let clock = || performance.as_ref().map_or_else(js_sys::Date::now, web_sys::Performance::now);
        let mut said = Vec::new();
        if let Engine::Inline { host, next } = &mut *self.engine.borrow_mut() {
            *next = match host.work(clock, INLINE_STRETCH_MS) {
                Rest::None => Some(self.soon(0)),
                Rest::Short => Some(self.soon(INLINE_REST_MS)),
                Rest::Long => None,
            };
            said = host.said();
        }
        // Only now, since whoever hears may send at once.
        said.into_iter().for_each(|message| self.hear_host(message));
    }

    fn hear_host(&self, message: FromHost) {
        if message.run < self.run.get() {
            return;
        }
        self.run.set(message.run);
        let arrives = self.awaited.get().is_some_and(|run| match &message.body {
            Body::Reply(Reply::Opened { .. }) => message.run >= run,
            // What cannot be opened begins no run.
            Body::Reply(Reply::Problem { .. }) => true,
            _ => false,
        });
        (self.hear)(News::Said(message.body));
        if arrives {
            self.awaited.set(None);
            (self.hear)(News::Arrived);
        }
    }
}

fn post(worker: &Worker, message: &ToHost) {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_large_number_types_as_bigints(true);
    let message = message.serialize(&serializer).expect("messages are plain data");
    worker.post_message(&message).expect("plain data can be cloned");
}

fn decode(parts: &Array) -> Result<Body, String> {
    let content = parts.get(2);
    let numbers = |content: JsValue| content.dyn_into::<Float32Array>().map(|numbers| numbers.to_vec());
    match parts.get(1).as_string().as_deref() {
        Some(worker::REPLY) => {
            serde_wasm_bindgen::from_value(content).map(Body::Reply).map_err(|error| error.to_string())
        }
        Some(worker::STATUS) => {
            let text = content.as_string().unwrap_or_default();
            serde_json::from_str(&text).map(Body::Status).map_err(|error| error.to_string())
        }
        Some(worker::FRAME) => numbers(content).map(Body::Frame).map_err(|_| "a frame without numbers".to_owned()),
        Some(kind @ (worker::CHARTS | worker::TWIN_CHARTS)) => {
            let rows = numbers(content).map_err(|_| "charts without numbers".to_owned())?;
            let row_length = parts.get(3).as_f64().unwrap_or_default() as usize;
            let charts = Charts { row_length, rows };
            Ok(if kind == worker::CHARTS { Body::Charts(charts) } else { Body::TwinCharts(charts) })
        }
        name => Err(format!("a message of kind {name:?}")),
    }
}

fn describe(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |error| String::from(error.message()))
}
