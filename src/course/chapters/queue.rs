//! Chapter 10.

use super::{Chapter, Role, Section};

/// Work that need not be done before the answer.
pub static CHAPTER: Chapter = Chapter {
    number: 10,
    id: "message-queue",
    title: "Later is soon enough",
    stage: "message-queue",
    tries: &[
        "Kill all workers that make thumbnails. What do users notice, and what becomes of the queue?",
        "Start them again: how long until the queue is empty? Add workers and watch it shrink.",
        "Kill the broker. Who fails now? What is still there when it is back?",
        "Select the broker and type a routing key: which queues would get it? Change a binding and try again.",
        "Give the queue of thumbnails room for a hundred messages, kill its workers, and see who is told.",
    ],
    claims: &["mq.async", "mq.long", "mq.buffer", "mq.scale", "mq.durable", "mq.exchange", "mq.uses", "mq.spike"],
    sections: &[
        Section {
            role: Role::Story,
            text: "The site answers quickly, near its users and from copies. Some of what it is asked for takes long: a photo has \
                   to be resized, a mail has to be sent.",
        },
        Section {
            role: Role::Problem,
            text: "A web server that resizes photos before it answers takes {mq.async:inline} for the slowest of a hundred, and \
                   its other pages wait for the same cores. If the mail server is down, so is signing up. And when ten times as \
                   many photos come for a minute as usual, {mq.spike:inline} of the requests fail.",
        },
        Section {
            role: Role::Idea,
            text: "Most of that need not be done before the answer. Write down what is to be done, answer, and let somebody else \
                   do it when there is time.",
        },
        Section {
            role: Role::Step,
            text: "A message broker stands beside the web servers. They publish a message to an exchange, which routes it by its \
                   key to queues; there it waits, on the broker's disk, until a worker has done the work and acknowledged it. \
                   Workers are servers of their own: they make thumbnails, or send mail.",
        },
        Section {
            role: Role::Bought,
            text: "The answer to a photo no longer waits: {mq.async:queued} instead of {mq.async:inline}. The photo itself is \
                   ready after {mq.async:finished}, as before. A job for which a person has to decide is accepted within \
                   {mq.long:accepted} and told of two minutes later; {mq.long:with_people} wait for people at once, and the \
                   workers are {mq.long:busy} busy with them.\n\n\
                   The two sides need not be up together. While all workers were gone for half a minute, {mq.buffer:depth} \
                   waited, {mq.buffer:failed} failed and {mq.buffer:lost} were lost. And each side scales alone: what two \
                   workers need {mq.scale:seconds_two} to work off is gone {mq.scale:seconds_scaled} after the spike if workers \
                   are added by the depth of the queue.\n\n\
                   One event can have many consumers, by patterns: of the same stream of events {mq.uses:mail} became mails, \
                   {mq.uses:background} pictures and {mq.uses:logs} lines of a log, and a minute without mail was nobody else's \
                   matter.\n\n\
                   It costs another tier that has to be there, a flush of its disk for each answer, and the word “later”.",
        },
        Section {
            role: Role::LookOut,
            text: "How late is later? A minute of ten times the load left {mq.spike:depth} behind, the oldest of which had waited \
                   {mq.spike:oldest}, and took eight more minutes to work off. Nothing was dropped; but who needs an answer by \
                   then needs a bound. A queue with room for fewer told {mq.spike:told} publishers that it was full.\n\n\
                   What is a message worth? Persistent ones in a durable queue outlast the broker's death: {mq.durable:durable} \
                   were lost. Of a transient queue all {mq.durable:transient} were.\n\n\
                   Each is delivered at least once, not exactly once: a worker that died between doing and acknowledging left \
                   {mq.durable:duplicates} that were done twice. Workers that remember what they have done repeated \
                   {mq.durable:idempotent}.\n\n\
                   A message for which no queue is bound is gone without a word: {mq.exchange:unroutable} of them, unless the \
                   publisher asks for them back. And what no worker can do comes back for ever, unless the number of deliveries \
                   has a limit and dead letters have a queue.",
        },
        Section {
            role: Role::InLife,
            text: "Brokers of this kind: RabbitMQ, ActiveMQ, and as a service Amazon SQS with SNS, Google Pub/Sub, Azure Service \
                   Bus. Their workers are written with Celery, Sidekiq, or a loop of one's own. The protocol followed here is \
                   AMQP. Prefetch, acknowledgement, delivery limit, message TTL and maximum length are RabbitMQ's names.",
        },
        Section {
            role: Role::Loose,
            text: "The notes call a queue durable and say that it lies in memory. In truth durability comes from the disk: what is \
                   in memory alone is gone with a restart.\n\n\
                   They describe exchanges as a part of message queues as such. In truth exchanges are RabbitMQ's, as AMQP has \
                   them; Kafka has a log in partitions, and consumer groups that remember how far each has read.\n\n\
                   They say that producers and consumers need not be available at the same time. In truth both need the broker, \
                   so it is the one to be kept up; here there is a single one.",
        },
    ],
};
