//! Plays the player: takes messages, works in slices, and says what is to be told. It knows no worker, no page and no
//! clock but the one that it is handed.
//!
//! - At most one frame is under way: the next one is sent when the page asks for it and something has moved.
//! - Statuses go out some six times a second and right after a command; charts some three times a second.

use crate::frame::Status;
use crate::player::{Command, Player, Reply};
use crate::world::World;

use super::message::{Body, FromHost, ToHost};

/// Events per slice. Longer calls stay in the browser's slow compiler, and keep commands waiting.
const SLICE_EVENTS: u64 = 10_000;
const STATUS_EVERY_MS: f64 = 160.0;
const CHARTS_EVERY_MS: f64 = 320.0;

/// What the host wants after a stretch of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// To go on as soon as messages had their chance.
    None,
    /// To be called again after some milliseconds: time runs.
    Short,
    /// To be left alone until the next message.
    Long,
}

/// Plays the player.
pub struct Host {
    player: Player,
    run: u32,
    playing: bool,
    visible: bool,
    calm: bool,
    frame_wanted: bool,
    /// Something moved since the last frame.
    moved: bool,
    /// A status is to be told at once.
    urgent: bool,
    worked_at_ms: Option<f64>,
    status_at_ms: f64,
    charts_at_ms: f64,
    said: Vec<FromHost>,
}

impl Host {
    /// A player at its beginning.
    pub fn new() -> Self {
        Self {
            player: Player::new(),
            run: 0,
            playing: true,
            visible: true,
            calm: false,
            frame_wanted: true,
            moved: true,
            urgent: true,
            worked_at_ms: None,
            status_at_ms: 0.0,
            charts_at_ms: 0.0,
            said: Vec::new(),
        }
    }

    /// A message from the page.
    pub fn receive(&mut self, message: ToHost) {
        match message {
            ToHost::Command {
                run,
                command: Command::Apply { .. } | Command::Edit { .. } | Command::Seek { .. } | Command::Twin { .. },
            } if run != self.run => {}
            ToHost::Command { command, .. } => {
                // Speed, links and what is read change nothing that moves.
                let still = matches!(
                    command,
                    Command::Speed { .. }
                        | Command::Dots { .. }
                        | Command::Share { .. }
                        | Command::Save { .. }
                        | Command::Keep
                        | Command::ReadLog { .. }
                        | Command::ReadMetrics { .. }
                );
                self.moved |= !still;
                self.urgent = true;
                self.player.command(command);
            }
            ToHost::FrameWanted => self.frame_wanted = true,
            ToHost::Calm(calm) => self.calm = calm,
            ToHost::Visible(visible) => {
                self.visible = visible;
                self.worked_at_ms = None;
            }
        }
    }

    /// Works for about `budget_ms` by this clock.
    pub fn work(&mut self, clock: impl Fn() -> f64, budget_ms: f64) -> Rest {
        let begin = clock();
        if let Some(before) = self.worked_at_ms.replace(begin)
            && self.visible
        {
            self.player.elapse(begin - before);
        }
        let of = |world: &World| (world.now(), world.events());
        let progress = |player: &Player| (of(player.world()), player.twin_world().map(of));
        let before = progress(&self.player);
        let mut more = self.player.run(SLICE_EVENTS);
        while more && clock() - begin < budget_ms {
            more = self.player.run(SLICE_EVENTS);
        }
        self.moved |= progress(&self.player) != before;
        for reply in self.player.replies() {
            self.urgent = true;
            self.run += u32::from(matches!(reply, Reply::Opened { .. }));
            self.say(Body::Reply(reply));
        }
        self.report(clock());
        match more {
            true => Rest::None,
            false if self.playing && self.visible => Rest::Short,
            false => Rest::Long,
        }
    }

    /// What is to be told since the last call.
    pub fn said(&mut self) -> Vec<FromHost> {
        std::mem::take(&mut self.said)
    }

    fn report(&mut self, now_ms: f64) {
        let frame_due = self.frame_wanted && self.moved;
        let pace_allows =
            if self.calm { frame_due } else { self.moved && now_ms - self.status_at_ms >= STATUS_EVERY_MS };
        if self.urgent || pace_allows {
            let status = self.player.status();
            self.playing = status.playing;
            let charts_due = self.urgent || self.calm || now_ms - self.charts_at_ms >= CHARTS_EVERY_MS;
            self.tell(status, now_ms, charts_due);
        }
        if frame_due {
            let buffer = self.player.frame().into_buffer();
            self.say(Body::Frame(buffer));
            (self.frame_wanted, self.moved) = (false, false);
        }
    }

    fn tell(&mut self, status: Status, now_ms: f64, with_charts: bool) {
        self.urgent = false;
        self.status_at_ms = now_ms;
        self.say(Body::Status(Box::new(status)));
        if with_charts {
            self.charts_at_ms = now_ms;
            let charts = self.player.charts();
            self.say(Body::Charts(charts));
            if let Some(charts) = self.player.twin_charts() {
                self.say(Body::TwinCharts(charts));
            }
        }
    }

    fn say(&mut self, body: Body) {
        self.said.push(FromHost { run: self.run, body });
    }
}
