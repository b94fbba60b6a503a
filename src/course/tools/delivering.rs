//! What keeps files and brings them near.

use super::{Tool, default, named};

pub(super) static TOOLS: &[Tool] = &[
    Tool {
        part: "cdn",
        name: "Amazon CloudFront",
        settings: &[
            named("origin", "origin domain name"),
            named("second_origin", "origin group"),
            named("routes", "cache behaviors"),
            named("places", "price class"),
            named("purge_ms", "invalidation"),
            named("rate_limit", "rate-based rule of AWS WAF"),
        ],
    },
    Tool {
        part: "cdn",
        name: "Cloudflare",
        settings: &[
            named("purge_ms", "purge_cache"),
            named("rate_limit.requests_per_second", "rate limiting rules: requests_per_period"),
            named("origin", "proxied DNS records"),
        ],
    },
    Tool {
        part: "cdn",
        name: "Akamai",
        settings: &[named("origin", "Origin Server behavior"), named("purge_ms", "Fast Purge")],
    },
    Tool {
        part: "cdn",
        name: "Varnish, NGINX",
        settings: &[
            named("capacity_mb", "-s malloc, proxy_cache_path max_size"),
            named("coalesce", "proxy_cache_lock"),
            named("rate_limit.requests_per_second", "limit_req_zone rate"),
            default("rate_limit.burst", "limit_req burst", 0.0),
        ],
    },
    Tool { part: "object_store", name: "Amazon S3", settings: &[named("place", "LocationConstraint")] },
    Tool { part: "object_store", name: "Google Cloud Storage", settings: &[named("place", "location")] },
    Tool { part: "object_store", name: "MinIO", settings: &[named("place", "MINIO_SITE_REGION")] },
];
