//! Every folder of `tests/refused` holds mistakes that people make, and what the
//! program says of them: one diagnostic for one mistake, at its place, with what
//! to type instead.

mod folders;

#[test]
fn every_mistake_is_explained() {
    insta::glob!("../../tests/refused", "*/compose.yaml", |file| {
        let folder = file.parent().expect("a file lies in a folder");
        let command = folders::with_arguments(folders::program(folder, "config"), folder);
        let written = folders::run(&mut folders::with_variables(command, folder), "");
        assert_eq!(written.exit, Some(1), "{} is refused", folder.display());
        assert_eq!(written.output, "", "{} gives no project", folder.display());
        folders::assert_snapshot(folder, "refusal", &written.errors);
    });
}
