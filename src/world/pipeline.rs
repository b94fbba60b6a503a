//! What is committed on its way to servers: what `nodes/operations/pipeline.rs` decides is carried out here.

use crate::nodes::deployment;
use crate::nodes::observer::Fact;
use crate::nodes::operations::pipeline::{Commit, Outcome, Pipeline, Settings, Stage};
use crate::nodes::operations::{Due, Operations};
use crate::time::Span;

use super::World;

impl World {
    /// Somebody commits a change that leads to this build.
    pub(super) fn commit(&mut self, build: u8) {
        let at = self.ctx.now;
        if let Some(pipeline) = self.pipeline() {
            pipeline.commit(Commit { build, at });
            self.ctx.tell(Fact::Committed { build });
            self.take_up_commit();
        }
    }

    fn pipeline(&mut self) -> Option<&mut Pipeline> {
        self.ctx.operations.as_mut()?.pipeline.as_mut()
    }

    /// The pipeline as it stands, and how it works.
    fn pipeline_at_work(&mut self) -> Option<(&mut Pipeline, &Settings)> {
        let Operations { pipeline, settings, .. } = self.ctx.operations.as_deref_mut()?;
        Some((pipeline.as_mut()?, settings.pipeline.as_ref()?))
    }

    fn take_up_commit(&mut self) {
        let length = self.pipeline_at_work().and_then(|(own, settings)| own.take_up(settings));
        if let Some(length) = length {
            self.ctx.plan_for_operations(length, Due::Built);
        }
    }

    /// Something is built: tests begin.
    pub(super) fn end_building(&mut self) {
        let Some((own, settings)) = self.pipeline_at_work() else { return };
        let (length, commit) = (own.built(settings.tests), own.stage.commit());
        if let Some(Commit { build, .. }) = commit {
            self.ctx.tell(Fact::Built { build });
        }
        self.ctx.plan_for_operations(length, Due::Tested);
    }

    /// Tests are over: what has passed sets out for servers.
    pub(super) fn end_tests(&mut self) {
        let plan = self.plan.clone();
        let Some((own, settings)) = self.pipeline_at_work() else { return };
        let Some(commit) = own.stage.commit() else { return };
        let passed = !own.finds(settings.tests, &plan.builds[usize::from(commit.build)].1);
        let (tier, strategy, is_tested) = (settings.tier, settings.strategy, settings.tests.is_some());
        if is_tested {
            self.ctx.tell(Fact::Tested { build: commit.build, passed });
        }
        if passed {
            let state = &self.ctx.tiers[tier.index()];
            let servers = state.members[..state.instances].to_vec();
            let number = self.deploy(&servers, commit.build, strategy);
            if let Some(own) = self.pipeline() {
                own.stage = Stage::Deploying(commit, number);
            }
            self.end_passage();
        } else {
            self.end_commit(Outcome::FailedTests);
        }
    }

    /// A deployment is over. It may be the pipeline's.
    pub(super) fn end_passage(&mut self) {
        let Some(Stage::Deploying(_, number)) = self.pipeline().map(|own| own.stage) else { return };
        let stage = self.deployment(number).map_or(deployment::Stage::Superseded, |own| own.stage);
        match stage {
            deployment::Stage::RolledOut => self.end_commit(Outcome::RolledOut),
            deployment::Stage::RolledBack => self.end_commit(Outcome::RolledBack),
            deployment::Stage::Superseded => self.end_commit(Outcome::Superseded),
            deployment::Stage::Canary
            | deployment::Stage::ObservingCanary(_)
            | deployment::Stage::RollingOut
            | deployment::Stage::Observing(_)
            | deployment::Stage::RollingBack => {}
        }
    }

    fn end_commit(&mut self, outcome: Outcome) {
        let now = self.ctx.now;
        if let Some(own) = self.pipeline() {
            own.end(now, outcome);
        }
        self.take_up_commit();
    }

    /// Deployments go on by looks of their own: the pipeline learns of an end right after it.
    pub(super) fn tell_pipeline(&mut self) {
        if self.pipeline().is_some_and(|own| matches!(own.stage, Stage::Deploying(..))) {
            self.ctx.plan_for_operations(Span::ZERO, Due::Deployed);
        }
    }

    /// The rules at these places begin to fire: what the pipeline has on its way goes back, if it goes by one of them.
    pub(super) fn turn_pipeline_back(&mut self, fired: &[u8]) {
        let Some((own, settings)) = self.pipeline_at_work() else { return };
        let rule = fired.iter().copied().find(|rule| settings.turns_back_on.contains(rule));
        let (Some(rule), Stage::Deploying(Commit { build, .. }, number)) = (rule, own.stage) else { return };
        if self.turn_deployment_back(number)
            && let Some(rule) = self.ctx.operations().map(|own| own.rules[usize::from(rule)].number)
        {
            self.ctx.tell(Fact::TurnedBackBy { build, rule });
        }
    }
}
