//! Chapter 9.

use super::{Chapter, Role, Section};

/// Several data centres.
pub static CHAPTER: Chapter = Chapter {
    number: 9,
    id: "data-centers",
    title: "Several data centres",
    stage: "data-centers",
    tries: &[
        "Cut the power of all that stands in Frankfurt. How long do its users fail, and what decides that?",
        "Select the DNS and let it answer in turn. What becomes of the latency in Europe?",
        "Take the servers of one centre out, one after the other, until its balancer sends requests over the ocean.",
        "Deploy a build to the servers of one centre only. Which requests fail, and where?",
        "Deploy the faulty build to all servers, once with canaries and once without.",
    ],
    claims: &["dc.geodns", "dc.policy", "dc.failover", "dc.data", "dc.primaries", "dc.deploy", "dc.available"],
    sections: &[
        Section {
            role: Role::Story,
            text: "Any server will do for any user, and files come from nearby. All servers still stand in one house.",
        },
        Section {
            role: Role::Problem,
            text: "A house can lose its power, its cooling or its line, and with one house that is everything. And whoever lives \
                   far away waits for every page: in Europe {dc.geodns:far}, of which the server needs a few.",
        },
        Section {
            role: Role::Idea,
            text: "Build the whole thing twice, far apart. Name servers send each user to the nearer one, and everybody to the \
                   other one when one is lost.",
        },
        Section {
            role: Role::Step,
            text: "Balancers, web servers, caches and databases stand in Montr\u{e9}al and in Frankfurt. The DNS looks whether both \
                   are well and answers with the nearer. A balancer keeps requests in its house as long as a server there is \
                   well, and web servers read from the database at hand.",
        },
        Section {
            role: Role::Bought,
            text: "In Europe a request now takes {dc.geodns:near} instead of {dc.geodns:far}. When a centre is lost, name servers \
                   leave it out after {dc.failover:detected}, and once the last record has expired all goes to the other one: of \
                   all that was sent after that {dc.failover:after} failed.\n\n\
                   Over fifty years, with each centre down a day in eleven, one is there {dc.available:one} of the time, two are \
                   {dc.available:two}, three {dc.available:three}.\n\n\
                   It costs room for everybody in each of them. Where the survivor was sized for its own users, \
                   {dc.failover:headroom} of all requests fail until the other is back: two outages instead of one. And it costs \
                   a copy of the data on each side, with an ocean between.",
        },
        Section {
            role: Role::LookOut,
            text: "Traffic moves in seconds; data has to be there before. With nothing replicated, {dc.data:missing_alone} of the \
                   reads after a failover miss what was written. With a log that is shipped every second it is \
                   {dc.data:missing_late}, and {dc.data:lost_late} acknowledged are gone. If commits wait for the other side \
                   nothing is, and each takes {dc.data:wait} longer.\n\n\
                   With a primary on each side, writes are answered {dc.primaries:saved} sooner on average, and both sides can \
                   change the same row: {dc.primaries:conflicts}, and in each somebody's acknowledged write is gone by a rule.\n\n\
                   The nearest is not always the best. With four in five users on one side the nearest fails \
                   {dc.policy:nearest} of all requests while the other centre is idle, the least loaded {dc.policy:least_loaded}. \
                   But when nobody is crowded that one costs {dc.policy:price} on average, for nothing.\n\n\
                   Centres must run the same. Where one was forgotten in a deployment, {dc.deploy:drift} of the reads fail, since \
                   one build cannot read what the other writes; a machine forgets nobody. A bad build fails {dc.deploy:bad} of \
                   the requests if nobody watches; with a canary it reached {dc.deploy:reached}.",
        },
        Section {
            role: Role::InLife,
            text: "geoDNS and health-checked answers: Amazon Route 53, Azure Traffic Manager, Google Cloud DNS, Akamai GTM, \
                   Cloudflare Load Balancing. Staying in one's zone: Envoy's zone-aware routing, Kubernetes with \
                   topology-aware routing. Primaries on several sides: Cassandra, DynamoDB global tables, MySQL Group Replication; \
                   one history across oceans: Spanner, CockroachDB. Deployments: Argo Rollouts, Spinnaker, AWS CodeDeploy.",
        },
        Section {
            role: Role::Loose,
            text: "The notes say that geoDNS sends users to the nearest data centre. In truth it sees their resolver, and who asks \
                   one on another continent is sent there: {dc.geodns:fooled} instead of {dc.geodns:near}.\n\n\
                   They say that in an outage all traffic goes to the healthy centre. In truth it goes there after detection and \
                   the life of the records, and in between {dc.failover:window} failed here.\n\n\
                   They say that automatic deployment keeps the centres the same. In truth there are two builds while it is under \
                   way: {dc.deploy:rolling} failed in a roll-out that went well, and {dc.deploy:steps} where the format came in \
                   two steps.\n\n\
                   And chances multiply only if outages do not know of each other.",
        },
    ],
};
