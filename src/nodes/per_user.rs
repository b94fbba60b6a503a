//! What must be remembered of each user: a few bytes, in pages that are made when needed and shared between clones until
//! one of them writes. A user who was never noted costs nothing.

use std::sync::Arc;

/// Users per page.
const PAGE: usize = 4096;

/// One entry a user.
#[derive(Clone, Debug)]
pub struct PerUser<T> {
    blank: T,
    pages: Vec<Option<Arc<[T; PAGE]>>>,
}

impl<T: Copy> PerUser<T> {
    /// Every user has a `blank` entry.
    pub fn new(blank: T) -> Self {
        Self { blank, pages: Vec::new() }
    }

    /// The entry of `user`.
    #[inline]
    pub fn get(&self, user: u32) -> T {
        match self.pages.get(user as usize / PAGE) {
            Some(Some(page)) => page[user as usize % PAGE],
            Some(None) | None => self.blank,
        }
    }

    /// The entry of `user`, to be changed.
    #[inline]
    pub fn get_mut(&mut self, user: u32) -> &mut T {
        let user = user as usize;
        if self.pages.len() <= user / PAGE {
            self.pages.resize(user / PAGE + 1, None);
        }
        let blank = self.blank;
        let page = self.pages[user / PAGE].get_or_insert_with(|| Arc::new([blank; PAGE]));
        &mut Arc::make_mut(page)[user % PAGE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_until_one_writes() {
        let mut first = PerUser::new(0u32);
        *first.get_mut(5000) = 7;
        let copy = first.clone();
        *first.get_mut(5000) = 8;
        assert_eq!((first.get(5000), copy.get(5000), copy.get(1)), (8, 7, 0));
    }
}
