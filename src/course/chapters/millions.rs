//! Chapter 13.

use super::{Chapter, Role, Section};

/// Everything together.
pub static CHAPTER: Chapter = Chapter {
    number: 13,
    id: "millions",
    title: "Everything together",
    stage: "millions",
    tries: &[
        "Kill any part, and read in the log who notices, and when. Is there one that nobody replaces?",
        "Turn the users up to ten million, in a few steps. Which service grows first, and what is waited for meanwhile?",
        "Cut the power of all that stands in Frankfurt. Who fails, and for how long?",
        "Select a part and open “In life” below its parameters. What is it called there?",
        "Give one class of requests a larger share. Which service grows, and which does not?",
    ],
    claims: &["all.redundant", "all.services", "all.ladder", "all.tools", "all.blackbox"],
    sections: &[
        Section {
            role: Role::Story,
            text: "Each chapter took one thing away that was in the way: a machine that was too small, a server that was alone, a \
                   disk that was slow, an ocean, a session, a long job, one database for all. Those who run it see what happens. \
                   Every step was shown by itself.",
        },
        Section {
            role: Role::Problem,
            text: "A million users do not ask for one of them. They ask for all at once, and every part has a neighbour that it \
                   depends on. On the single server one death is the end: with its web server dead {all.redundant:single_web} of \
                   the pages fail until somebody starts it, with its database dead {all.redundant:single_database}. And one \
                   program for everything grows as a whole, whichever part of it is busy.",
        },
        Section {
            role: Role::Idea,
            text: "Let nothing be alone, and let nothing grow because of something else. Then put all of it together, and see whether \
                   it holds.",
        },
        Section {
            role: Role::Step,
            text: "Name servers lead each user to the nearer of two data centres; edges keep the files, and have a second origin. \
                   Ten balancers read the path of each request and send it to a service: pages, posts or photos, each with an \
                   autoscaler of its own. Pages come from a cache with a copy in each centre, everything else from a database on \
                   a hundred and more shards, each with a primary and two replicas. Sessions are in a cluster of their own. What \
                   takes long goes to a broker and to workers, of whom there are as many as are busy. A monitor watches over all of it, and \
                   somebody is on call.",
        },
        Section {
            role: Role::Bought,
            text: "The single server kept its promise to {all.ladder:first}, all of this together to {all.ladder:last}; the chart below \
                   has every stage in between.\n\n\
                   Nobody is missed. {all.redundant:kills} were killed, one at a time, of every tier, place and role. Of all requests \
                   that were sent after the failover of the dead one {all.redundant:beyond} failed. Until then it was \
                   {all.redundant:servers} with six web servers, {all.redundant:primary} with three servers of a shard, and \
                   {all.redundant:balancers} with two balancers, since devices remember the address of a dead one: that is the \
                   longest failover of all, {all.redundant:longest}.\n\n\
                   Only what is busy grows. With six times as many pages, the servers for pages went to {all.services:busy}, and \
                   those for searches stayed at {all.services:calm}. That costs {all.services:services_usd} a month, where every \
                   server has cores set aside for both {all.services:unit_usd}.\n\n\
                   And nobody outside can tell. The same users asked the same things of eleven stages, from the single server to \
                   this one: of the answers {all.blackbox:different} were of another kind, size or row, under the same name. What \
                   differs is time, by {all.blackbox:slowest} times between the fastest and the slowest, and what fails when a \
                   server dies: {all.blackbox:first_dies} there, {all.blackbox:last_dies} here.",
        },
        Section {
            role: Role::LookOut,
            text: "Redundancy is only as good as whoever notices. Who asks several in turn needs nobody: resolvers, edges, and the \
                   readers of a cache with copies. For the rest somebody has to look, often enough, and what is set by default \
                   may not be: as they come, HAProxy takes a crashed server out after {all.tools:haproxy}, NGINX Plus after \
                   {all.tools:nginx}, a balancer of AWS after {all.tools:alb}, and name servers of Route 53 stop naming it after \
                   {all.tools:route53}.\n\n\
                   A broker is one, here: what watches over it starts it again on the same disk, and until then nobody can upload a \
                   photo. That is a failover, too, but a slow one.\n\n\
                   Every copy is one that can be out of date. The single server gave {all.blackbox:stale_first}; of the other \
                   stages together it was {all.blackbox:stale}.",
        },
        Section {
            role: Role::InLife,
            text: "Services behind a balancer of the application layer: Kubernetes with an Ingress or a Gateway, Envoy and Istio, AWS \
                   ECS behind an Application Load Balancer. To kill things on purpose: Chaos Monkey, Gremlin, LitmusChaos, AWS \
                   Fault Injection Service. What people use for each part stands with its settings in the inspector, below the \
                   parameters of the part.",
        },
        Section {
            role: Role::Loose,
            text: "The notes say that services scale alone and that this is cheaper. In truth it is where modules cannot share a \
                   server's cores and memory. Where one program shares all cores freely, the same load costs \
                   {all.services:shared_usd} instead of {all.services:services_usd}: it has no second server standing by for each \
                   service.\n\n\
                   They say that the server side is a black box to the client. In truth time can be seen through it, and age: what \
                   was written a moment ago may not be there yet. And files have had a name of their own since there is a CDN.\n\n\
                   They say that there is redundancy at every tier. In truth it is at every tier for one death at a time, after a \
                   while that somebody has set.",
        },
    ],
};
