//! Networks as they are: certificates of a company, proxies with a password, IPv6, endpoints inside a VPC. The whole program over
//! real connections.

#![allow(clippy::unwrap_used, reason = "a test that has no answer has failed")]

mod certificates;
#[allow(dead_code, reason = "the tests of bad days use the rest")]
#[path = "../bad_days/door.rs"]
mod door;
mod hosts;
#[allow(dead_code, reason = "the tests of the commands use the rest")]
#[path = "../cli/program.rs"]
mod program;
mod proxies;
mod proxy;

use tempfile::TempDir;
use trailwatch::emulator::{Emulator, Identity};

use self::{
    door::{Authority, Door},
    program::{Outcome, command, emulator},
};

/// A service behind TLS, with a certificate of a company's authority for each of its names.
struct Place {
    emulator: Emulator,
    door: Door,
    home: TempDir,
    /// The file of the authority.
    authority: String,
}

impl Place {
    fn of(names: &[&str]) -> Self {
        let emulator = emulator(3);
        let company = Authority::new();
        let door = Door::open(&emulator.url(), company.certificate_for(names));
        let home = TempDir::new().unwrap();
        let path = home.path().join("company-ca.pem");
        std::fs::write(&path, &company.pem).unwrap();
        Self { emulator, door, home, authority: path.to_str().unwrap().to_owned() }
    }

    /// Runs the program there with a key that the service knows, and nothing else from outside.
    fn run(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Outcome {
        let Identity { key_id, secret, .. } = &self.emulator.identities()[0];
        let keys = [
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", key_id.as_str()),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret.as_str()),
            ("TRAILWATCH_TIMEOUT", "500ms"),
        ];
        command(self.home.path(), &[&keys, variables].concat(), arguments).output().unwrap().into()
    }
}
