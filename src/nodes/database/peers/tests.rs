//! Changes that arrive in whatever order, against what the words say: everybody ends with the same value, nobody loses
//! against what he had not seen but by the rule, and the books balance.

use super::*;
use crate::nodes::database::settings::{Acknowledge, Fencing, Mode, Reads, ReplicationKind, Topology};
use crate::rng::{RequestKey, below, mix};

const RULES: [ConflictRule; 3] =
    [ConflictRule::LastWriterWins, ConflictRule::FirstWriterWins, ConflictRule::SitePriority];

/// Members without a network: what each lacks is applied when the test says so.
struct Site {
    peers: Peers,
    data: Data,
    counts: ClusterCounts,
    settings: Settings,
    /// By change: its stamp, key, and what its origin had there.
    made: Vec<(Stamp, u32, u64)>,
}

impl Site {
    fn new(members: usize, rule: ConflictRule, log_entries: usize) -> Self {
        let mut peers = Peers::default();
        (0..members).for_each(|_| peers.add(true));
        let settings = settings(rule, log_entries);
        Self { peers, data: Data::new(None, Vec::new()), counts: ClusterCounts::default(), settings, made: Vec::new() }
    }

    fn write(&mut self, m: usize, key: u32) -> u64 {
        let before = self.value(m, key);
        let number = self.data.take_number();
        let write = Entry {
            number,
            key,
            before: 0,
            at: SimTime::ZERO,
            draws: RequestKey::new(1, number),
            attempt: 0,
            class: 0,
            rank: 0,
            acknowledged: false,
        };
        let stamp = Stamp { number, origin: m as u8, knows: self.peers.peers[m].applied };
        self.made.push((stamp, key, before));
        self.peers.commit(m, write, &self.settings, Books { data: &mut self.data, counts: &mut self.counts });
        number
    }

    /// The number of the change whose value a member has, as far as it is contested.
    fn value(&self, m: usize, key: u32) -> u64 {
        let held = self.peers.contests.get(&key).and_then(|contest| contest.held(m));
        held.map_or(0, |held| held.stamp.number)
    }

    /// Member `m` applies the next change of `origin`, if there is one.
    fn take(&mut self, m: usize, origin: usize) -> bool {
        let after = self.peers.peers[m].applied[origin] + 1;
        let Some((&number, _)) = self.peers.journals[origin].range(after..).next() else { return false };
        self.peers.apply(m, origin, number, &mut Books { data: &mut self.data, counts: &mut self.counts });
        true
    }

    fn acknowledge(&mut self, number: u64) {
        assert!(self.peers.acknowledge(number, &mut self.counts), "{number} is one of them");
    }

    fn balance(&self) {
        let known = self.peers.durable() + self.counts.lost + self.counts.overwritten;
        assert_eq!(self.counts.acknowledged, known, "{:?}", self.counts);
    }
}

fn settings(conflict_rule: ConflictRule, log_entries: usize) -> Settings {
    Settings {
        kind: ReplicationKind::MultiPrimary,
        topology: Topology::AllToAll,
        conflict_rule,
        snapshot_every: Span::ZERO,
        merge_every: Span::ZERO,
        backup: None,
        row_work: Span::ZERO,
        mode: Mode::Asynchronous,
        acknowledgements: 0,
        acknowledge: Acknowledge::Flush,
        drop_after: Span::ZERO,
        apply_work: 0.0,
        flush: Span::ZERO,
        ship_every: Span::ZERO,
        reads: Reads::Replicas,
        standbys: 0,
        read_your_writes: Span::ZERO,
        heartbeat: Span::ZERO,
        missed: 1,
        failover: false,
        election: Span::ZERO,
        promotion: Span::ZERO,
        fencing: Fencing::None,
        recovery: false,
        replace_after: None,
        copy_pieces: 1,
        copy_piece: Span::ZERO,
        log_entries,
    }
}

