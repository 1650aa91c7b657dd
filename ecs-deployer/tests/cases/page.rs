//! What `docs/deployer.md` says is shown, where it says so.

use std::fs::File;
use std::io;
use std::path::Path;

const PAGE: &str = include_str!("../../../docs/deployer.md");

/// A test that the page names, and the file that it is to be in.
fn named(row: &str) -> Option<(&str, &str)> {
    let (_, link) = row.rsplit_once("](")?;
    let (file, rest) = link.split_once(" \"")?;
    let (name, _) = rest.split_once('"')?;
    Some((name, file))
}

#[test]
fn every_row_of_the_last_table_names_a_test_that_is_there() {
    let (_, last) = PAGE.split_once("## Where the original went wrong\n").unwrap();
    let rows: Vec<&str> = last.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 20, "{rows:?}");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for row in rows {
        let (name, file) = named(row).unwrap_or_else(|| panic!("no test is named: {row}"));
        let source = File::open(docs.join(file)).and_then(io::read_to_string);
        let source = source.unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(source.contains(&format!("fn {name}()")), "{file} has no test {name}");
    }
}
