//! Which host is called: by region, inside a VPC, over IPv6; and that no name reaches a host that it must not.

use std::{
    io,
    net::{Ipv6Addr, Shutdown, TcpListener, TcpStream},
    thread,
};

use crate::{
    Place,
    program::{KEYS, command, run},
    proxy::{Proxy, Rule},
};

const HOSTILE: [&str; 9] = [
    "evil.example/",
    "cn-hangzhou.evil.example",
    "cn@evil.example",
    "../cn",
    "cn-hangzhou#",
    "cn-hangzhou?x",
    "CN-HANGZHOU",
    "cn-hangzhou\r\nHost: evil.example",
    "-cn",
];

#[test]
fn a_region_is_checked_before_it_becomes_a_host_name_wherever_it_is_said() {
    for region in HOSTILE {
        let shown = format!("{region:?} is not a region id");
        run(&KEYS[..2], &["list", &format!("--region={region}")]).ends(2).says("is not a region id");
        run(&[KEYS[0], KEYS[1], ("TRAILWATCH_REGION", region)], &["list"]).ends(2).says("is not a region id");
        let variable = [KEYS[0], KEYS[1], ("ALIBABA_CLOUD_REGION_ID", region)];
        run(&variable, &["list"]).ends(78).says("environment variable ALIBABA_CLOUD_REGION_ID");
        let home = tempfile::TempDir::new().unwrap();
        let file = home.path().join("config.toml");
        std::fs::write(&file, format!("regions = [{region:?}]\n")).unwrap();
        let listed = command(home.path(), &KEYS[..2], &["list", "--config", file.to_str().unwrap()]).output().unwrap();
        crate::program::Outcome::from(listed).ends(78).says("line 1: regions: ").says(&trailwatch::text::clean(&shown));
        let aliyun = home.path().join(".aliyun");
        std::fs::create_dir(&aliyun).unwrap();
        let profile = serde_json::json!({ "name": "p", "mode": "AK", "access_key_id": "x", "access_key_secret": "y", "region_id": region });
        let profiles = serde_json::json!({ "current": "p", "profiles": [profile] });
        std::fs::write(aliyun.join("config.json"), profiles.to_string()).unwrap();
        let listed = command(home.path(), &[], &["list"]).output().unwrap();
        let outcome = crate::program::Outcome::from(listed);
        assert!([77, 78].contains(&outcome.code), "{}", outcome.stderr);
    }
}

#[test]
fn a_call_from_inside_a_vpc_goes_to_the_host_there() {
    let inside = "actiontrail-vpc.cn-beijing.aliyuncs.com";
    let place = Place::of(&[inside, "actiontrail.cn-beijing.aliyuncs.com"]);
    let proxy = Proxy::http(Rule::Open, place.door.url().trim_start_matches("https://").parse().unwrap());
    let through = format!("http://{}", proxy.address);
    let list = |variables: &[(&str, &str)], arguments: &[&str]| {
        let around = [("HTTPS_PROXY", through.as_str()), ("SSL_CERT_FILE", &*place.authority)];
        let arguments = [&["list", "-o", "json", "--region", "cn-beijing"], arguments].concat();
        let listed = place.run(&[&around, variables].concat(), &arguments).ends(0).json();
        let endpoint = listed["targets"][0]["endpoint"].as_str().unwrap().to_owned();
        assert_eq!(proxy.asked(), [format!("CONNECT {endpoint}:443 HTTP/1.1")]);
        endpoint
    };
    assert_eq!(list(&[], &["--endpoint-type", "vpc"]), inside);
    assert_eq!(list(&[("ALIBABA_CLOUD_ENDPOINT_TYPE", "vpc")], &[]), inside);
    assert_eq!(list(&[("TRAILWATCH_ENDPOINT_TYPE", "vpc")], &[]), inside);
    assert_ne!(list(&[("ALIBABA_CLOUD_ENDPOINT_TYPE", "vpc")], &["--endpoint-type", "public"]), inside);
    let file = place.home.path().join("config.toml");
    std::fs::write(&file, "endpoint_type = \"vpc\"\n").unwrap();
    let config = ["--config", file.to_str().unwrap()];
    assert_eq!(list(&[], &config), inside);
    assert_ne!(list(&[("ALIBABA_CLOUD_ENDPOINT_TYPE", "public")], &config), inside);
}

#[test]
fn an_endpoint_may_be_an_address_of_ipv6() {
    let place = Place::of(&["127.0.0.1", "::1"]);
    let list = |url: &str| {
        // A proxy that is not there: nobody asks it for this machine.
        let proxies = [("HTTP_PROXY", "http://127.0.0.1:9"), ("HTTPS_PROXY", "http://127.0.0.1:9")];
        let variables = [("TRAILWATCH_ENDPOINT", url), ("SSL_CERT_FILE", &place.authority), proxies[0], proxies[1]];
        let listed = place.run(&variables, &["list", "-o", "json", "--region", "cn-hangzhou"]).ends(0).json();
        assert_eq!(listed["jobs"].as_array().unwrap().len(), 3);
        listed["targets"][0]["endpoint"].as_str().unwrap().to_owned()
    };
    let Some(plain) = on_ipv6(&place.emulator.url()) else { return };
    assert_eq!(list(&format!("http://[::1]:{plain}")), format!("http://[::1]:{plain}"));
    let secure = on_ipv6(&place.door.url()).unwrap();
    assert_eq!(list(&format!("https://[::1]:{secure}")), format!("[::1]:{secure}"));
}

/// A port of `::1` that leads to a server on this machine; `None` on one without IPv6.
fn on_ipv6(url: &str) -> Option<u16> {
    let listener = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).ok()?;
    let port = listener.local_addr().unwrap().port();
    let inside = url.split_once("://").unwrap().1.to_owned();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let inside = TcpStream::connect(&inside).unwrap();
            thread::spawn(move || join(stream, inside));
        }
    });
    Some(port)
}

fn join(mut outer: TcpStream, mut inner: TcpStream) -> io::Result<()> {
    let (mut from, mut to) = (inner.try_clone()?, outer.try_clone()?);
    let back = thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
    let _ = io::copy(&mut outer, &mut inner);
    let _ = inner.shutdown(Shutdown::Both);
    let _ = back.join();
    Ok(())
}
