//! Which host serves which region. The table is `assets/regions.json`.

use std::{collections::HashMap, fmt, str::FromStr, sync::LazyLock};

use serde::Deserialize;

use crate::job::Region;

#[derive(Deserialize)]
struct Table {
    own_endpoint: Vec<String>,
    shared_endpoint: HashMap<String, Vec<String>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../assets/regions.json")).expect("the embedded table is tested")
});

/// From where the service is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EndpointType {
    /// Over the internet.
    #[default]
    Public,
    /// From inside a VPC.
    Vpc,
}

impl EndpointType {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Public, Self::Vpc];

    /// What the vendor's tools call it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Vpc => "vpc",
        }
    }
}

impl fmt::Display for EndpointType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that is no type of endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no type of endpoint: expected public or vpc")]
pub struct UnknownEndpointType(String);

impl FromStr for EndpointType {
    type Err = UnknownEndpointType;

    /// A word of [`EndpointType::word`] in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(text.trim()));
        known.ok_or_else(|| UnknownEndpointType(text.to_owned()))
    }
}

/// The host for a region. One that is in no table gets the pattern, so that a region opened tomorrow works. Regions that share a
/// public host have none of their own inside a VPC, as far as is known.
#[must_use]
pub fn endpoint_host(region: &Region, kind: EndpointType) -> String {
    let shared = TABLE.shared_endpoint.iter().find(|(_, regions)| regions.iter().any(|name| name == region.as_str()));
    match (shared, kind) {
        (Some((host, _)), _) => host.clone(),
        (None, EndpointType::Public) => format!("actiontrail.{region}.aliyuncs.com"),
        (None, EndpointType::Vpc) => format!("actiontrail-vpc.{region}.aliyuncs.com"),
    }
}

/// The regions with an endpoint of their own that this version knows. The service's own list is newer.
#[must_use]
pub fn every_region() -> Vec<Region> {
    TABLE.own_endpoint.iter().filter_map(|name| Region::new(name).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(region: &str) -> String {
        endpoint_host(&Region::new(region).unwrap(), EndpointType::Public)
    }

    #[test]
    fn inside_a_vpc_a_region_has_another_host() {
        let inside = |region| endpoint_host(&Region::new(region).unwrap(), EndpointType::Vpc);
        assert_eq!(inside("cn-hangzhou"), "actiontrail-vpc.cn-hangzhou.aliyuncs.com");
        assert_eq!(inside("xx-opened-tomorrow-1"), "actiontrail-vpc.xx-opened-tomorrow-1.aliyuncs.com");
        assert_eq!(inside("cn-fujian"), "actiontrail.aliyuncs.com");
        assert_eq!(
            ["VPC", " public ", "inner"].map(|word| word.parse().ok()),
            [Some(EndpointType::Vpc), Some(EndpointType::Public), None]
        );
    }

    #[test]
    fn hosts_follow_the_table_then_the_pattern() {
        assert_eq!(host("cn-hangzhou"), "actiontrail.cn-hangzhou.aliyuncs.com");
        assert_eq!(host("cn-fujian"), "actiontrail.aliyuncs.com");
        assert_eq!(host("rus-west-1-pop"), "actiontrail.ap-northeast-1.aliyuncs.com");
        assert_eq!(host("xx-opened-tomorrow-1"), "actiontrail.xx-opened-tomorrow-1.aliyuncs.com");
    }

    #[test]
    fn every_region_of_the_table_is_a_region() {
        assert_eq!(every_region().len(), 33);
        let shared = TABLE.shared_endpoint.values().flatten();
        assert!(TABLE.own_endpoint.iter().chain(shared).all(|name| Region::new(name).is_ok()));
    }
}
