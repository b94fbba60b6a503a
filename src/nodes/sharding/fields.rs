//! What is known of a row by its key: functions, not stored, so that ten million rows take no memory.
//!
//! Rows are numbered in the order in which they were inserted. Each belongs to a user, who lives in a country and has a
//! surname. What users change (that they move, or marry) is kept, by user: one number each.

use crate::engine::Index;
use crate::rng::{below, mix};

/// A field of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Whose it is.
    UserId,
    /// Its own number.
    OrderId,
    /// When it was inserted: its number in that order.
    CreatedAt,
    /// The country that its user lives in.
    Country,
    /// The surname of its user, of which the initial letter counts.
    Surname,
}

/// The field, or the fields, by which rows are put on shards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ShardKey {
    /// All rows of a user together.
    #[default]
    UserId,
    /// Each row by itself.
    OrderId,
    /// Each row of each user by itself.
    UserIdOrderId,
    /// By when it was inserted.
    CreatedAt,
    /// All users of a country together.
    Country,
    /// All users together whose surnames begin with the same letter.
    Surname,
}

impl ShardKey {
    /// Whether a query that names this field alone (none: the whole row is known) says where its row is.
    pub fn is_named_by(self, finds_by: Option<Field>) -> bool {
        let Some(field) = finds_by else { return true };
        match self {
            Self::UserId => field == Field::UserId,
            Self::OrderId => field == Field::OrderId,
            Self::CreatedAt => field == Field::CreatedAt,
            Self::Country => field == Field::Country,
            Self::Surname => field == Field::Surname,
            // One of its two fields is not enough.
            Self::UserIdOrderId => false,
        }
    }

    /// The name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::UserId => "user_id",
            Self::OrderId => "order_id",
            Self::UserIdOrderId => "user_id_order_id",
            Self::CreatedAt => "created_at",
            Self::Country => "country",
            Self::Surname => "surname",
        }
    }
}

impl From<Field> for ShardKey {
    fn from(field: Field) -> Self {
        match field {
            Field::UserId => Self::UserId,
            Field::OrderId => Self::OrderId,
            Field::CreatedAt => Self::CreatedAt,
            Field::Country => Self::Country,
            Field::Surname => Self::Surname,
        }
    }
}

/// How often each initial letter occurs among surnames in the United States, A to Z, in 1/10,000: of the 88,799 surnames
/// that the Census Bureau lists for 1990 ("Frequently Occurring Surnames", `dist.all.last`), weighted by their frequency.
pub const INITIALS: [u16; 26] = [
    335, 921, 790, 438, 186, 343, 531, 777, 32, 361, 265, 465, 974, 170, 136, 490, 19, 582, 928, 357, 16, 125, 673, 1,
    57, 28,
];

/// Users of the internet by country, in 1/10,000 of all 3,174 million (CIA World Factbook, estimates for July 2016): China,
/// India, United States, Brazil, Japan, Russia, Mexico, Germany, Indonesia, United Kingdom. What is left is taken for forty
/// others of the same size.
pub const COUNTRIES: [u16; 50] = {
    let mut shares = [95; 50];
    let largest = [2302, 1179, 778, 387, 367, 343, 231, 228, 206, 192];
    let mut n = 0;
    while n < largest.len() {
        shares[n] = largest[n];
        n += 1;
    }
    // What rounding leaves over.
    shares[49] = 82;
    shares
};

/// What people call a value of a key, where that is no number.
pub fn word(key: ShardKey, value: u32) -> Option<String> {
    const LARGEST: [&str; 10] = [
        "China",
        "India",
        "United States",
        "Brazil",
        "Japan",
        "Russia",
        "Mexico",
        "Germany",
        "Indonesia",
        "United Kingdom",
    ];
    match key {
        ShardKey::Country => Some(LARGEST.get(value as usize).map_or("another country", |name| name).to_owned()),
        ShardKey::Surname => Some(char::from(b'A' + value as u8).to_string()),
        ShardKey::UserId | ShardKey::OrderId | ShardKey::UserIdOrderId | ShardKey::CreatedAt => None,
    }
}

