//! Chapter 8.

use super::{Chapter, Role, Section};

/// Servers that keep nothing of their users.
pub static CHAPTER: Chapter = Chapter {
    number: 8,
    id: "stateless-web-tier",
    title: "Servers that keep nothing",
    stage: "stateless-web-tier",
    tries: &[
        "Let a day pass, and watch servers come and go in the chart. The log says what the autoscaler saw.",
        "Kill web servers at will. Who has to sign in again?",
        "Kill one of the two caches with the sessions, then the other one as well.",
        "Select the web servers and let them boot for two minutes. What does the next rise of the day do?",
        "Set the target utilisation higher. What does that save, and what becomes of the latency?",
    ],
    claims: &["state.lost", "state.sticky", "state.shared", "state.autoscale"],
    sections: &[
        Section {
            role: Role::Story,
            text: "Web servers are many, balanced, and spared by caches and edges. Their users sign in, and each server remembers \
                   who it is talking to.",
        },
        Section {
            role: Role::Problem,
            text: "What a server remembers, the others do not know. With four of them {state.lost:four} of the requests come to a \
                   stranger, who answers 401 and wants the password again; with two it is {state.lost:two}. And to check a \
                   password is dear, on purpose.\n\n\
                   So the balancer follows a cookie and brings everybody back to his server. But when that dies, \
                   {state.lost:lost} go with it, and as many users have to sign in again. When a spike comes and a third server is added, it gets \
                   {state.sticky:idle} of the requests: everybody has a server already, and {state.sticky:failed} fail.",
        },
        Section {
            role: Role::Idea,
            text: "Let servers keep nothing between two requests. What has to be remembered goes to a place that all of them can \
                   ask.",
        },
        Section {
            role: Role::Step,
            text: "Sessions lie in two small caches, each of which has all of them; the web servers ask there with every request \
                   of somebody who is signed in. Any server will do for any user now. So an autoscaler may add and remove them: \
                   it looks at how busy they are and brings that to its target. The day of this stage lasts twenty minutes, \
                   so that it can be watched.",
        },
        Section {
            role: Role::Bought,
            text: "Three of four web servers killed: {state.shared:cache} were answered 401. A server that is added gets \
                   {state.sticky:fair} of the requests at once, and in the same spike {state.sticky:failed_shared} fail.\n\n\
                   And the number of servers follows the day. Between trough and peak the autoscaler went from \
                   {state.autoscale:least} to {state.autoscale:most} and needed {state.autoscale:saved} fewer server-hours \
                   than a number that is always enough; the slowest hundredth of the requests took {state.autoscale:p99} times \
                   as long.",
        },
        Section {
            role: Role::LookOut,
            text: "The store is asked by every request. A look-up takes {state.shared:cache_ms} in a cache, \
                   {state.shared:relational_ms} in a relational database, {state.shared:key_value_ms} in a key-value store; most of \
                   that is the way. Their work differs more: one core does {state.shared:cache_capacity} look-ups, \
                   {state.shared:relational_capacity}, and {state.shared:key_value_capacity}.\n\n\
                   And it must not die. When the only cache did, {state.shared:cache_dies} had to sign in again, all at once; \
                   with a copy in a second one {state.shared:copy} had to, and {state.shared:database_dies} with a database, which \
                   has them on its disk.\n\n\
                   An autoscaler sees the past. What it measures is known late, a server has to boot, and after each change it \
                   rests: so it follows a day, and no spike. With sessions in the servers the same day lost \
                   {state.autoscale:stateful_lost}, some at every removal.",
        },
        Section {
            role: Role::InLife,
            text: "Stores for sessions: Redis, Memcached, DynamoDB, or a table of the database. Signed tokens (JWT) need no \
                   store, but nobody can end them early. Autoscalers: those of the large clouds with target tracking, Kubernetes \
                   with the Horizontal Pod Autoscaler, KEDA for queues. To drain: HAProxy, NGINX Plus, the balancers of the clouds.",
        },
        Section {
            role: Role::Loose,
            text: "The notes say that state should be moved out of the servers, as if it were gone then. In truth it is moved to \
                   a part that every request needs, and that has to be watched, copied and paid.\n\n\
                   They say that servers can be added and removed by the traffic. In truth by what was measured of it a while \
                   ago, and as fast as servers boot.",
        },
    ],
};
