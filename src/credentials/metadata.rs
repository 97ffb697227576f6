//! The role of an ECS instance, as its metadata service hands it out: IMDSv2 with a token first, then IMDSv1 without.

use std::{sync::Arc, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::{net::TcpStream, time::timeout};

use super::{
    Env, Error, Places, Remedy,
    lease::{self, Handed, Lease},
};
use crate::{
    acs::{self, Endpoint, Http, Method, PlainAnswer, PlainRequest},
    job::Timestamp,
};

/// The variable that forbids asking at all.
pub(super) const DISABLED: &str = "ALIBABA_CLOUD_ECS_METADATA_DISABLED";
/// The variable with the role's name.
pub(super) const ROLE: &str = "ALIBABA_CLOUD_ECS_METADATA";
const V1_DISABLED: &str = "ALIBABA_CLOUD_IMDSV1_DISABLED";

const TOKEN_PATH: &str = "/latest/api/token";
const ROLES_PATH: &str = "/latest/meta-data/ram/security-credentials/";
const TOKEN_LIFE: &str = "21600";

/// How long connecting may take, and how long an answer.
const LIMIT: Duration = Duration::from_secs(1);

/// The role of this instance.
#[derive(Debug)]
pub(super) struct Metadata {
    place: String,
    service: Endpoint,
    http: Arc<Http>,
    /// `None` where the service says it.
    role: Option<String>,
    v1: V1,
}

/// Whether the service may be asked without a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum V1 {
    Allowed,
    Forbidden,
}

/// Why there is no key.
enum Trouble {
    /// This is no instance, or one without a role.
    Absent(String),
    /// It does not do as asked.
    Refused(String),
    /// It may do so later.
    Passing(String),
}

impl Trouble {
    /// What an HTTP status means.
    fn of(status: u16, problem: String) -> Self {
        if status >= 500 || status == 429 { Self::Passing(problem) } else { Self::Refused(problem) }
    }
}

impl Metadata {
    /// The role of this instance; of this name, where one is given.
    ///
    /// # Errors
    /// [`Error::Broken`] where a variable forbids it, or the name is none.
    pub(super) fn new(place: String, role: Option<String>, places: &Places) -> Result<Self, Error> {
        if is_disabled(&places.env) {
            let problem = format!("{DISABLED}=true forbids to ask for the role of this instance; unset it");
            return Err(Error::Broken { place, problem });
        }
        let role = role.or_else(|| places.env.get(ROLE));
        if let Some(name) = role.as_deref().filter(|name| !is_role(name)) {
            return Err(Error::Broken { problem: format!("{:?} is no role's name", lease::short(name)), place });
        }
        let v1 = if places.env.first_true(&[V1_DISABLED]).is_some() { V1::Forbidden } else { V1::Allowed };
        Ok(Self { place, service: places.metadata.clone(), http: places.http(), role, v1 })
    }

    /// Asks for the key of the role.
    pub(super) async fn ask(&self, now: Timestamp) -> Result<Lease, Error> {
        self.asked(now).await.map_err(|trouble| self.error(trouble))
    }

    /// The same, where this may be no instance at all, or one without a role: then that in words.
    pub(super) async fn ask_if_there(&self, now: Timestamp) -> Result<Result<Lease, String>, Error> {
        match self.asked(now).await {
            Ok(lease) => Ok(Ok(lease)),
            Err(Trouble::Absent(why)) => Ok(Err(why)),
            Err(trouble) => Err(self.error(trouble)),
        }
    }

    fn error(&self, trouble: Trouble) -> Error {
        let (problem, remedy) = match trouble {
            Trouble::Passing(problem) => (problem, Remedy::AskAgain),
            Trouble::Absent(problem) | Trouble::Refused(problem) => (problem, Remedy::Instance),
        };
        Error::NotGiven { place: self.shown(), problem, remedy }
    }

    fn shown(&self) -> String {
        format!("{}, metadata service {}", self.place, self.service.host())
    }

