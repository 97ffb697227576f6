//! Which proxy stands between us and a host, and what is wrong with it. How it is spoken to is the network library's matter,
//! which reads the same variables: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. No password is ever shown.

use std::{env, error::Error as StdError, fmt};

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::{Endpoint, PlainHttp};

/// A proxy, and whether we name ourselves to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proxy {
    /// Host and port.
    address: String,
    named: Named,
}

/// Whether the proxy is told a user name and a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Yes,
    No,
}

impl Proxy {
    /// The proxy through which a URL is reached, if it is.
    pub(super) fn on_the_way_to(url: &Url) -> Option<Self> {
        let endpoint = Endpoint::parse(&url.origin().ascii_serialization(), PlainHttp::Allowed).ok()?;
        if endpoint.is_direct() { None } else { Self::of(&Matcher::from_system(), url) }
    }

    fn of(matcher: &Matcher, url: &Url) -> Option<Self> {
        let found = matcher.intercept(&url.as_str().parse().ok()?)?;
        let named = if found.basic_auth().is_some() || found.raw_auth().is_some() { Named::Yes } else { Named::No };
        Some(Self { address: address(found.uri()), named })
    }

    /// What the proxy has to do with an error, if it is the proxy that it is about.
    pub(super) fn trouble<'a>(&self, sources: impl Iterator<Item = &'a (dyn StdError + 'static)>) -> Option<String> {
        // The network library has no types for these, only words; tests over real proxies know them.
        const TUNNEL: &str = "tunnel error: ";
        const SOCKS: &str = "SOCKS error: ";
        let words: Vec<String> = sources.map(ToString::to_string).collect();
        let innermost = words.last()?;
        // The library takes the brackets for a part of the name that a certificate must have.
        if innermost == "Invalid Server Name" {
            return Some(format!(
                "{self} can't be asked for an address of IPv6: call a name, or except it with NO_PROXY"
            ));
        }
        let what = words.iter().find_map(|words| words.strip_prefix(TUNNEL).or_else(|| words.strip_prefix(SOCKS)))?;
        let trouble = match (what, self.named) {
            ("proxy authorization required", Named::No) => "wants a user name and a password (407)",
            ("proxy authorization required", Named::Yes) => "does not accept the user name and the password (407)",
            ("server does not support user/pass authentication", Named::No) => "wants a user name and a password",
            ("credentials not accepted", _) => "does not accept the user name and the password",
            ("unsuccessful" | "connection not allowed", _) => "does not let it through",
            ("failed to create underlying connection", _) if innermost.ends_with(what) => "can't be reached",
            ("failed to create underlying connection", _) => {
                return Some(format!("{self} can't be reached: {innermost}"));
            }
            (what, _) => return Some(format!("{self}: {what}")),
        };
        Some(format!("{self} {trouble}"))
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

/// Without the user's name, of which the library may leave a part.
fn address(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    uri.port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Tells of a variable that names no proxy: the network library would pass it over, and go where nobody wanted it to.
///
/// # Errors
/// In words, without the value, which may have a password in it.
pub(super) fn check(endpoint: &Endpoint) -> Result<(), String> {
    let own = if endpoint.is_tls() { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    for names in [own, ["ALL_PROXY", "all_proxy"]] {
        let set = names.into_iter().find_map(|name| Some((name, env::var(name).ok()?)));
        match set {
            Some((name, value)) if !value.is_empty() => {
                return if is_proxy(&value) { Ok(()) } else { Err(no_proxy(name)) };
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_proxy(value: &str) -> bool {
    let anywhere = Uri::from_static("https://example.com/");
    Matcher::builder().all(value).build().intercept(&anywhere).is_some()
}

fn no_proxy(name: &str) -> String {
    format!(
        "{name} names no proxy: write http://HOST:PORT, http://USER:PASSWORD@HOST:PORT or socks5h://HOST:PORT, with %40 for an \
         @ in a name or password"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(url: &str, no: &str) -> Option<Proxy> {
        let matcher = Matcher::builder().all("http://me:hush@proxy.example:3128").no(no).build();
        Proxy::of(&matcher, &Url::parse(url).unwrap())
    }

    #[test]
    fn no_proxy_takes_names_their_subdomains_addresses_and_networks() {
        for (no, url, goes_through) in [
            ("", "https://actiontrail.cn-hangzhou.aliyuncs.com", true),
            ("aliyuncs.com", "https://actiontrail.cn-hangzhou.aliyuncs.com", false),
            (".aliyuncs.com", "https://actiontrail.cn-hangzhou.aliyuncs.com", false),
            (" other.example , ALIYUNCS.com", "https://actiontrail.cn-hangzhou.aliyuncs.com", false),
            ("yuncs.com", "https://actiontrail.cn-hangzhou.aliyuncs.com", true),
            ("*.aliyuncs.com", "https://actiontrail.cn-hangzhou.aliyuncs.com", true),
            ("*", "https://actiontrail.cn-hangzhou.aliyuncs.com", false),
            ("10.0.0.0/8", "https://10.1.2.3:8443", false),
            ("10.0.0.0/8", "https://11.1.2.3", true),
            ("2001:db8::1", "https://[2001:db8::1]", false),
            ("2001:db8::/32", "https://[2001:db8::5]:8443", false),
            ("2001:db8::/32", "https://[2001:db9::5]", true),
        ] {
            assert_eq!(proxy(url, no).is_some(), goes_through, "{no:?} {url}");
        }
    }

    #[test]
    fn a_proxy_is_shown_without_its_user() {
        let shown = proxy("https://example.com", "").unwrap();
        assert_eq!((shown.to_string().as_str(), shown.named), ("proxy.example:3128", Named::Yes));
        assert!(!format!("{shown:?}").contains("hush"));
    }

    #[test]
    fn this_machine_and_the_metadata_service_are_reached_directly() {
        for url in ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost", "http://100.100.100.200/latest"] {
            assert_eq!(Proxy::on_the_way_to(&Url::parse(url).unwrap()), None, "{url}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_found_out_and_not_shown() {
        for good in [
            "http://proxy:3128",
            "proxy:3128",
            "https://me:hush@proxy",
            "socks5://proxy",
            "socks5h://me:hush@[::1]:1080",
        ] {
            assert!(is_proxy(good), "{good}");
        }
        for bad in ["ftp://proxy", "http://", "http://me:hu sh@proxy", "://"] {
            assert!(!is_proxy(bad), "{bad}");
        }
    }
}
