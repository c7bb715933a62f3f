//! What happens by the clock: who is here is told, read marks are stored, tokens end, keys are asked for.

use std::time::Duration;

use service::health::{Colour, Health};
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::protocol::Frame;

/// How often who is here is told, at most.
const SETTLE: Duration = Duration::from_millis(250);
/// Turns of [`SETTLE`] between looks at tokens.
const TOKENS: u32 = 4;
/// Turns of [`SETTLE`] between requests for the bridge's keys.
const KEYS: u32 = 2400;

/// Sweeps until the stop signal.
pub(crate) async fn sweep(app: App, health: Health) {
    let mut turns = interval(SETTLE);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turn = 0_u32;
    app.gate.fetch_keys().await;
    loop {
        tokio::select! { _ = turns.tick() => {}, () = app.stop.given() => break }
        turn = turn.wrapping_add(1);
        app.hub.settle();
        store_marks(&app, &health).await;
        if turn.is_multiple_of(TOKENS) {
            app.gate.ledger().forget(app.clock.now_s());
            end_tokens(&app);
        }
        if turn.is_multiple_of(KEYS) || (turn.is_multiple_of(TOKENS) && !app.gate.has_keys()) {
            app.gate.fetch_keys().await;
        }
    }
    store_marks(&app, &health).await;
}

async fn store_marks(app: &App, health: &Health) {
    match app.marks.store(&app.store).await {
        Ok(()) => health.set("chat database", Colour::Green, "Messages can be stored."),
        Err(_) => {
            health.set("chat database", Colour::Red, "Messages cannot be stored: the database is away or locked.");
        }
    }
}

/// A seat whose token has ended is given up: its holder waits until there is a new one, and is told nothing meanwhile.
fn end_tokens(app: &App) {
    let now = app.clock.now_s();
    for socket in app.hub.sockets() {
        for seat in socket.seats() {
            if seat.exp() <= now {
                app.hub.leave(&socket, seat.room.id);
                seat.send(&Frame::Waiting { room: seat.room.id, code: "token_expired".to_owned() });
            }
        }
    }
}
