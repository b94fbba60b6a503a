//! What a visitor can ask for by name or by key: one list, of which the keys, the sheet that names them and the palette of
//! commands are made.

use crate::course::{chapters, experiments};
use crate::frame::Scene;
use crate::link::address::{of_chapter, of_claim};
use crate::nodes::Kind;
use crate::player::{Command, SPEEDS};
use crate::scenario::Change;
use crate::scenario::sandbox::{Edit, KINDS};

use super::files::Take;
use super::journey::CHAPTERS;
use super::ladder;
use super::names;
use super::same::Same;
use super::state::{Selection, State};
use super::theme::Theme;

/// Nodes of a tier beyond this number are not named one by one: the inspector has them all.
const NODES_MAX: usize = 64;

/// Something that can be asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it belongs to.
    pub group: &'static str,
    /// What it is called.
    pub name: String,
    /// More words by which it is found.
    pub words: &'static str,
    /// The key that asks for it, if there is one.
    pub key: Option<Key>,
    /// What it does.
    pub deed: Deed,
}

/// A key, as `KeyboardEvent.key` calls it in lower case, and what goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub key: &'static str,
    /// Ctrl, or ⌘, is held.
    pub control: bool,
    /// Shift is held; only looked at where Ctrl is.
    pub shift: bool,
    /// What is printed on it.
    pub shown: &'static str,
}

/// What an entry does.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// The player is told.
    Tell(Command),
    /// The address changes: a chapter, an experiment.
    Open(String),
    /// The visitor turns to a part, or to the whole system.
    Select(Option<Selection>),
    /// The colours change.
    Colours(Theme),
    /// A file is handed over.
    Take(Take),
    /// The palette of commands opens.
    Find,
    /// The sheet of keys opens.
    Keys,
}

const fn plain(key: &'static str, shown: &'static str) -> Option<Key> {
    Some(Key { key, control: false, shift: false, shown })
}

const fn control(key: &'static str, shift: bool, shown: &'static str) -> Option<Key> {
    Some(Key { key, control: true, shift, shown })
}

fn entry(group: &'static str, name: impl Into<String>, key: Option<Key>, deed: Deed) -> Entry {
    Entry { group, name: name.into(), words: "", key, deed }
}

/// All that has a key: as cheap as it has to be for every picture.
pub fn with_keys(state: &State) -> Vec<Entry> {
    let tell = |name: &str, key, command| entry("Time", name, key, Deed::Tell(command));
    let status = state.status.as_deref();
    let playing = status.is_some_and(|status| status.playing);
    let mut entries = vec![
        tell(
            if playing { "Pause" } else { "Play" },
            plain(" ", "Space"),
            if playing { Command::Pause } else { Command::Play },
        ),
        tell("One event further", plain(".", "."), Command::Step),
        tell("Jump to the next event of the log", plain("n", "N"), Command::NextFact),
        tell("Undo", control("z", false, "Ctrl Z"), Command::Undo),
        tell("Redo", control("z", true, "Ctrl Shift Z"), Command::Redo),
        tell("Back to the beginning", plain("home", "Home"), Command::Seek { at_ms: 0.0 }),
    ];
    let speed = status.map_or(1.0, |status| status.speed);
    let slower = SPEEDS.iter().rev().find(|&&other| other < speed * 0.999);
    let faster = SPEEDS.iter().find(|&&other| other > speed * 1.001);
    let pace = |name, key, factor: Option<&f64>| factor.map(|&factor| tell(name, key, Command::Speed { factor }));
    entries.extend(pace("Slower", plain("[", "["), slower));
    entries.extend(pace("Faster", plain("]", "]"), faster));
    entries.extend(of_selection(state));
    let select = |selection| Deed::Select(selection);
    entries.extend([
        entry("Parts", "Show the whole system", plain("escape", "Esc"), select(None)),
        entry("Page", "Find chapters, experiments, parts and commands", control("k", false, "Ctrl K"), Deed::Find),
        entry("Page", "Keys, and how to read the picture", plain("?", "?"), Deed::Keys),
    ]);
    let share = Command::Share { seen: state.seen() };
    entries.push(entry("Page", "Share a link to this moment", plain("s", "S"), Deed::Tell(share)));
    entries
}

/// What a change calls the part that is selected.
fn target(state: &State) -> Option<String> {
    let (selection, scene) = state.selection.zip(state.scene.as_deref())?;
    selection.target(scene)
}

/// What can be done to the part that is selected, and the keys for it.
pub const SELECTED: [(&str, Option<Key>); 4] = [
    ("Kill", plain("k", "K")),
    ("Restore", plain("r", "R")),
    ("Duplicate", control("d", false, "Ctrl D")),
    ("Take out", plain("delete", "Del")),
];

