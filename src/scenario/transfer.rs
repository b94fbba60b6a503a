//! How long an answer takes beyond the delay of the line: slow start and bandwidth.
//!
//! A server may send only so much before it hears that it arrived: at first the initial window, twice that in the next
//! round trip, and so on (slow start, RFC 5681), until the window fills the line. Each answer begins with the initial
//! window: the pause between a user's requests is longer than the retransmission time-out, after which a window starts
//! anew (RFC 5681, 4.1). No segment is lost, so the window never shrinks. The well-known hand calculation (Cardwell,
//! Savage, Anderson, "Modeling TCP latency", 2000, without losses; Kurose and Ross, 3.7).

/// What a segment carries: an Ethernet frame of 1,500 bytes less the headers of IP and TCP.
pub const SEGMENT_BYTES: f64 = 1460.0;

/// From when a server sends the first byte of an answer until it sends the last, in milliseconds. Windows of
/// `initial_window` segments or without a limit; `mbps` megabits per second or at once.
pub fn sending_ms(bytes: f64, round_trip_ms: f64, mbps: Option<f64>, initial_window: Option<u32>) -> f64 {
    let line_ms = |bytes: f64| mbps.map_or(0.0, |mbps| bytes * 8.0 / (mbps * 1e3));
    let Some(segments) = initial_window else { return line_ms(bytes) };
    let (mut left, mut waited, mut window) = (bytes, 0.0, f64::from(segments) * SEGMENT_BYTES);
    while left > window && line_ms(window) < round_trip_ms {
        left -= window;
        waited += round_trip_ms;
        window *= 2.0;
    }
    waited + line_ms(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, for a window of 10 segments: 14.6, 29.2, 58.4, 116.8, 233.6 kB, … in each round trip.
    #[test]
    fn times_are_those_of_the_hand_calculation() {
        let ms = |kb: f64, round_trip_ms: f64, mbps: f64| sending_ms(kb * 1e3, round_trip_ms, Some(mbps), Some(10));
        let cases = [
            // In the first window: 14 kB at 100 Mbit/s are 1.12 ms.
            (ms(14.0, 170.0, 100.0), 1.12),
            // 100 kB = 14.6 + 29.2 + 56.2: two waits, and the rest in 4.496 ms.
            (ms(100.0, 170.0, 100.0), 340.0 + 4.496),
            // The same nearby: a window of 29.2 kB takes 2.336 ms, longer than 2 ms, so the line is full after one wait.
            (ms(100.0, 2.0, 100.0), 2.0 + (100.0 - 14.6) * 0.08),
            // 5 MB over 170 ms: windows up to 14.6 · 2⁷ = 1,868.8 kB take 149.5 ms, less than a round trip; eight waits
            // for 14.6 · 255 = 3,723 kB, and the rest of 1,277 kB in 102.16 ms.
            (ms(5000.0, 170.0, 100.0), 8.0 * 170.0 + 102.16),
            // 20 MB: one more window, of 3,737.6 kB, would take 299 ms, more than a round trip: the line is full.
            (ms(20_000.0, 170.0, 100.0), 8.0 * 170.0 + (20_000.0 - 3723.0) * 0.08),
        ];
        for (found, by_hand) in cases {
            assert!((found - by_hand).abs() < 1e-9, "{found} ms for {by_hand}");
        }
    }

    #[test]
    fn without_a_window_only_the_line_counts() {
        assert_eq!(sending_ms(100_000.0, 170.0, Some(100.0), None), 8.0);
        assert_eq!(sending_ms(100_000.0, 170.0, None, None), 0.0);
        // Without a line only the round trips do.
        assert_eq!(sending_ms(100_000.0, 170.0, None, Some(10)), 340.0);
        // In one place there is nothing to wait for.
        assert_eq!(sending_ms(100_000.0, 0.0, None, Some(10)), 0.0);
    }
}
