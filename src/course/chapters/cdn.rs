//! Chapter 7.

use super::{Chapter, Role, Section};

/// Files that come from nearby.
pub static CHAPTER: Chapter = Chapter {
    number: 7,
    id: "cdn",
    title: "Nearer to the users",
    stage: "cdn",
    tries: &[
        "Kill the edge in Seoul. Its users fail until routes lead elsewhere, and then have a longer way.",
        "Kill the whole CDN. Who has a fallback, and who has not?",
        "Select the CDN and let files be kept for ten seconds. What comes to the store now?",
        "Give each edge room for a hundred files. What becomes of the hit ratio, and of the bill?",
        "Select the clients in Asia and take their initial window away: what would a network without slow start be like?",
    ],
    claims: &[
        "cdn.near",
        "cdn.video",
        "cdn.miss",
        "cdn.offload",
        "cdn.cost",
        "cdn.expiry",
        "cdn.fallback",
        "cdn.invalidate",
        "cdn.shield",
    ],
    sections: &[
        Section {
            role: Role::Story,
            text: "The site is quick where it stands: balanced, cached, its database spared. Its users are no longer all in one \
                   town.",
        },
        Section {
            role: Role::Problem,
            text: "An image from Canada takes {cdn.near:korea_far} to Korea, from India to the United States {cdn.near:us_far}. \
                   No server is busy. Light in fibre needs its time, and a file costs many round trips: to connect, to agree on \
                   keys, to ask, and to wait again and again until the sender may send more.",
        },
        Section {
            role: Role::Idea,
            text: "Most of what is sent is the same for everybody: images, scripts, videos. Keep copies of that near the users, \
                   and let each ask the nearest.",
        },
        Section {
            role: Role::Step,
            text: "Edges of a provider stand on several continents under one address, and routes lead to the nearest. Files lie \
                   in an object store; edges fetch what they do not have and keep it as long as they may. Pages still come from \
                   the servers.",
        },
        Section {
            role: Role::Bought,
            text: "The same image now takes {cdn.near:korea_near}. Even the very first request for it is quicker than from the \
                   origin, with {cdn.miss:first}: the edge keeps a warm connection over the ocean. A visit from Tokyo to Alberta \
                   with a video takes {cdn.video:visit_near} instead of {cdn.video:visit_far}; its page still comes from afar.\n\n\
                   And the servers are spared: of all requests for files {cdn.offload:share} still come, exactly the misses that \
                   nobody else was fetching. In a flood of {cdn.shield:flood} times the normal traffic, edges with a limit for \
                   each address keep the origin at {cdn.shield:load} of its load; without, {cdn.shield:outage} of the requests \
                   fail.\n\n\
                   It costs what is moved. At list prices a file pays only if {cdn.cost:break_even} of its requests need no \
                   fetch: what is rarely used is better taken off.",
        },
        Section {
            role: Role::LookOut,
            text: "How long may a file be kept? Where each changes every three minutes, a hundred seconds make \
                   {cdn.expiry:stale_long} of the answers stale, twenty seconds {cdn.expiry:stale_middle}; two seconds \
                   {cdn.expiry:stale_short}, but then {cdn.expiry:fills_short} come to the origin instead of \
                   {cdn.expiry:fills_long}.\n\n\
                   A purge reaches edges after some seconds and browsers never: {cdn.invalidate:purge_browsers} came stale from \
                   browsers' own caches afterwards. A new name is new for everybody: {cdn.invalidate:renamed} were stale.\n\n\
                   When the whole CDN is gone, clients without a fallback miss {cdn.fallback:without} of the files. Those with \
                   one wait for the time-out {cdn.fallback:delays} times each. But an origin that was sized for what the edges \
                   left to it fails {cdn.fallback:drowned} of all requests then.\n\n\
                   And a limit sees addresses, not people: {cdn.shield:innocent} of customers who share a carrier's addresses \
                   with the bots are turned away with them.",
        },
        Section {
            role: Role::InLife,
            text: "CDNs: Cloudflare, Akamai, Fastly, Amazon CloudFront, Google Cloud CDN, Azure Front Door. Object stores: \
                   those of the same clouds, Ceph, MinIO. Clients are led by anycast or by the DNS. The rules \
                   of keeping are HTTP's: Cache-Control with max-age, Age, ETag.",
        },
        Section {
            role: Role::Loose,
            text: "The notes say that the edge nearest to the user delivers. In truth it is the one to which routes lead, which is \
                   usually near; and when it dies, it takes a while until they lead elsewhere.\n\n\
                   They say to invalidate by a purge or by versions in names, as if these were alike. In truth a purge cannot \
                   reach what browsers have kept.\n\n\
                   They say that clients should notice an outage and ask the origin. In truth that needs an origin with room for \
                   all of it, or there are two outages.\n\n\
                   They list the cost as a matter of the CDN's price. In truth what edges fetch is paid to the origin's cloud as \
                   well, unless both are of one provider.",
        },
    ],
};
