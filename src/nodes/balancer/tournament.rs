//! The least of many numbers that change one at a time: a tournament tree. Changing one costs O(log n), reading the
//! winner O(1). Among equals the lowest index wins.

/// One number a player; absent players have none.
#[derive(Clone, Debug, Default)]
pub struct Tournament {
    /// Numbers by player; infinite for those who are absent.
    numbers: Vec<f64>,
    /// Winners of the matches, the final first. Players meet in the second half.
    winners: Vec<u16>,
}

impl Tournament {
    /// Among players with these numbers.
    pub fn new(numbers: Vec<f64>) -> Self {
        let size = numbers.len().next_power_of_two().max(1);
        let mut tree = Self { numbers, winners: vec![0; 2 * size] };
        for player in 0..size {
            tree.winners[size + player] = player as u16;
        }
        (1..size).rev().for_each(|at| tree.play(at));
        tree
    }

    /// Gives `player` another number.
    pub fn set(&mut self, player: u16, number: f64) {
        self.numbers[usize::from(player)] = number;
        let mut at = (self.winners.len() / 2 + usize::from(player)) / 2;
        while at >= 1 {
            self.play(at);
            at /= 2;
        }
    }

    /// The number of `player`.
    pub fn get(&self, player: u16) -> f64 {
        self.numbers[usize::from(player)]
    }

    /// Who has the least, if anybody is present.
    pub fn winner(&self) -> Option<u16> {
        let winner = *self.winners.get(1)?;
        self.number(winner).is_finite().then_some(winner)
    }

    fn number(&self, player: u16) -> f64 {
        self.numbers.get(usize::from(player)).copied().unwrap_or(f64::INFINITY)
    }

    fn play(&mut self, at: usize) {
        let (left, right) = (self.winners[2 * at], self.winners[2 * at + 1]);
        self.winners[at] = if self.number(right) < self.number(left) { right } else { left };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Stream, unit};

    #[test]
    fn the_winner_is_the_least_after_any_change() {
        for players in [1u16, 2, 5, 8, 13] {
            let mut tree = Tournament::new(vec![f64::INFINITY; usize::from(players)]);
            assert_eq!(tree.winner(), None);
            let mut numbers = vec![f64::INFINITY; usize::from(players)];
            let mut random = Stream::new(1, 4);
            for _ in 0..500 {
                let player = (random.draw() >> 32) as u16 % players;
                let number = if random.draw() & 3 == 0 { f64::INFINITY } else { unit(random.draw()) };
                numbers[usize::from(player)] = number;
                tree.set(player, number);
                let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
                let expected = numbers.iter().position(|&n| n == least).filter(|_| least.is_finite());
                assert_eq!(tree.winner().map(usize::from), expected, "{numbers:?}");
            }
        }
    }
}
