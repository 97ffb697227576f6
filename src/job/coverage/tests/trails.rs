//! What is delivered of a trail's events: rule by rule, and of random trails against the rules written down naively.

use proptest::prelude::*;

use super::*;
use crate::job::{Switch, Trail, TrailScope, TrailStatus};

/// A trail to SLS that was made so long after day 0, and has been on since.
fn trail(on: TimeDelta) -> Trail {
    let at = Some(origin() + on);
    Trail {
        name: "trail-name".into(),
        home: Some("cn-hangzhou".into()),
        switch: Switch::On,
        sls_project: Some("acs:log:cn-hangzhou:1:project/p".into()),
        created: at,
        updated: at,
        started: at,
        ..Trail::default()
    }
}

fn status(read: TimeDelta) -> TrailStatus {
    TrailStatus {
        logging: Some(true),
        sls_error: None,
        sls_delivered: Some(origin() + read),
        sls_usable: Some(true),
        error: None,
        started: None,
        stopped: None,
        read: origin() + read,
    }
}

fn delivered(trail: &Trail, jobs: &[Job]) -> Delivered {
    Delivered::of(trail, None, jobs.iter().map(|job| (job, None)))
}

/// The bar so many days after day 0, as states and days from then back.
fn bar(delivered: &Delivered, day: i64) -> Vec<(SegmentState, i64, i64)> {
    let now = origin() + days(day);
    let back = |at: Timestamp| (now - at).num_days();
    Bar::of(delivered, now).segments.iter().map(|part| (part.state, back(part.from), back(part.to))).collect()
}

use SegmentState::{Covered, Edge, Hole as Missing};

#[test]
fn a_new_trail_has_a_hole_until_it_is_backfilled() {
    let new = trail(days(0));
    let bare = delivered(&new, &[failed(1, 0)]);
    assert_eq!(bar(&bare, 20), [(Edge, 90, 83), (Missing, 83, 20), (Covered, 20, 0)]);
    assert_eq!(bar(&bare, 85), [(Edge, 90, 85), (Covered, 85, 0)]);
    assert_eq!(bar(&bare, 90), [(Covered, 90, 0)], "what is lost is not missed any more");
    assert_eq!((bare.is_uncovered(origin() + days(89)), bare.is_uncovered(origin() + days(90))), (true, false));
    assert_eq!(bare.next_change(origin()), Some(origin() + days(90)));
    assert_eq!(bare.next_change(origin() + days(90)), None);

    let filled = delivered(&new, &[failed(1, 0), complete(2, 0)]);
    assert_eq!(bar(&filled, 0), [(Covered, 90, 0)]);
    assert_eq!(filled.backfill.map(|(id, _)| id.get()), Some(2));
    assert!(!filled.is_uncovered(origin()));
}

#[test]
fn a_hole_is_lost_day_by_day() {
    let bare = delivered(&trail(days(0)), &[]);
    let bar = Bar::of(&bare, origin() + days(20));
    let holes: Vec<Hole> = bar.holes().collect();
    let [hole] = holes[..] else { panic!("{holes:?}") };
    assert_eq!((hole.length(), bar.total(Edge), bar.total(Missing)), (days(70), days(7), days(63)));
    assert_eq!((hole.lost_from(), hole.lost_by()), (origin() + days(20), origin() + days(90)));
}

#[test]
fn only_whole_backfills_of_the_trail_itself_count() {
    let new = trail(days(100));
    let uncovered = |jobs: &[Job]| delivered(&new, jobs).is_uncovered(origin() + days(110));
    assert!(!uncovered(&[complete(1, 100)]));
    assert!(uncovered(&[complete(1, 99)]), "of an older trail of the same name");
    assert!(uncovered(&[Job { trail: "other".into(), ..complete(1, 100) }]));
    assert!(uncovered(&[Job { home: Some("cn-beijing".into()), ..complete(1, 100) }]));
    assert!(!uncovered(&[Job { home: None, ..complete(1, 100) }]), "names are unique in an account");
    assert!(uncovered(&[Job { window: Window::default(), ..complete(1, 100) }]));
    for status in [Status::Failed, Status::Delivering, Status::Unknown(7)] {
        assert!(uncovered(&[made(1, status, days(100))]));
    }
    let job = complete(1, 100);
    let with = |known: &Regions| Delivered::of(&new, None, [(&job, Some(known))].into_iter());
    assert!(with(&regions(&[Status::Complete, Status::Failed])).is_uncovered(origin() + days(110)));
}

