//! Whether each fault strikes its share, by the seed alone, and whether the words mean the kinds.

use proptest::prelude::*;

use super::*;

const CALLS: u64 = 20_000;

/// How often each of two faults strikes.
fn counts(faults: &[Fault; 2], operation: Option<Operation>, seed: u64) -> [usize; 2] {
    let struck: Vec<_> = (1..=CALLS).filter_map(|n| strike(faults, operation, seed, n)).collect();
    [0, 1].map(|index: usize| struck.iter().filter(|kind| **kind == faults[index].kind).count())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn each_strikes_its_share_of_the_calls(seed: u64, first in 0.0..1.0_f64, part in 0.0..1.0_f64) {
        let second = (1.0 - first) * part;
        let faults = [Fault::new(FaultKind::Hang, first), Fault::new(FaultKind::Html, second)];
        let of = counts(&faults, None, seed);
        for (count, rate) in of.into_iter().zip([first, second]) {
            prop_assert!((count as f64 / CALLS as f64 - rate).abs() < 0.03, "{count} of {CALLS} for {rate}");
        }
    }

    #[test]
    fn only_the_seed_and_the_number_of_the_call_decide(seed: u64, n: u64, rate in 0.0..1.0_f64) {
        let n = n % (1 << 40);
        let faults = [Fault::new(FaultKind::Slow, rate), Fault::new(FaultKind::Reset, 0.2)];
        prop_assert_eq!(strike(&faults, None, seed, n), strike(&faults, None, seed, n));
    }

    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,20}") {
        let _ = text.parse::<Fault>();
    }
}

#[test]
fn never_and_always_mean_it() {
    for (seed, n) in (0..50).flat_map(|seed| (0..50).map(move |n| (seed, n))) {
        assert_eq!(strike(&[Fault::always(FaultKind::Xml)], None, seed, n), Some(FaultKind::Xml));
        for rate in [0.0, -1.0, f64::NAN] {
            let faults = [Fault::new(FaultKind::Xml, rate), Fault::always(FaultKind::Half)];
            assert_eq!(strike(&faults, None, seed, n), Some(FaultKind::Half), "{rate}");
        }
    }
    assert_eq!(strike(&[], None, 1, 1), None);
}

#[test]
fn a_fault_of_some_operations_leaves_the_others_their_share() {
    let faults = [Fault::always(FaultKind::Hang).on(&[Operation::GetJob]), Fault::new(FaultKind::Html, 0.5)];
    assert_eq!(counts(&faults, Some(Operation::GetJob), 7), [CALLS as usize, 0]);
    for other in [Some(Operation::ListJobs), None] {
        let [hang, html] = counts(&faults, other, 7);
        assert!(hang == 0 && html.abs_diff(CALLS as usize / 2) < 600, "{html}");
    }
}

#[test]
fn the_words_mean_the_kinds() {
    for (place, kind) in FaultKind::ALL.into_iter().enumerate() {
        assert_eq!(kind as usize, place, "ALL is in the order of the enum");
        assert_eq!(kind.to_string().parse(), Ok(kind));
        assert_eq!(format!("{kind}=0.25").parse(), Ok(Fault::new(kind, 0.25)));
    }
    assert_eq!(" Throttle = 1 ".parse(), Ok(Fault::always(FaultKind::Throttle)));
}

#[test]
fn what_is_no_fault_is_refused_with_the_kinds() {
    for bad in ["", "503", "=", "=0.1", "504=0.1", "503=", "503=2", "503=-0.1", "503=NaN", "503=inf", "503=10%"] {
        let error = bad.parse::<Fault>().unwrap_err().to_string();
        assert!(error.contains("503, 500, throttle, ") && error.ends_with("denied, notsupported"), "{bad}: {error}");
    }
}

#[test]
fn refusals_fit_the_call() {
    let account = AccountId::new("1234567890123456");
    let code = |kind: FaultKind, operation| kind.refusal(operation, &account).map(|refusal| refusal.code);
    assert_eq!(code(FaultKind::Denied, Operation::DescribeRegions), None, "it needs no permission");
    assert_eq!(code(FaultKind::NotSupported, Operation::DescribeTrails), None, "trails are there for everybody");
    assert_eq!(code(FaultKind::NotSupported, Operation::GetJob).as_deref(), Some("NotSupportDeliveryHistoryJob"));
    assert_eq!(code(FaultKind::Hang, Operation::ListJobs), None);
}
