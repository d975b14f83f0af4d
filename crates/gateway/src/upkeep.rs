//! What a running gateway does now and then beside its work, until it stops.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::audit::Prover;
use crate::audit::prover::STRETCH_ROWS;
use crate::auth::Auth;
use crate::change::AuditRow;
use crate::clock::Clock;
use crate::engine::{EngineError, EngineHandle};
use crate::store::audit_trail::AuditTrail;

/// How often metrics are condensed and ended sessions forgotten.
const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// How often is looked whether the command line changed accounts: twice within the second that is promised.
const ACCOUNTS_EVERY: Duration = Duration::from_millis(400);
/// How often the audit is proved further.
const PROVE_EVERY: Duration = Duration::from_secs(2);
/// Stretches that are proved in one go: ten thousand rows, some tens of milliseconds of work.
const STRETCHES_AT_ONCE: usize = 10;
/// How often the audit's head goes into the log.
const NOTE_AUDIT_EVERY: Duration = Duration::from_hours(1);

/// Condenses metrics and forgets sessions that ended.
pub fn sweep(metrics: PrometheusHandle, auth: Auth, stopping: CancellationToken) {
    tokio::spawn(async move {
        let mut timer = tokio::time::interval(SWEEP_EVERY);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = timer.tick() => {
                    metrics.run_upkeep();
                    auth.sweep();
                }
            }
        }
    });
}

/// Ends sessions that the command line ended.
pub fn follow_accounts(
    auth: Auth,
    engine: EngineHandle,
    clock: Clock,
    stopping: CancellationToken,
) {
    tokio::spawn(async move {
        let mut timer = tokio::time::interval(ACCOUNTS_EVERY);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = timer.tick() => {}
            }
            let ended = auth.off_thread(Auth::end_what_others_ended).await;
            let accounts = ended.unwrap_or_else(|error| {
                tracing::warn!(%error, "the accounts could not be compared with their database");
                BTreeSet::new()
            });
            for account in accounts {
                tracing::info!(%account, "sessions were ended by the command line");
                engine.audit(ended_by_command_line(&account, &clock)).await;
            }
        }
    });
}

fn ended_by_command_line(account: &str, clock: &Clock) -> AuditRow {
    AuditRow {
        at: clock.now(),
        actor: "command line".to_owned(),
        action: "account.sessions_ended".to_owned(),
        subject: format!("account/{account}"),
        detail: "{}".to_owned(),
    }
}

/// Proves the audit's chain, a stretch at a time, and then what comes; a break is logged when it is first found.
pub fn prove_audit(
    prover: Prover,
    engine: EngineHandle,
    clock: Clock,
    stopping: CancellationToken,
) {
    tokio::spawn(async move {
        let mut timer = tokio::time::interval(PROVE_EVERY);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = None;
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = timer.tick() => {}
            }
            if let Err(error) = prove_stretches(&prover, &engine, &clock).await {
                tracing::warn!(%error, "the audit could not be read to prove it");
            }
            let broken = prover.proof().broken;
            metrics::gauge!("watchfloor_audit_broken").set(f64::from(u8::from(broken.is_some())));
            if broken != told {
                if let Some(it) = &broken {
                    tracing::error!(row = it.row, why = %it.why, "the audit is broken");
                }
                told = broken;
            }
        }
    });
}

async fn prove_stretches(
    prover: &Prover,
    engine: &EngineHandle,
    clock: &Clock,
) -> Result<(), EngineError> {
    for _ in 0..STRETCHES_AT_ONCE {
        let stretch = engine.audit_rows(prover.next(clock.now()), STRETCH_ROWS);
        if !prover.take(&stretch.await?, STRETCH_ROWS, clock.now()) {
            break;
        }
    }
    Ok(())
}

/// Writes the audit's head into the log, now and every hour: whoever keeps the log elsewhere can prove later that
/// nobody rewrote what was before.
pub fn note_audit(data: PathBuf, stopping: CancellationToken) {
    tokio::spawn(async move {
        let mut timer = tokio::time::interval(NOTE_AUDIT_EVERY);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = timer.tick() => {}
            }
            let data = data.clone();
            let head = tokio::task::spawn_blocking(move || AuditTrail::open(&data)?.head());
            match head.await {
                Ok(Ok(head)) => tracing::info!(%head, "the audit's head"),
                Ok(Err(error)) => tracing::warn!(%error, "the audit's head could not be read"),
                Err(error) => tracing::warn!(%error, "the audit's head could not be read"),
            }
        }
    });
}
