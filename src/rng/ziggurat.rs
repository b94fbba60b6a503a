//! Tables of the ziggurat method (Marsaglia and Tsang 2000) with 256 layers, built at compile time.
//!
//! A logarithm costs some 11 ns in wasm; the ziggurat needs one for about 1 draw in 80. The tables are computed by the
//! compiler, whose floating point is exact IEEE 754 on every host, so they are the same bits everywhere.

/// Layers of a ziggurat; the layer is chosen by 8 bits of the draw.
pub const LAYERS: usize = 256;

/// `x[i]`: the width of layer `i`, falling, `x[0]` being that of the base layer with its tail counted in, `x[256]` = 0.
/// `y[i]`: the density at `x[i]`.
pub struct Ziggurat {
    pub x: [f64; LAYERS + 1],
    pub y: [f64; LAYERS + 1],
}

/// Where the tail of the exponential density begins (256 layers).
pub const EXPONENTIAL_TAIL: f64 = 7.697_117_470_131_05;
/// Where the tail of the normal density begins (256 layers).
pub const NORMAL_TAIL: f64 = 3.654_152_885_361_009;

const EXPONENTIAL_AREA: f64 = 0.003_949_659_822_581_557;
const NORMAL_AREA: f64 = 0.004_928_673_233_974_655;

/// The ziggurat of e^(−x).
pub static EXPONENTIAL: Ziggurat = {
    let mut z = Ziggurat { x: [0.0; LAYERS + 1], y: [0.0; LAYERS + 1] };
    z.x[0] = EXPONENTIAL_AREA / exp(-EXPONENTIAL_TAIL);
    z.x[1] = EXPONENTIAL_TAIL;
    let mut i = 2;
    while i < LAYERS {
        z.x[i] = -ln(exp(-z.x[i - 1]) + EXPONENTIAL_AREA / z.x[i - 1]);
        i += 1;
    }
    let mut i = 0;
    while i <= LAYERS {
        z.y[i] = exp(-z.x[i]);
        i += 1;
    }
    z
};

/// The ziggurat of e^(−x²/2).
pub static NORMAL: Ziggurat = {
    let mut z = Ziggurat { x: [0.0; LAYERS + 1], y: [0.0; LAYERS + 1] };
    z.x[0] = NORMAL_AREA / exp(-0.5 * NORMAL_TAIL * NORMAL_TAIL);
    z.x[1] = NORMAL_TAIL;
    let mut i = 2;
    while i < LAYERS {
        let previous = z.x[i - 1];
        z.x[i] = sqrt(-2.0 * ln(exp(-0.5 * previous * previous) + NORMAL_AREA / previous));
        i += 1;
    }
    let mut i = 0;
    while i <= LAYERS {
        z.y[i] = exp(-0.5 * z.x[i] * z.x[i]);
        i += 1;
    }
    z
};

/// e^x for −40 < x ≤ 0, by halving the argument ten times and a short series; relative error below 1e-12.
const fn exp(x: f64) -> f64 {
    let small = x / 1024.0;
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut k = 1;
    while k < 16 {
        term *= small / k as f64;
        sum += term;
        k += 1;
    }
    let mut i = 0;
    while i < 10 {
        sum *= sum;
        i += 1;
    }
    sum
}

/// ln x for 0 < x ≤ 1 by Newton's method on [`exp`].
const fn ln(x: f64) -> f64 {
    let mut y = if x < 0.01 { -6.0 } else { x - 1.0 };
    let mut i = 0;
    while i < 60 {
        y += x / exp(y) - 1.0;
        // Newton from the left overshoots to the right of zero at most once.
        if y > 0.0 {
            y = 0.0;
        }
        i += 1;
    }
    y
}

/// √x for x > 0 by Newton's method.
const fn sqrt(x: f64) -> f64 {
    let mut y = if x > 1.0 { x } else { 1.0 };
    let mut i = 0;
    while i < 60 {
        y = 0.5 * (y + x / y);
        i += 1;
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_has_the_same_area() {
        for (z, tail, area) in [(&EXPONENTIAL, EXPONENTIAL_TAIL, EXPONENTIAL_AREA), (&NORMAL, NORMAL_TAIL, NORMAL_AREA)]
        {
            assert!((z.x[1] - tail).abs() < 1e-12);
            for i in 1..LAYERS {
                let layer = z.x[i] * (z.y[i + 1] - z.y[i]);
                assert!((layer / area - 1.0).abs() < 1e-6, "layer {i}: {layer} against {area}");
            }
        }
    }

    #[test]
    fn the_density_agrees_with_libm() {
        for i in 0..=LAYERS {
            assert!((EXPONENTIAL.y[i] - libm::exp(-EXPONENTIAL.x[i])).abs() < 1e-12);
            assert!((NORMAL.y[i] - libm::exp(-0.5 * NORMAL.x[i] * NORMAL.x[i])).abs() < 1e-12);
        }
    }
}
