//! The ring's publishing and reading under loom: every order of the threads' steps, up to three of them against
//! their will.
//!
//! The files are the gateway's own; what threads meet at is loom's.

#[path = "../src/hub/publication.rs"]
mod publication;
#[path = "../src/hub/ring.rs"]
mod ring;

mod batch {
    pub use watchfloor_gateway::hub::batch::{Batch, prepare};
}

mod locks {
    pub use loom::sync::{RwLock, RwLockReadGuard};

    /// What is used of tokio's `watch`, which that project tests under loom itself.
    pub mod watch {
        use std::future::poll_fn;
        use std::sync::PoisonError;
        use std::task::{Poll, Waker};

        use loom::sync::{Arc, Mutex, MutexGuard};

        fn hold<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
            lock.lock().unwrap_or_else(PoisonError::into_inner)
        }

        #[derive(Debug)]
        struct Watched<T> {
            value: T,
            version: u64,
            waiting: Vec<Waker>,
        }

        #[derive(Debug)]
        pub struct Sender<T>(Arc<Mutex<Watched<T>>>);

        #[derive(Debug)]
        pub struct Receiver<T> {
            watched: Arc<Mutex<Watched<T>>>,
            seen: u64,
        }

        impl<T: Copy> Sender<T> {
            pub fn new(value: T) -> Self {
                Self(Arc::new(Mutex::new(Watched {
                    value,
                    version: 0,
                    waiting: Vec::new(),
                })))
            }

            pub fn send_modify(&self, modify: impl FnOnce(&mut T)) {
                let mut watched = hold(&self.0);
                modify(&mut watched.value);
                watched.version += 1;
                let waiting = std::mem::take(&mut watched.waiting);
                drop(watched);
                waiting.into_iter().for_each(Waker::wake);
            }

            pub fn borrow(&self) -> Box<T> {
                Box::new(hold(&self.0).value)
            }

            pub fn subscribe(&self) -> Receiver<T> {
                Receiver {
                    seen: hold(&self.0).version,
                    watched: self.0.clone(),
                }
            }
        }

        impl<T> Receiver<T> {
            pub fn mark_unchanged(&mut self) {
                self.seen = hold(&self.watched).version;
            }

            pub async fn changed(&mut self) -> Result<(), ()> {
                poll_fn(|cx| {
                    let waker = cx.waker().clone();
                    let mut watched = hold(&self.watched);
                    if watched.version == self.seen {
                        watched.waiting.push(waker);
                        return Poll::Pending;
                    }
                    self.seen = watched.version;
                    Poll::Ready(Ok(()))
                })
                .await
            }
        }
    }
}

use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, Ordering};
use publication::Publication;
use ring::{CatchUp, Ring, RingLimits};
use watchfloor_wire::entity::Key;
use watchfloor_wire::feed::Op;

fn model(scene: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(scene);
}

/// One change, the one that leads to `to`.
fn push(ring: &mut Ring, to: u64) {
    let op = Op {
        k: Key::from_wire("check/a.b".to_owned()),
        v: to,
        p: None,
    };
    let Ok(batches) = batch::prepare(to - 1, to, 0, &[op]) else {
        unreachable!("an op without a body can be written")
    };
    for batch in batches {
        ring.push(batch);
    }
}

fn publish(board: &Publication<Ring>) {
    board.publish(|ring| push(ring, ring.head() + 1), Ring::head);
}

fn board(limits: RingLimits) -> loom::sync::Arc<Publication<Ring>> {
    loom::sync::Arc::new(Publication::new(Ring::new(limits, 0), 0))
}

/// Follows as a connection does: mark, look, wait. Returns where it stands once that is `until`; a wake-up that is
/// lost would leave it waiting, which loom reports as a deadlock.
async fn follow(board: &Publication<Ring>, until: u64) -> u64 {
    let (mut follower, mut cursor) = (board.follow(), 0);
    loop {
        follower.mark();
        let step = board.read().after_within(cursor, 1);
        match step {
            CatchUp::Current if cursor == until => return cursor,
            CatchUp::Current => follower.changed().await,
            CatchUp::Frames(batches) | CatchUp::Coalesce(batches) => {
                for batch in batches {
                    assert_eq!(batch.from, cursor, "ranges join without a hole");
                    cursor = batch.to;
                }
            }
            CatchUp::Behind { floor } => {
                assert!(cursor < floor, "only who fell behind fetches a snapshot");
                cursor = board.read().head();
            }
            CatchUp::Ahead => panic!("nobody is shown what was not published"),
        }
    }
}

#[test]
fn a_follower_gets_every_change_whatever_the_order() {
    model(|| {
        let board = board(RingLimits::default());
        let publisher = loom::thread::spawn({
            let board = board.clone();
            move || {
                publish(&board);
                publish(&board);
            }
        });
        assert_eq!(loom::future::block_on(follow(&board, 2)), 2);
        publisher.join().unwrap();
        assert_eq!(board.head(), 2);
    });
}

#[test]
fn two_publishers_never_move_the_head_back() {
    model(|| {
        let board = board(RingLimits::default());
        let publishers = [(), ()].map(|()| {
            let board = board.clone();
            loom::thread::spawn(move || publish(&board))
        });
        assert_eq!(loom::future::block_on(follow(&board, 2)), 2);
        for publisher in publishers {
            publisher.join().unwrap();
        }
        assert_eq!((board.head(), board.read().head()), (2, 2));
    });
}

#[test]
fn who_falls_out_of_a_ring_of_one_change_still_arrives() {
    model(|| {
        let board = board(RingLimits {
            events: 1,
            ..RingLimits::default()
        });
        let publisher = loom::thread::spawn({
            let board = board.clone();
            move || (0..3).for_each(|_| publish(&board))
        });
        assert_eq!(loom::future::block_on(follow(&board, 3)), 3);
        publisher.join().unwrap();
    });
}

#[test]
fn a_follower_that_is_woken_without_a_change_sees_why() {
    model(|| {
        let (board, closing) = (
            board(RingLimits::default()),
            Arc::new(AtomicBool::new(false)),
        );
        let stopper = loom::thread::spawn({
            let (board, closing) = (board.clone(), Arc::clone(&closing));
            move || {
                closing.store(true, Ordering::SeqCst);
                board.wake();
            }
        });
        loom::future::block_on(async {
            let mut follower = board.follow();
            loop {
                follower.mark();
                if closing.load(Ordering::SeqCst) {
                    return;
                }
                follower.changed().await;
            }
        });
        stopper.join().unwrap();
    });
}
