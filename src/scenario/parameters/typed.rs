//! Numbers as people type and paste them: `1,500`, `2.5 s` where milliseconds are meant, `20%` of a whole, `10k`.

/// Units of the same sort, with how many of the first each is.
const SORTS: [&[(&str, f64)]; 3] = [
    &[("ms", 1.0), ("ns", 1e-6), ("µs", 1e-3), ("us", 1e-3), ("s", 1e3), ("min", 6e4), ("h", 3.6e6), ("d", 8.64e7)],
    &[("MB", 1.0), ("kB", 1e-3), ("GB", 1e3), ("TB", 1e6)],
    &[("Mbit/s", 1.0), ("kbit/s", 1e-3), ("Gbit/s", 1e3)],
];

/// Letters for thousands.
const POWERS: [(char, f64); 4] = [('k', 1e3), ('K', 1e3), ('M', 1e6), ('G', 1e9)];

/// The number that a text means, in the given unit; nothing for what could be meant in two ways, or in none.
pub fn number(text: &str, unit: &str) -> Option<f64> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{2009}' && *c != '_').collect();
    let own: String = unit.chars().filter(|c| !c.is_whitespace()).collect();
    let (digits, factor) = split(&plain, &own)?;
    let digits = without_separators(digits.trim_start_matches('$'))?;
    let found = digits.parse::<f64>().ok()? * factor;
    found.is_finite().then_some(found)
}

/// What stands before the unit, and how many of the parameter's own unit one of the typed is.
fn split<'a>(plain: &'a str, own: &str) -> Option<(&'a str, f64)> {
    if let Some(digits) = plain.strip_suffix(own) {
        let ends_in_a_number = digits.ends_with(|c: char| c.is_ascii_digit() || c == '.');
        if ends_in_a_number {
            return Some((digits, 1.0));
        }
    }
    let digit = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | '−' | '$');
    let end =
        plain.char_indices().find(|&(at, c)| !digit(c) && !is_exponent(plain, at)).map_or(plain.len(), |(at, _)| at);
    let (digits, typed) = plain.split_at(end);
    if typed.is_empty() {
        return Some((digits, 1.0));
    }
    for sort in SORTS {
        let size = |name: &str| sort.iter().find(|(own, _)| *own == name).map(|(_, size)| *size);
        if let (Some(typed), Some(own)) = (size(typed), size(own)) {
            return Some((digits, typed / own));
        }
    }
    // A share of a whole, where the parameter has no unit.
    if typed == "%" && own.is_empty() {
        return Some((digits, 0.01));
    }
    let letter = typed.chars().next()?;
    let power = POWERS.into_iter().find(|(own, _)| *own == letter)?;
    let rest = &typed[letter.len_utf8()..];
    (rest.is_empty() || rest == own).then_some((digits, power.1))
}

/// Whether the letter at this place is that of `1e6`.
fn is_exponent(plain: &str, at: usize) -> bool {
    if !matches!(plain.as_bytes()[at], b'e' | b'E') {
        return false;
    }
    let (before, after) = (plain[..at].chars().next_back(), plain[at + 1..].chars().next());
    before.is_some_and(|c| c.is_ascii_digit() || c == '.')
        && after.is_some_and(|c| c.is_ascii_digit() || matches!(c, '-' | '+'))
}

/// A comma stands before three digits of the whole part, or it could as well be a point.
fn without_separators(digits: &str) -> Option<String> {
    let digits = digits.replace('−', "-");
    if !digits.contains(',') {
        return Some(digits);
    }
    let (whole, fraction) = digits.split_once('.').map_or((digits.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut groups = whole.trim_start_matches(['-', '+']).split(',');
    let first = groups.next().is_some_and(|own| (1..=3).contains(&own.len()) && own != "0");
    let others = groups.all(|own| own.len() == 3);
    let whole = (first && others && fraction.is_none_or(|own| !own.contains(','))).then(|| whole.replace(',', ""))?;
    Some(fraction.map_or_else(|| whole.clone(), |fraction| format!("{whole}.{fraction}")))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_taken_as_they_are_pasted() {
        for (text, unit, meant) in [
            ("20", "ms", 20.0),
            (" 20 ms ", "ms", 20.0),
            ("0.5 s", "ms", 500.0),
            ("2min", "s", 120.0),
            ("250 µs", "ms", 0.25),
            ("1,500", "", 1_500.0),
            ("1,234,567.5", "", 1_234_567.5),
            ("10k", "", 10_000.0),
            ("1.5M", "", 1_500_000.0),
            ("2 GB", "MB", 2_000.0),
            ("1 Gbit/s", "Mbit/s", 1_000.0),
            ("20%", "", 0.2),
            ("20 %", "%", 20.0),
            ("$59.80", "$/month", 59.8),
            ("59.80 $/month", "$/month", 59.8),
            ("1e6", "", 1e6),
            ("2.5E-3", "ms", 2.5e-3),
            ("−3", "", -3.0),
            ("10 k/s", "/s", 10_000.0),
        ] {
            let found = number(text, unit).unwrap_or_else(|| panic!("{text} is a number"));
            assert!((found - meant).abs() <= 1e-12 * meant.abs(), "{text}: {found}");
        }
    }

    #[test]
    fn what_could_be_meant_in_two_ways_is_refused() {
        for (text, unit) in [
            ("0,5", ""),
            ("1,5", "ms"),
            ("1,50", ""),
            ("12,34", ""),
            ("20 kg", "ms"),
            ("5 MB", "ms"),
            ("ms", "ms"),
            ("", ""),
            ("1.2.3", ""),
            ("NaN", ""),
            ("inf", ""),
            ("1e999", ""),
            ("20%", "ms"),
            ("<b>5</b>", ""),
            ("٥", ""),
        ] {
            assert_eq!(number(text, unit), None, "{text}");
        }
    }
}
