//! Bare designs for theory: one tier of web servers, Poisson arrivals, all else switched off.

use serde_json::{Value, json};
use zero_to_millions::scenario::{self, Scenario};

/// One or more web servers without a network, time-outs, limits or anything behind them.
#[derive(Clone, Debug)]
pub struct Bare {
    /// Requests per second.
    pub rate: f64,
    /// `poisson` or `constant`.
    pub arrivals: &'static str,
    /// Servers. More than one stand behind a balancer, which costs no time.
    pub servers: u32,
    /// Cores of each.
    pub cores: u32,
    /// `fifo` or `processor_sharing`.
    pub discipline: &'static str,
    /// How the balancer chooses.
    pub policy: &'static str,
    /// The work of a request, with a mean of [`Bare::MEAN_MS`].
    pub service: Value,
}

impl Bare {
    /// The mean work of a request, so μ = 100 per second and core.
    pub const MEAN_MS: f64 = 10.0;

    /// One server with this many cores, at the load ρ, first come first served, exponential service.
    pub fn at_load(load: f64, cores: u32) -> Self {
        Self {
            rate: load * f64::from(cores) * 1e3 / Self::MEAN_MS,
            arrivals: "poisson",
            servers: 1,
            cores,
            discipline: "fifo",
            policy: "random",
            service: json!({ "mean_ms": Self::MEAN_MS }),
        }
    }

    /// The same with processor sharing.
    pub fn sharing(self) -> Self {
        Self { discipline: "processor_sharing", ..self }
    }

    /// The same with a service time whose coefficient of variation is 2.
    pub fn hyperexponential(self) -> Self {
        let service = json!({ "mean_ms": Self::MEAN_MS, "distribution": "hyperexponential", "cv": 2.0 });
        Self { service, ..self }
    }

    /// So many of these servers behind a balancer, each at the same load as before.
    pub fn servers(self, servers: u32, policy: &'static str) -> Self {
        Self { rate: self.rate * f64::from(servers), servers, policy, ..self }
    }

    /// As JSON, to be changed further.
    pub fn json(&self) -> Value {
        let web = json!({
            "kind": "web_server", "machine": "app", "instances": self.servers, "slots": 1_000_000, "backlog": 0
        });
        // Probes would only cost time here: one a day.
        let balancer = json!({
            "kind": "load_balancer", "machine": "edge", "backends": "web", "policy": self.policy,
            "health_check": { "interval_ms": 86_400_000.0 }
        });
        let balanced = self.servers > 1;
        json!({
            "version": 1,
            "name": "Bare",
            "workload": {
                "users": 1000,
                "requests_per_user_per_second": self.rate / 1000.0,
                "arrivals": self.arrivals,
                "entry": if balanced { "balancer" } else { "web" },
                "clients": { "all": { "share": 1.0, "place": "montreal", "timeout_ms": 86_400_000.0 } },
                "classes": { "read": { "share": 1.0, "web": self.service } }
            },
            "network": { "enabled": false },
            "machines": {
                "app": { "place": "montreal", "cores": self.cores, "discipline": self.discipline },
                "edge": { "place": "montreal", "cores": 1 }
            },
            "tiers": if balanced { json!({ "web": web, "balancer": balancer }) } else { json!({ "web": web }) }
        })
    }

    /// As a checked scenario.
    pub fn scenario(&self) -> Scenario {
        scenario::from_value(self.json()).unwrap_or_else(|problem| panic!("{problem}"))
    }
}
