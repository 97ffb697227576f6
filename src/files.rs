//! The files that outlive a run: where they are kept, and that they are for their owner only. What is in them is not known here.

use std::{
    ffi::OsStr,
    fmt,
    fs::{self, DirBuilder, File},
    io::{self, Read as _},
    os::unix::fs::{DirBuilderExt, MetadataExt as _},
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;
use rustix::{
    fs::{Mode, OFlags, openat},
    process::geteuid,
};

/// Which permissions a file of ours has.
pub const OWNER_ONLY: u32 = 0o600;

/// The longest text that is read.
const MOST_TEXT: u64 = 256 * 1024;

/// Where a file of this name is kept: `$XDG_STATE_HOME/trailwatch/NAME`. `None` where there is no home to have it in.
#[must_use]
pub fn in_state_directory(name: &str) -> Option<PathBuf> {
    let directory = etcetera::base_strategy::Xdg::new().ok()?.state_dir()?;
    Some(directory.join("trailwatch").join(name))
}

/// Where a file of this name is looked for that the user writes: `$XDG_CONFIG_HOME/trailwatch/NAME`.
#[must_use]
pub fn in_config_directory(name: &str) -> Option<PathBuf> {
    Some(etcetera::base_strategy::Xdg::new().ok()?.config_dir().join("trailwatch").join(name))
}

/// The text of a file that people write; `None` where there is none.
///
/// # Errors
/// Where it can't be read, is no text, or is longer than any that is meant.
pub fn read_text(path: &Path) -> io::Result<Option<String>> {
    there(File::open(path).and_then(read))
}

/// The text of such a file, and how others could have written it, if they could.
///
/// Looked at is what was opened, the file and its directory: between a look at a path and its opening, it could become another
/// file. Where the path is a link, that and its directory are looked at as well.
///
/// # Errors
/// As [`read_text`].
pub fn read_text_and_trust(path: &Path) -> io::Result<Option<(String, Option<Exposed>)>> {
    there(open_and_trust(path).and_then(|(file, exposed)| Ok((read(file)?, exposed))))
}

fn there<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn read(file: File) -> io::Result<String> {
    let mut text = String::new();
    file.take(MOST_TEXT + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST_TEXT {
        return Err(io::Error::other(format!("it is longer than {MOST_TEXT} bytes")));
    }
    Ok(text)
}

fn open_and_trust(path: &Path) -> io::Result<(File, Option<Exposed>)> {
    let real = fs::canonicalize(path)?;
    let directory = File::open(parent(&real))?;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = File::from(openat(&directory, real.file_name().unwrap_or(OsStr::new(".")), flags, Mode::empty())?);
    let named = File::open(parent(path))?;
    let mut exposed = None;
    for (opened, path) in [(&file, real.as_path()), (&directory, parent(&real)), (&named, parent(path))] {
        exposed = match exposed {
            None => Exposed::look(opened, path)?,
            found => found,
        };
    }
    Ok((file, exposed))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file, or the directory of one, that others could have written; the words say what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    path: PathBuf,
    how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// It belongs to this user, and not to who runs the program.
    Owner(u32),
    /// Its mode lets a group, or everybody, write.
    Mode(u32),
}

impl Exposed {
    const WRITABLE: u32 = 0o022;
    const STICKY: u32 = 0o1000;

    fn look(opened: &File, path: &Path) -> io::Result<Option<Self>> {
        let metadata = opened.metadata()?;
        let (owner, mode) = (metadata.uid(), metadata.mode());
        let is_ours = [geteuid().as_raw(), 0].contains(&owner);
        // In a directory such as /tmp nobody can replace the file of another.
        let is_shared = metadata.is_dir() && mode & Self::STICKY != 0;
        let how = match mode & Self::WRITABLE {
            _ if !is_ours => How::Owner(owner),
            0 => return Ok(None),
            _ if is_shared => return Ok(None),
            _ => How::Mode(mode & 0o777),
        };
        Ok(Some(Self { path: path.to_owned(), how }))
    }
}

impl fmt::Display for Exposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.how {
            How::Owner(owner) => write!(
                f,
                "{path} belongs to another user (uid {owner}), who could make Trailwatch run commands as you, or \
                 trust others: keep it in a file and a directory of your own"
            ),
            How::Mode(mode) => write!(
                f,
                "others may write {path} (mode {mode:03o}), and could make Trailwatch run commands as you, or trust \
                 others: chmod go-w {path}"
            ),
        }
    }
}

/// Makes the directories above a file, those that are missing for their owner only.
///
/// # Errors
/// Where the system refuses.
pub fn make_parents(path: &Path) -> io::Result<()> {
    let Some(directory) = path.parent() else { return Ok(()) };
    DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::*;

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn exposed(path: &Path) -> Option<String> {
        let (text, exposed) = read_text_and_trust(path).unwrap().unwrap();
        assert_eq!(text, "text");
        exposed.map(|exposed| exposed.to_string())
    }

    #[test]
    fn what_others_may_write_is_found_out() {
        let home = TempDir::new().unwrap();
        let directory = home.path().canonicalize().unwrap().join("trailwatch");
        fs::create_dir(&directory).unwrap();
        let path = directory.join("config.toml");
        assert_eq!(read_text_and_trust(&path).unwrap(), None);
        fs::write(&path, "text").unwrap();
        for (file, of_directory, mended) in [
            (0o600, 0o700, None),
            (0o644, 0o755, None),
            (0o644, 0o1777, None),
            (0o664, 0o755, Some(&path)),
            (0o602, 0o755, Some(&path)),
            (0o600, 0o775, Some(&directory)),
            (0o600, 0o777, Some(&directory)),
        ] {
            chmod(&path, file);
            chmod(&directory, of_directory);
            let told = exposed(&path);
            assert_eq!(told.is_some(), mended.is_some(), "{file:o} {of_directory:o}: {told:?}");
            if let (Some(told), Some(mended)) = (told, mended) {
                assert!(told.ends_with(&format!("chmod go-w {}", mended.display())), "{told}");
            }
        }
    }

    #[test]
    fn a_link_is_as_good_as_both_its_ends() {
        let home = TempDir::new().unwrap();
        let [config, dotfiles] = ["config", "dotfiles"].map(|name| home.path().canonicalize().unwrap().join(name));
        for directory in [&config, &dotfiles] {
            fs::create_dir(directory).unwrap();
            chmod(directory, 0o755);
        }
        fs::write(dotfiles.join("real.toml"), "text").unwrap();
        chmod(&dotfiles.join("real.toml"), 0o644);
        let link = config.join("config.toml");
        symlink(dotfiles.join("real.toml"), &link).unwrap();
        assert_eq!(exposed(&link), None);
        for directory in [&config, &dotfiles] {
            chmod(directory, 0o777);
            assert!(exposed(&link).unwrap().contains(&*directory.to_string_lossy()));
            chmod(directory, 0o755);
        }
    }
}
