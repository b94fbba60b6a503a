//! Those who run the system, with names resolved and all milliseconds turned into spans.

use crate::nodes::TierId;
use crate::nodes::operations::alerts::{Bound, Rule};
use crate::nodes::operations::{Monitor, Settings, business, logs, on_call, pipeline};
use crate::scenario::operations::{Alert, Business, Complaints, Logs, OnCall, Operations, Pipeline, Tests};
use crate::scenario::{Id, Scenario};
use crate::time::Span;

/// How the system is run, if anybody does.
pub(super) fn settings(scenario: &Scenario, tier_id: impl Fn(&Id) -> TierId) -> Option<Settings> {
    scenario.operations.as_ref().map(|own: &Operations| Settings {
        monitor: own.monitor.map(|monitor| Monitor {
            interval: Span::from_ms(monitor.scrape_interval_ms),
            delay: Span::from_ms(monitor.delay_ms),
        }),
        rules: own.alerts.values().map(|alert| rule(alert, &tier_id)).collect(),
        rule_ids: own.alerts.keys().cloned().collect(),
        logs: own.logs.as_ref().map(lines),
        complaints: own.complaints.as_ref().map(complaining),
        on_call: own.on_call.as_ref().map(duty),
        business: own.business.as_ref().map(|business| orders(scenario, business)),
        pipeline: own.pipeline.as_ref().map(|pipeline| passages(own, pipeline, &tier_id)),
    })
}

fn rule(alert: &Alert, tier_id: impl Fn(&Id) -> TierId) -> Rule {
    Rule {
        metric: alert.metric,
        tier: alert.tier.as_ref().map(tier_id),
        bound: match (alert.above, alert.below) {
            (Some(bound), _) => Bound::Above(bound),
            (None, Some(bound)) => Bound::Below(bound),
            (None, None) => unreachable!("checked: an alert has a condition"),
        },
        hold: Span::from_ms(alert.for_ms),
        calm: Span::from_ms(alert.calm_ms),
    }
}

fn lines(own: &Logs) -> logs::Settings {
    logs::Settings {
        lines_per_node: own.lines_per_node as usize,
        sample: own.sample_percent / 100.0,
        slow: Span::from_ms(own.slow_ms),
        gather: own.gather.map(|gather| (Span::from_ms(gather.every_ms), gather.lines as usize)),
    }
}

fn complaining(own: &Complaints) -> on_call::Complaining {
    on_call::Complaining {
        share: own.share_percent / 100.0,
        after: own.after.sampler(),
        needed: own.needed as usize,
        within: Span::from_ms(own.within_ms),
    }
}

fn duty(own: &OnCall) -> on_call::Settings {
    on_call::Settings {
        reaction: own.reaction.sampler(),
        look: Span::from_ms(own.look_ms),
        tolerated: own.tolerated_error_rate,
        adds_servers: own.adds_servers,
        reminded_after: Span::from_ms(own.reminded_after_ms),
    }
}

fn passages(all: &Operations, own: &Pipeline, tier_id: impl Fn(&Id) -> TierId) -> pipeline::Settings {
    let rule = |id: &Id| all.alerts.keys().position(|known| known == id).expect("checked") as u8;
    pipeline::Settings {
        tier: tier_id(&own.tier),
        build_time: own.build_time.sampler(),
        tests: own.tests.map(|tests: Tests| pipeline::Tests { time: tests.time.sampler(), cases: tests.cases }),
        strategy: super::deployment::strategy(&own.strategy),
        turns_back_on: own.turn_back_on.iter().map(rule).collect(),
    }
}

fn orders(scenario: &Scenario, own: &Business) -> business::Settings {
    let class = scenario.workload.classes.keys().position(|id| *id == own.order_class).expect("checked");
    business::Settings {
        order_class: class as u8,
        revenue_per_order_usd: own.revenue_per_order_usd,
        visit_idle_seconds: own.visit_idle_seconds,
    }
}
