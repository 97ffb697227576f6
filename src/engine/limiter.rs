//! The quota: never more than N calls in any one-second window, as the server counts them.
//!
//! A token bucket with a burst would let 2N−1 through; this holds each call's place for a second after its answer.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A second, and a little for clocks that run differently.
const WINDOW: Duration = Duration::from_millis(1_010);

/// The same for a call whose answer nobody waited for: it may reach the server a while after it was given up here.
const UNANSWERED: Duration = Duration::from_millis(2_500);

/// Limits the calls of one operation with one key in one region.
#[derive(Debug, Clone)]
pub(super) struct Limiter {
    places: Arc<Semaphore>,
}

/// The right to make one call. Its place is free again one second after the answer, later where none came.
///
/// The server may have counted the call at any moment until its answer came, so the second begins at the answer: then no
/// window of the server's, wherever it lies, can hold more calls than there are places.
#[derive(Debug)]
pub(super) struct Permit {
    place: Option<OwnedSemaphorePermit>,
    held_for: Duration,
}

impl Permit {
    /// The call was answered, or failed in a way that leaves nothing under way.
    pub(super) fn answered(mut self) {
        self.held_for = WINDOW;
    }
}

impl Limiter {
    /// A limiter of `per_second` calls; at least one.
    pub(super) fn new(per_second: u32) -> Self {
        Self { places: Arc::new(Semaphore::new(per_second.max(1) as usize)) }
    }

    /// Waits for a place.
    pub(super) async fn permit(&self) -> Permit {
        let place = Arc::clone(&self.places).acquire_owned().await;
        Permit { place: Some(place.expect("the semaphore is never closed")), held_for: UNANSWERED }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let (place, held_for) = (self.place.take(), self.held_for);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                tokio::time::sleep(held_for).await;
                drop(place);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{Instant, sleep};

    #[tokio::test(start_paused = true)]
    async fn no_window_of_one_second_holds_more_than_the_limit() {
        let limiter = Limiter::new(5);
        let start = Instant::now();
        let (sender, mut times) = tokio::sync::mpsc::unbounded_channel();
        for caller in 0..40_u64 {
            let (limiter, sender) = (limiter.clone(), sender.clone());
            tokio::spawn(async move {
                let permit = limiter.permit().await;
                // The server may count a call anywhere between its sending and its answer.
                let latency = Duration::from_millis(caller * 37 % 400);
                sleep(latency / 2).await;
                let _ = sender.send(start.elapsed());
                sleep(latency / 2).await;
                permit.answered();
            });
        }
        drop(sender);
        let mut counted = Vec::new();
        while let Some(at) = times.recv().await {
            counted.push(at);
        }
        counted.sort();
        assert_eq!(counted.len(), 40);
        assert!(counted.windows(6).all(|six| six[5] - six[0] >= Duration::from_secs(1)), "{counted:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_was_given_up_counts_for_longer() {
        let limiter = Limiter::new(1);
        let start = Instant::now();
        let _ = tokio::time::timeout(Duration::from_millis(10), async {
            let _permit = limiter.permit().await;
            std::future::pending::<()>().await;
        })
        .await;
        let _permit = limiter.permit().await;
        assert!(start.elapsed() >= Duration::from_secs(2), "{:?}", start.elapsed());
    }
}
