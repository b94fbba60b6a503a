//! The host in a Web Worker. Control messages cross by structured clone, frames and charts as transferred buffers.
//!
//! Between two stretches of work the worker returns to its event loop, so that commands get in: by a message to
//! itself when there is more to do, by a timer while time merely runs, not at all when it stands.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Float32Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent};

use crate::frame::Charts;

use super::host::{Host, Rest};
use super::message::{Body, FromHost};

/// A stretch of work.
const STRETCH_MS: f64 = 10.0;
/// How long it rests while time runs and nothing is to be done.
const SHORT_REST_MS: u32 = 8;

/// Names of the kinds of messages to the page: an array of run, name and content.
pub const REPLY: &str = "reply";
/// See [`REPLY`]; its content is text, as JSON: read value by value across the boundary, the hundreds of servers of a large
/// system would take longer than all else on the page.
pub const STATUS: &str = "status";
/// See [`REPLY`].
pub const FRAME: &str = "frame";
/// See [`REPLY`]; its content is followed by the length of a row.
pub const CHARTS: &str = "charts";
/// The same of the twin.
pub const TWIN_CHARTS: &str = "twin-charts";

struct Worker {
    scope: DedicatedWorkerGlobalScope,
    host: RefCell<Host>,
    channel: MessageChannel,
    /// A message to itself is under way.
    called: Cell<bool>,
    rest: RefCell<Option<Timeout>>,
}

/// Makes this thread the worker.
pub fn start() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    tell_of_panics();
    let worker = Rc::new(Worker {
        scope: scope.clone(),
        host: RefCell::new(Host::new()),
        channel: MessageChannel::new().expect("workers have message channels"),
        called: Cell::new(false),
        rest: RefCell::default(),
    });
    let own = worker.clone();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        match serde_wasm_bindgen::from_value(event.data()) {
            Ok(message) => own.host.borrow_mut().receive(message),
            Err(error) => tell_error(&own.scope, &format!("the worker was sent what it cannot read: {error}")),
        }
        own.work();
    });
    scope.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
    let own = worker.clone();
    let on_call = Closure::<dyn Fn()>::new(move || {
        own.called.set(false);
        own.work();
    });
    worker.channel.port1().set_onmessage(Some(on_call.into_js_value().unchecked_ref()));
    worker.work();
}

impl Worker {
    fn work(self: &Rc<Self>) {
        let clock = || self.scope.performance().map_or_else(js_sys::Date::now, |performance| performance.now());
        let rest = self.host.borrow_mut().work(clock, STRETCH_MS);
        let said = self.host.borrow_mut().said();
        said.into_iter().for_each(|message| self.post(message));
        *self.rest.borrow_mut() = None;
        match rest {
            Rest::None if self.called.replace(true) => {}
            Rest::None => self.channel.port2().post_message(&JsValue::UNDEFINED).expect("undefined can be cloned"),
            Rest::Short => {
                let own = self.clone();
                *self.rest.borrow_mut() = Some(Timeout::new(SHORT_REST_MS, move || own.work()));
            }
            Rest::Long => {}
        }
    }

    fn post(&self, message: FromHost) {
        let run = JsValue::from(message.run);
        let (parts, transferred) = match message.body {
            Body::Reply(reply) => {
                // Seeds and counts need all their 64 bits.
                let serializer = serde_wasm_bindgen::Serializer::new().serialize_large_number_types_as_bigints(true);
                let reply = reply.serialize(&serializer).expect("replies are plain data");
                (Array::of3(&run, &REPLY.into(), &reply), Array::new())
            }
            Body::Status(status) => {
                let text = serde_json::to_string(&status).expect("statuses have finite numbers and text for keys");
                (Array::of3(&run, &STATUS.into(), &text.into()), Array::new())
            }
            Body::Frame(buffer) => {
                let numbers = Float32Array::from(buffer.as_slice());
                (Array::of3(&run, &FRAME.into(), &numbers), Array::of1(&numbers.buffer()))
            }
            Body::Charts(charts) => charts_of(&run, CHARTS, &charts),
            Body::TwinCharts(charts) => charts_of(&run, TWIN_CHARTS, &charts),
        };
        self.scope.post_message_with_transfer(&parts, &transferred).expect("the page takes plain data");
    }
}

/// The parts of a message, and what of it is transferred.
fn charts_of(run: &JsValue, kind: &str, charts: &Charts) -> (Array, Array) {
    let numbers = Float32Array::from(charts.rows.as_slice());
    let parts = Array::of4(run, &kind.into(), &numbers, &JsValue::from(charts.row_length as u32));
    (parts, Array::of1(&numbers.buffer()))
}

fn tell_error(scope: &DedicatedWorkerGlobalScope, message: &str) {
    let object = js_sys::Object::new();
    // Neither can fail: the object is new, the message plain text.
    let _ = js_sys::Reflect::set(&object, &"error".into(), &message.into());
    let _ = scope.post_message(&object);
}

/// A panic ends the worker; the page is told why. The hook must be `Send`, so it asks for the scope itself.
fn tell_of_panics() {
    std::panic::set_hook(Box::new(|info| tell_error(&js_sys::global().unchecked_into(), &info.to_string())));
}
