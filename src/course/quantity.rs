//! How measured quantities are written, everywhere: as many digits as they deserve, and their unit.

/// With its unit: `27.7%`, `$200`, `0.55 ms`, `1 request`, `yes`. `digits` are significant ones; finer than
/// `resolution` it is not told.
pub fn write(value: f64, unit: &str, digits: u32, resolution: f64) -> String {
    let text = number(value, digits, resolution);
    match unit {
        "" => text,
        "$" => format!("${text}"),
        "%" => format!("{text}%"),
        "yes or no" if value == 1.0 => "yes".to_owned(),
        "yes or no" if value == 0.0 => "no".to_owned(),
        unit if text == "1" => format!("1 {}", singular(unit)),
        unit => format!("{text} {unit}"),
    }
}

/// The same within a sentence, where of what is counted there is rather none than zero: `no requests`.
pub fn in_text(value: f64, unit: &str) -> String {
    let counted = !matches!(unit, "" | "$" | "%" | "yes or no" | "ms" | "s") && !unit.contains('/');
    if value == 0.0 && counted { format!("no {unit}") } else { write(value, unit, 3, 0.0) }
}

/// A number without needless zeros: at most so many significant digits, none finer than `resolution`, and no more than
/// six after the point.
pub fn number(value: f64, digits: u32, resolution: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{}", value.abs());
    }
    let finest = if resolution > 0.0 { (-resolution.log10()).ceil() } else { 6.0 };
    let decimals = (f64::from(digits) - 1.0 - value.abs().log10().floor()).min(finest).clamp(0.0, 6.0) as usize;
    let text = format!("{:.decimals$}", value.abs());
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let text = in_thousands(text);
    if value < 0.0 && text != "0" { format!("−{text}") } else { text }
}

/// With a comma before every three digits of the whole part.
fn in_thousands(text: &str) -> String {
    let whole = text.find('.').unwrap_or(text.len());
    let comma = |(index, digit): (usize, char)| {
        let before = index > 0 && index < whole && (whole - index).is_multiple_of(3);
        before.then_some(',').into_iter().chain([digit])
    };
    text.char_indices().flat_map(comma).collect()
}

/// Of things that are counted: the word for one of them.
fn singular(unit: &str) -> String {
    match unit {
        "ms" | "s" => unit.to_owned(),
        unit if unit.contains('/') => unit.to_owned(),
        unit => match unit.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => unit.strip_suffix('s').unwrap_or(unit).to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_as_people_write_them() {
        let written = |value, unit| write(value, unit, 3, 0.0);
        assert_eq!(written(27.714, "%"), "27.7%");
        assert_eq!(written(200.0, "$"), "$200");
        assert_eq!(written(8_000.0, "requests/s"), "8,000 requests/s");
        assert_eq!(written(1_234_567.25, ""), "1,234,567");
        assert_eq!(written(-999.5, "$"), "$−1,000");
        assert_eq!(number(1_000.125, 9, 0.0), "1,000.125");
        assert_eq!(written(0.0, "requests"), "0 requests");
        assert_eq!(written(1.0, "requests"), "1 request");
        assert_eq!(written(1.0, "entries"), "1 entry");
        assert_eq!(written(1.0, "ms"), "1 ms");
        assert_eq!(written(1.0, "requests/s"), "1 requests/s");
        assert_eq!(written(0.549_99, "ms"), "0.55 ms");
        assert_eq!(written(4198.3, ""), "4,198");
        assert_eq!(written(1.0, "yes or no"), "yes");
        assert_eq!(in_text(0.0, "sizes"), "no sizes");
        assert_eq!((in_text(0.0, "%"), in_text(0.0, "requests/s")), ("0%".to_owned(), "0 requests/s".to_owned()));
        assert_eq!(in_text(1.0, "sizes"), "1 size");
    }

    #[test]
    fn nothing_is_told_finer_than_it_is_known() {
        assert_eq!(write(-0.001_431, "ms", 4, 0.001), "−0.001 ms");
        assert_eq!(write(-0.000_2, "ms", 4, 0.001), "0 ms");
        assert_eq!(write(588.234_5, "", 4, 0.1), "588.2");
    }
}