/// How large the table was when the run began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its rows.
    pub count: u32,
    /// The users that they belong to.
    pub users: u32,
}

/// The rows of a table.
#[derive(Clone, Debug)]
pub struct Rows {
    /// How large it was.
    pub table: Table,
    /// By user, how often what can change has changed.
    changed: Index<u32>,
}

impl Rows {
    /// Of which nothing has changed yet.
    pub fn new(table: Table) -> Self {
        Self { table, changed: Index::default() }
    }

    /// Whose row it is.
    #[inline]
    pub fn user_of(&self, row: u32) -> u32 {
        let Table { count, users } = self.table;
        if users >= count { row } else { below(mix(u64::from(row) ^ 0x6f77_6e73), users) }
    }

    /// The value of a shard key in a row.
    #[inline]
    pub fn value(&self, key: ShardKey, row: u32) -> u32 {
        match key {
            ShardKey::OrderId | ShardKey::CreatedAt => row,
            ShardKey::UserId => self.user_of(row),
            ShardKey::UserIdOrderId => mix(u64::from(self.user_of(row)) << 32 | u64::from(row)) as u32,
            ShardKey::Country | ShardKey::Surname => {
                let user = self.user_of(row);
                picked(key, user, self.changed.get(user).unwrap_or(0))
            }
        }
    }

    /// The value that it has once its user has changed it.
    #[inline]
    pub fn value_to_be(&self, key: ShardKey, row: u32) -> u32 {
        match key {
            ShardKey::OrderId | ShardKey::CreatedAt | ShardKey::UserId | ShardKey::UserIdOrderId => {
                self.value(key, row)
            }
            ShardKey::Country | ShardKey::Surname => {
                let user = self.user_of(row);
                picked(key, user, self.changed.get(user).unwrap_or(0) + 1)
            }
        }
    }

    /// The user of a row has changed it.
    pub fn change(&mut self, row: u32) {
        let user = self.user_of(row);
        self.changed.set(user, self.changed.get(user).unwrap_or(0) + 1);
    }
}

/// The country or initial of a user who has changed it so often.
fn picked(key: ShardKey, user: u32, changes: u32) -> u32 {
    let shares: &[u16] = if key == ShardKey::Country { &COUNTRIES } else { &INITIALS };
    let drawn = below(mix(mix(u64::from(user) ^ 0x636f_756e) ^ u64::from(changes)), 10_000);
    let mut left = drawn as i32;
    let found = shares.iter().position(|&share| {
        left -= i32::from(share);
        left < 0
    });
    found.expect("the shares add up") as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_rows_have_them() {
        assert_eq!(INITIALS.iter().sum::<u16>(), 10_000);
        assert_eq!(COUNTRIES.iter().sum::<u16>(), 10_000);
        let rows = Rows::new(Table { count: 100_000, users: 100_000 });
        let chinese = (0..100_000).filter(|&row| rows.value(ShardKey::Country, row) == 0).count() as f64;
        // A binomial share of 23.02% of 100,000: four standard deviations are 532.
        assert!((chinese - 23_020.0).abs() < 532.0, "{chinese}");
    }

    #[test]
    fn rows_of_a_user_share_what_the_user_has() {
        let mut rows = Rows::new(Table { count: 1000, users: 100 });
        let of_one: Vec<u32> = (0..1000).filter(|&row| rows.user_of(row) == 7).collect();
        assert!(of_one.len() > 1);
        let country = rows.value(ShardKey::Country, of_one[0]);
        assert!(of_one.iter().all(|&row| rows.value(ShardKey::Country, row) == country));
        let next = rows.value_to_be(ShardKey::Country, of_one[0]);
        rows.change(of_one[0]);
        assert!(of_one.iter().all(|&row| rows.value(ShardKey::Country, row) == next));
    }
}
