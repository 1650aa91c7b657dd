//! Tables, laid out as Docker's.

/// Docker pads every column but the last to this many characters.
const SMALLEST_COLUMN: usize = 20;
const GAP: usize = 3;

/// Lays out rows of as many columns as there are headers.
pub(crate) fn table<const COLUMNS: usize>(
    headers: [&str; COLUMNS],
    rows: &[[String; COLUMNS]],
) -> String {
    let rows = || rows.iter().map(|row| row.each_ref().map(String::as_str));
    let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
        let cells = rows().map(|row| row[column].chars().count());
        let widest = cells.chain([headers[column].len()]).max().unwrap_or_default();
        (widest + GAP).max(SMALLEST_COLUMN)
    });
    std::iter::once(headers).chain(rows()).map(|row| line(row, widths)).collect()
}

fn line<const COLUMNS: usize>(row: [&str; COLUMNS], widths: [usize; COLUMNS]) -> String {
    let mut line = String::new();
    for (position, (cell, width)) in row.into_iter().zip(widths).enumerate() {
        let width = if position + 1 == COLUMNS { 0 } else { width };
        line += &format!("{cell:width$}");
    }
    line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align() {
        let rows = [
            ["TAG".to_owned(), "latest".to_owned(), String::new()],
            ["A_NAME_OF_TWENTY_SIX_CHARS".to_owned(), "ü".to_owned(), "x".to_owned()],
        ];
        let table = table(["NAME", "DEFAULT VALUE", "ALTERNATE VALUE"], &rows).replace(' ', ".");
        insta::assert_snapshot!(table, @"
        NAME.........................DEFAULT.VALUE.......ALTERNATE.VALUE
        TAG..........................latest..............
        A_NAME_OF_TWENTY_SIX_CHARS...ü...................x
        ");
    }
}
