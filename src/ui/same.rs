//! Shared data that stays as it is: two handles are equal when they hold the very same data. Yew compares what a component
//! is given each time, and to compare a whole scene with itself, value by value, is what it would do with an `Rc`.

use std::ops::Deref;
use std::rc::Rc;

/// A handle to data that does not change.
#[derive(Debug, Default)]
pub struct Same<T>(Rc<T>);

impl<T> Same<T> {
    /// Holds this.
    pub fn new(data: T) -> Self {
        Self(Rc::new(data))
    }
}

impl<T> From<Box<T>> for Same<T> {
    fn from(data: Box<T>) -> Self {
        Self(Rc::from(data))
    }
}

impl<T> Clone for Same<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Same<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
