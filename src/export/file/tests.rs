//! Exports into real directories: whole or not at all, and never over another file unasked.

use tempfile::TempDir;

use super::*;
use crate::{
    engine::TargetState,
    export::tests::{at, job, now, partial, snapshot, target, target_key},
    job::Status,
};

fn view(snapshot: Snapshot) -> View {
    let rows = snapshot.rows();
    View { snapshot: Arc::new(snapshot), rows: rows.into() }
}

fn two_jobs() -> View {
    let jobs = vec![job(16_602, Status::Complete, "trail-name"), job(16_640, Status::Failed, "payments-audit")];
    view(snapshot(vec![target("prod", jobs)]))
}

fn export(view: View, to: &Path) -> Export {
    let to = to.to_str().unwrap().to_owned();
    let format = FileFormat::of_name(&to).unwrap_or(FileFormat::Csv);
    Export { view, format, to, overwrite: Overwrite::No }
}

fn names(directory: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(directory.path()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_rows_of_the_view_are_written_in_their_order() {
    let home = TempDir::new().unwrap();
    let mut view = two_jobs();
    view.rows = view.rows.iter().rev().copied().collect();
    let saved = Export { to: "~/jobs.csv".into(), ..export(view, Path::new("x")) }.write(Some(home.path()), now());
    let path = home.path().join("jobs.csv");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(saved.unwrap(), Saved { path: path.clone(), bytes: text.len() as u64, jobs: 2 });
    let ids: Vec<_> = text.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids, ["job_id", "16640", "16602"]);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, OWNER_ONLY);
    assert_eq!(names(&home), ["jobs.csv"]);
}

#[test]
fn json_also_says_how_well_the_targets_were_read() {
    let directory = TempDir::new().unwrap();
    let mut view = view(partial());
    view.rows = view.rows[..1].into();
    let saved = export(view, &directory.path().join("jobs.json")).write(None, now()).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&fs::read(saved.path).unwrap()).unwrap();
    assert_eq!(json["complete"], false);
    assert_eq!(json["jobs"].as_array().unwrap().len(), 1);
    assert_eq!(json["targets"].as_array().unwrap().len(), 2);
}

#[test]
fn another_file_goes_only_after_a_yes() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("jobs.csv");
    fs::write(&path, "mine").unwrap();
    let export = export(two_jobs(), &path);
    let refused = export.write(None, now()).unwrap_err();
    assert!(matches!(&refused, SaveError::Exists(there) if *there == path), "{refused}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    export.confirmed().write(None, now()).unwrap();
    assert!(fs::read_to_string(&path).unwrap().starts_with("job_id,"));
    assert_eq!(names(&directory), ["jobs.csv"]);
}

#[test]
fn a_file_that_comes_in_between_stays() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("jobs.csv");
    let file = NamedTempFile::new_in(&directory).unwrap();
    fs::write(&path, "mine").unwrap();
    let refused = in_words(put(file, &path, Overwrite::No).unwrap_err(), &path, directory.path());
    assert!(matches!(refused, SaveError::Exists(_)), "{refused}");
    assert_eq!(names(&directory), ["jobs.csv"]);
}

#[test]
fn a_link_stays_a_link() {
    let directory = TempDir::new().unwrap();
    let [link, meant] = ["link.csv", "meant.csv"].map(|name| directory.path().join(name));
    fs::write(&meant, "mine").unwrap();
    std::os::unix::fs::symlink(&meant, &link).unwrap();
    let export = export(two_jobs(), &link);
    assert!(matches!(export.write(None, now()), Err(SaveError::Exists(_))));
    export.confirmed().write(None, now()).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&meant).unwrap().starts_with("job_id,"));
}

#[test]
fn what_is_in_the_way_is_told_with_a_way_out() {
    let directory = TempDir::new().unwrap();
    let root = directory.path();
    fs::write(root.join("file"), "").unwrap();
    let told = |to: &Path| {
        let error = export(two_jobs(), to).confirmed().write(None, now()).unwrap_err();
        error.to_string().replace(root.to_str().unwrap(), "DIR")
    };
    let said = [
        told(&root.join("none/jobs.csv")),
        told(&root.join("file/jobs.csv")),
        told(root),
        told(&root.join("new/")),
        told(Path::new("/dev/null")),
        told(Path::new("")),
        told(Path::new("~/jobs.csv")),
        told(Path::new("~\u{1b}you/jobs.csv")),
    ];
    insta::assert_snapshot!(said.join("\n"));
    assert_eq!(names(&directory), ["file"]);
}

#[test]
fn refusals_of_the_system_are_told_in_words() {
    let (path, directory) = (Path::new("/a/b.csv"), Path::new("/a"));
    let kinds = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem, ErrorKind::StorageFull];
    let said = kinds.map(|kind| in_words(kind.into(), path, directory).to_string());
    let other = in_words(io::Error::from_raw_os_error(5), path, directory).to_string();
    insta::assert_snapshot!(said.into_iter().chain([other]).collect::<Vec<_>>().join("\n"));
}

#[test]
fn nothing_read_is_not_an_empty_table() {
    let directory = TempDir::new().unwrap();
    let unread = TargetState::new(target_key("prod", "cn-hangzhou"), "x", "x");
    let export = export(view(snapshot(vec![unread])), &directory.path().join("jobs.csv"));
    assert!(matches!(export.write(None, now()), Err(SaveError::Unread)));
    assert!(names(&directory).is_empty());
}

#[test]
fn names_offer_and_choose_a_format() {
    assert_eq!(default_name(FileFormat::Csv, at("2026-11-24T20:41:10Z")), "trailwatch-jobs-20261124T204110Z.csv");
    assert_eq!(FileFormat::of_name("~/a.JSON"), Some(FileFormat::Json));
    assert_eq!(["a", "a.txt", ".csv"].map(FileFormat::of_name), [None; 3]);
}
