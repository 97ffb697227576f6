//! The vendor's command line, for a job. It is only ever copied: this program changes nothing at the service.

use crate::{
    actiontrail::{EndpointType, endpoint_host},
    engine::TargetState,
    export::shell,
    job::{Region, Row, Timestamp},
};

/// `aliyun actiontrail GetDeliveryHistoryJob …`, where the job was read.
pub(super) fn look(row: &Row<'_>, target: &TargetState) -> Option<String> {
    let mut line = "aliyun actiontrail GetDeliveryHistoryJob".to_owned();
    shell::flag(&mut line, "JobId", &row.job.id.to_string())?;
    place(&mut line, target, &target.key.region)?;
    Some(line)
}

/// `aliyun actiontrail CreateDeliveryHistoryJob …`, where the trail lives. `None` without a trail's name.
///
/// It carries a token of its own: pasted twice, it makes one job; copied anew, it makes another.
pub(super) fn repeat(row: &Row<'_>, target: &TargetState, now: Timestamp) -> Option<String> {
    let trail = Some(&*row.job.trail).filter(|trail| !trail.is_empty())?;
    let mut line = "aliyun actiontrail CreateDeliveryHistoryJob".to_owned();
    shell::flag(&mut line, "TrailName", trail)?;
    // At most 56 characters of the 64 that are allowed.
    let token = format!("trailwatch-{}-{}", row.job.id, now.format("%Y%m%dT%H%M%SZ"));
    shell::flag(&mut line, "ClientToken", &token)?;
    place(&mut line, target, &super::home(row))?;
    Some(line)
}

/// Region, profile and, where it is not the region's usual one, the endpoint.
fn place(line: &mut String, target: &TargetState, region: &Region) -> Option<()> {
    shell::flag(line, "region", region.as_str())?;
    // Of keys from elsewhere the vendor's tool knows no profile; those of the environment it finds there as well.
    if let Some(profile) = &target.signing.official {
        shell::flag(line, "profile", profile.as_str())?;
    }
    let is_usual = *target.endpoint == *endpoint_host(region, EndpointType::Public);
    if *region == target.key.region && !is_usual {
        shell::flag(line, "endpoint", &target.endpoint)?;
    }
    Some(())
}
