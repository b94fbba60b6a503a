//! Chapter 4.

use super::{Chapter, Role, Section};

/// Many servers behind one address.
pub static CHAPTER: Chapter = Chapter {
    number: 4,
    id: "load-balancer",
    title: "Many servers behind one address",
    stage: "load-balancer",
    tries: &[
        "Kill Web 2: what was read is tried again at the other server, what was written fails. At a speed at which requests can \
         be followed a second takes minutes: jump to the next event to see the death noticed.",
        "Restore it. It has to start and to pass its probes, and then gets its share little by little.",
        "Kill Balancer 1. How long until the other one has its address?",
        "Select the balancer and probe ten times as often. What does it cost, what does it save?",
        "Set the web servers to 100. What breaks next?",
    ],
    claims: &[
        "lb.which",
        "lb.even",
        "lb.failover",
        "lb.grow",
        "lb.private",
        "lb.policies",
        "lb.sticky",
        "lb.health",
        "lb.layers",
        "lb.redundant",
    ],
    sections: &[
        Section {
            role: Role::Story,
            text: "The biggest machine is bought, or not worth its price. There are two web servers now, and clients know one \
                   name.",
        },
        Section {
            role: Role::Problem,
            text: "Which server? The DNS can hand out both addresses, but whoever has one keeps it. The busier server is \
                   {lb.which:uneven} above its half, for all users of a large operator hold the same record. And when one \
                   dies, {lb.which:failing} of the requests fail in the next minute, although the DNS has long stopped naming \
                   it.",
        },
        Section {
            role: Role::Idea,
            text: "Put somebody at the one address who knows all servers, looks whether they live, and hands each request to \
                   one of them.",
        },
        Section {
            role: Role::Step,
            text: "A balancer takes the public address; the web servers keep private ones that no route leads to from outside. \
                   In turn, the busiest server gets {lb.even:spread} more than the idlest.",
        },
        Section {
            role: Role::Bought,
            text: "Servers can die: after the death is noticed, {lb.failover:calm_failed} fail. Servers can be added under \
                   load: {lb.grow:taken_in} join by themselves, and latency falls to {lb.grow:recovered} of what the spike had \
                   made of it. And they need not be alike: where one of four is slow, to look at how busy they are brings the \
                   slowest requests down to {lb.policies:least} of what taking turns gives.",
        },
        Section {
            role: Role::LookOut,
            text: "A balancer moves traffic, it makes no room. Of two servers at seven tenths, the survivor fails \
                   {lb.failover:crowded_failed} until another is added.\n\n\
                   Trying again at the next server saves reads. A write whose answer was lost may have happened: tried again, \
                   {lb.failover:writes_doubled} were carried out twice.\n\n\
                   A silent death is noticed {lb.health:mean} and a time-out later on average, with a probe every two seconds and three that \
                   must fail. A probe that only connects never notices a server that has become very slow.\n\n\
                   Sessions that stick make the load as uneven as users are: {lb.sticky:busiest} times a fair share. At layer 4 \
                   a new server gets {lb.layers:new_4} of its share while old connections live; at layer 3 \
                   {lb.layers:resets_3} of the connections break when a server joins.\n\n\
                   And alone, the balancer is what all depends on. A pair takes over within {lb.redundant:takeover}.",
        },
        Section {
            role: Role::InLife,
            text: "Software: NGINX, HAProxy, Envoy, Traefik. Cloud services: Elastic Load Balancing, Cloud Load Balancing, \
                   Cloudflare. Hardware: F5, Citrix. In the network itself: routers that spread flows by their hash, with \
                   Linux Virtual Server or Maglev behind them. Pairs share an address by VRRP, with keepalived.",
        },
        Section {
            role: Role::Loose,
            text: "The notes say that a balancer spreads traffic evenly and that, when a server goes offline, the others take \
                   over. In truth it spreads requests, not work; and they take over if they have room, and once somebody has \
                   noticed.",
        },
    ],
};
