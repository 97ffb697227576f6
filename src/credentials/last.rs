//! What is asked where nothing on this machine gives a key: the role of the instance, if it is one, then a credentials URI.

use super::{
    Error, Places, Source,
    lease::Lease,
    metadata::{self, Metadata},
    uri::{self, Uri},
};
use crate::job::Timestamp;

/// The last sources, and what was looked at before them.
#[derive(Debug)]
pub(super) struct Last {
    metadata: Option<Metadata>,
    /// Or why none is asked.
    uri: Result<Uri, String>,
    looked_at: Vec<String>,
}

/// What the instance's role is called among the sources.
pub(super) const INSTANCE: &str = "ECS instance role";

impl Last {
    /// The last sources.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there are none, [`Error::Broken`] where one is set and can't be used.
    pub(super) fn new(places: &Places, looked_at: Vec<String>) -> Result<Self, Error> {
        let is_off = metadata::is_disabled(&places.env);
        let metadata = if is_off { None } else { Some(Metadata::new(INSTANCE.to_owned(), None, places)?) };
        let place = format!("environment variable {}", uri::VARIABLE);
        let uri = match (places.env.get(uri::VARIABLE), places.env.forbids_helpers()) {
            (None, _) => Err(format!("{} is not set", uri::VARIABLE)),
            (Some(_), Some(variable)) => Err(format!("{} is set, but {variable} forbids to ask it", uri::VARIABLE)),
            (Some(text), None) => Ok(Uri::new(place, &text, places)?),
        };
        let last = Self { metadata, uri, looked_at };
        if last.metadata.is_none() && last.uri.is_err() {
            return Err(last.not_found(&format!("skipped, because {} says so", metadata::DISABLED)));
        }
        Ok(last)
    }

    /// What they are called, before anybody has answered.
    pub(super) fn source(&self) -> Source {
        match (&self.metadata, &self.uri) {
            (Some(_), Err(_)) => Source::Instance,
            (Some(_), Ok(_)) => Source::InstanceOrUri,
            (None, _) => Source::Uri,
        }
    }

    /// Asks for a key. A service that is there and refuses is not passed over: who comes next is somebody else.
    pub(super) async fn ask(&self, now: Timestamp) -> Result<Lease, Error> {
        let why = match &self.metadata {
            Some(metadata) => match metadata.ask_if_there(now).await? {
                Ok(lease) => return Ok(lease.given_by(Source::Instance)),
                Err(why) => why,
            },
            None => String::new(),
        };
        match &self.uri {
            Ok(uri) => Ok(uri.ask(now).await?.given_by(Source::Uri)),
            Err(_) => Err(self.not_found(&why)),
        }
    }

    /// That nothing gives a key, where asking is out of the question.
    pub(super) fn unasked(&self) -> Option<Error> {
        let hint = "not asked, because no region is set; on an instance, give one with --region";
        self.uri.is_err().then(|| self.not_found(hint))
    }

    fn not_found(&self, instance: &str) -> Error {
        let mut looked_at = self.looked_at.clone();
        looked_at.push(format!("{INSTANCE}: {instance}"));
        looked_at.extend(self.uri.as_ref().err().map(|why| format!("environment: {why}")));
        Error::NotFound { looked_at }
    }
}
