//! Numbers and moments in words: three significant digits at most, thin enough for a card, exact enough not to lie.

use crate::nodes::Cause;

/// What stands where there is nothing to say.
pub const NOTHING: &str = "–";

/// A count with thousands set apart: `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A quantity, short: `0.42`, `7.3`, `93`, `1,862`, `12.4k`, `3.1M`.
pub fn short(number: f64) -> String {
    match number {
        n if n.is_nan() => NOTHING.to_owned(),
        n if n >= 9_950_000.0 => format!("{}M", count((n / 1e6).round() as u64)),
        n if n >= 999_500.0 => format!("{:.1}M", n / 1e6),
        n if n >= 99_950.0 => format!("{:.0}k", n / 1e3),
        n if n >= 9_999.5 => format!("{:.1}k", n / 1e3),
        n if n >= 9.95 => count(n.round() as u64),
        n if n >= 0.995 => format!("{n:.1}"),
        n if n >= 0.005 => format!("{n:.2}"),
        _ => "0".to_owned(),
    }
}

/// How many there are, short: `7`, `1,862`, `12.4k`.
pub fn amount(number: u64) -> String {
    if number < 10_000 { count(number) } else { short(number as f64) }
}

/// A share as percent, without the sign: `0.2`, `1.6`, `93`. What is not quite all or nothing does not look so.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        p if p <= 0.0 => "0".to_owned(),
        p if p < 0.1 => "<0.1".to_owned(),
        p if p < 9.95 => format!("{p:.1}"),
        p if p < 99.5 => format!("{p:.0}"),
        p if p < 100.0 => ">99".to_owned(),
        _ => "100".to_owned(),
    }
}

/// A moment: `0:58.214`, `1:02:03.004`.
pub fn moment(ms: f64) -> String {
    let total = ms.max(0.0).floor() as u64;
    let (hours, minutes, seconds, ms) = (total / 3_600_000, total / 60_000 % 60, total / 1000 % 60, total % 1000);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}.{ms:03}")
    } else {
        format!("{minutes}:{seconds:02}.{ms:03}")
    }
}

/// A moment, without the thousandths where there are none: `1:30`.
pub fn clock(ms: f64) -> String {
    let text = moment(ms);
    text.strip_suffix(".000").map(str::to_owned).unwrap_or(text)
}

/// A stretch of time: `120 ms`, `1.8 s`, `5 min`, `1 year`.
pub fn span(ms: f64) -> String {
    match ms {
        ms if ms < 999.5 => format!("{} ms", short(ms)),
        ms if ms < 119_500.0 => format!("{} s", trimmed(ms / 1000.0)),
        ms if ms < 7_170_000.0 => format!("{} min", trimmed(ms / 60_000.0)),
        ms if ms < 172_800_000.0 => format!("{} h", trimmed(ms / 3_600_000.0)),
        ms if ms < 31_500_000_000.0 => format!("{} days", trimmed(ms / 86_400_000.0)),
        ms if ms < 33_000_000_000.0 => "1 year".to_owned(),
        ms => format!("{} years", trimmed(ms / 31_557_600_000.0)),
    }
}

/// About how long something takes: `9 seconds`, `3 minutes`, `2 hours`.
pub fn rough_span(ms: f64) -> String {
    let (amount, unit) = match ms {
        ms if ms < 90_000.0 => (ms / 1e3, "second"),
        ms if ms < 5_400_000.0 => (ms / 60e3, "minute"),
        ms => (ms / 3600e3, "hour"),
    };
    let amount = amount.round().max(1.0) as u64;
    format!("{amount} {unit}{}", if amount == 1 { "" } else { "s" })
}

/// A speed: `1/50×`, `1×`, `200×`.
pub fn speed(factor: f64) -> String {
    if factor < 1.0 {
        format!("1/{}×", count((1.0 / factor).round() as u64))
    } else {
        format!("{}×", trimmed(factor))
    }
}

/// A speed that was reached, which need not be a round one: `0.4×`, `1/130×`.
pub fn reached(factor: f64) -> String {
    match factor {
        f if f <= 0.0 => "0×".to_owned(),
        f if f < 0.1 => speed(f),
        f => format!("{}×", short(f)),
    }
}

/// A power of ten on a scale: `1`, `10k`, `1M`.
pub fn ticks(number: f64) -> String {
    match number {
        n if n >= 1e6 => format!("{}M", n / 1e6),
        n if n >= 1e3 => format!("{}k", n / 1e3),
        n => n.to_string(),
    }
}

/// What failed requests are called after their cause.
pub fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Refused => "refused",
        Cause::Timeout => "timed out",
        Cause::Killed => "killed",
        Cause::Unreachable => "unreachable",
        Cause::NoHealthyBackend => "no healthy server",
        Cause::Unresolved => "name not resolved",
        Cause::GatewayTimeout => "server behind silent",
        Cause::Unroutable => "no route",
        Cause::Reset => "connection reset",
        Cause::RateLimited => "rate limited",
        Cause::ReadOnly => "no primary",
        Cause::Unauthorized => "401",
        Cause::DiskFull => "disk full",
        Cause::ApplicationError => "application error",
        Cause::Unreadable => "format not readable",
        Cause::QueueFull => "queue full",
        Cause::Returned => "message returned",
    }
}

/// At most two digits after the point, and none that say nothing.
fn trimmed(number: f64) -> String {
    let text = if number < 9.95 { format!("{number:.1}") } else { format!("{number:.0}") };
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn numbers_are_short_and_do_not_lie() {
        let cases = [(0.0, "0"), (0.42, "0.42"), (9.96, "10"), (1862.0, "1,862"), (12_400.0, "12.4k"), (1e6, "1.0M")];
        for (number, text) in cases {
            assert_eq!(short(number), text);
        }
        assert_eq!(percent(0.999), ">99");
        assert_eq!(percent(0.0001), "<0.1");
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[wasm_bindgen_test]
    fn moments_and_speeds_read_as_people_write_them() {
        assert_eq!(moment(58_214.9), "0:58.214");
        assert_eq!(moment(3_723_004.0), "1:02:03.004");
        assert_eq!((clock(90_000.0), clock(2500.0)), ("1:30".to_owned(), "0:02.500".to_owned()));
        assert_eq!(span(1800.0), "1.8 s");
        assert_eq!(span(300_000.0), "5 min");
        assert_eq!((rough_span(9400.0), rough_span(200_000.0)), ("9 seconds".to_owned(), "3 minutes".to_owned()));
        assert_eq!((rough_span(10.0), rough_span(7e6)), ("1 second".to_owned(), "2 hours".to_owned()));
        assert_eq!(speed(0.02), "1/50×");
        assert_eq!(speed(10.0), "10×");
    }
}
