//! A key map as a TOML file: read with the place of every mistake, so that it can be mended.

use toml::de::DeValue;

use super::{Action, Binding, Context, Key, NoKey};
use crate::{
    fault::{self, Hint, Place, in_order},
    text,
};

/// What unbinds an action.
const NONE: &str = "none";

/// Why a key map can't be used, and where.
pub type Fault = fault::Fault<Problem>;

/// What can be wrong with a key map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is no TOML.
    #[error("{0}")]
    Syntax(String),
    /// A table that is no context.
    #[error("{name:?} is no context{}; there are {}", Hint { .similar, known: &[] }, contexts())]
    NoContext {
        /// What stands there.
        name: String,
        /// What was probably meant.
        similar: Option<&'static str>,
    },
    /// A name that is no action.
    #[error("{name:?} is no action{}; the help of the dashboard and assets/keys.toml list them", Hint { .similar, known: &[] })]
    NoAction {
        /// What stands there.
        name: String,
        /// What was probably meant.
        similar: Option<&'static str>,
    },
    /// A value that is no key.
    #[error(transparent)]
    NoKey(#[from] NoKey),
    /// A value that is neither a text nor a list of texts.
    #[error("{0} needs a key or a list of keys, as in {0} = \"x\" or {0} = [\"x\", \"F5\"], or \"none\"")]
    NoKeys(&'static str),
    /// A letter that could not be typed any more.
    #[error("{key} is text while a [{context}] is typed: bind {action} to a key that is none, such as Ctrl-x or F5")]
    IsText {
        /// The key.
        key: Key,
        /// Where it is text.
        context: Context,
        /// What it was to ask for.
        action: &'static str,
    },
    /// A key that means two things.
    #[error(
        "{key} would mean both {first} and {second} in [{context}]: give one of them another key, or none, as in \
         {first} = \"none\""
    )]
    Conflict {
        /// The key.
        key: Key,
        /// Where.
        context: Context,
        /// One of its actions.
        first: &'static str,
        /// The other one.
        second: &'static str,
    },
}

fn contexts() -> String {
    Context::ALL.map(Context::name).join(", ")
}

/// The bindings of a file, in its order.
pub(super) fn read(text: &str) -> Result<Vec<Binding>, Fault> {
    let place = Place(text);
    let document = place.parse(Problem::Syntax)?;
    let mut bindings = Vec::new();
    for (name, table) in in_order(document.get_ref()) {
        let context = place.at(name, context(name.get_ref()))?;
        let Some(table) = table.get_ref().as_table() else {
            let words = format!("a table [{context}] is needed here, with lines such as down = \"j\"");
            return Err(place.fault(name.span().start, Problem::Syntax(words)));
        };
        for (name, value) in in_order(table) {
            bindings.push(place.at(name, binding(context, name.get_ref(), value.get_ref()))?);
        }
    }
    check(&bindings, text)?;
    Ok(bindings)
}

fn context(name: &str) -> Result<Context, Problem> {
    let found = Context::ALL.into_iter().find(|context| context.name() == name);
    found.ok_or_else(|| Problem::NoContext {
        name: name.to_owned(),
        similar: text::similar(name, Context::ALL.into_iter().map(Context::name)),
    })
}

fn binding(context: Context, name: &str, value: &DeValue<'_>) -> Result<Binding, Problem> {
    let action = Action::named(name).ok_or_else(|| Problem::NoAction {
        name: name.to_owned(),
        similar: text::similar(name, Action::all().map(Action::name)),
    })?;
    let no_keys = || Problem::NoKeys(action.name());
    let texts = match value {
        DeValue::String(text) if text == NONE => Vec::new(),
        DeValue::String(text) => vec![text.as_ref()],
        DeValue::Array(texts) => {
            texts.iter().map(|text| text.get_ref().as_str()).collect::<Option<_>>().ok_or_else(no_keys)?
        }
        _ => return Err(no_keys()),
    };
    let keys: Vec<Key> = texts.into_iter().map(str::parse).collect::<Result<_, _>>()?;
    if let Some(key) = keys.iter().find(|key| context.is_typing() && key.is_text()) {
        return Err(Problem::IsText { key: *key, context, action: action.name() });
    }
    Ok(Binding { context, action, keys })
}

/// Refuses a key that means two things in one context. In a narrower context a key may mean something else than in a wider
/// one: that is what contexts are for.
pub(super) fn check(bindings: &[Binding], text: &str) -> Result<(), Fault> {
    for (at, binding) in bindings.iter().enumerate() {
        for key in &binding.keys {
            let taken = |other: &&Binding| other.context == binding.context && other.keys.contains(key);
            if let Some(other) = bindings[..at].iter().find(taken) {
                let (first, second) = (other.action.name(), binding.action.name());
                let problem = Problem::Conflict { key: *key, context: binding.context, first, second };
                let named = |line: &str| [first, second].iter().any(|name| line.trim_start().starts_with(name));
                let line = text.lines().position(named).map_or(1, |line| line + 1);
                return Err(Fault { line, problem });
            }
        }
    }
    Ok(())
}
