//! The regions of the service: where it has endpoints, and where jobs deliver from.

/// The regions that have an endpoint of their own, with the names that the service gives them.
pub(super) const ENDPOINTS: [(&str, &str); 33] = [
    ("cn-qingdao", "China (Qingdao)"),
    ("cn-beijing", "China (Beijing)"),
    ("cn-zhangjiakou", "China (Zhangjiakou)"),
    ("cn-huhehaote", "China (Hohhot)"),
    ("cn-wulanchabu", "China (Ulanqab)"),
    ("cn-hangzhou", "China (Hangzhou)"),
    ("cn-shanghai", "China (Shanghai)"),
    ("cn-nanjing", "China (Nanjing)"),
    ("cn-shenzhen", "China (Shenzhen)"),
    ("cn-heyuan", "China (Heyuan)"),
    ("cn-guangzhou", "China (Guangzhou)"),
    ("cn-chengdu", "China (Chengdu)"),
    ("cn-zhongwei", "China (Zhongwei)"),
    ("cn-hongkong", "China (Hong Kong)"),
    ("cn-shanghai-finance-1", "China East 2 Finance"),
    ("cn-north-2-gov-1", "China North 2 Ali Gov 1"),
    ("ap-northeast-1", "Japan (Tokyo)"),
    ("ap-northeast-2", "South Korea (Seoul)"),
    ("ap-southeast-1", "Singapore"),
    ("ap-southeast-3", "Malaysia (Kuala Lumpur)"),
    ("ap-southeast-5", "Indonesia (Jakarta)"),
    ("ap-southeast-6", "Philippines (Manila)"),
    ("ap-southeast-7", "Thailand (Bangkok)"),
    ("ap-southeast-8", "Malaysia (Johor)"),
    ("us-east-1", "US (Virginia)"),
    ("us-west-1", "US (Silicon Valley)"),
    ("us-southeast-1", "US (Atlanta)"),
    ("na-south-1", "Mexico"),
    ("eu-central-1", "Germany (Frankfurt)"),
    ("eu-west-1", "UK (London)"),
    ("eu-west-2", "France (Paris)"),
    ("me-east-1", "UAE (Dubai)"),
    ("me-central-1", "SAU (Riyadh)"),
];

/// The regions that a job delivers from, sorted.
pub(super) const DELIVERING: [&str; 22] = [
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-3",
    "ap-southeast-5",
    "cn-beijing",
    "cn-chengdu",
    "cn-guangzhou",
    "cn-hangzhou",
    "cn-heyuan",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-nanjing",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shenzhen",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "eu-central-1",
    "eu-west-1",
    "me-east-1",
    "us-east-1",
    "us-west-1",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_delivers_from_regions_that_exist() {
        assert!(DELIVERING.is_sorted());
        assert!(DELIVERING.iter().all(|region| ENDPOINTS.iter().any(|(known, _)| known == region)));
    }
}
