//! The JavaScript package: the same core for somebody's own page or script, in a browser and in Node.
//!
//! A [`Simulation`] is a [`World`] with the samples from which rates are taken. What it tells are plain objects, made of
//! the JSON that the command line prints (faster than building them field by field); what it is told is checked as a file
//! is, and refused with the same words, as an `Error`. `types.d.ts` has the types of all of it, made of the Rust types.
//! `package/` holds what is published beside the wasm module; `cargo xtask package` puts it together.

mod value;

use js_sys::{BigInt, Error, JSON, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::course::stages::{self, Stage};
use crate::frame::{self, Samples};
use crate::link::{self, Shared, View, address};
use crate::scenario::{self, Change, MODEL, Problem, Scenario, edit};
use crate::time::{SimTime, Span};
use crate::world::World;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("js/types.d.ts");

/// Events between two returns to the loop of [`Simulation::advance`]. What is called anew may run as better code than
/// before: in one long call it would stay what the browser's fast compiler made of it.
const SLICE: u64 = 10_000;
/// Rates are taken over so much simulated time.
const RATES: Span = Span(1_000_000_000);
/// Of that stretch, samples are so far apart.
const SAMPLE_EVERY: Span = Span(100_000_000);
/// About so many requests on the wire are told one by one.
const DOTS: u32 = 500;
/// The first frame is taken to come after so much simulated time; the others as soon as the one before.
const PICTURE: Span = Span(16_000_000);
/// The latest moment of a run: 146 years.
const END: SimTime = SimTime(u64::MAX / 4);

/// A system that runs, in simulated time. Time stands until `advance` or `step` is called.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Simulation {
    stage: &'static Stage,
    /// The scenario at the start of the run, with the seed that it runs with.
    start: Scenario,
    moment: SimTime,
    recorded: Option<u64>,
    world: World,
    samples: Samples,
    /// When the last frame was taken.
    drawn: SimTime,
}

