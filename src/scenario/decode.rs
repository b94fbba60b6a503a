//! How a tier is read: by its kind first, so that an error names the field and not only the tier.

use serde::de::{DeserializeOwned, Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::nodes::Kind;

use super::{Problem, Tier};

impl<'de> Deserialize<'de> for Tier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(deserializer)?;
        let kind = fields.remove("kind").ok_or_else(|| D::Error::missing_field("kind"))?;
        let kind = Kind::deserialize(kind).map_err(|error| at("kind", &error.to_string()))?;
        Ok(match kind {
            Kind::Client => return Err(at("kind", "clients are not a tier; they are in workload.clients")),
            Kind::Dns => Self::Dns(part(fields)?),
            Kind::LoadBalancer => Self::LoadBalancer(part(fields)?),
            Kind::WebServer => Self::WebServer(part(fields)?),
            Kind::Cache => Self::Cache(part(fields)?),
            Kind::Database => Self::Database(part(fields)?),
            Kind::Cdn => Self::Cdn(part(fields)?),
            Kind::ObjectStore => Self::ObjectStore(part(fields)?),
            Kind::MessageBroker => Self::MessageBroker(part(fields)?),
            Kind::Worker => Self::Worker(part(fields)?),
        })
    }
}

fn part<T: DeserializeOwned + Serialize, E: Error>(fields: Map<String, Value>) -> Result<T, E> {
    serde_path_to_error::deserialize(Value::Object(fields)).map_err(|error| {
        let place = error.path().to_string();
        at(&place, &error.into_inner().to_string())
    })
}

fn at<E: Error>(place: &str, message: &str) -> E {
    E::custom(Problem::nested(place, message))
}
