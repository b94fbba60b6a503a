//! Chapter 3.

use super::{Chapter, Role, Section};

/// A bigger machine or more machines.
pub static CHAPTER: Chapter = Chapter {
    number: 3,
    id: "vertical-scaling",
    title: "A bigger machine",
    stage: "vertical-scaling",
    tries: &[
        "Select the web server and choose the next size, and the next. How does the price grow, how the capacity?",
        "Turn users up until the largest size is full. That is the ceiling.",
        "Kill the web server. How much of the site is left?",
    ],
    claims: &["scale.simple", "scale.ceiling", "scale.cost", "scale.redundancy", "scale.pool"],
    sections: &[
        Section {
            role: Role::Story,
            text: "Web server and database each have a machine. Users keep coming, and the web server is full again.",
        },
        Section {
            role: Role::Problem,
            text: "More has to be carried, and there are two ways to it: a bigger machine, or more machines.",
        },
        Section {
            role: Role::Idea,
            text: "The bigger machine first. Nothing in the program has to change, and with little traffic it is the right \
                   choice: a pool behind a balancer takes {scale.simple:slower} longer for a static file and costs \
                   {scale.simple:dearer} more each month.",
        },
        Section {
            role: Role::Step,
            text: "The web server moves to a larger size of the catalogue, and the database to another. Restart, and the \
                   problem is gone.",
        },
        Section {
            role: Role::Bought,
            text: "Time, for money, and more and more of it. Cores wait for each other, so the work grows more slowly than the \
                   price: a thousand requests a second cost {scale.cost:small} a month on the smallest size and \
                   {scale.cost:large} on a large one.",
        },
        Section {
            role: Role::LookOut,
            text: "The list ends. A fifth beyond the best machine that is made, {scale.ceiling:above} keep the promise.\n\n\
                   And the biggest machine is still one: dead, it fails {scale.redundancy:bigger} of the requests. When one of \
                   four servers in a pool dies, {scale.redundancy:window} fail for the two seconds in which nobody has \
                   noticed, and none after that.\n\n\
                   A pool grows in proportion, {scale.pool:eight} times as much with eight servers, until the next tier is \
                   full. Sixteen answer {scale.pool:flat}, which is what the database can do, and twice as many answer no \
                   more.",
        },
        Section {
            role: Role::InLife,
            text: "Every provider has its families of sizes: EC2, Compute Engine, Azure virtual machines. Databases are often \
                   scaled this way for long, since they are the hardest to spread.",
        },
    ],
};
