//! The course: the stages of the journey and the chapters that tell of them.

pub mod stages;