#[test]
fn what_is_switched_off_delivers_until_then() {
    let off = Trail { switch: Switch::Off, stopped: Some(origin() + days(30)), ..trail(days(0)) };
    let known = delivered(&off, &[complete(1, 0)]);
    assert_eq!(bar(&known, 40), [(Covered, 90, 10), (Missing, 10, 0)]);
    assert_eq!((known.fitness, known.is_uncovered(origin() + days(40))), (Fitness::Off, false));
    let fresh = Trail { switch: Switch::Fresh, started: None, ..trail(days(0)) };
    assert_eq!((delivered(&fresh, &[]).fitness, delivered(&fresh, &[]).live), (Fitness::Off, None));
    let again = Trail { stopped: Some(origin() - days(5)), created: Some(origin() - days(300)), ..trail(days(0)) };
    assert_eq!(bar(&delivered(&again, &[]), 10).last(), Some(&(Covered, 10, 0)), "what was before is not known");
}

#[test]
fn a_trail_that_was_configured_anew_may_have_had_no_project_before() {
    let old = Trail { updated: Some(origin() + days(200)), ..trail(days(0)) };
    assert!(delivered(&old, &[]).is_uncovered(origin() + days(201)));
    assert_eq!(bar(&delivered(&old, &[]), 201).last(), Some(&(Covered, 1, 0)));
    let proved = delivered(&old, &[complete(1, 50)]);
    assert!(!proved.is_uncovered(origin() + days(201)), "there would have been no backfill without a project");
}

#[test]
fn a_delivery_that_fails_ends_with_the_last_event() {
    let ill = TrailStatus {
        sls_error: Some("write sls failed".into()),
        sls_delivered: Some(origin() + days(30)),
        ..status(days(31))
    };
    let with = |status: &TrailStatus| Delivered::of(&trail(days(0)), Some(status), std::iter::empty());
    assert_eq!(bar(&with(&ill), 80), [(Edge, 90, 83), (Missing, 83, 80), (Covered, 80, 50), (Missing, 50, 0)]);
    let over = TrailStatus { sls_delivered: Some(ill.read - minutes(10)), ..ill.clone() };
    assert!(!with(&over).is_uncovered(origin() + days(100)), "an error of the past");
    let never = TrailStatus { sls_delivered: None, ..ill.clone() };
    assert_eq!(with(&never).live, None);
    let unusable = TrailStatus { sls_error: None, sls_usable: Some(false), ..ill };
    assert!(with(&unusable).is_uncovered(origin() + days(100)));
    let off = TrailStatus { logging: Some(false), ..status(days(31)) };
    assert_eq!(with(&off).fitness, Fitness::Off);
}

#[test]
fn where_nothing_can_be_done_nothing_is_asked_for() {
    let oss = Trail { sls_project: None, ..trail(days(0)) };
    let organization = Trail { scope: TrailScope::Organization, ..trail(days(0)) };
    for (trail, fitness) in [(oss, Fitness::NotToSls), (organization, Fitness::OfOrganization)] {
        let known = delivered(&trail, &[]);
        assert_eq!((known.fitness, known.is_uncovered(origin())), (fitness, false));
    }
}

#[test]
fn no_hole_is_too_small_to_be_seen() {
    let off = Trail { switch: Switch::Off, stopped: Some(origin() + days(10)), ..trail(days(0)) };
    let window = Window { start: Some(origin() + days(10) + minutes(1)), end: Some(origin() + days(40)) };
    let bar = Bar::of(&delivered(&off, &[Job { window, ..complete(1, 40) }]), origin() + days(40));
    assert_eq!(bar.total(Missing), days(43) + minutes(1));
    let [e, m, c] = [Edge, Missing, Covered];
    assert_eq!(bar.cells(9), [e, m, m, m, m, c, m, c, c]);
    assert_eq!(bar.cells(0), []);
}

fn any_time() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::weighted(0.9, (-120..130_i64, 0..86_400_i64))
        .prop_map(|at| at.map(|(day, second)| origin() + days(day) + TimeDelta::seconds(second)))
}

fn any_trail() -> impl Strategy<Value = Trail> {
    let switch = prop::sample::select(&[Switch::On, Switch::On, Switch::Off, Switch::Fresh, Switch::Unsaid][..]);
    (switch, any_time(), any_time(), any_time(), any_time(), any::<bool>()).prop_map(
        |(switch, created, updated, started, stopped, sls)| Trail {
            switch,
            created,
            updated,
            started,
            stopped,
            sls_project: sls.then(|| "p".into()),
            ..trail(days(0))
        },
    )
}

fn any_status() -> impl Strategy<Value = Option<TrailStatus>> {
    let truth = || prop::option::of(any::<bool>());
    let known = (truth(), any_time(), truth(), any::<bool>(), any_time(), any_time()).prop_map(
        |(logging, sls_delivered, sls_usable, ill, started, stopped)| TrailStatus {
            logging,
            sls_delivered,
            sls_usable,
            sls_error: ill.then(|| "write sls failed".into()),
            started,
            stopped,
            ..status(days(100))
        },
    );
    prop::option::of(known)
}

