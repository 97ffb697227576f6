//! The INI file of the vendor's SDKs, `~/.alibabacloud/credentials.ini` or `credentials`: read, never written.
//!
//! Read by hand and not by a library: the format is three kinds of lines, and none wipes what it read.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Error, Fields, Places, Provider, Source,
    file::{self, Stamp, Text},
    lease::Lease,
    oidc::Oidc,
    plan::{self, Files, Miss, Origin, Plan, Print},
    way::Way,
};
use crate::{
    acs::AccessKey,
    job::{ProfileName, Region},
};

/// The variable that names the file.
const VARIABLE: &str = "ALIBABA_CLOUD_CREDENTIALS_FILE";

/// The files that are looked for where it is not set: that of the SDKs for Python and Java, and that of those for Go and Node.
const NAMES: [&str; 2] = ["credentials.ini", "credentials"];

/// One such file.
pub(super) struct File {
    path: PathBuf,
    shown: String,
    text: Text,
    stamp: Stamp,
}

/// The files that there are.
///
/// # Errors
/// [`Miss::Absent`] where there is none, [`Miss::Broken`] where one can't be read, or the one that a variable names is not there.
pub(super) fn open(places: &Places) -> Result<Vec<File>, Miss> {
    if let Some(path) = places.env.get(VARIABLE) {
        let file = read(path.clone().into(), path.clone())?.ok_or_else(|| Error::Broken {
            place: format!("environment variable {VARIABLE}"),
            problem: format!("there is no file {path}"),
        })?;
        return Ok(vec![file]);
    }
    let shown = NAMES.map(|name| format!("~/.alibabacloud/{name}"));
    let Some(home) = &places.home else { return Err(Miss::absent(shown.join(", "), "there is no home directory")) };
    let mut files = Vec::new();
    for (name, shown) in NAMES.iter().zip(&shown) {
        files.extend(read(home.join(".alibabacloud").join(name), shown.clone())?);
    }
    if files.is_empty() { Err(Miss::absent(shown.join(", "), "there is no such file")) } else { Ok(files) }
}

/// The plan of a section that was there before.
pub(super) fn read_again(origin: &Origin, path: &Path) -> Result<Plan, Error> {
    let shown = path.display().to_string();
    let gone = |problem: &str| Error::Broken { place: shown.clone(), problem: problem.to_owned() };
    let file = read(path.to_owned(), shown.clone())?.ok_or_else(|| gone("it is gone"))?;
    file.plan(&origin.profile, &origin.places).ok_or_else(|| gone("the section is gone"))?
}

/// The files that are looked for, there or not.
pub(super) fn paths(places: &Places) -> Vec<PathBuf> {
    match (places.env.get(VARIABLE), &places.home) {
        (Some(path), _) => vec![path.into()],
        (None, Some(home)) => NAMES.map(|name| home.join(".alibabacloud").join(name)).into(),
        (None, None) => Vec::new(),
    }
}

fn read(path: PathBuf, shown: String) -> Result<Option<File>, Error> {
    let stamp = Stamp::of(&path);
    let text = file::read(&path).map_err(|problem| Error::Broken { place: shown.clone(), problem })?;
    Ok(text.map(|text| File { path, shown, text, stamp }))
}

impl File {
    /// What people call it.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// The provider of a section, where there is one.
    pub(super) fn provider(&self, name: &ProfileName, places: &Places) -> Option<Result<Provider, Error>> {
        let plan = match self.plan(name, places)? {
            Ok(plan) => plan,
            Err(error) => return Some(Err(error)),
        };
        let (files, profile) = (Files::Ini(self.path.clone()), name.clone());
        let origin = Origin { places: places.clone(), files, profile };
        Some(Ok(Provider::new(name.clone(), plan, Some((origin, self.stamp.clone())))))
    }

    /// The region of a section, whether or not that gives a key.
    pub(super) fn region(&self, name: &ProfileName) -> Option<Region> {
        let pairs = section(&String::from_utf8_lossy(&self.text), name.as_str())?;
        plan::region(&Fields::of_pairs(self.shown.clone(), pairs)).ok()?
    }

    /// Whether it has a section.
    pub(super) fn has(&self, name: &ProfileName) -> bool {
        section(&String::from_utf8_lossy(&self.text), name.as_str()).is_some()
    }

    /// What a section says, where there is one.
    pub(super) fn plan(&self, name: &ProfileName, places: &Places) -> Option<Result<Plan, Error>> {
        let pairs = section(&String::from_utf8_lossy(&self.text), name.as_str())?;
        let print = Print::of(pairs.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]));
        let fields = Fields::of_pairs(format!("{}, section {name}", self.shown), pairs);
        Some(self.read_section(&fields, print, places))
    }

    fn read_section(&self, fields: &Fields, print: Print, places: &Places) -> Result<Plan, Error> {
        let sts = plan::sts(fields, places)?;
        let known = || Ok::<_, Error>(Way::Known(Lease::lasting(AccessKey { token: None, ..plan::key(fields)? })));
        let file: Arc<str> = self.shown.as_str().into();
        let source = |kind| Source::Sdks { file: Arc::clone(&file), kind };
        let (kind, way) = match fields.required(&["type"])?.as_str() {
            "access_key" => (None, known()?),
            "ram_role_arn" => {
                let base = plan::below(source(None), &sts, known()?);
                (Some("ram_role_arn"), plan::role(fields, places, &sts, base)?)
            }
            "oidc_role_arn" => (Some("oidc_role_arn"), Way::Oidc(Box::new(Oidc::of(fields, places, &sts)?))),
            "ecs_ram_role" => (Some("ecs_ram_role"), plan::instance(fields, places)?),
            "rsa_key_pair" => {
                return Err(fields.broken("type rsa_key_pair is given up by the vendor and can't be used"));
            }
            other => {
                let known = "access_key, ram_role_arn, oidc_role_arn, ecs_ram_role";
                return Err(fields.broken(format!("type {other} is none that is known; those are {known}")));
            }
        };
        Ok(Plan { way, source: source(kind), region: plan::region(fields)?, sts, print })
    }
}

/// Names and values of a section, where there is one. `#` begins a comment even inside a value.
fn section(text: &str, wanted: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = None;
    let mut inside = false;
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            inside = name.trim() == wanted;
            if inside {
                pairs.get_or_insert_with(Vec::new);
            }
        } else if let (true, Some(pairs), Some((name, value))) = (inside, &mut pairs, line.split_once('=')) {
            pairs.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_read_as_the_sdks_read_it() {
        let text = "\u{feff}# all\nloose = 1\n[ default ]\ntype = access_key # why\n;x = 1\naccess_key_secret=a=b;c\n\n[other]\ntype = x\n\
                    [default]\nlate = 1\nnothing\n";
        let pairs = |name: &str| {
            section(text, name).map(|pairs| pairs.into_iter().map(|(n, v)| n + "=" + &v).collect::<Vec<_>>())
        };
        assert_eq!(pairs("default").unwrap(), ["type=access_key", "access_key_secret=a=b;c", "late=1"]);
        assert_eq!(pairs("other").unwrap(), ["type=x"]);
        assert_eq!(pairs("none"), None);
    }
}
