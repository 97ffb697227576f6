//! The answer about regions: those whose name can't become a host are left out.

use serde::Deserialize;

use crate::{
    acs::{self, Answer},
    actiontrail::ServedRegion,
    job::Region,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireList {
    regions: WireRegions,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireRegions {
    region: Vec<WireRegion>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct WireRegion {
    region_id: String,
    region_endpoint: String,
}

/// The regions of an answer, in its order, each once. An answer without any is refused: that would be no target at all.
pub(in crate::actiontrail) fn served_regions(answer: &Answer) -> Result<Vec<ServedRegion>, acs::Error> {
    let wire: WireList = serde_json::from_slice(&answer.body).map_err(|error| answer.not_api(error.to_string()))?;
    let mut served: Vec<ServedRegion> = Vec::new();
    for WireRegion { region_id, region_endpoint } in wire.regions.region {
        let Ok(region) = Region::new(&region_id) else { continue };
        if served.iter().all(|known| known.region != region) {
            served.push(ServedRegion { region, endpoint: region_endpoint });
        }
    }
    if served.is_empty() { Err(answer.not_api("it names no region")) } else { Ok(served) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<String>, acs::Error> {
        let served = served_regions(&Answer::of(body.to_owned()))?;
        Ok(served.iter().map(|served| format!("{} {}", served.region, served.endpoint)).collect())
    }

    #[test]
    fn regions_are_checked_before_they_become_hosts() {
        let documented = r#"{"Regions":{"Region":[{"RegionId":"cn-hangzhou","RegionEndpoint":"actiontrail.cn-hangzhou.aliyuncs.com",
            "LocalName":"China (Hangzhou)"}]},"RequestId":"R"}"#;
        assert_eq!(read(documented).unwrap(), ["cn-hangzhou actiontrail.cn-hangzhou.aliyuncs.com"]);
        let odd = r#"{"Regions":{"Region":[{"RegionId":"evil.example/"},{},{"RegionId":"cn-a"},{"RegionId":"cn-a"}]}}"#;
        assert_eq!(read(odd).unwrap(), ["cn-a "]);
        for none in [r#"{"Regions":{"Region":[]}}"#, "{}", "<html>", r#"{"Regions":{"Region":[{"RegionId":"?"}]}}"#] {
            assert!(read(none).is_err(), "{none}");
        }
    }
}
