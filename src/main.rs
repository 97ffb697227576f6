//! The binary.
use std::{sync::Arc, time::Duration};
use trailwatch::{acs, credentials, emulator, engine, job, tui};
fn main() {
    let emu = emulator::Emulator::start(emulator::Config { scenario: emulator::Scenario::Demo, ..Default::default() })
        .unwrap();
    let targets = emu
        .identities()
        .iter()
        .map(|id| engine::TargetSpec {
            key: job::TargetKey { profile: job::ProfileName::new(&id.profile).unwrap(), region: id.region.clone() },
            endpoint: acs::Endpoint::parse(&emu.url(), acs::PlainHttp::LoopbackOnly).unwrap(),
            provider: credentials::Provider::fixed(
                job::ProfileName::new(&id.profile).unwrap(),
                credentials::Source::Demo,
                None,
                acs::AccessKey {
                    id: id.key_id.clone(),
                    secret: id.secret.clone().into(),
                    token: id.token.clone().map(Into::into),
                },
            ),
        })
        .collect();
    let setup = engine::Setup {
        targets,
        interval: Duration::from_secs(2),
        max_qps: 5,
        patience: Duration::from_secs(30),
        http: Default::default(),
        clock: engine::system_clock(),
    };
    let engine = engine::Engine::start(&setup).unwrap();
    let options = tui::Options {
        theme: tui::Theme::detect(|n| std::env::var(n).ok()),
        mark: Some("demo"),
        clock: setup.clock.clone(),
    };
    let code = tui::run(&engine, &options).unwrap();
    let _ = Arc::new(0);
    std::process::exit(code.code().into());
}
