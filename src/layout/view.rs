//! Which part of a diagram is seen: the one source of where cards (by a transform of the style sheet) and dots (on the
//! canvas) are.

use super::{Layout, Point};

/// The most that a diagram is enlarged.
const LARGEST: f64 = 4.0;

/// A point of the layout is seen at `scale` times itself, moved by `offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// How many times as large as laid out.
    pub scale: f64,
    /// Where the layout's corner is seen, in CSS pixels.
    pub offset: Point,
}

impl Default for View {
    fn default() -> Self {
        Self { scale: 1.0, offset: (0.0, 0.0) }
    }
}

impl View {
    /// All of it: as it is laid out, or smaller where it got too little space.
    pub fn fit(layout: &Layout) -> Self {
        let ((width, height), (right, bottom)) = (layout.size, layout.extent());
        if right <= width && bottom <= height {
            return Self::default();
        }
        let scale = (width / right).min(height / bottom);
        Self { scale, offset: ((width - right * scale) / 2.0, (height - bottom * scale) / 2.0) }
    }

    /// So many times as large, with what is seen at `about` where it is.
    pub fn zoomed(self, layout: &Layout, factor: f64, about: Point) -> Self {
        let fit = Self::fit(layout);
        let scale = (self.scale * factor).clamp(fit.scale, LARGEST);
        let by = scale / self.scale;
        let moved = |offset: f64, about: f64| about - (about - offset) * by;
        Self { scale, offset: (moved(self.offset.0, about.0), moved(self.offset.1, about.1)) }.within(layout)
    }

    /// Moved by so many CSS pixels.
    pub fn moved(self, layout: &Layout, by: Point) -> Self {
        Self { offset: (self.offset.0 + by.0, self.offset.1 + by.1), ..self }.within(layout)
    }

    /// With no empty space at a side while there is more to be seen at the other.
    pub fn within(self, layout: &Layout) -> Self {
        let fit = Self::fit(layout);
        if self.scale <= fit.scale * 1.001 {
            return fit;
        }
        let (extent, size) = (layout.extent(), layout.size);
        let held = |offset: f64, size: f64, extent: f64| {
            let spare = size - size.max(extent) * self.scale;
            if spare < 0.0 { offset.clamp(spare, 0.0) } else { spare / 2.0 }
        };
        Self { offset: (held(self.offset.0, size.0, extent.0), held(self.offset.1, size.1, extent.1)), ..self }
    }

    /// Whether it is enlarged beyond what shows everything.
    pub fn is_enlarged(self, layout: &Layout) -> bool {
        self.scale > Self::fit(layout).scale * 1.001
    }

    /// Whether it cannot be enlarged further.
    pub fn is_largest(self) -> bool {
        self.scale >= LARGEST * 0.999
    }

    /// Where a point of the layout is seen.
    #[inline]
    pub fn apply(self, (x, y): Point) -> Point {
        (x * self.scale + self.offset.0, y * self.scale + self.offset.1)
    }

    /// As a transform of the style sheet.
    pub fn transform(self) -> String {
        let ((x, y), scale) = (self.offset, self.scale);
        format!("translate({x:.2}px, {y:.2}px) scale({scale:.5})")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Card, Rect};
    use super::*;

    fn layout(right: f64) -> Layout {
        let rect = Rect { x: 0.0, y: 0.0, w: right, h: 100.0 };
        let card = Card { tier: 0, nodes: vec![0], folded: false, rect, cells: None };
        Layout { size: (800.0, 400.0), cards: vec![card], ..Layout::default() }
    }

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let (layout, about) = (layout(700.0), (500.0, 100.0));
        let (once, twice) = (View::default().zoomed(&layout, 1.5, about), View::default().zoomed(&layout, 3.0, about));
        for view in [once, twice, once.zoomed(&layout, 2.0, about)] {
            let (x, y) = view.apply(about);
            assert!((x - about.0).abs() < 1e-9 && (y - about.1).abs() < 1e-9, "{view:?}");
        }
    }

    #[test]
    fn it_is_never_smaller_than_all_of_it_nor_larger_than_four_times() {
        let layout = layout(700.0);
        assert_eq!(View::default().zoomed(&layout, 0.1, (3.0, 4.0)), View::fit(&layout));
        let most = View::default().zoomed(&layout, 100.0, (3.0, 4.0));
        assert!(most.scale == LARGEST && most.is_largest() && most.is_enlarged(&layout));
        assert!(!View::fit(&layout).is_enlarged(&layout));
    }

    #[test]
    fn it_is_not_moved_beyond_what_there_is() {
        let layout = layout(700.0);
        let double = View::default().zoomed(&layout, 2.0, (0.0, 0.0));
        assert_eq!(double.moved(&layout, (500.0, 500.0)).offset, (0.0, 0.0));
        assert_eq!(double.moved(&layout, (-5000.0, -5000.0)).offset, (-800.0, -400.0));
        assert_eq!(View::default().moved(&layout, (30.0, 30.0)), View::default());
    }

    #[test]
    fn what_got_too_little_space_is_shown_smaller_and_whole() {
        let layout = layout(1600.0);
        let fit = View::fit(&layout);
        assert_eq!((fit.scale, fit.apply((1600.0, 0.0)).0), (0.5, 800.0));
    }
}
