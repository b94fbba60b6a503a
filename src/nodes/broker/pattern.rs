//! Which routing keys a binding lets through, by the rules of AMQP 0-9-1.
//!
//! A key is words between dots; the empty key has none. A topic exchange compares word by word: `*` stands for exactly one
//! word, `#` for zero or more. A direct exchange compares whole keys, and a fan-out exchange lets everything through.

/// How an exchange compares keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Routing {
    /// The binding's key is the message's.
    #[default]
    Direct,
    /// All that are bound get every message.
    FanOut,
    /// The binding's key is a pattern.
    Topic,
}

/// The longest key in bytes: AMQP's short strings have one byte for their length.
pub const KEY_BYTES_MAX: usize = 255;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Is(String),
    Any,
    Rest,
}

/// The key of a binding, ready to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// This key alone.
    Key(String),
    /// Every key.
    All,
    /// Words and wildcards.
    Words(Words),
}

/// The words of a topic's pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(Vec<Word>);

/// The words of a key.
fn words(key: &str) -> impl Iterator<Item = &str> {
    key.split('.').take(if key.is_empty() { 0 } else { usize::MAX })
}

impl Pattern {
    /// The key of a binding at an exchange of this kind.
    pub fn new(routing: Routing, key: &str) -> Self {
        let word = |word: &str| match word {
            "*" => Word::Any,
            "#" => Word::Rest,
            _ => Word::Is(word.to_owned()),
        };
        match routing {
            Routing::Direct => Self::Key(key.to_owned()),
            Routing::FanOut => Self::All,
            Routing::Topic => Self::Words(Words(words(key).map(word).collect())),
        }
    }

    /// Whether it lets `key` through.
    pub fn matches(&self, key: &str) -> bool {
        match self {
            Self::Key(own) => own == key,
            Self::All => true,
            Self::Words(words) => words.matches(key),
        }
    }
}

impl Words {
    /// All ways through the pattern at once: `reached[i]` says that its first i words fit what was read so far. O(words of the
    /// key · words of the pattern), however many `#` there are.
    fn matches(&self, key: &str) -> bool {
        let Self(pattern) = self;
        let mut reached = vec![false; pattern.len() + 1];
        reached[0] = true;
        Self::pass_over_rests(pattern, &mut reached);
        for word in words(key) {
            let mut next = vec![false; reached.len()];
            for (at, own) in pattern.iter().enumerate().filter(|&(at, _)| reached[at]) {
                match own {
                    Word::Is(own) => next[at + 1] |= own == word,
                    Word::Any => next[at + 1] = true,
                    Word::Rest => next[at] = true,
                }
            }
            Self::pass_over_rests(pattern, &mut next);
            reached = next;
        }
        reached[pattern.len()]
    }

    /// A `#` may stand for nothing.
    fn pass_over_rests(pattern: &[Word], reached: &mut [bool]) {
        for (at, own) in pattern.iter().enumerate() {
            if *own == Word::Rest && reached[at] {
                reached[at + 1] = true;
            }
        }
    }
}

/// What is wrong with the key of a binding, if anything is.
pub fn flaw(routing: Routing, key: &str) -> Option<String> {
    if key.len() > KEY_BYTES_MAX {
        return Some(format!("has {} bytes; a routing key has at most {KEY_BYTES_MAX}", key.len()));
    }
    let wild = |word: &&str| word.contains(['*', '#']);
    match routing {
        Routing::FanOut => None,
        Routing::Direct => words(key)
            .find(wild)
            .map(|_| "has a wildcard, but a direct exchange compares whole keys; make its type \"topic\"".to_owned()),
        Routing::Topic => words(key).find(|word| wild(word) && word.len() > 1).map(|word| {
            format!("has the word \"{word}\", but * and # stand for whole words; write them alone between dots")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules as they are written, by trying everything.
    fn brute(pattern: &[&str], key: &[&str]) -> bool {
        match (pattern.split_first(), key.split_first()) {
            (None, None) => true,
            (None, Some(_)) => false,
            (Some((&"#", rest)), None) => brute(rest, key),
            (Some((&"#", rest)), Some((_, others))) => brute(rest, key) || brute(pattern, others),
            (Some(_), None) => false,
            (Some((own, rest)), Some((word, others))) => (*own == "*" || own == word) && brute(rest, others),
        }
    }

    #[test]
    fn random_patterns_match_as_trying_everything_says() {
        let mut stream = crate::rng::Stream::new(1, 0x70_91c5);
        let mut pick = |from: &[&'static str], most: u32| -> Vec<&'static str> {
            let length = crate::rng::below(stream.draw(), most + 1);
            (0..length).map(|_| from[crate::rng::below(stream.draw(), from.len() as u32) as usize]).collect()
        };
        let mut matched = 0;
        for _ in 0..200_000 {
            let (pattern, key) = (pick(&["a", "b", "*", "#", "#"], 6), pick(&["a", "b", "c"], 6));
            let expected = brute(&pattern, &key);
            let found = Pattern::new(Routing::Topic, &pattern.join(".")).matches(&key.join("."));
            assert_eq!(found, expected, "{pattern:?} {key:?}");
            matched += u32::from(found);
        }
        assert!((20_000..180_000).contains(&matched), "{matched} of 200,000 match: both happen often");
    }

    #[test]
    fn the_examples_of_the_specification() {
        let topic = |pattern: &str, key: &str| Pattern::new(Routing::Topic, pattern).matches(key);
        assert!(topic("*.stock.#", "usd.stock") && topic("*.stock.#", "eur.stock.db"));
        assert!(!topic("*.stock.#", "stock.nasdaq"));
        assert!(topic("#", "") && !topic("*", "") && topic("", "") && !topic("a", "a.b"));
        assert!(!Pattern::new(Routing::Direct, "a").matches("a.b"), "a direct key is no prefix");
        assert!(Pattern::new(Routing::FanOut, "").matches("whatever"));
    }

    #[test]
    fn a_wildcard_within_a_word_is_a_flaw() {
        assert_eq!(flaw(Routing::Topic, "*.photo.#"), None);
        assert!(flaw(Routing::Topic, "photo*.x").is_some_and(|flaw| flaw.contains("\"photo*\"")));
        assert!(flaw(Routing::Direct, "photo.*").is_some());
        assert!(flaw(Routing::Direct, &"x".repeat(256)).is_some());
    }
}