fn of_selection(state: &State) -> Vec<Entry> {
    let (Some(target), Some(scene), Some(selection)) = (target(state), state.scene.as_deref(), state.selection) else {
        return Vec::new();
    };
    let name = match selection {
        Selection::Node(node) => names::node(scene, node),
        Selection::Tier(tier) => names::tier(scene, tier),
    };
    let tier = selection.tier(scene);
    let of_tier = names::tier(scene, tier);
    let id = || scene.tiers[tier].id.clone();
    let apply = |change| Command::Apply { change };
    let commands = [
        (&name, apply(Change::Kill { target: target.clone(), silent: false, destroy: false })),
        (&name, apply(Change::Restore { target })),
        (&of_tier, Command::Edit { edit: Edit::Duplicate { tier: id() } }),
        (&of_tier, Command::Edit { edit: Edit::Remove { tier: id() } }),
    ];
    let with_key = |((verb, key), (name, command)): (_, (&String, _))| {
        entry("Parts", format!("{verb} {name}"), key, Deed::Tell(command))
    };
    SELECTED.into_iter().zip(commands).map(with_key).collect()
}

/// Everything, for the palette.
pub fn all(state: &State) -> Vec<Entry> {
    let mut entries = with_keys(state);
    entries.extend(chapters::all().zip(CHAPTERS).map(|(chapter, short)| {
        let number = chapter.number;
        entry("Chapters", format!("{number} {short}: {}", chapter.title), None, Deed::Open(of_chapter(number)))
    }));
    let ladder = Deed::Open(of_claim(ladder::CLAIM, 0));
    entries.push(entry("Chapters", "The ladder: how many users each stage serves", None, ladder));
    if let Some(scene) = &state.scene {
        entries.extend(parts(scene));
        let add = |kind| {
            let deed = Deed::Tell(Command::Edit { edit: Edit::Add { kind } });
            entry("Build", format!("Add a part: {}", names::of_kind(kind)), None, deed)
        };
        entries.extend(KINDS.into_iter().map(add));
    }
    entries.extend(
        Take::ALL
            .into_iter()
            .map(|take| entry("Files", format!("Take along: {}", take.name()), None, Deed::Take(take))),
    );
    entries.extend(SPEEDS.iter().map(|&factor| {
        let name = format!("Speed {}", super::format::speed(factor));
        entry("Time", name, None, Deed::Tell(Command::Speed { factor }))
    }));
    entries.extend(
        Theme::ALL.into_iter().map(|theme| {
            entry("Page", format!("Colours: {}", theme.label().to_lowercase()), None, Deed::Colours(theme))
        }),
    );
    entries.extend(experiments::all().map(|own| Entry {
        words: own.claim,
        ..entry("Experiments", own.title, None, Deed::Open(of_claim(own.id, 0)))
    }));
    entries
}

fn parts(scene: &Same<Scene>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (index, tier) in scene.tiers.iter().enumerate() {
        let own = |node: &usize| usize::from(scene.nodes[*node].tier) == index && !scene.nodes[*node].drained;
        let nodes: Vec<usize> = (0..scene.nodes.len()).filter(own).collect();
        let select =
            |name: String, selection| entry("Parts", format!("Select {name}"), None, Deed::Select(Some(selection)));
        if nodes.len() > 1 && tier.kind != Kind::Client {
            entries.push(select(names::tier(scene, index), Selection::Tier(index)));
        }
        let nodes = nodes.into_iter().take(NODES_MAX);
        entries.extend(nodes.map(|node| select(names::node(scene, node), Selection::Node(node))));
    }
    entries
}

/// Those of the entries that have all words which were typed: first those whose name begins with them, then those that have
/// them in their name or group, then the rest.
pub fn matching(entries: &[Entry], typed: &str) -> Vec<Entry> {
    let typed = typed.trim().to_lowercase();
    let mut found: Vec<(u8, &Entry)> = entries
        .iter()
        .filter_map(|entry| {
            let name = entry.name.to_lowercase();
            let has_all = |text: &str| typed.split_whitespace().all(|word| text.contains(word));
            let own = format!("{name} {}", entry.group.to_lowercase());
            let rank = if name.starts_with(&typed) {
                0
            } else if has_all(&own) {
                1
            } else if has_all(&format!("{own} {}", entry.words.to_lowercase())) {
                2
            } else {
                return None;
            };
            Some((rank, entry))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, entry)| entry.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn no_key_means_two_things() {
        let entries = with_keys(&State::default());
        for (index, entry) in entries.iter().enumerate() {
            let same = entries[..index].iter().find(|other| other.key == entry.key);
            assert_eq!(same, None, "{}", entry.name);
        }
        assert!(entries.len() >= 10, "{}", entries.len());
    }

    #[wasm_bindgen_test]
    fn words_find_what_has_them_all() {
        let entries = all(&State::default());
        let names = |typed: &str| matching(&entries, typed).into_iter().map(|own| own.name).collect::<Vec<_>>();
        assert_eq!(names("balancer 4 chapter").len(), 1, "{:?}", names("balancer 4 chapter"));
        assert!(names("PAUSE play").is_empty());
        assert_eq!(names("undo"), ["Undo"]);
        assert!(!names("hash modulo").is_empty(), "a claim is found by what it says");
        assert_eq!(names("").len(), entries.len());
        assert_eq!(names("colours: dark")[0], "Colours: dark");
    }
}
