//! Which groups are chosen, and what holds where groups, profiles and regions are said in several places: what is said nearer
//! to the call.

use super::args::GlobalArgs;
use crate::{
    config::{File, Group, Known, Origin},
    exit::ExitCode,
    text,
};

/// A group that is not there.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: there is no group {name:?}{}", self.hint())]
pub(super) struct NoGroup {
    name: String,
    origin: Origin,
    known: Vec<String>,
    /// Where one could be named.
    path: String,
}

impl NoGroup {
    fn hint(&self) -> String {
        let known = self.known.iter().map(String::as_str);
        match text::similar(&self.name, known) {
            Some(similar) => format!(", did you mean {similar}?"),
            None if self.known.is_empty() => format!("; name one as [group.{}] in {}", self.name, self.path),
            None => format!("; {} has {}", self.path, self.known.join(", ")),
        }
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        match self.origin {
            Origin::File { .. } => ExitCode::Config,
            Origin::Flag(_) | Origin::Variable(_) | Origin::Default => ExitCode::Usage,
        }
    }
}

/// Finds the groups that are asked for, and settles what they and other settings say of the same.
pub(super) fn choose(global: &mut GlobalArgs, file: &File) -> Result<(), NoGroup> {
    let origin = global.origin("groups");
    for name in &global.group {
        let group = file.groups.iter().find(|group| group.name == *name).ok_or_else(|| NoGroup {
            name: name.clone(),
            origin: origin.clone(),
            known: file.groups.iter().map(|group| group.name.clone()).collect(),
            path: global.config().map_or("the configuration file".into(), |path| path.display().to_string()),
        })?;
        global.groups.push(group.clone());
    }
    let rank = origin.rank();
    let regions = global.origin("regions").rank();
    if regions >= rank && regions > Origin::FILE {
        global.groups.iter_mut().for_each(|group| group.regions.clear());
    }
    let profiles = global.origin("profiles");
    if profiles.rank() > global.origin("all_profiles").rank() {
        global.all_profiles = false;
        overrule(&mut global.settings, "all_profiles", &profiles);
    }
    let all = Some(global.origin("all_profiles")).filter(|_| global.all_profiles);
    let by_name = all.filter(|all| all.rank() > profiles.rank()).unwrap_or(profiles);
    let has_profiles = |group: &Group| !group.profiles.is_empty();
    if global.groups.iter().any(has_profiles) {
        if by_name.rank() < rank {
            global.profile.clear();
            global.all_profiles = false;
            overrule(&mut global.settings, "profiles", &origin);
            overrule(&mut global.settings, "all_profiles", &origin);
        } else if by_name.rank() > rank {
            global.groups.retain(|group| !has_profiles(group));
            overrule(&mut global.settings, "groups", &by_name);
        }
    }
    Ok(())
}

/// A setting that another one has made void.
fn overrule(settings: &mut [Known], key: &str, by: &Origin) {
    for known in settings.iter_mut().filter(|known| known.setting.key == key && known.origin != Origin::Default) {
        known.values.clear();
        known.origin = by.clone();
    }
}
