//! Chapter 1.

use super::{Chapter, Role, Section};

/// One server for everything.
pub static CHAPTER: Chapter = Chapter {
    number: 1,
    id: "single-server",
    title: "One machine does it all",
    stage: "single-server",
    tries: &[
        "Drag users to 1,000,000: which resource ends first, and what do clients get then?",
        "Double-click a card, or press K on it, to kill that process. R restores it: watch how long it starts.",
        "Select the web server and give its machine more cores. How far does that carry?",
        "Pause, go back on the time bar, and do something else: the future changes.",
    ],
    claims: &["single.dns", "single.formats", "single.shared", "single.spof", "single.limit"],
    sections: &[
        Section {
            role: Role::Story,
            text: "You have a program, a database and a few users. One machine holds it all. Nothing simpler will ever serve \
                   your site, and it serves more people than most expect.",
        },
        Section {
            role: Role::Problem,
            text: "Web server and database take their turns on the same cores. When queries grow six times as heavy, a \
                   static file that needs no database takes {single.shared:rise} longer.\n\n\
                   There is a limit. At seven tenths of what the machine can do, latency is still {single.limit:mean_70} \
                   times what it was at three tenths. A little past the limit it is {single.limit:mean_120} times that \
                   again, and requests are refused: the machine answers {single.limit:goodput}, however many come.\n\n\
                   And there is only one of it. Dead, it fails {single.spof:dead} of the requests.",
        },
        Section {
            role: Role::Idea,
            text: "A request has a way to go before any of that. The device asks the DNS for the address and keeps the answer \
                   for its time to live; it opens a connection; only then it sends. Browsers get pages, apps get data, from \
                   the same server.",
        },
        Section {
            role: Role::Step,
            text: "Start here, with everything in one place. For the first request the address takes {single.dns:name} and \
                   the connection {single.dns:connect}; the next ones need neither. A page is on the line for \
                   {single.formats:html}, the same as data for {single.formats:json}.",
        },
        Section {
            role: Role::Bought,
            text: "The least to pay, to build and to understand: one bill, one place to look, no network between the parts. \
                   What it costs is that the parts fail together, and grow together.",
        },
        Section {
            role: Role::LookOut,
            text: "Watch the busiest resource, not the average load. Up to some two thirds of it little is to be seen; what \
                   comes then comes quickly. And know how long a restart takes: that is the length of your outage.",
        },
        Section {
            role: Role::InLife,
            text: "A virtual machine at any provider, with NGINX or Apache before the program and PostgreSQL or MySQL beside \
                   it. Route 53, Cloudflare DNS or the registrar's own name servers for the name.",
        },
    ],
};
