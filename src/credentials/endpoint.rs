//! Which host of STS is asked: what a variable or a profile says, else that of the region, else the one for all.

use super::{
    Env, Error,
    env::{LOOSE_REGION, REGION},
};
use crate::{
    acs::{Endpoint, InvalidEndpoint, PlainHttp},
    job::Region,
};

/// The variable with a base URL, or a host, that is asked whatever else is set.
const VARIABLE: &str = "ALIBABA_CLOUD_STS_ENDPOINT";

/// The variable with the region of STS.
pub const REGION_VARIABLE: &str = "ALIBABA_CLOUD_STS_REGION";

const FOR_ALL: &str = "sts.aliyuncs.com";

/// The endpoint of STS for a profile's wishes: its `sts_endpoint`, its `sts_region`, and whether it wants to stay in its VPC.
///
/// # Errors
/// [`Error::Broken`] where what is set is no endpoint, or plain http to another machine.
pub(super) fn sts(env: &Env, wishes: &Wishes) -> Result<Endpoint, Error> {
    if let Some(text) = env.get(VARIABLE) {
        return parse(&text, &format!("environment variable {VARIABLE}"));
    }
    if let Some(text) = &wishes.endpoint {
        return parse(text, &format!("{}, sts_endpoint", wishes.place));
    }
    let is_inside = wishes.vpc == Vpc::Inside || inside_by_variable(env);
    let region = match (&wishes.region, env.get(REGION_VARIABLE)) {
        (Some(text), _) => Some(region(text, &format!("{}, sts_region", wishes.place))?),
        (None, Some(text)) => Some(region(&text, &format!("environment variable {REGION_VARIABLE}"))?),
        // The host for all can't be reached from inside: the one beside what is read can.
        (None, None) if is_inside => home(env, wishes)?,
        (None, None) => None,
    };
    let host = match region {
        Some(region) if is_inside => format!("sts-vpc.{region}.aliyuncs.com"),
        Some(region) => format!("sts.{region}.aliyuncs.com"),
        // Without a region there is no host inside a VPC.
        None => FOR_ALL.to_owned(),
    };
    parse(&host, &wishes.place)
}

/// The endpoint for all regions.
pub(super) fn for_all() -> Endpoint {
    parse(FOR_ALL, "").expect("a host is an endpoint")
}

/// The region that is read.
fn home(env: &Env, wishes: &Wishes) -> Result<Option<Region>, Error> {
    let by_variable = |names: &[&'static str]| {
        env.first(names).map(|(variable, text)| (text, format!("environment variable {variable}")))
    };
    let own = || Some((wishes.home.clone()?, format!("{}, region_id", wishes.place)));
    let known = by_variable(&REGION).or_else(own).or_else(|| by_variable(&LOOSE_REGION));
    known.map(|(text, place)| region(&text, &place)).transpose()
}

/// What a profile wishes of STS.
#[derive(Debug, Clone, Default)]
pub(super) struct Wishes {
    /// Where the wishes stand, for errors.
    pub(super) place: String,
    pub(super) endpoint: Option<String>,
    pub(super) region: Option<String>,
    /// Its default region.
    pub(super) home: Option<String>,
    pub(super) vpc: Vpc,
}

/// Whether calls stay inside a VPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Vpc {
    Inside,
    #[default]
    Outside,
}

fn inside_by_variable(env: &Env) -> bool {
    env.first_true(&["ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"]).is_some()
        || env.get("ALIBABA_CLOUD_ENDPOINT_TYPE").is_some_and(|kind| kind.eq_ignore_ascii_case("vpc"))
}

fn parse(text: &str, place: &str) -> Result<Endpoint, Error> {
    let base = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    Endpoint::parse(&base, PlainHttp::LoopbackOnly).map_err(|error| {
        let problem = match error {
            // Not in its own words: there is no flag that would allow it here.
            InvalidEndpoint::PlainHttp(_) => "keys would cross the network over plain http; use https".to_owned(),
            InvalidEndpoint::NotAUrl(_) | InvalidEndpoint::NotABase(_) => {
                "it is no host and no base URL, as in https://sts.cn-hangzhou.aliyuncs.com".to_owned()
            }
        };
        Error::Broken { place: place.to_owned(), problem }
    })
}

fn region(text: &str, place: &str) -> Result<Region, Error> {
    Region::new(text).map_err(|error| Error::Broken { place: place.to_owned(), problem: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STS: (&str, &str) = (REGION_VARIABLE, "cn-beijing");
    const VPC: (&str, &str) = ("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED", "true");

    fn host(variables: &[(&str, &str)], wishes: &Wishes) -> String {
        sts(&Env::of(variables), wishes).unwrap().to_string()
    }

    #[test]
    fn the_host_follows_the_region_and_whether_it_is_asked_from_inside() {
        let none = Wishes::default();
        let own = Wishes { region: Some("cn-hangzhou".into()), ..Wishes::default() };
        assert_eq!(host(&[], &none), "sts.aliyuncs.com");
        assert_eq!(host(&[VPC], &none), "sts.aliyuncs.com", "there is no host inside without a region");
        assert_eq!(host(&[STS], &none), "sts.cn-beijing.aliyuncs.com");
        assert_eq!(host(&[STS, VPC], &none), "sts-vpc.cn-beijing.aliyuncs.com");
        assert_eq!(host(&[STS, ("ALIBABA_CLOUD_ENDPOINT_TYPE", "vpc")], &none), "sts-vpc.cn-beijing.aliyuncs.com");
        assert_eq!(host(&[STS], &own), "sts.cn-hangzhou.aliyuncs.com", "the profile's own comes first");
        let read = Wishes { home: Some("eu-central-1".into()), ..Wishes::default() };
        assert_eq!(host(&[], &read), "sts.aliyuncs.com");
        assert_eq!(host(&[VPC], &read), "sts-vpc.eu-central-1.aliyuncs.com", "the one for all is not to be reached");
        let variable = ("ALIBABA_CLOUD_REGION_ID", "us-east-1");
        assert_eq!(host(&[VPC, variable], &read), "sts-vpc.us-east-1.aliyuncs.com", "as what is read");
        assert_eq!(host(&[variable], &read), "sts.aliyuncs.com");
        let inside = Wishes { vpc: Vpc::Inside, ..own.clone() };
        assert_eq!(host(&[], &inside), "sts-vpc.cn-hangzhou.aliyuncs.com");
        let named = Wishes { endpoint: Some("sts.example.com".into()), ..own };
        assert_eq!(host(&[], &named), "sts.example.com");
        assert_eq!(host(&[(VARIABLE, "http://127.0.0.1:81")], &named), "http://127.0.0.1:81");
    }

    #[test]
    fn what_is_no_endpoint_is_refused_where_it_stands() {
        let error =
            |variables: &[(&str, &str)], wishes: &Wishes| sts(&Env::of(variables), wishes).unwrap_err().to_string();
        let none = Wishes::default();
        let plain = error(&[(VARIABLE, "http://10.0.0.1")], &none);
        assert!(plain.starts_with("environment variable ALIBABA_CLOUD_STS_ENDPOINT: "), "{plain}");
        assert!(plain.contains("plain http"), "{plain}");
        let moon = Wishes { place: "profile a".into(), region: Some("evil.example/".into()), ..none };
        assert!(error(&[], &moon).starts_with("profile a, sts_region: \"evil.example/\" is not a region id"));
    }
}
