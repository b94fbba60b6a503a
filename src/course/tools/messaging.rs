//! What carries messages, and who works on them.

use super::{Tool, default, named};

pub(super) static TOOLS: &[Tool] = &[
    Tool {
        part: "message_broker",
        name: "RabbitMQ",
        settings: &[
            named("exchanges", "exchange type: direct, fanout, topic; bindings"),
            named(
                "queues",
                "durable, x-max-length, x-overflow, x-message-ttl, x-dead-letter-exchange, x-delivery-limit",
            ),
            named("messages_max", "vm_memory_high_watermark"),
        ],
    },
    Tool {
        part: "message_broker",
        name: "Kafka",
        settings: &[named("exchanges", "topics"), named("queues", "consumer groups, retention.ms, retention.bytes")],
    },
    Tool {
        part: "message_broker",
        name: "Amazon SQS and SNS",
        settings: &[
            named("exchanges", "SNS topic, filter policy"),
            named("queues", "MessageRetentionPeriod, RedrivePolicy: maxReceiveCount, deadLetterTargetArn"),
        ],
    },
    Tool {
        part: "message_broker",
        name: "Kubernetes, systemd",
        settings: &[named("restart_after_ms", "restartPolicy, RestartSec")],
    },
    Tool {
        part: "worker",
        name: "RabbitMQ's clients",
        settings: &[
            named("queue", "basic.consume"),
            named("prefetch", "basic.qos prefetch_count"),
            named("acknowledge_every", "basic.ack multiple"),
            named("requeue", "basic.nack requeue"),
            default("reconnect_ms", "networkRecoveryInterval", 5_000.0),
        ],
    },
    Tool {
        part: "worker",
        name: "Celery",
        settings: &[named("slots", "--concurrency"), named("prefetch", "worker_prefetch_multiplier")],
    },
    Tool { part: "worker", name: "Kafka's consumers", settings: &[default("prefetch", "max.poll.records", 500.0)] },
    Tool {
        part: "worker",
        name: "Kubernetes with KEDA",
        settings: &[
            named("instances", "replicas"),
            default("draining_ms", "terminationGracePeriodSeconds", 30_000.0),
            default("autoscaler.minimum", "minReplicaCount", 0.0),
            default("autoscaler.maximum", "maxReplicaCount", 100.0),
            named("autoscaler.metric", "triggers"),
            named("autoscaler.target_queue_depth", "value"),
            named("autoscaler.target_utilisation", "cpu trigger: value"),
            named("autoscaler.schedule", "cron trigger"),
            default("autoscaler.evaluate_every_ms", "pollingInterval", 30_000.0),
            default("autoscaler.cooldown_out_ms", "scaleUp.stabilizationWindowSeconds", 0.0),
            default("autoscaler.cooldown_in_ms", "cooldownPeriod", 300_000.0),
        ],
    },
];