fn any_jobs() -> impl Strategy<Value = Vec<Job>> {
    let job = (-120..130_i64, 0..4_i64, 0..100_i64, 0..100_i64).prop_map(|(day, code, from, to)| {
        let job = made(day + 500, Status::from_code(code), days(day));
        let created = job.created.unwrap();
        Job { window: Window { start: Some(created - days(from)), end: Some(created - days(to) + minutes(5)) }, ..job }
    });
    prop::collection::vec(job, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_segments_are_the_last_90_days(
        trail in any_trail(), status in any_status(), jobs in any_jobs(), day in -10..250_i64, cells in 1..200_usize,
    ) {
        let known = Delivered::of(&trail, status.as_ref(), jobs.iter().map(|job| (job, None)));
        let now = origin() + days(day) + TimeDelta::seconds(day * 977 % 86_400);
        let bar = Bar::of(&known, now);
        prop_assert_eq!((bar.segments[0].from, bar.segments.last().unwrap().to), (now - KEPT, now));
        prop_assert!(bar.segments.windows(2).all(|pair| pair[0].to == pair[1].from && pair[0].state != pair[1].state));
        prop_assert!(bar.segments.iter().all(|segment| segment.from < segment.to));
        let states = [Covered, Missing, Edge].map(|state| bar.total(state));
        prop_assert_eq!(states.iter().sum::<TimeDelta>(), KEPT);
        prop_assert_eq!(bar.holes().map(|hole| hole.length()).sum::<TimeDelta>(), states[1] + states[2]);
        prop_assert!(bar.segments.iter().all(|segment| segment.state != Edge || segment.to <= now - KEPT + EDGE));
        prop_assert!(bar.holes().all(|hole| now <= hole.lost_from() && hole.lost_from() < hole.lost_by()));
        let drawn = bar.cells(cells);
        prop_assert_eq!(drawn.len(), cells);
        prop_assert_eq!(drawn.iter().max(), bar.segments.iter().map(|segment| &segment.state).max());
        if known.fitness == Fitness::Fit {
            let ends_now = known.spans().iter().any(|span| span.to == Some(now));
            prop_assert_eq!(known.is_uncovered(now), bar.holes().next().is_some() || ends_now);
        }
        let next = known.next_change(now);
        prop_assert!(next.is_none_or(|next| next > now));
        let (just_before, later) = (next.map(|next| next - TimeDelta::nanoseconds(1)), now + days(1_000));
        prop_assert_eq!(known.is_uncovered(just_before.unwrap_or(later)), known.is_uncovered(now));
        if let Some(next) = next.filter(|_| known.fitness == Fitness::Fit) {
            prop_assert_ne!(known.is_uncovered(next), known.is_uncovered(now));
        }
    }

    #[test]
    fn what_is_covered_is_in_a_backfill_or_was_delivered_live(
        trail in any_trail(), status in any_status(), jobs in any_jobs(), day in -10..250_i64,
    ) {
        let known = Delivered::of(&trail, status.as_ref(), jobs.iter().map(|job| (job, None)));
        let now = origin() + days(day);
        let is_older = |job: &Job| trail.created.is_some_and(|created| job.created.unwrap() + SLACK < created);
        let proofs = jobs.iter().filter(|job| job.status == Status::Complete && !is_older(job));
        let windows: Vec<_> = proofs.map(|job| (job.window.start.unwrap() - SLACK, job.window.end.unwrap())).collect();
        for segment in Bar::of(&known, now).segments.iter().filter(|segment| segment.state == Covered) {
            for at in [segment.from, segment.from + (segment.to - segment.from) / 2] {
                let backfilled = windows.iter().any(|(from, to)| *from <= at && at <= *to);
                let live = known.live.is_some_and(|span| span.from <= at && span.to.is_none_or(|to| at <= to));
                prop_assert!(backfilled || live, "{at}");
            }
        }
        let on = trail.started.max(status.as_ref().and_then(|status| status.started)).or(trail.created);
        prop_assert!(known.live.is_none_or(|span| on.is_some_and(|on| span.from >= on)));
    }

    #[test]
    fn one_more_backfill_never_opens_a_hole(
        trail in any_trail(), jobs in any_jobs(), day in -10..250_i64,
    ) {
        prop_assume!(!jobs.is_empty());
        let now = origin() + days(day);
        let covered = |jobs: &[Job]| Bar::of(&delivered(&trail, jobs), now).total(Covered);
        prop_assert!(covered(&jobs[1..]) <= covered(&jobs));
    }
}
