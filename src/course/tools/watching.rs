//! What watches over a system.

use super::{Tool, default, named};

pub(super) static TOOLS: &[Tool] = &[
    Tool {
        part: "operations",
        name: "Prometheus",
        settings: &[
            default("monitor.scrape_interval_ms", "scrape_interval", 60_000.0),
            named("alerts", "alerting rules"),
        ],
    },
    Tool {
        part: "alert",
        name: "Prometheus",
        settings: &[
            named("metric", "expr"),
            named("tier", "labels of expr"),
            named("above", "> in expr"),
            named("below", "< in expr"),
            default("for_ms", "for", 0.0),
            default("calm_ms", "keep_firing_for", 0.0),
        ],
    },
    Tool {
        part: "alert",
        name: "Amazon CloudWatch",
        settings: &[
            named("metric", "MetricName"),
            named("tier", "Dimensions"),
            named("above", "Threshold, GreaterThanThreshold"),
            named("below", "Threshold, LessThanThreshold"),
            named("for_ms", "EvaluationPeriods"),
        ],
    },
    Tool { part: "operations", name: "Grafana, Datadog, Amazon CloudWatch", settings: &[named("alerts", "alarms")] },
    Tool {
        part: "operations",
        name: "Elasticsearch with Logstash and Kibana, Loki",
        settings: &[
            named("logs.gather", "Filebeat, Promtail"),
            named("logs.lines_per_node", "logrotate: rotate, size"),
        ],
    },
    Tool {
        part: "operations",
        name: "PagerDuty, Opsgenie",
        settings: &[named("on_call", "schedules, escalation policies")],
    },
    Tool {
        part: "operations",
        name: "GitHub Actions, GitLab CI, Jenkins, Argo Rollouts",
        settings: &[named("pipeline", "workflows, pipelines, analysis templates")],
    },
];
