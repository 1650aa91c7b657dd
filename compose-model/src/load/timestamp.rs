//! Dates without quotes: YAML makes them points in time, and Docker prints
//! them as such.

/// The date of a text as Docker prints it in a string, and in JSON.
pub(crate) fn parse(text: &str) -> Option<(String, String)> {
    let (date, rest) = split_date(text)?;
    if rest.is_empty() {
        return Some((format!("{date} 00:00:00 +0000 UTC"), format!("{date}T00:00:00Z")));
    }
    let (separator, rest) = rest.split_at_checked(1)?;
    let (time, zone) = split_time(rest)?;
    match (separator, zone) {
        (" ", "") | ("T" | "t", "Z") => {
            Some((format!("{date} {time} +0000 UTC"), format!("{date}T{time}Z")))
        }
        ("T" | "t", zone) => {
            let (short, long) = offset(zone)?;
            Some((format!("{date} {time} {short} {short}"), format!("{date}T{time}{long}")))
        }
        _ => None,
    }
}

/// `2026-1-2`, and what follows it.
fn split_date(text: &str) -> Option<(String, &str)> {
    let (year, rest) = number(text, 4, 4)?;
    let (month, rest) = number(rest.strip_prefix('-')?, 1, 2)?;
    let (day, rest) = number(rest.strip_prefix('-')?, 1, 2)?;
    let valid = (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
    valid.then(|| (format!("{year:04}-{month:02}-{day:02}"), rest))
}

/// `3:04:05.25`, and what follows it.
fn split_time(text: &str) -> Option<(String, &str)> {
    let (hour, rest) = number(text, 1, 2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 1, 2)?;
    let (second, rest) = number(rest.strip_prefix(':')?, 1, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    let Some(fraction) = rest.strip_prefix('.') else { return Some((time, rest)) };
    let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = fraction.split_at(length);
    if digits.is_empty() {
        return None;
    }
    match digits[..length.min(9)].trim_end_matches('0') {
        "" => Some((time, rest)),
        digits => Some((format!("{time}.{digits}"), rest)),
    }
}

/// `+02:00` as `+0200` and as it is.
fn offset(zone: &str) -> Option<(String, &str)> {
    let sign = zone.get(..1).filter(|sign| matches!(*sign, "+" | "-"))?;
    let (hour, rest) = number(&zone[1..], 2, 2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2, 2)?;
    (rest.is_empty() && hour <= 24 && minute <= 60)
        .then(|| (format!("{sign}{hour:02}{minute:02}"), zone))
}

fn number(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(length);
    (length >= least).then(|| digits.parse().ok().map(|number| (number, rest)))?
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_become_points_in_time() {
        let cases = [
            ("2026-11-21", "2026-11-21 00:00:00 +0000 UTC", "2026-11-21T00:00:00Z"),
            ("2026-1-2", "2026-01-02 00:00:00 +0000 UTC", "2026-01-02T00:00:00Z"),
            ("2026-01-02 3:4:5.250", "2026-01-02 03:04:05.25 +0000 UTC", "2026-01-02T03:04:05.25Z"),
            (
                "2001-12-14t21:59:43.10-05:00",
                "2001-12-14 21:59:43.1 -0500 -0500",
                "2001-12-14T21:59:43.1-05:00",
            ),
        ];
        for (text, sprint, json) in cases {
            assert_eq!(parse(text), Some((sprint.into(), json.into())), "{text}");
        }
    }

    #[test]
    fn other_texts_stay_texts() {
        for text in ["2026", "2026-13-01", "2026-02-30", "2026-11-21x", "20261-1-1", "2026-11-21T"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
