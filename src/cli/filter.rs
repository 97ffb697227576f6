//! `--filter`: the language of [`crate::job::Filter`] on the command line, and a picture of where its text is wrong.

use crate::{
    job::{Fault, Filter},
    text,
};

/// Reads a filter. A command is no visit, so that there is nothing that changed since the last one.
pub(super) fn parse(text: &str) -> Result<Filter, String> {
    Filter::parse(text).and_then(Filter::without_visit).map_err(|fault| picture(text, &fault))
}

/// The same where trails are not read.
pub(super) fn parse_of_jobs(text: &str) -> Result<Filter, String> {
    let filter = Filter::parse(text).and_then(Filter::without_visit).and_then(Filter::without_trails);
    filter.map_err(|fault| picture(text, &fault))
}

/// The same for trails.
pub(super) fn parse_of_trails(text: &str) -> Result<Filter, String> {
    let filter = Filter::parse(text).and_then(Filter::without_visit).and_then(Filter::of_trails);
    filter.map_err(|fault| picture(text, &fault))
}

/// A filter and the text that it was written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterText {
    /// What it means.
    pub filter: Filter,
    /// How it was written.
    pub text: String,
}

/// [`parse_of_jobs`], with its text.
pub(super) fn parse_text(text: &str) -> Result<FilterText, String> {
    Ok(FilterText { filter: parse_of_jobs(text)?, text: text.to_owned() })
}

/// The text, and below it what is wrong, under the place where it is.
fn picture(text: &str, fault: &Fault) -> String {
    let span = fault.span();
    let columns = |part: &str| text::width(&text::clean(part));
    let (before, marks) = (columns(&text[..span.start]), "^".repeat(columns(&text[span]).max(1)));
    format!("it is no filter\n\n  {}\n  {:before$}{marks}\n{fault}", text::clean(text), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fault_stands_under_the_text() {
        assert_eq!(
            parse("审计 statsu:failed age<2d").unwrap_err(),
            "it is no filter\n\n  审计 statsu:failed age<2d\n       ^^^^^^\n\
             there is no field \"statsu\", did you mean status? (what is meant as text goes into quotes)"
        );
        let hidden = parse("\u{1b} status:").unwrap_err();
        assert!(hidden.starts_with("it is no filter\n\n  \\u{1b} status:\n         ^^^^^^^\na value is"), "{hidden}");
    }

    #[test]
    fn nobody_visits() {
        let error = parse("is:open is:stalled|changed").unwrap_err();
        assert!(error.contains("\n                     ^^^^^^^\nis:changed asks for"), "{error}");
        assert!(parse("is:open|stalled").is_ok());
    }

    #[test]
    fn trails_are_no_jobs() {
        assert!(parse("is:uncovered").is_ok());
        let error = parse_of_jobs("pay is:open|uncovered").unwrap_err();
        assert!(error.contains("\n              ^^^^^^^^^\nis:uncovered asks about trails"), "{error}");
        assert!(parse_of_trails("pay trail:p* region:cn-* profile:a !is:uncovered").is_ok());
        let error = parse_of_trails("pay status:failed").unwrap_err();
        assert!(error.contains("\n      ^^^^^^^^^^^^^\nthis asks about a job"), "{error}");
        assert!(parse_of_trails("age<2d").is_err() && parse_of_trails("is:uncovered|open").is_err());
    }
}