#[test]
fn of_two_writes_that_do_not_know_of_each_other_the_rule_keeps_one() {
    // Member 1 writes first, member 0 last.
    for (rule, wins) in RULES.into_iter().zip([2, 1, 2]) {
        let mut site = Site::new(2, rule, 100);
        let (first, last) = (site.write(1, 7), site.write(0, 7));
        [first, last].into_iter().for_each(|number| site.acknowledge(number));
        site.take(0, 1);
        site.balance();
        assert_eq!(site.value(0, 7), wins, "{rule:?}");
        site.take(1, 0);
        site.balance();
        assert_eq!((site.counts.conflicts, site.counts.overwritten), (1, 1), "{rule:?}");
        assert_eq!(site.peers.contested(), 0, "all have the same");
        assert_eq!(site.data.version(7), last, "whoever has seen both is up to date");
    }
}

#[test]
fn who_has_seen_a_value_and_changes_it_is_in_no_conflict() {
    for rule in RULES {
        let mut site = Site::new(3, rule, 100);
        site.write(0, 7);
        site.take(2, 0);
        let second = site.write(2, 7);
        // To member 1 they come the wrong way round.
        site.take(1, 2);
        site.take(1, 0);
        site.take(0, 2);
        assert_eq!((site.counts.conflicts, site.peers.contested()), (0, 0), "{rule:?}");
        assert_eq!(site.peers.version(&site.data, 1, 7), second);
    }
}

/// The first writer keeps it also against one who wrote on top of the same value later, and against whoever builds on that.
#[test]
fn the_first_writer_wins_against_a_chain() {
    let mut site = Site::new(3, ConflictRule::FirstWriterWins, 100);
    site.write(2, 7);
    site.take(0, 2);
    site.take(1, 2);
    let first = site.write(0, 7);
    site.write(1, 7);
    site.write(1, 7);
    for (m, origin) in [(0, 1), (1, 0), (0, 1)] {
        site.take(m, origin);
    }
    assert_eq!((site.value(0, 7), site.value(1, 7)), (first, first));
}

#[test]
fn in_whatever_order_changes_arrive_all_end_alike_and_the_books_balance() {
    for (run, rule) in (0..600u64).zip(RULES.into_iter().cycle()) {
        let members = 2 + (run % 3) as usize;
        // A short log forgets what its origin has replaced: then the reference below knows too much.
        let log = if run % 2 == 0 { 1000 } else { 3 };
        let mut site = Site::new(members, rule, log);
        let mut dice = run;
        let mut roll = |sides: usize| {
            dice = mix(dice.wrapping_add(0x9e37));
            below(dice, sides as u32) as usize
        };
        let mut unheard: Vec<u64> = Vec::new();
        for _ in 0..120 {
            match roll(4) {
                0 => unheard.push(site.write(roll(members), roll(3) as u32)),
                1 if !unheard.is_empty() => {
                    let number = unheard.swap_remove(roll(unheard.len()));
                    // What the log has forgotten before the client heard of it is in no book.
                    let _ = site.peers.acknowledge(number, &mut site.counts);
                }
                _ => {
                    site.take(roll(members), roll(members));
                }
            }
            site.balance();
        }
        let pairs = (0..members).flat_map(|m| (0..members).map(move |origin| (m, origin)));
        let pairs: Vec<_> = pairs.filter(|(m, origin)| m != origin).collect();
        while pairs.iter().any(|&(m, origin)| site.take(m, origin)) {
            for key in 0..3 {
                let all_alike = (1..members).all(|m| site.value(m, key) == site.value(0, key));
                assert!(all_alike || site.peers.contests.contains_key(&key));
            }
        }
        site.balance();
        assert_eq!(site.peers.contested(), 0, "run {run}: {:?}", site.peers.contests);
        for key in 0..3 {
            let newest = site.made.iter().filter(|made| made.1 == key).map(|made| made.0.number).max().unwrap_or(0);
            assert_eq!(site.data.version(key), newest);
        }
        if log == 1000 {
            // Whoever was overwritten met one that did not know of him; and a write that met nobody stays.
            let journals = site.peers.journals.iter().flat_map(BTreeMap::values);
            for change in journals {
                let rivals = site.made.iter().filter(|made| made.1 == change.write.key);
                let rivals = rivals.filter(|made| made.0.is_concurrent_with(&change.stamp)).count();
                assert!(change.fate == Fate::Kept || rivals > 0, "run {run}: {change:?}");
            }
        }
    }
}
