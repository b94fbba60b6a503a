//! What people use for each part in life: products, and what they call the settings that are parameters here.
//!
//! A part is called as in scenario files: the `kind` of a tier, or `clients` and `operations`. A parameter is named by its
//! field there. Defaults are those of the products' manuals, in the parameter's own unit; where a manual names none, or one
//! that depends on the machine, there is none here. The lists are in `tools/`, by what the parts are for.

mod delivering;
mod messaging;
mod serving;
mod storing;
mod watching;

use crate::nodes::Kind;

/// A product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tool {
    /// The part that it is used for.
    pub part: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it calls the parameters of that part, as far as it has them.
    pub settings: &'static [Setting],
}

/// What a product calls a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The parameter: a field of the part, or what all below it begins with.
    pub parameter: &'static str,
    /// The product's own name for it.
    pub name: &'static str,
    /// Its default, in the parameter's unit.
    pub default: Option<f64>,
}

/// A parameter, and what a product calls it.
const fn named(parameter: &'static str, name: &'static str) -> Setting {
    Setting { parameter, name, default: None }
}

/// The same with its default.
const fn default(parameter: &'static str, name: &'static str, default: f64) -> Setting {
    Setting { parameter, name, default: Some(default) }
}

/// All products, by part.
pub fn all() -> impl Iterator<Item = &'static Tool> {
    [serving::TOOLS, storing::TOOLS, delivering::TOOLS, messaging::TOOLS, watching::TOOLS].into_iter().flatten()
}

/// The products that are used for a part.
pub fn of(part: &str) -> impl Iterator<Item = &'static Tool> {
    all().filter(move |tool| tool.part == part)
}

/// The product of this name that is used for a part.
pub fn find(part: &str, name: &str) -> Option<&'static Tool> {
    of(part).find(|tool| tool.name == name)
}

/// What a part of this kind is called in scenario files.
pub fn part(kind: Kind) -> &'static str {
    match kind {
        Kind::Client => "clients",
        Kind::Dns => "dns",
        Kind::LoadBalancer => "load_balancer",
        Kind::WebServer => "web_server",
        Kind::Cache => "cache",
        Kind::Database => "database",
        Kind::Cdn => "cdn",
        Kind::ObjectStore => "object_store",
        Kind::MessageBroker => "message_broker",
        Kind::Worker => "worker",
    }
}

impl Tool {
    /// What it calls a parameter, if it has it: a field of the part.
    pub fn setting(&self, parameter: &str) -> Option<&'static Setting> {
        self.settings.iter().find(|setting| setting.is_of(parameter))
    }
}

impl Setting {
    /// Whether it is the product's name of this parameter.
    pub fn is_of(&self, parameter: &str) -> bool {
        let below = parameter.strip_prefix(self.parameter);
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}
