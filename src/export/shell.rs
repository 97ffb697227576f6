//! Words of a command line for a POSIX shell, from texts that nobody here chose. Which command it is, is not known here.

use std::borrow::Cow;

use crate::text;

/// `text` as exactly one word of a POSIX shell, in which nothing is run, expanded or split.
///
/// `None` for a text with control, bidi or invisible characters: pasted, a terminal would obey them before any shell reads
/// the quotes, and nobody could see what the command says.
#[must_use]
pub fn quote(text: &str) -> Option<Cow<'_, str>> {
    if text.chars().any(text::is_unsafe) {
        return None;
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+,".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return Some(Cow::Borrowed(text));
    }
    // Between single quotes a shell leaves everything alone but the quote itself.
    Some(Cow::Owned(format!("'{}'", text.replace('\'', r"'\''"))))
}

/// Adds `--name value`; a value that begins like a flag stands behind `=`, so that it stays a value.
pub(super) fn flag(line: &mut String, name: &str, value: &str) -> Option<()> {
    let separator = if value.starts_with('-') { '=' } else { ' ' };
    let value = quote(value)?;
    line.extend([" --", name]);
    line.push(separator);
    line.push_str(&value);
    Some(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// What a shell makes of it.
    fn read(word: &str) -> String {
        let output = Command::new("sh").arg("-c").arg(format!("printf %s {word}")).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn what_is_plain_stays_readable() {
        assert_eq!(quote("payments-audit").unwrap(), "payments-audit");
        assert_eq!(quote("it's").unwrap(), r"'it'\''s'");
        assert_eq!(quote("").unwrap(), "''");
    }

    #[test]
    fn nothing_is_run_or_expanded() {
        for text in ["$(id)", "`id`", "a;b", "~", "*", "$HOME", "a b", "'", "\\", "!!", "#x", "a=b", "审计", "\"$x\""]
        {
            assert_eq!(read(&quote(text).unwrap()), text);
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_no_word() {
        for text in ["a\nrm -rf .", "\u{1b}[201~", "a\u{202e}b", "\t", "a\u{200b}b"] {
            assert_eq!(quote(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_value_is_never_a_flag() {
        let mut line = "x".to_owned();
        flag(&mut line, "a", "-b").unwrap();
        flag(&mut line, "c", "d e").unwrap();
        assert_eq!(line, "x --a=-b --c 'd e'");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_shell_reads_back_every_word(text in "[ -~审é]{0,24}") {
            let word = quote(&text).unwrap();
            prop_assert_eq!(read(&word), text);
        }
    }
}
