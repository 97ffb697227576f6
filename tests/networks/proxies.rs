//! Proxies: named by variables, with a password that nobody ever sees, and what is said where they let nothing through.

use std::net::SocketAddr;

use crate::{
    Place,
    program::Outcome,
    proxy::{Proxy, Rule},
};

const NAME: &str = "actiontrail.example";
const PASSWORD: Rule = Rule::Password("me", "hu@sh");
const LIST: [&str; 5] = ["list", "-o", "json", "-vvv", "--region=cn-hangzhou"];

fn place() -> (Place, SocketAddr) {
    let place = Place::of(&[NAME]);
    let door = place.door.url().trim_start_matches("https://").parse().unwrap();
    (place, door)
}

/// Lists over a proxy that is named so; neither stream has its password.
fn list(place: &Place, name: &str, value: &str) -> Outcome {
    let endpoint = format!("https://{NAME}");
    let trusted = ("SSL_CERT_FILE", place.authority.as_str());
    let outcome = place.run(&[(name, value), trusted, ("TRAILWATCH_ENDPOINT", &endpoint)], &LIST);
    let all = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(!all.contains("hu@sh") && !all.contains("hu%40sh") && !all.contains("bWU6aHVAc2g="), "{all}");
    outcome
}

#[test]
fn the_service_is_reached_through_a_proxy() {
    let (place, door) = place();
    let proxy = Proxy::http(Rule::Open, door);
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let outcome = list(&place, name, &format!("http://{}", proxy.address)).ends(0);
        assert_eq!(outcome.json()["jobs"].as_array().unwrap().len(), 3);
        assert_eq!(proxy.asked(), [format!("CONNECT {NAME}:443 HTTP/1.1")]);
    }
    list(&place, "HTTPS_PROXY", &proxy.address.to_string()).ends(0);
}

#[test]
fn a_proxy_is_told_the_password_and_nobody_else() {
    let (place, door) = place();
    let proxy = Proxy::http(PASSWORD, door);
    let at = proxy.address;
    list(&place, "HTTPS_PROXY", &format!("http://me:hu%40sh@{at}")).ends(0);
    let refused = list(&place, "HTTPS_PROXY", &format!("http://you:hu%40sh@{at}")).ends(69);
    let words = format!(
        "ProxyFailed: {NAME}: no way through the proxy: {at} does not accept the user name and the password (407)"
    );
    refused.says(&words).says("remedy: check HTTPS_PROXY, as in http://USER:PASSWORD@HOST:PORT");
    let unnamed = list(&place, "HTTPS_PROXY", &format!("http://{at}")).ends(69);
    unnamed.says(&format!("{at} wants a user name and a password (407)"));
    let unescaped = list(&place, "HTTPS_PROXY", &format!("http://me:hu@sh@{at}")).ends(69);
    unescaped.says("does not accept").says("with %40 for an @ in either");
}

#[test]
fn a_proxy_that_lets_nothing_through_is_named() {
    let (place, door) = place();
    let closed = Proxy::http(Rule::Closed, door);
    let at = format!("http://me:hu%40sh@{}", closed.address);
    list(&place, "HTTPS_PROXY", &at).ends(69).says(&format!("{} does not let it through", closed.address));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = list(&place, "HTTPS_PROXY", &format!("http://me:hu%40sh@{free}")).ends(69);
    nobody.says(&format!("no way through the proxy: {free} can't be reached: Connection refused"));
    list(&place, "HTTPS_PROXY", "http://me:hu%40sh@nowhere.invalid:3128")
        .ends(69)
        .says("nowhere.invalid:3128 can't be reached");
    list(&place, "HTTPS_PROXY", "ftp://me:hu%40sh@proxy")
        .ends(78)
        .says("HTTPS_PROXY names no proxy: write http://HOST:PORT");
}

