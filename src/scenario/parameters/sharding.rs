//! The parameters of databases that are sharded.

use crate::scenario::sharding::{By, Sharding};

use super::{List, Range};

/// Adds them.
pub fn add(list: &mut List, own: &Sharding) {
    list.group("Shards");
    let help = "How many there are. One that is added starts first, and then rows move to it while all goes on.";
    list.add("sharding.shards", "Shards", "", Range::Whole(1, 256), help);
    let mut ways = vec![("modulo", "modulo"), ("ring", "ring"), ("directory", "directory")];
    // Which shard has which values is said in a file.
    if !own.ranges.is_empty() {
        ways.push(("ranges", "ranges"));
    }
    let help =
        "Which shard a row is on: by the hash modulo their number, by consistent hashing, by ranges, or by a table.";
    list.optional("modulo", "sharding.by", "Placed by", "", Range::Choice(ways), help);
    let fields = vec![
        ("user_id", "user_id"),
        ("order_id", "order_id"),
        ("user_id_order_id", "user_id, order_id"),
        ("created_at", "created_at"),
        ("country", "country"),
        ("surname", "surname"),
    ];
    let help = "The field, or the fields, by which rows are put on shards. Another key moves rows.";
    list.optional("user_id", "sharding.key", "Shard key", "", Range::Choice(fields), help);
    match own.by {
        By::Ring => {
            let help = "Points of each shard on the ring: the more, the more evenly rows are spread.";
            list.optional("200", "sharding.ring_points", "Points on the ring", "", Range::Whole(1, 10_000), help);
        }
        By::Directory => {
            let help = "The last so many shards have only what the directory names.";
            list.optional("0", "sharding.dedicated", "Dedicated", "", Range::Whole(0, 255), help);
        }
        By::Modulo | By::Ranges => {}
    }
    let copies = vec![
        ("user_id", "user_id"),
        ("order_id", "order_id"),
        ("created_at", "created_at"),
        ("country", "country"),
        ("surname", "surname"),
    ];
    let help = "A field by which all rows are kept a second time, for queries that name it. Each write has one more row to write.";
    list.optional("no", "sharding.copied_by", "Kept again by", "", Range::Choice(copies), help);
    let help = "The most rows that the disk of a shard has room for; after that it takes no new ones.";
    list.optional("unlimited", "sharding.capacity_rows", "Room", "rows", Range::Whole(1, u64::from(u32::MAX)), help);
    let help = "What a core copies when rows move; it is busy meanwhile.";
    list.optional("100", "sharding.copy_mb_per_second", "Copy", "MB/s", Range::Number(0.001, 1e6), help);
}
