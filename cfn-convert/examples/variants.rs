//! Writes a template of every kind of project into a folder, for tools that judge
//! templates: `cargo run -p cfn-convert --example variants -- FOLDER`.

#[path = "../tests/projects/mod.rs"]
mod projects;

use std::io;
use std::path::PathBuf;

use cfn_convert::{Format, convert};

fn main() -> io::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).unwrap_or_else(|| ".".into()).into();
    std::fs::create_dir_all(&folder)?;
    for (name, project) in projects::all() {
        let template = convert(&project);
        for (format, ending) in [(Format::Yaml, "yaml"), (Format::Json, "json")] {
            std::fs::write(folder.join(format!("{name}.{ending}")), template.render(format))?;
        }
    }
    Ok(())
}