#[test]
fn socks_is_spoken_too() {
    let (place, door) = place();
    let proxy = Proxy::socks(PASSWORD, door);
    let at = proxy.address;
    list(&place, "ALL_PROXY", &format!("socks5h://me:hu%40sh@{at}")).ends(0);
    assert_eq!(proxy.asked(), [format!("{NAME}:443")]);
    let refused = list(&place, "ALL_PROXY", &format!("socks5h://you:hu%40sh@{at}")).ends(69);
    refused.says(&format!("no way through the proxy: {at} does not accept the user name and the password"));
    let unnamed = list(&place, "ALL_PROXY", &format!("socks5h://{at}")).ends(69);
    unnamed.says(&format!("{at} wants a user name and a password"));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    list(&place, "ALL_PROXY", &format!("socks5h://{free}")).ends(69).says(&format!("{free} can't be reached"));
    let closed = Proxy::socks(Rule::Closed, door);
    let refused = list(&place, "ALL_PROXY", &format!("socks5h://{}", closed.address)).ends(69);
    refused.says(&format!("no way through the proxy: {} does not let it through", closed.address));
}

#[test]
fn what_no_proxy_names_is_reached_directly() {
    let (place, door) = place();
    let proxy = Proxy::http(Rule::Open, door);
    let through = format!("http://{}", proxy.address);
    let endpoint = format!("https://{NAME}");
    let around = |no: &str| {
        let variables = [("HTTPS_PROXY", &*through), ("NO_PROXY", no), ("SSL_CERT_FILE", &*place.authority)];
        place.run(&[&variables[..], &[("TRAILWATCH_ENDPOINT", &*endpoint)]].concat(), &LIST)
    };
    around("other.example").ends(0);
    assert!(!proxy.asked().is_empty());
    for no in [NAME, "example", ".example", "*"] {
        around(no).ends(69).says("NameNotResolved");
        assert!(proxy.asked().is_empty(), "{no}");
    }
    // This machine is never asked for through a proxy.
    let url = place.emulator.url();
    place.run(&[("HTTP_PROXY", &through), ("ALL_PROXY", &through), ("TRAILWATCH_ENDPOINT", &url)], &LIST).ends(0);
    assert!(proxy.asked().is_empty());
}

#[test]
fn a_proxy_for_plain_http_that_wants_a_password_says_so() {
    let (place, door) = place();
    let proxy = Proxy::http(PASSWORD, door);
    let through = format!("http://{}", proxy.address);
    let variables = [
        ("HTTP_PROXY", &*through),
        ("TRAILWATCH_ENDPOINT", "http://actiontrail.example"),
        ("TRAILWATCH_INSECURE_HTTP", "1"),
    ];
    let outcome = place.run(&variables, &LIST).ends(69).says("HTTP 407, text/html");
    outcome.says("remedy: a proxy wants a user name and a password: set HTTP_PROXY=http://USER:PASSWORD@HOST:PORT");
}

#[test]
fn an_address_of_ipv6_is_no_name_for_a_proxy_and_its_network_can_be_excepted() {
    let place = Place::of(&["2001:db8::1"]);
    let proxy = Proxy::http(Rule::Open, place.door.url().trim_start_matches("https://").parse().unwrap());
    let through = format!("http://{}", proxy.address);
    let list = |no: &str| {
        let variables = [("HTTPS_PROXY", &*through), ("NO_PROXY", no), ("SSL_CERT_FILE", &*place.authority)];
        place.run(&[&variables[..], &[("TRAILWATCH_ENDPOINT", "https://[2001:db8::1]")]].concat(), &LIST)
    };
    list("").ends(69).says("can't be asked for an address of IPv6: call a name, or except it with NO_PROXY");
    assert_eq!(proxy.asked(), ["CONNECT [2001:db8::1]:443 HTTP/1.1"]);
    for no in ["2001:db8::1", "2001:db8::/32"] {
        list(no).ends(69);
        assert!(proxy.asked().is_empty(), "{no}");
    }
}
