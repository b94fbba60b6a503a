//! Time-outs of one constant length, as a list through the entries of a [`Slab`].
//!
//! All time-outs of a list are equally long, so the order in which they start is the order in which they expire. Most
//! never expire: the request is answered first and leaves the list in constant time. An event per time-out would sit
//! in the queue until it is due, ten million of them at a million requests a second and ten seconds.

use super::Slab;
use crate::time::SimTime;

/// No entry.
const NONE: u32 = u32::MAX;

/// An entry's place in a list of deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    previous: u32,
    next: u32,
    listed: bool,
}

impl Default for Link {
    fn default() -> Self {
        Self { previous: NONE, next: NONE, listed: false }
    }
}

/// The list: who expires first and last.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    first: u32,
    last: u32,
    /// When the event that looks at the head is due; [`SimTime::NEVER`] when there is none.
    pub watched_at: SimTime,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { first: NONE, last: NONE, watched_at: SimTime::NEVER }
    }
}

impl Deadlines {
    /// Who expires first.
    #[inline]
    pub fn first(&self) -> Option<u32> {
        (self.first != NONE).then_some(self.first)
    }

    /// Appends `key`, which expires last. `link` finds the place of an entry.
    #[inline]
    pub fn append<T>(&mut self, slab: &mut Slab<T>, key: u32, link: impl Fn(&mut T) -> &mut Link) {
        debug_assert!(!link(&mut slab[key]).listed);
        *link(&mut slab[key]) = Link { previous: self.last, next: NONE, listed: true };
        match self.last {
            NONE => self.first = key,
            last => link(&mut slab[last]).next = key,
        }
        self.last = key;
    }

    /// Takes `key` out, if it is in.
    #[inline]
    pub fn remove<T>(&mut self, slab: &mut Slab<T>, key: u32, link: impl Fn(&mut T) -> &mut Link) {
        let Link { previous, next, listed } = *link(&mut slab[key]);
        if !listed {
            return;
        }
        match previous {
            NONE => self.first = next,
            previous => link(&mut slab[previous]).next = next,
        }
        match next {
            NONE => self.last = previous,
            next => link(&mut slab[next]).previous = previous,
        }
        *link(&mut slab[key]) = Link::default();
    }

    /// Puts `heir` in the place of `key`, if that is in; `key` is out afterwards.
    pub fn replace<T>(&mut self, slab: &mut Slab<T>, key: u32, heir: u32, link: impl Fn(&mut T) -> &mut Link) {
        let place = *link(&mut slab[key]);
        *link(&mut slab[key]) = Link::default();
        *link(&mut slab[heir]) = place;
        if !place.listed {
            return;
        }
        match place.previous {
            NONE => self.first = heir,
            previous => link(&mut slab[previous]).next = heir,
        }
        match place.next {
            NONE => self.last = heir,
            next => link(&mut slab[next]).previous = heir,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(list: &Deadlines, slab: &mut Slab<Link>) -> Vec<u32> {
        let mut keys = Vec::new();
        let mut next = list.first();
        while let Some(key) = next {
            keys.push(key);
            next = Some(slab[key].next).filter(|&next| next != NONE);
        }
        keys
    }

    #[test]
    fn append_remove_and_replace_keep_the_order() {
        let mut slab = Slab::default();
        let mut list = Deadlines::default();
        let keys: Vec<u32> = (0..5).map(|_| slab.insert(Link::default())).collect();
        for &key in &keys {
            list.append(&mut slab, key, |link| link);
        }
        list.remove(&mut slab, keys[2], |link| link);
        list.remove(&mut slab, keys[0], |link| link);
        list.remove(&mut slab, keys[0], |link| link);
        assert_eq!(listed(&list, &mut slab), [keys[1], keys[3], keys[4]]);
        let heir = slab.insert(Link::default());
        list.replace(&mut slab, keys[4], heir, |link| link);
        list.append(&mut slab, keys[0], |link| link);
        assert_eq!(listed(&list, &mut slab), [keys[1], keys[3], heir, keys[0]]);
    }
}
