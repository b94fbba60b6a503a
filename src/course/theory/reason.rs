//! Why a law does not hold.

use serde::{Deserialize, Serialize};

/// Why a law does not hold of a part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Requests come evenly spaced.
    EvenArrivals,
    /// Users wait for their answers.
    ClosedLoop,
    /// Arrivals follow the day.
    Day,
    /// Clients try again.
    Retries,
    /// Answers make users ask for more.
    FollowUps,
    /// Groups of users send unequally often.
    UnequalGroups,
    /// Clients know several addresses.
    SeveralAddresses,
    /// Edges answer a part of the requests.
    Edges,
    /// Arrivals are multiplied for a while.
    Spike,
    /// Its servers have a line each.
    OwnLines {
        /// How many.
        servers: u32,
    },
    /// What comes here was served by others that make it another process than a Poisson one.
    UnevenFlow,
    /// Requests come back to the same line.
    ComeBack,
    /// They keep their slots while they wait for others.
    HoldSlots,
    /// Other parts work on the same cores.
    SharedLine,
    /// Work does not vary as an exponential distribution does.
    NotExponential {
        /// How many cores.
        cores: u32,
    },
    /// More comes than the cores can do.
    Saturated {
        /// What comes, as a part of what they can do.
        load: f64,
    },
    /// Slots or connections may run out.
    SlotsRunOut,
    /// The line may be full, so that requests are refused.
    LineFull,
    /// The disk is waited for as well.
    Disk,
    /// It copies what others wrote, or is copied.
    Copies,
    /// It has a part of the rows only.
    Shards,
    /// Passwords and cookies are looked at.
    SignIns,
    /// Messages and jobs are work beside the answers.
    Jobs,
    /// What is asked of it depends on what a cache has.
    BehindCache,
    /// The build works otherwise than the classes say.
    Build,
    /// Health checks are requests too.
    Probes,
    /// Cores keep each other waiting.
    CoresDisturb,
    /// What is used least goes first.
    LeastUsed,
    /// Keys are asked for one after the other.
    Scan,
    /// Entries are on several servers.
    Replicas,
    /// Sessions are kept there.
    Sessions,
    /// Entries are read anew before they expire.
    ReadsAhead,
    /// Entries expire, beside an order that does not look at their use.
    ExpiresInOrder,
    /// Writes renew the lives of entries.
    Renewed,
    /// What it had at the beginning is not yet forgotten.
    Filling,
    /// Not all servers serve.
    NotAllServe,
    /// Servers come and go.
    Scales,
    /// Something is slow.
    Slowed,
    /// Requests fail.
    Failing {
        /// The share of them.
        share: f64,
    },
    /// Requests failed since measuring began.
    Failed {
        /// How many.
        requests: u64,
    },
    /// Others than requests wait there too.
    OthersWait,
    /// Something was changed since measuring began.
    Changed,
    /// Something that it waits for does not follow a law.
    WaitsFor {
        /// The id of that tier.
        tier: String,
        /// Why not.
        because: Box<Self>,
    },
}

impl Reason {
    /// In words, a whole sentence; `name` says what a tier is called.
    pub fn sentence(&self, name: &dyn Fn(&str) -> String) -> String {
        let text = match self {
            Self::EvenArrivals => "Requests come evenly spaced, not at random (Poisson).",
            Self::ClosedLoop => "Users wait for their answers, so the fuller it is, the fewer requests come.",
            Self::Day => "Arrivals follow the hour, so there is no steady state.",
            Self::Retries => "Clients try again, so requests come in the wake of others.",
            Self::FollowUps => "Answers make users ask for more at once, so requests come in batches.",
            Self::UnequalGroups => "Groups of users send unequally often.",
            Self::SeveralAddresses => {
                "Devices stay with one of several addresses, so each server has users of its own."
            }
            Self::Edges => "Edges and browsers answer a part of the requests.",
            Self::Spike => "A spike is on.",
            Self::OwnLines { servers } => {
                return format!(
                    "There are {servers} servers with a line each, not one shared line: whoever is sent to a busy one waits \
                     there while another one may be free."
                );
            }
            Self::UnevenFlow => {
                "What comes here has passed servers that take turns or lines that even it out: it is no \
                                 Poisson process any more."
            }
            Self::ComeBack => "Requests come back to the same line after what they wait for.",
            Self::HoldSlots => "Requests keep their slots while they wait for other parts.",
            Self::SharedLine => "Several parts share this machine in a way for which there is no formula.",
            Self::NotExponential { cores } => {
                return format!(
                    "With {cores} cores and one line, work would have to be exponential and alike for all classes; it is not."
                );
            }
            Self::Saturated { load } => {
                return format!(
                    "{:.0}% of what its cores can do comes in: no steady state, it only gets fuller.",
                    load * 100.0
                );
            }
            Self::SlotsRunOut => "Slots or connections may run out, and who waits for one is in another line.",
            Self::LineFull => "The line is so short that requests may be refused.",
            Self::Disk => "It waits for its disk too.",
            Self::Copies => "Copies of writes are work beside the queries.",
            Self::Shards => "Each shard has its own rows and its own line.",
            Self::SignIns => "Passwords and cookies are work beside the requests.",
            Self::Jobs => "Messages and jobs are work beside the answers.",
            Self::BehindCache => "What is asked of it depends on what the cache has.",
            Self::Build => "The build works, or fails, otherwise than the classes say.",
            Self::Probes => "Health checks are requests too.",
            Self::CoresDisturb => {
                "Its cores keep each other waiting: the work of a request depends on how many are busy."
            }
            Self::LeastUsed => "What is used least goes first, so the past never fades.",
            Self::Scan => "Keys are asked for one after the other, not independently.",
            Self::Replicas => "Each entry is on several servers.",
            Self::Sessions => "It keeps sessions: who asks once will soon ask again.",
            Self::ReadsAhead => "Entries are read anew before they expire.",
            Self::ExpiresInOrder => "Entries expire, and those that go first are not the unused ones.",
            Self::Renewed => "Writes renew the lives of entries.",
            Self::Filling => "It is still filling: a steady state has to come first.",
            Self::NotAllServe => "Not all servers serve.",
            Self::Scales => "Servers come and go.",
            Self::Slowed => "Something is slow or cut off.",
            Self::Failing { share } => return format!("{} of the requests fail.", percent(*share)),
            Self::Failed { requests } => {
                return format!("{requests} requests failed; how long they took is not recorded.");
            }
            Self::OthersWait => "Others wait there too, whose times are not recorded.",
            Self::Changed => "Something happened on the way; the recorded times are those of the whole run.",
            Self::WaitsFor { tier, because } => {
                return format!("It waits for {}, and there: {}", name(tier), because.sentence(name));
            }
        };
        text.to_owned()
    }
}

fn percent(share: f64) -> String {
    if share < 0.001 { "Less than 0.1%".to_owned() } else { format!("{:.1}%", share * 100.0) }
}
