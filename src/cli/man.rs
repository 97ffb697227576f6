//! `trailwatch man`: a manual page for the program and one for each command, made from the definitions of the arguments.

use std::{
    fs, io,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use clap::{Command, CommandFactory as _};
use clap_mangen::{
    Man,
    roff::{Roff, roman},
};

use super::{
    Cli,
    args::ManArgs,
    report::{self, Severity},
};
use crate::exit::ExitCode;

/// What others may do with a page, if the umask allows.
const READABLE: u32 = 0o666;

/// Writes the pages into a directory, which is made where there is none.
pub(super) fn run(args: &ManArgs) -> ExitCode {
    match write_pages(&args.directory) {
        Ok(()) => ExitCode::Done,
        Err((path, error)) => {
            report::say(Severity::Error, &format!("can't write {}: {error}", path.display()));
            ExitCode::Config
        }
    }
}

fn write_pages(directory: &Path) -> Result<(), (PathBuf, io::Error)> {
    fs::create_dir_all(directory).map_err(|error| (directory.to_owned(), error))?;
    for (name, page) in pages() {
        let path = directory.join(name);
        write_whole(&path, &page).map_err(|error| (path, error))?;
    }
    Ok(())
}

/// Writes a file whole or not at all, over the one that is there.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().permissions(fs::Permissions::from_mode(READABLE)).tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

/// The pages with the names of their files, that of the program first.
fn pages() -> Vec<(String, String)> {
    let mut program = Cli::command();
    // Before it, the commands do not have the options of the program.
    program.build();
    let commands = program.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    let commands: Vec<Command> = commands.collect();
    std::iter::once(program).chain(commands).map(page).collect()
}

fn page(command: Command) -> (String, String) {
    let extra = command.get_after_help().map(ToString::to_string);
    let has_commands = command.get_subcommands().next().is_some();
    let manual = Man::new(command).source(concat!("trailwatch ", env!("CARGO_PKG_VERSION"))).manual("Trailwatch");
    let mut page = Vec::new();
    let written = (|| {
        manual.render_title(&mut page)?;
        manual.render_name_section(&mut page)?;
        manual.render_synopsis_section(&mut page)?;
        manual.render_description_section(&mut page)?;
        if has_commands {
            manual.render_subcommands_section(&mut page)?;
        }
        manual.render_options_section(&mut page)?;
        sections(&extra.unwrap_or_default()).to_writer(&mut page)
    })();
    written.expect("a vector takes all that is written");
    let page = String::from_utf8(page).expect("the definitions are text");
    // Each part comes with the definitions that a whole page needs once.
    let definitions = Roff::new().render();
    (manual.get_filename(), definitions.clone() + &page.replace(&definitions, ""))
}

/// What stands below a `--help`: each paragraph under a heading becomes a section whose lines stay as they are.
fn sections(text: &str) -> Roff {
    let mut roff = Roff::new();
    let mut headed = false;
    for paragraph in text.split("\n\n").map(str::trim_end).filter(|paragraph| !paragraph.is_empty()) {
        let (first, rest) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
        if let Some(heading) = first.strip_suffix(':').filter(|heading| !heading.starts_with(' ')) {
            headed = true;
            roff.control("SH", [heading.to_uppercase().as_str()]).control("nf", []);
            for line in rest.lines() {
                roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
            }
            roff.control("fi", []);
        } else {
            // A section begins with a paragraph; others need a gap.
            if headed {
                roff.control("PP", [])
            } else {
                roff.control("SH", ["NOTES"])
            };
            headed = true;
            roff.text([roman(paragraph)]);
        }
    }
    roff
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::PROGRAM;

    /// A page as its reader sees it: without what only typesetters need.
    fn plain(page: &str) -> String {
        page.replace("\\-", "-").replace("\\fB", "").replace("\\fI", "").replace("\\fR", "").replace("\\*(Aq", "'")
    }

    #[test]
    fn every_command_has_a_page_with_all_its_options_and_codes() {
        let mut program = Cli::command();
        program.build();
        let pages = pages();
        let page = |name: String| {
            let page = pages.iter().find(|(file, _)| *file == name);
            plain(&page.unwrap_or_else(|| panic!("there is no {name}")).1)
        };
        let overview = page("trailwatch.1".to_owned());
        for command in program.get_subcommands() {
            assert!(overview.contains(&format!("trailwatch-{}(1)", command.get_name())), "{overview}");
            let page = page(format!("trailwatch-{}.1", command.get_name()));
            assert_eq!(page.matches(".ds Aq").count(), 2, "{page}");
            assert!(page.contains(&format!("\n.SH SYNOPSIS\ntrailwatch {}", command.get_name())), "{page}");
            for option in command.get_arguments().filter(|option| !option.is_hide_set()) {
                let name = match option.get_long() {
                    Some(long) => format!("--{long}"),
                    None => option.get_value_names().unwrap().concat(),
                };
                assert!(page.contains(&name), "{name} is not in the page of {}:\n{page}", command.get_name());
            }
        }
        assert_eq!(pages.len(), program.get_subcommands().count() + 1);
    }

    #[test]
    fn what_stands_below_a_help_keeps_its_lines_and_headings() {
        insta::assert_snapshot!(sections(
            "A note\nof two lines.\n\nExamples:\n  .first -o x\n    'second'  aligned\n\nMore.\n\nExit codes:\n    0  done\n"
        )
        .to_roff());
    }

    #[test]
    fn pages_replace_those_that_are_there_and_others_may_read_them() {
        let home = tempfile::TempDir::new().unwrap();
        let directory = home.path().join("share/man/man1");
        write_pages(&directory).unwrap();
        let path = directory.join(format!("{PROGRAM}.1"));
        fs::write(&path, "old").unwrap();
        write_pages(&directory).unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains(".SH OPTIONS"));
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o444, 0o444, "as the umask of most systems allows: {mode:o}");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), pages().len(), "nothing else is left there");
    }
}
