//! An export goes its way off the loop, and the loop hears how it ended.

use std::{fs, sync::mpsc::channel};

use tempfile::TempDir;

use super::fixture::{PROD, jobs, now, one_target, sweep};
use crate::{
    engine::Report,
    export::{Export, FileFormat, Overwrite, View},
    tui::{Event, Outcome, threads::spawn_export},
};

fn ended(export: Export, home: &TempDir) -> Outcome {
    let (events, queue) = channel();
    spawn_export(export, Some(home.path().to_owned()), now(), &events);
    match queue.recv() {
        Ok(Event::Done(outcome)) if outcome.is_of_export() => outcome,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_export_ends_in_a_file_a_question_or_words() {
    let home = TempDir::new().unwrap();
    let snapshot = one_target([Report::Swept(PROD, sweep(jobs()))]);
    let view = View { rows: snapshot.rows().into(), snapshot };
    let export = Export { view, format: FileFormat::Csv, to: "~/jobs.csv".into(), overwrite: Overwrite::No };
    let Outcome::Saved(saved) = ended(export.clone(), &home) else { panic!("not saved") };
    assert_eq!((saved.path.as_path(), saved.jobs), (home.path().join("jobs.csv").as_path(), 4));

    fs::write(&saved.path, "mine").unwrap();
    let Outcome::Exists(asked, _) = ended(export, &home) else { panic!("not asked") };
    assert_eq!(fs::read(&saved.path).unwrap(), b"mine");
    assert!(matches!(ended(asked.clone().confirmed(), &home), Outcome::Saved(_)));
    assert_ne!(fs::read(&saved.path).unwrap(), b"mine");

    let elsewhere = Export { to: "~/none/jobs.csv".into(), ..asked };
    let Outcome::NotSaved(error) = ended(elsewhere, &home) else { panic!("saved") };
    assert!(error.to_string().contains("there is no directory"), "{error}");
}