#[wasm_bindgen]
impl Simulation {
    /// A system at the start of its time.
    ///
    /// `scenario` is a scenario as an object or as the text of a file; the id of a stage (`"load-balancer"`); or an address
    /// of the page or what stands behind its `#`: a link (`"#2.…"`), `"#chapter/4"`, `"#claim/lb.even"`, `"#rung/cache"`.
    /// `seed` is a whole number from 0 to 18446744073709551615, beyond 2^53 as a bigint or as text; without it, the
    /// scenario's.
    ///
    /// Throws an `Error` that says what is wrong and where.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Scenario | string")] scenario: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number | bigint | string")] seed: &JsValue,
    ) -> Result<Self, Error> {
        let Shared { stage, scenario, moment, model, digest, .. } = shared(scenario).map_err(error)?;
        let seed = value::seed(seed).map_err(error)?.unwrap_or(scenario.seed);
        let mut world = World::new(&scenario, seed);
        world.watch(frame::watched(&world, PICTURE, DOTS));
        Ok(Self {
            stage,
            moment,
            recorded: digest.filter(|_| model == MODEL && seed == scenario.seed),
            samples: Samples::new(&world),
            drawn: SimTime::ZERO,
            start: Scenario { seed, ..scenario },
            world,
        })
    }

    /// Runs for so many milliseconds of simulated time, from 0 on; returns the present. However a run is cut into calls,
    /// it is the same run.
    pub fn advance(&mut self, ms: f64) -> Result<f64, Error> {
        let most = (END.0 - self.world.now().0) as f64 / 1e6;
        if !(0.0..=most).contains(&ms) {
            let problem = Problem::at("ms", format!("must be a number of milliseconds from 0 to {most}, is {ms}"));
            return Err(error(problem));
        }
        let goal = self.world.now() + Span::from_ms(ms);
        while self.slice(goal) {}
        Ok(self.now_ms())
    }

    /// Handles the next event, whenever it comes. Returns whether there was one.
    pub fn step(&mut self) -> bool {
        self.world.step()
    }

    /// The present, in milliseconds of simulated time.
    #[wasm_bindgen(getter)]
    pub fn now_ms(&self) -> f64 {
        self.world.now().as_ms()
    }

    /// The moment that a link leads to, in milliseconds of simulated time; 0 if it leads to a start.
    #[wasm_bindgen(getter)]
    pub fn moment_ms(&self) -> f64 {
        self.moment.as_ms()
    }

    /// The digest that a link has for its moment, to be compared with `digest()` there. None if it has none, is of another
    /// model, or another seed was asked for.
    #[wasm_bindgen(getter)]
    pub fn recorded_digest(&self) -> Option<String> {
        self.recorded.map(|digest| format!("{digest:016x}"))
    }

    /// A number for all outcomes so far, as 16 hexadecimal digits: the same here, on the page and on the command line.
    pub fn digest(&self) -> String {
        format!("{:016x}", self.world.digest())
    }

    /// What there is to draw at this instant, and what moved since the last frame.
    #[wasm_bindgen(unchecked_return_type = "Frame")]
    pub fn frame(&mut self) -> Result<JsValue, JsValue> {
        let now = self.world.now();
        let told = plain(&frame::snapshot(&self.world, self.drawn, &self.samples, RATES))?;
        // Watched are as many requests as make the next picture, if that comes as soon as this one.
        self.world.watch(frame::watched(&self.world, now.since(self.drawn), DOTS));
        self.drawn = now;
        Ok(told)
    }

    /// What there is: nodes, tiers, machines, who calls whom, and the scenario as it stands. It changes when something is
    /// applied, or servers come and go.
    #[wasm_bindgen(unchecked_return_type = "Scene")]
    pub fn scene(&self) -> Result<JsValue, JsValue> {
        let told = plain(&frame::scene(&self.world))?;
        exact_seed(&Reflect::get(&told, &"scenario".into())?, self.start.seed)?;
        Ok(told)
    }

    /// What has happened so far, in words, oldest first; the newest 500.
    #[wasm_bindgen(unchecked_return_type = "EventLine[]")]
    pub fn events(&self) -> Result<JsValue, JsValue> {
        plain(&frame::events(&self.world))
    }

    /// What the run has come to since measuring began: what `run --json` prints, but for what the wall clock says.
    #[wasm_bindgen(unchecked_return_type = "Report")]
    pub fn report(&self) -> Result<JsValue, JsValue> {
        let told = plain(&self.world.report())?;
        exact_seed(&told, self.start.seed)?;
        Ok(told)
    }

    /// Forgets what was measured; requests sent from now on are measured. For what `run --warmup` does.
    pub fn begin_measuring(&mut self) {
        self.world.begin_measuring();
    }

    /// Something happens to the system now, at the next whole microsecond: `{ kill: { target: "web.2" } }`. What the
    /// scenario's timeline held for later is dropped.
    ///
    /// Throws an `Error` if it does not fit this system; nothing has changed then.
    pub fn apply(&mut self, #[wasm_bindgen(unchecked_param_type = "Change")] change: &JsValue) -> Result<(), Error> {
        let change = value::read(change).and_then(edit::decode::<Change>);
        change.and_then(|change| self.world.apply(change)).map_err(error)
    }

    /// The link to this moment, from the `#` on: the page's address and this lead there, and so does
    /// `new Simulation(link)`. Moves time to the next whole microsecond, since links tell no less.
    pub fn link(&mut self) -> String {
        let now = self.world.now().round_up_to_microsecond();
        while self.slice(now) {}
        let scenario = Scenario { timeline: self.world.timeline().to_vec(), ..self.start.clone() };
        let view = View { paused: true, ..View::default() };
        let (moment, digest) = (self.world.now(), Some(self.world.digest()));
        format!("#{}", link::encode(&Shared { stage: self.stage, scenario, moment, model: MODEL, digest, view }))
    }

    /// Some events towards `goal`. Says whether there is more to do.
    #[inline(never)]
    fn slice(&mut self, goal: SimTime) -> bool {
        // The last stretch is sampled, so that rates can be told at its end.
        let due = self.samples.due(SAMPLE_EVERY).max(goal.less(RATES));
        let until = if due > self.world.now() { goal.min(due) } else { goal };
        let reached = self.world.advance(until, SLICE).reached;
        if self.world.now() >= due {
            self.samples.take(&self.world, RATES);
        }
        !(reached && until == goal)
    }
}

/// The stages of the journey, by chapter: what `new Simulation` takes by name, in the newest revision.
#[wasm_bindgen(unchecked_return_type = "Stage[]")]
pub fn stages() -> Result<JsValue, JsValue> {
    plain(&stages::newest().collect::<Vec<_>>())
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn complain(line: &str);
}

/// A broken invariant says which before wasm ends with nothing but `unreachable`.
#[wasm_bindgen(start)]
fn tell_of_panics() {
    std::panic::set_hook(Box::new(|info| complain(&info.to_string())));
}

fn shared(given: &JsValue) -> Result<Shared, Problem> {
    let scenario = match given.as_string() {
        Some(text) if text.trim_start().starts_with('{') => scenario::read(&text)?,
        Some(text) => return address::named(&text),
        None => scenario::from_value(value::read(given)?)?,
    };
    Ok(Shared::of(scenario))
}

fn error(problem: Problem) -> Error {
    Error::new(&problem.to_string())
}

fn plain(told: &impl Serialize) -> Result<JsValue, JsValue> {
    JSON::parse(&serde_json::to_string(told).expect("what is told is plain data"))
}

/// A seed beyond what JavaScript's numbers hold becomes a bigint.
fn exact_seed(told: &JsValue, seed: u64) -> Result<(), JsValue> {
    if seed > value::SAFE {
        Reflect::set(told, &"seed".into(), &BigInt::from(seed))?;
    }
    Ok(())
}
