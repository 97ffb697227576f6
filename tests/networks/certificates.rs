//! Whom a connection trusts: the system's authorities or those of variables, and those of a file beside them; and what is said
//! where it trusts nobody.

use crate::{
    Place,
    door::{Authority, Certificate},
};

const LIST: [&str; 4] = ["list", "-o", "json", "--region=cn-hangzhou"];

#[test]
fn an_authority_is_named_by_file_by_variable_or_by_directory() {
    let place = Place::of(&["127.0.0.1"]);
    let url = place.door.url();
    let at = |variables: &[(&str, &str)]| place.run(&[variables, &[("TRAILWATCH_ENDPOINT", &url)]].concat(), &LIST);
    at(&[("SSL_CERT_FILE", &place.authority)]).ends(0);
    at(&[("TRAILWATCH_CA_FILE", &place.authority)]).ends(0);
    let directory = place.home.path().join("authorities");
    std::fs::create_dir(&directory).unwrap();
    let copy = directory.join("0a1b2c3d.0");
    std::fs::copy(&place.authority, &copy).unwrap();
    at(&[("SSL_CERT_DIR", directory.to_str().unwrap())]).ends(0);
    let several = format!("/nonexistent:{}", directory.display());
    at(&[("SSL_CERT_DIR", &several)]).ends(0);
    // The file of the configuration stands beside whatever a variable names.
    let other = place.home.path().join("other.pem");
    std::fs::write(&other, Authority::new().pem).unwrap();
    at(&[("SSL_CERT_FILE", other.to_str().unwrap())]).ends(69);
    at(&[("SSL_CERT_FILE", other.to_str().unwrap()), ("TRAILWATCH_CA_FILE", &place.authority)]).ends(0);
}

#[test]
fn what_a_variable_names_must_be_there() {
    let place = Place::of(&["127.0.0.1"]);
    let url = place.door.url();
    let at = |name: &str, value: &str| place.run(&[(name, value), ("TRAILWATCH_ENDPOINT", &url)], &LIST).ends(78);
    at("SSL_CERT_FILE", "/nonexistent.pem").says("SSL_CERT_FILE=/nonexistent.pem: No such file");
    at("SSL_CERT_DIR", "/nonexistent").says("SSL_CERT_DIR=/nonexistent: no such directory");
    let empty = place.home.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    at("SSL_CERT_FILE", empty.to_str().unwrap()).says("no certificate in it");
}

#[test]
fn an_empty_variable_is_as_good_as_none() {
    let place = Place::of(&["127.0.0.1"]);
    let url = place.door.url();
    let empty = [("SSL_CERT_FILE", ""), ("SSL_CERT_DIR", ""), ("HTTPS_PROXY", ""), ("NO_PROXY", "")];
    let at = |more: &[(&str, &str)]| place.run(&[&empty, more, &[("TRAILWATCH_ENDPOINT", &url)]].concat(), &LIST);
    at(&[("TRAILWATCH_CA_FILE", &place.authority)]).ends(0);
    // Where the system trusts somebody, that is still so.
    if openssl_probe::probe().cert_file.is_some() {
        at(&[]).ends(69).says("nobody who is trusted here vouches for its certificate");
    }
}

#[test]
fn an_untrusted_certificate_is_told_with_host_issuer_and_what_to_set() {
    let place = Place::of(&["127.0.0.1"]);
    let (url, host) = (place.door.url(), place.door.url().replace("https://", ""));
    let company = Authority::named("Company CA");
    let variables = [("SSL_CERT_FILE", place.authority.as_str()), ("TRAILWATCH_ENDPOINT", url.as_str())];
    let shown = |certificate: Certificate| {
        place.door.show(certificate);
        place.run(&variables, &LIST).ends(69).says(&format!("TlsFailed: {host}: no secure connection: "))
    };
    let unknown = shown(company.certificate("127.0.0.1"));
    let unknown =
        unknown.says("nobody who is trusted here vouches for its certificate; it was issued by \"CN=Company CA\"");
    unknown.says("name its certificate authority with --ca-file or SSL_CERT_FILE");
    shown(Certificate::self_signed("127.0.0.1")).says("it was issued by \"CN=rcgen self signed cert\"");
    shown(Authority::named("\u{1b}[2J\u{202e}").certificate("127.0.0.1")).says("it was issued by");
    let path = place.home.path().join("company.pem");
    std::fs::write(&path, &company.pem).unwrap();
    let trusted = [("SSL_CERT_FILE", path.to_str().unwrap()), variables[1]];
    let shown = |certificate: Certificate| {
        place.door.show(certificate);
        place.run(&trusted, &LIST)
    };
    shown(company.certificate("127.0.0.1")).ends(0);
    shown(company.certificate("elsewhere.example")).ends(69).says("its certificate is for elsewhere.example; it was");
    shown(company.expired("127.0.0.1")).ends(69).says("its certificate expired 2001-01-01 00:00:00Z; it was issued by");
}