    async fn asked(&self, now: Timestamp) -> Result<Lease, Trouble> {
        let unreachable = |why: String| {
            Trouble::Absent(format!("{} can't be reached, {why}: this is no instance", self.service.host()))
        };
        match timeout(LIMIT, TcpStream::connect(self.service.address())).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(unreachable(error.to_string())),
            Err(_) => return Err(unreachable(format!("nothing within {} s", LIMIT.as_secs()))),
        }
        match (self.token().await, self.v1) {
            (Ok(token), v1) => match (self.key(Some(&token), now).await, v1) {
                // What it says to who has a token is nearer to the cause than that it wants one.
                (Err(trouble), V1::Allowed) => self.key(None, now).await.map_err(|_| trouble),
                (outcome, _) => outcome,
            },
            (Err(_), V1::Allowed) => self.key(None, now).await,
            (Err(trouble), V1::Forbidden) => Err(trouble),
        }
    }

    async fn token(&self) -> Result<SecretString, Trouble> {
        let none = |why: String| format!("it gives no token: {why}");
        let headers = [("x-aliyun-ecs-metadata-token-ttl-seconds", TOKEN_LIFE)];
        let answer = self.send(Method::PUT, TOKEN_PATH, &headers).await;
        let answer = answer.map_err(|error| Trouble::Passing(none(error.to_string())))?;
        let token = std::str::from_utf8(&answer.body).unwrap_or_default().trim();
        match answer.status {
            200 if !token.is_empty() => Ok(token.into()),
            status => Err(Trouble::of(status, none(format!("HTTP {status}")))),
        }
    }

    async fn key(&self, token: Option<&SecretString>, now: Timestamp) -> Result<Lease, Trouble> {
        let role = match &self.role {
            Some(role) => role.clone(),
            None => self.role(token).await?,
        };
        let answer = self.get(&format!("{ROLES_PATH}{role}"), token).await?;
        let role = format!("role {role}");
        if answer.status == 404 {
            return Err(Trouble::Refused(format!("this instance has no {role}")));
        }
        if answer.status != 200 {
            return Err(status(answer.status, &role));
        }
        let handed: Result<Handed, String> = lease::parse(&answer.body);
        let lease = handed.and_then(Handed::lease).map_err(|problem| Trouble::Refused(format!("{role}: {problem}")))?;
        lease.handed_at(answer.server_time).unexpired(now).map_err(Trouble::Passing)
    }

    /// The name of the role of this instance.
    async fn role(&self, token: Option<&SecretString>) -> Result<String, Trouble> {
        let answer = self.get(ROLES_PATH, token).await?;
        let text = String::from_utf8_lossy(&answer.body);
        let name = text.lines().next().unwrap_or_default().trim();
        match answer.status {
            200 if is_role(name) => Ok(name.to_owned()),
            200 | 404 => Err(Trouble::Absent("this instance has no role".to_owned())),
            other => Err(status(other, "the role's name")),
        }
    }

    async fn get(&self, path: &str, token: Option<&SecretString>) -> Result<PlainAnswer, Trouble> {
        let header = token.map(|token| ("x-aliyun-ecs-metadata-token", token.expose_secret()));
        let headers: Vec<_> = header.into_iter().collect();
        self.send(Method::GET, path, &headers).await.map_err(|error| Trouble::Passing(error.to_string()))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<PlainAnswer, acs::Error> {
        let request = PlainRequest { method, url: &self.service.at(path), headers, body: Vec::new(), limit: LIMIT };
        self.http.plain(request).await
    }
}

/// Whether a variable forbids to ask.
pub(super) fn is_disabled(env: &Env) -> bool {
    env.first_true(&[DISABLED]).is_some()
}

fn status(status: u16, what: &str) -> Trouble {
    Trouble::of(status, format!("it answers HTTP {status} when asked for {what}"))
}

/// A role's name as RAM has them: it becomes part of a path.
fn is_role(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(inner) && !name.starts_with('.')
}
