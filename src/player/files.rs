//! Files: what is played to take along, and a scenario that the visitor brings.

use crate::link::Shared;
use crate::link::seen::Seen;
use crate::scenario::{self, Problem, Scenario, edit};
use crate::world::report::markdown::markdown;

use super::protocol::{Export, Reply};
use super::{Notice, Player};

impl Player {
    /// What is played, as the text of a file.
    pub(super) fn export(&mut self, what: Export) {
        let text = match &what {
            Export::Scenario => {
                let mut scenario = Scenario::clone(&self.start);
                scenario.timeline = self.world.timeline().to_vec();
                serde_json::to_string_pretty(&edit::encode(&scenario)).expect("a scenario is plain data") + "\n"
            }
            Export::Report { page } => {
                let address = format!("{page}#{}", self.link(Seen::default()));
                markdown(&self.world.report(), Some(&address))
            }
        };
        self.replies.push(Reply::Exported { what, text });
    }

    /// Opens a scenario file.
    ///
    /// # Errors
    /// It is no scenario, or not one that can be played; what is played goes on.
    pub(super) fn open_file(&mut self, name: &str, text: &str) -> Result<(), Problem> {
        let in_file = |problem: Problem| Problem::at(name, problem.to_string());
        scenario::check_file_length(text.len() as u64).map_err(in_file)?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if !text.starts_with('{') {
            return Err(Problem::at(name, "is no scenario: that is a JSON file, which begins with {"));
        }
        let scenario = scenario::read(text).map_err(in_file)?;
        self.open(Shared::of(scenario))?;
        // Nobody else has it: it is kept as what was edited is.
        (self.edited, self.is_unsaved) = (true, true);
        self.keep();
        self.replies.push(Reply::Notice(Notice { warning: false, text: format!("Opened {name}.") }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::Command;

    fn open(player: &mut Player, text: &str) -> Vec<Reply> {
        player.replies();
        player.command(Command::OpenFile { name: "mine.json".to_owned(), text: text.to_owned() });
        while player.run(10_000) {}
        player.replies()
    }

    fn exported(player: &mut Player, what: Export) -> String {
        player.replies();
        player.command(Command::Export { what });
        let text = player.replies().into_iter().find_map(|reply| match reply {
            Reply::Exported { text, .. } => Some(text),
            _ => None,
        });
        text.expect("a file")
    }

    #[test]
    fn what_was_exported_opens_to_the_same_run() {
        let mut player = Player::new();
        player.command(Command::Stage { id: "message-queue".to_owned() });
        player.command(Command::Seek { at_ms: 3000.0 });
        while player.run(10_000) {}
        let path = "workload.users".to_owned();
        player.command(Command::Apply { change: crate::scenario::Change::Set { path, value: 77.into() } });
        player.command(Command::Seek { at_ms: 9000.0 });
        while player.run(10_000) {}
        let file = exported(&mut player, Export::Scenario);
        let mut other = Player::new();
        let told = open(&mut other, &format!("\u{feff}\n{file}"));
        assert!(!told.iter().any(|reply| matches!(reply, Reply::Problem { .. })), "{told:?}");
        assert!(told.iter().any(|reply| matches!(reply, Reply::Unsaved { .. })), "it is kept");
        other.command(Command::Seek { at_ms: 9000.0 });
        while other.run(10_000) {}
        assert_eq!(other.world().digest(), player.world().digest());
        let report = exported(&mut other, Export::Report { page: "https://example.org/".to_owned() });
        assert!(report.contains(&format!("{:016x}", player.world().digest())), "{report}");
        assert!(report.contains("(https://example.org/#2."), "{report}");
    }

    #[test]
    fn what_is_no_scenario_says_so_and_what_is_played_goes_on() {
        let mut player = Player::new();
        player.command(Command::Pause);
        while player.run(10_000) {}
        let good = exported(&mut player, Export::Scenario);
        let digest = player.world().digest();
        for (text, told) in [
            ("\u{89}PNG\r\n\u{1a}\n", "is no scenario"),
            ("", "is no scenario"),
            ("[1, 2]", "is no scenario"),
            (&good[..good.len() / 2], "line "),
            (&good.replacen("\"version\": 1", "\"version\": 7, \"warp\": true", 1), "get a newer program"),
            (&good.replacen("\"version\": 1", "\"version\": 1, \"warp\": true", 1), "warp"),
            (&format!("{{\"name\": \"{}\"}}", "x".repeat(scenario::FILE_BYTES_MAX)), "bytes long"),
        ] {
            let replies = open(&mut player, text);
            let [Reply::Problem { message }] = &replies[..] else { panic!("{told}: {} replies", replies.len()) };
            assert!(message.starts_with("mine.json: ") && message.contains(told) && message.len() < 300, "{message}");
            assert_eq!(player.world().digest(), digest);
        }
    }
}
