//! Stories of the relay in which the memory of the process is measured. They are told one after the other and alone in their
//! process, so that nothing else grows meanwhile.

#[path = "turn/browser.rs"]
#[expect(dead_code, reason = "other stories use the rest")]
mod browser;
#[path = "turn/site.rs"]
#[expect(dead_code, reason = "other stories use the rest")]
mod site;

use std::time::Duration;

use browser::introduce;
use site::{Site, settings};

#[tokio::test]
async fn neither_strangers_nor_slow_readers_cost_memory() {
    a_flood_of_strangers_is_forgotten().await;
    a_slow_reader_holds_up_nobody().await;
}

async fn a_flood_of_strangers_is_forgotten() {
    let site = Site::start(settings()).await;
    let before = memory_kb();
    let request = site.udp(1).await.request(turn_server_proto::types::message::ALLOCATE, &[]);
    let mut answered = 0;
    for _ in 0..200 {
        // Each socket is another stranger.
        let mut stranger = site.udp(1).await;
        for _ in 0..100 {
            stranger.send(&request).await.expect("sent");
        }
        while stranger.receive(Duration::from_millis(1)).await.is_some() {
            answered += 1;
        }
    }
    assert!((1..=200).contains(&answered), "{answered} answers");
    assert!(memory_kb() < before + 8 * 1024, "{} kB more", memory_kb() - before);
    assert_eq!(site.turn.allocations(), 0);
    site.clock.advance(5000);
    site.udp(1).await.allocate().await.expect("a place");
}

async fn a_slow_reader_holds_up_nobody() {
    let site = Site::start(settings()).await;
    let (mut one, mut slow, mut other) = (site.udp(1).await, site.tcp(2).await, site.udp(3).await);
    let (_, at_slow) = introduce(&mut one, &mut slow).await;
    let before = memory_kb();
    for _ in 0..40 {
        site.clock.advance(1000);
        for _ in 0..500 {
            one.indicate(at_slow, &[1; 1100]).await;
        }
        tokio::task::yield_now().await;
    }
    other.allocate().await.expect("a place");
    // What the system's own buffers hold is not ours.
    assert!(memory_kb() < before + 8 * 1024, "{} kB more", memory_kb() - before);
}

/// What this process has in memory.
fn memory_kb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    line.trim().trim_end_matches("kB").trim().parse().expect("a number")
}
