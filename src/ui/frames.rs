//! From frames to pictures: at most one frame under way, one picture a tick of the screen; with reduced motion, two
//! pictures a second.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;

use crate::frame::FrameView;

use super::diagram::Painter;
use super::message::ToHost;
use super::simulator::Simulator;

/// Between two pictures with reduced motion.
const CALM_MS: u32 = 500;

/// From frames to pictures.
pub struct Frames {
    /// Draws them.
    pub painter: RefCell<Painter>,
    simulator: OnceCell<Rc<Simulator>>,
    latest: RefCell<Option<Vec<f32>>>,
    calm: Cell<bool>,
    asked: Cell<bool>,
    rest: RefCell<Option<Timeout>>,
    tick: OnceCell<Closure<dyn Fn(f64)>>,
}

impl Frames {
    /// Nothing to draw yet.
    pub fn new() -> Rc<Self> {
        let own = Rc::new(Self {
            painter: RefCell::default(),
            simulator: OnceCell::new(),
            latest: RefCell::default(),
            calm: Cell::new(false),
            asked: Cell::new(false),
            rest: RefCell::default(),
            tick: OnceCell::new(),
        });
        let weak = Rc::downgrade(&own);
        let tick = Closure::new(move |now_ms| {
            if let Some(own) = weak.upgrade() {
                own.draw(now_ms);
            }
        });
        // It is new, so the cell is empty.
        let _ = own.tick.set(tick);
        own
    }

    /// Asks this simulator for frames from now on.
    pub fn connect(&self, simulator: Rc<Simulator>) {
        // Connected once, when the page is mounted.
        let _ = self.simulator.set(simulator);
    }

    /// Whether reduced motion is wanted.
    pub fn set_calm(&self, calm: bool) {
        self.calm.set(calm);
        self.painter.borrow_mut().set_calm(calm);
    }

    /// A frame has come.
    pub fn receive(&self, buffer: Vec<f32>) {
        *self.latest.borrow_mut() = Some(buffer);
        self.ask();
    }

    /// Asks for a tick of the screen, once.
    pub fn ask(&self) {
        let (Some(window), Some(tick)) = (web_sys::window(), self.tick.get()) else { return };
        if !self.asked.replace(true) {
            // The callback is a function, all that is needed.
            let _ = window.request_animation_frame(tick.as_ref().unchecked_ref());
        }
    }

    fn draw(self: &Rc<Self>, now_ms: f64) {
        self.asked.set(false);
        let buffer = self.latest.borrow_mut().take();
        let view = buffer.as_deref().and_then(FrameView::new);
        let fading = self.painter.borrow_mut().paint(view, now_ms);
        if buffer.is_some() {
            self.want_next();
        }
        if fading && !self.calm.get() {
            self.ask();
        }
    }

    fn want_next(self: &Rc<Self>) {
        let own = self.clone();
        let want = move || {
            if let Some(simulator) = own.simulator.get() {
                simulator.send(ToHost::FrameWanted);
            }
        };
        if self.calm.get() {
            *self.rest.borrow_mut() = Some(Timeout::new(CALM_MS, want));
        } else {
            want();
        }
    }
}
