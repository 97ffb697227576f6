//! Which host serves which region. The table is `assets/regions.json`.

use std::{collections::HashMap, sync::LazyLock};

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

/// The public host for a region. One that is in no table gets the pattern, so that a region opened tomorrow works.
#[must_use]
pub fn endpoint_host(region: &Region) -> String {
    let shared = TABLE.shared_endpoint.iter().find(|(_, regions)| regions.iter().any(|name| name == region.as_str()));
    shared.map_or_else(|| format!("actiontrail.{region}.aliyuncs.com"), |(host, _)| host.clone())
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
        endpoint_host(&Region::new(region).unwrap())
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
