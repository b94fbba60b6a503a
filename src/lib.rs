//! Zero to Millions.
