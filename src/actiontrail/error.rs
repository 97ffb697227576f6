//! A failed call of this product, and what its user can do about it.

use crate::acs::{self, Class, TransportKind};

/// The operations that we use. All of them only read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `ListDeliveryHistoryJobs`.
    List,
    /// `GetDeliveryHistoryJob`.
    Get,
    /// `DescribeTrails`.
    Trails,
    /// `GetTrailStatus`.
    TrailStatus,
    /// `DescribeRegions`.
    Regions,
}

impl Operation {
    /// The operation's name.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::List => "ListDeliveryHistoryJobs",
            Self::Get => "GetDeliveryHistoryJob",
            Self::Trails => "DescribeTrails",
            Self::TrailStatus => "GetTrailStatus",
            Self::Regions => "DescribeRegions",
        }
    }

    /// The permission that it takes, as a RAM policy names it.
    #[must_use]
    pub const fn ram_action(self) -> &'static str {
        match self {
            Self::List => "actiontrail:ListDeliveryHistoryJobs",
            Self::Get => "actiontrail:GetDeliveryHistoryJob",
            Self::Trails => "actiontrail:DescribeTrails",
            Self::TrailStatus => "actiontrail:GetTrailStatus",
            Self::Regions => "actiontrail:DescribeRegions",
        }
    }
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{source}")]
pub struct Error {
    /// What was called.
    pub operation: Operation,
    /// Why it failed.
    pub source: acs::Error,
}

impl Error {
    /// What it means for the caller.
    #[must_use]
    pub fn class(&self) -> Class {
        match self.source.class() {
            // A wrong endpoint answers 404, too: only these say that there is no such job or trail.
            Class::NotFound if !self.is_not_found() => Class::Refused,
            class => class,
        }
    }

    fn is_not_found(&self) -> bool {
        match self.source.code() {
            "DeliveryHistoryJobNotFound" => true,
            "TrailNotFoundException" => matches!(self.operation, Operation::Get | Operation::TrailStatus),
            _ => false,
        }
    }

    /// Whether the account has nothing in this region, which is not there for it. The service's documentation names no code for
    /// that: these are the words that codes about regions have.
    #[must_use]
    pub fn is_no_region(&self) -> bool {
        let code = self.source.code();
        self.source.http_status().is_some_and(|status| status < 500)
            && ["InvalidRegion", "UnsupportedRegion", "NotSupportedRegion", "RegionNot"]
                .iter()
                .any(|word| code.contains(word))
    }

    /// Whether the account has no backfill jobs at all, because the feature was never enabled for it.
    #[must_use]
    pub fn is_not_enabled(&self) -> bool {
        self.source.code() == "NotSupportDeliveryHistoryJob"
    }

    /// What to do about it, in words.
    #[must_use]
    pub fn remedy(&self) -> String {
        if self.is_not_enabled() {
            return "backfill jobs are not enabled for this account: open a ticket with Alibaba Cloud".to_owned();
        }
        let words = match self.class() {
            Class::Denied => {
                return format!(
                    "grant the RAM action {} on resource \"*\" to this identity",
                    self.operation.ram_action()
                );
            }
            Class::Transient => self.transient_remedy(),
            Class::Throttled => "other callers share the quota of this account: ask less often",
            Class::Clock => "set the clock of this machine: it is more than 15 minutes off",
            Class::Nonce => "the request was seen before: ask again",
            Class::Token => "sign in again: the security token is missing, expired or belongs to another key",
            Class::Key => "check the access key id and its secret: it may be mistyped, inactive or deleted",
            Class::NotFound if self.operation == Operation::TrailStatus => "the trail was deleted",
            Class::NotFound => "check the job id, the account and the region",
            Class::Refused if self.source.http_status() == Some(407) => {
                "a proxy wants a user name and a password: set HTTP_PROXY=http://USER:PASSWORD@HOST:PORT"
            }
            Class::Refused if self.source.request_id().is_some() => "quote the RequestId to the vendor's support",
            Class::Refused => "check --endpoint, and what stands between here and there",
            Class::Setup => "put right what is named above, and start again",
        };
        words.to_owned()
    }

    fn transient_remedy(&self) -> &'static str {
        match &self.source {
            acs::Error::Transport { kind: TransportKind::Resolve, .. } => "check the region's name, DNS and the proxy",
            acs::Error::Transport { kind: TransportKind::Tls, .. } => {
                "if the issuer is your company's, as behind a proxy that opens TLS, name its certificate authority with \
                 --ca-file or SSL_CERT_FILE; else check the endpoint, and the clock of this machine"
            }
            acs::Error::Transport { kind: TransportKind::NoTls, .. } => {
                "check the port of --endpoint, and whether it begins with https:// although it is meant to be http://; the same \
                 of HTTPS_PROXY where one is on the way"
            }
            acs::Error::Transport { kind: TransportKind::Proxy, .. } => {
                "check HTTPS_PROXY, as in http://USER:PASSWORD@HOST:PORT with %40 for an @ in either, and whether NO_PROXY should \
                 name this host"
            }
            acs::Error::Transport { host, .. } if host.starts_with("127.") || host.starts_with("localhost") => {
                "check that the endpoint runs on this machine"
            }
            acs::Error::Transport { .. } => "check the network and the proxy (HTTPS_PROXY, NO_PROXY)",
            acs::Error::NotApi { .. } => "a proxy or gateway answered instead of the service: try again later",
            _ => "the service has trouble: try again later",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acs::ApiError;

    fn refused(code: &str, http_status: u16) -> Error {
        let error = ApiError {
            code: code.into(),
            message: "m".into(),
            http_status,
            request_id: None,
            denied_action: None,
            retry_after: None,
            server_time: None,
        };
        Error { operation: Operation::List, source: acs::Error::Api(Box::new(error)) }
    }

    #[test]
    fn a_denied_call_names_the_missing_action() {
        let remedy = refused("NoPermission", 403).remedy();
        assert_eq!(
            remedy,
            "grant the RAM action actiontrail:ListDeliveryHistoryJobs on resource \"*\" to this identity"
        );
    }

    #[test]
    fn only_the_service_says_that_there_is_no_such_job() {
        let class = |code: &str| Error { operation: Operation::Get, ..refused(code, 404) }.class();
        assert_eq!(class("DeliveryHistoryJobNotFound"), Class::NotFound);
        assert_eq!(class("TrailNotFoundException"), Class::NotFound);
        assert_eq!(class("InvalidApi.NotFound"), Class::Refused);
        assert_eq!(refused("TrailNotFoundException", 404).class(), Class::Refused);
        let status = Error { operation: Operation::TrailStatus, ..refused("TrailNotFoundException", 404) };
        assert_eq!(status.class(), Class::NotFound);
    }

    #[test]
    fn an_account_without_the_feature_is_told_so() {
        assert!(refused("NotSupportDeliveryHistoryJob", 400).remedy().contains("not enabled"));
    }
}
