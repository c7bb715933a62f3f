//! Stories about the media plane: browsers with real keys on real sockets send sound and pictures to one another through it.

#[path = "media/ear.rs"]
mod ear;
#[path = "media/film.rs"]
mod film;
#[path = "media/peer.rs"]
mod peer;
#[path = "media/site.rs"]
mod site;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use membership::RoomId;
use signal_server::media::{Order, Quality, Report, Shows, Source};

use self::film::{Film, height, picture, show};
use self::site::{ROOM, Site, face, layers, screen, voice};

const VOICE: u32 = 101;
const FACE: u32 = 201;

fn sound(stream: u32, level: u8) -> Film {
    Film::Sound { stream, level }
}

fn pictures(stream: u32) -> Film {
    Film::Picture { stream, height: 360, packets: 2, mid: "", layer: "" }
}

#[tokio::test]
async fn two_hear_and_see_each_other_and_somebody_who_comes_later_sees_both_at_once() {
    let site = Site::start();
    let (mut alice, mut bob) = (site.enters().await, site.enters().await);
    alice.publishes(&site, vec![voice(VOICE), face(FACE)]).await;
    bob.publishes(&site, vec![voice(VOICE), face(FACE)]).await;
    let _alice = show(alice.send.writer(), alice.ids.clone(), vec![sound(VOICE, 30), pictures(FACE)]);
    let _bob = show(bob.send.writer(), bob.ids.clone(), vec![sound(VOICE, 30), pictures(FACE)]);
    let (at_alice, at_bob) = (alice.place, bob.place);
    for (one, other) in [(&mut alice, at_bob), (&mut bob, at_alice)] {
        one.wants(&site, &[(other, 360)]);
        one.is_offered(&site, &[(other, Source::Microphone), (other, Source::Camera)]).await;
        let seen = one.hears(other, Source::Camera, 20).await;
        assert!(height(&seen[0]).is_some(), "the first picture is whole");
        let numbers: Vec<u16> = seen.iter().map(|packet| packet.header.sequence_number).collect();
        assert!(numbers.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)), "{numbers:?}");
        let heard = one.hears(other, Source::Microphone, 10).await;
        assert!(heard.iter().all(|packet| packet.payload[..] == [0x55; 80]));
        one.receive.until("a report about what was sent", |_, asked| (asked.reports > 0).then_some(())).await;
    }
    alice.send.until("a report about what arrived", |_, asked| (asked.arrivals > 0).then_some(())).await;

    let mut carol = site.enters().await;
    let wished = [(alice.place, Source::Camera), (bob.place, Source::Camera)];
    carol.wants(&site, &[(alice.place, 360), (bob.place, 360)]);
    carol.is_offered(&site, &wished).await;
    let since = Instant::now();
    for (of, source) in wished {
        let seen = carol.hears(of, source, 1).await;
        assert!(height(&seen[0]).is_some(), "a key frame was made for who came later");
    }
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
}

#[tokio::test]
async fn nothing_leaves_its_room_and_who_has_left_is_neither_heard_nor_spoken_to() {
    let site = Site::start();
    let (mut alice, mut bob) = (site.enters().await, site.enters().await);
    let mut stranger = site.enters_room(RoomId::new(2, 2)).await;
    alice.publishes(&site, vec![voice(VOICE)]).await;
    stranger.publishes(&site, vec![voice(VOICE)]).await;
    let talks = show(alice.send.writer(), alice.ids.clone(), vec![sound(VOICE, 30)]);
    let _stranger = show(stranger.send.writer(), stranger.ids.clone(), vec![sound(VOICE, 30)]);
    bob.is_offered(&site, &[(alice.place, Source::Microphone)]).await;
    bob.hears(alice.place, Source::Microphone, 5).await;
    assert_eq!(bob.streams.len(), 1, "the stranger is in another room");

    site.plane.give(Order::Close { place: alice.place });
    drop(talks);
    let mut carol = site.enters().await;
    carol.publishes(&site, vec![voice(VOICE + 1)]).await;
    let _carol = show(carol.send.writer(), carol.ids.clone(), vec![sound(VOICE + 1, 30)]);
    bob.is_offered(&site, &[(carol.place, Source::Microphone)]).await;
    bob.hears(carol.place, Source::Microphone, 5).await;
    assert_eq!(bob.streams.len(), 1, "the line of who has left is used again");
}

#[tokio::test]
async fn a_receiver_that_vanishes_costs_nobody_else_anything_and_is_told_to_be_lost() {
    let site = Site::start();
    let (mut alice, mut bob, mut carol) = (site.enters().await, site.enters().await, site.enters().await);
    alice.publishes(&site, vec![voice(VOICE), face(FACE)]).await;
    let _alice = show(alice.send.writer(), alice.ids.clone(), vec![sound(VOICE, 30), pictures(FACE)]);
    for one in [&mut bob, &mut carol] {
        one.wants(&site, &[(alice.place, 360)]);
        one.is_offered(&site, &[(alice.place, Source::Camera), (alice.place, Source::Microphone)]).await;
        one.hears(alice.place, Source::Camera, 5).await;
    }
    carol.receive.vanish();
    carol.send.vanish();
    let before = bob.heard(alice.place, Source::Camera).len();
    let seen = bob.hears(alice.place, Source::Camera, before + 100).await;
    let numbers: Vec<u16> = seen.iter().map(|packet| packet.header.sequence_number).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)), "{numbers:?}");
    let lost = carol.place;
    site.told("who vanished is lost", |report| (*report == Report::Lost { place: lost }).then_some(())).await;
    let here = [alice.place, bob.place];
    let told = site.told("and nobody else", |report| match report {
        Report::Lost { place } => Some(*place),
        _ => None,
    });
    assert!(!here.contains(&told.await));
}

#[tokio::test]
async fn what_is_lost_on_the_way_is_sent_again() {
    let site = Site::start();
    let (mut alice, mut bob) = (site.enters().await, site.enters().await);
    alice.publishes(&site, vec![face(FACE)]).await;
    let _alice = show(alice.send.writer(), alice.ids.clone(), vec![pictures(FACE)]);
    bob.wants(&site, &[(alice.place, 360)]);
    bob.is_offered(&site, &[(alice.place, Source::Camera)]).await;
    bob.hears(alice.place, Source::Camera, 5).await;
    let number = bob.number(alice.place, Source::Camera).to_be_bytes();
    let mut turn = 0_u32;
    *bob.receive.lossy.lock().expect("no panic") = Box::new(move |packet| {
        // Each seventh picture packet, but nothing of what is sent again.
        let is_picture = packet.len() > 500 && packet[8..12] == number;
        turn += u32::from(is_picture);
        is_picture && turn.is_multiple_of(7)
    });
    let whole = |seen: &[rtc::rtp::Packet]| {
        let mut numbers: Vec<u16> = seen.iter().map(|packet| packet.header.sequence_number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let run = numbers.windows(2).take(100).all(|pair| pair[1] == pair[0].wrapping_add(1));
        (numbers.len() > 100 && run).then_some(())
    };
    let stream = bob.number(alice.place, Source::Camera);
    bob.receive
        .until("all packets, also those that were lost", |heard, _| {
            let seen: Vec<_> = heard.iter().filter(|packet| packet.header.ssrc == stream).cloned().collect();
            whole(&seen)
        })
        .await;
}

#[tokio::test]
async fn each_gets_the_layer_its_tile_shows_and_changes_it_without_a_jump() {
    let site = Site::start();
    let (mut alice, mut bob, mut carol) = (site.enters().await, site.enters().await, site.enters().await);
    alice.publishes(&site, vec![layers(FACE)]).await;
    let mid = "0";
    let film = |at: u32, layer, height, packets| Film::Picture { stream: FACE + at, height, packets, mid, layer };
    let films = vec![film(0, "q", 180, 1), film(1, "h", 360, 1), film(2, "f", 720, 2)];
    let _alice = show(alice.send.writer(), alice.ids.clone(), films);
    let camera = (alice.place, Source::Camera);
    bob.wants(&site, &[(alice.place, 180)]);
    carol.wants(&site, &[(alice.place, 700)]);
    bob.is_offered(&site, &[camera]).await;
    carol.is_offered(&site, &[camera]).await;
    let small = bob.hears(alice.place, Source::Camera, 30).await;
    assert!(small.iter().filter_map(height).all(|height| height == 180));

    bob.wants(&site, &[(alice.place, 700)]);
    let stream = bob.number(alice.place, Source::Camera);
    let seen = bob
        .receive
        .until("a large picture", |heard, _| {
            let seen: Vec<_> = heard.iter().filter(|packet| packet.header.ssrc == stream).cloned().collect();
            let large = seen.iter().position(|packet| height(packet) == Some(720))?;
            (seen.len() > large + 20).then_some(seen)
        })
        .await;
    for pair in seen.windows(2) {
        let (one, other) = (&pair[0], &pair[1]);
        assert_eq!(other.header.sequence_number, one.header.sequence_number.wrapping_add(1));
        assert!(picture(other).wrapping_sub(picture(one)) & 0x7fff <= 1, "pictures are numbered without a jump");
        assert!(other.header.timestamp.wrapping_sub(one.header.timestamp) < 90_000, "time goes on");
    }
    carol
        .receive
        .until("the large picture", |heard, _| heard.iter().any(|packet| height(packet) == Some(720)).then_some(()))
        .await;
}

#[tokio::test]
async fn of_many_voices_the_loudest_are_heard_and_a_silenced_one_is_not() {
    let site = Site::start_with(|config| config.speakers = 2);
    let mut listener = site.enters().await;
    let mut people = Vec::new();
    for at in 0..4_u32 {
        let mut person = site.enters().await;
        person.publishes(&site, vec![voice(VOICE + at)]).await;
        people.push(person);
    }
    let quiet: Vec<_> = people[..2]
        .iter()
        .zip(VOICE..)
        .zip([70, 70])
        .map(|((person, stream), level)| show(person.send.writer(), person.ids.clone(), vec![sound(stream, level)]))
        .collect();
    listener.is_offered(&site, &[(people[0].place, Source::Microphone), (people[1].place, Source::Microphone)]).await;
    listener.hears(people[0].place, Source::Microphone, 5).await;
    let loud: Vec<_> = people[2..]
        .iter()
        .zip(VOICE + 2..)
        .zip([20, 25])
        .map(|((person, stream), level)| show(person.send.writer(), person.ids.clone(), vec![sound(stream, level)]))
        .collect();
    let places: Vec<_> = people.iter().map(|person| person.place).collect();
    listener.is_offered(&site, &[(places[2], Source::Microphone), (places[3], Source::Microphone)]).await;
    listener.hears(places[2], Source::Microphone, 5).await;
    listener.hears(places[3], Source::Microphone, 5).await;
    let told = site.told("who is heard", |report| match report {
        Report::Levels { room: ROOM, levels } if levels.len() == 2 && levels[0].1 <= 20 => Some(levels.clone()),
        _ => None,
    });
    assert_eq!(told.await, [(places[2], 20), (places[3], 25)]);
    let before = listener.heard(places[0], Source::Microphone).len();
    let count = listener.heard(places[2], Source::Microphone).len();
    listener.hears(places[2], Source::Microphone, count + 20).await;
    assert!(listener.heard(places[0], Source::Microphone).len() <= before + 1, "the quiet one has lost its turn");

    let shows = Shows { microphone: false, camera: true, screen: true };
    site.plane.give(Order::Show { place: places[2], shows });
    let before = listener.heard(places[0], Source::Microphone).len();
    listener.hears(places[0], Source::Microphone, before + 20).await;
    let silent = listener.heard(places[2], Source::Microphone).len();
    listener.hears(places[0], Source::Microphone, before + 40).await;
    assert_eq!(listener.heard(places[2], Source::Microphone).len(), silent);
    let seen = listener.heard(places[0], Source::Microphone);
    let jumps =
        seen.windows(2).any(|pair| pair[1].header.sequence_number != pair[0].header.sequence_number.wrapping_add(1));
    assert!(!jumps, "what was left out is no loss");
    drop((quiet, loud));
}

#[tokio::test]
async fn strange_packets_and_strange_descriptions_change_nothing() {
    let site = Site::start();
    let (mut alice, mut bob) = (site.enters().await, site.enters().await);
    let door = site.plane.media()[0].reached;
    alice.publishes(&site, vec![voice(VOICE)]).await;
    let _alice = show(alice.send.writer(), alice.ids.clone(), vec![sound(VOICE, 30), sound(999, 0)]);
    // Packets of every kind from somebody unknown, from somebody known, and requests with a name that is nobody's.
    let stranger = peer::Peer::new().await;
    for first in 0..=255_u8 {
        for length in [0, 1, 12, 19, 20, 200, 2000] {
            let mut packet = vec![first; length];
            stranger.raw(packet.clone(), door);
            alice.send.raw(packet.clone(), door);
            if length >= 20 {
                packet[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
                stranger.raw(packet, door);
            }
        }
    }
    // Streams nobody announced.
    for stream in 0..1000_u32 {
        let header = rtc::rtp::Header { version: 2, payload_type: 96, ssrc: stream + 5000, ..Default::default() };
        alice.send.writer().write(rtc::rtp::Packet { header, payload: vec![0; 50].into() });
    }
    let place = bob.place;
    for (sdp, code) in
        [("v=0\r\n".repeat(10_000), "too_long"), ("hello".to_owned(), "bad_sdp"), ("v=0\r\n".to_owned(), "bad_lines")]
    {
        site.plane.give(Order::Publish { place, sdp: sdp.clone(), sources: BTreeMap::default() });
        site.told(code, |report| (*report == Report::Refused { place, code }).then_some(())).await;
        site.plane.give(Order::Take { place, number: 1, sdp });
    }
    bob.is_offered(&site, &[(alice.place, Source::Microphone)]).await;
    bob.hears(alice.place, Source::Microphone, 10).await;
    let (offer, sources) = bob.offers(vec![voice(VOICE)]).await;
    // Good lines with nonsense in them are refused or stood.
    for (from, to) in [
        ("a=ice-pwd:", "a=ice-pwd:x"),
        ("fingerprint:sha-256 ", "fingerprint:sha-256 zz"),
        ("a=mid:0", "a=mid:0\r\na=mid:1"),
        ("opus/48000/2", "opus/0/99999999999"),
    ] {
        let sdp = offer.replace(from, to);
        site.plane.give(Order::Publish { place, sdp, sources: sources.clone() });
    }
    let before = bob.heard(alice.place, Source::Microphone).len();
    bob.hears(alice.place, Source::Microphone, before + 10).await;
}

#[tokio::test]
async fn a_narrow_line_gets_a_smaller_picture_until_it_is_wide_again_and_nobody_else_does() {
    let site = Site::start();
    let (mut alice, mut bob, mut carol) = (site.enters().await, site.enters().await, site.enters().await);
    alice.publishes(&site, vec![layers(FACE)]).await;
    let film = |at: u32, layer, height, packets| Film::Picture { stream: FACE + at, height, packets, mid: "0", layer };
    let films = vec![film(0, "q", 180, 1), film(1, "h", 360, 2), film(2, "f", 720, 5)];
    let _alice = show(alice.send.writer(), alice.ids.clone(), films);
    let camera = (alice.place, Source::Camera);
    for one in [&mut bob, &mut carol] {
        one.wants(&site, &[(alice.place, 700)]);
        one.is_offered(&site, &[camera]).await;
    }
    let stream = bob.number(alice.place, Source::Camera);
    let last = move |heard: &[rtc::rtp::Packet]| {
        heard.iter().rev().filter(|packet| packet.header.ssrc == stream).find_map(height)
    };
    bob.receive.until("the large picture", |heard, _| (last(heard) == Some(720)).then_some(())).await;

    // A line of 300 kbit/s that drops what is more.
    let (mut free, mut before) = (10_000.0_f64, Instant::now());
    *bob.receive.lossy.lock().expect("no panic") = Box::new(move |packet| {
        free = (free + before.elapsed().as_secs_f64() * 300_000.0 / 8.0).min(10_000.0);
        before = Instant::now();
        let length = f64::from(u32::try_from(packet.len()).expect("short"));
        let drops = free < length;
        if !drops {
            free -= length;
        }
        drops
    });
    let since = Instant::now();
    bob.receive.until("a smaller picture", |heard, _| (last(heard) == Some(180)).then_some(())).await;
    assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
    let place = bob.place;
    let told = |report: &Report| match report {
        Report::Line { place: of, receive, .. } if *of == place && *receive != Quality::Good => Some(()),
        _ => None,
    };
    site.told("the line is not good", told).await;

    *bob.receive.lossy.lock().expect("no panic") = Box::new(|_| false);
    let since = Instant::now();
    bob.receive.until("the large picture again", |heard, _| (last(heard) == Some(720)).then_some(())).await;
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());

    let seen = carol.heard(alice.place, Source::Camera);
    let first = seen.iter().position(|packet| height(packet) == Some(720)).expect("a large picture");
    assert!(seen[first..].iter().filter_map(height).all(|height| height == 720), "others keep theirs");
}

#[tokio::test]
async fn a_screen_is_added_while_the_layers_of_the_camera_go_on() {
    let site = Site::start();
    let (mut alice, mut bob) = (site.enters().await, site.enters().await);
    alice.publishes(&site, vec![layers(FACE)]).await;
    let film = |at: u32, layer, height| Film::Picture { stream: FACE + at, height, packets: 1, mid: "0", layer };
    let films = vec![film(0, "q", 180), film(1, "h", 360), film(2, "f", 720)];
    let _camera = show(alice.send.writer(), alice.ids.clone(), films);
    let (camera, shown) = ((alice.place, Source::Camera), (alice.place, Source::Screen));
    bob.wants_of(&site, &[(alice.place, Source::Camera, 700), (alice.place, Source::Screen, 700)]);
    bob.is_offered(&site, &[camera]).await;
    // By now the packets of the camera no longer say which layer they are of.
    bob.hears(alice.place, Source::Camera, 60).await;
    for more in 0..3 {
        let lines = if more == 0 { vec![screen(FACE + 50)] } else { Vec::new() };
        alice.publishes(&site, lines).await;
        let before = bob.heard(alice.place, Source::Camera).len();
        bob.hears(alice.place, Source::Camera, before + 20).await;
    }
    let _screen = show(alice.send.writer(), alice.ids.clone(), vec![pictures(FACE + 50)]);
    bob.is_offered(&site, &[camera, shown]).await;
    bob.hears(alice.place, Source::Screen, 20).await;
    bob.wants_of(&site, &[(alice.place, Source::Camera, 100), (alice.place, Source::Screen, 700)]);
    let stream = bob.number(alice.place, Source::Camera);
    bob.receive
        .until("the small layer", |heard, _| {
            let mut of_camera = heard.iter().rev().filter(|packet| packet.header.ssrc == stream);
            (of_camera.find_map(height) == Some(180)).then_some(())
        })
        .await;
}

#[tokio::test]
async fn what_a_browser_sends_twice_unasked_passes_once() {
    let site = Site::start();
    let (mut alice, mut bob) = (site.enters().await, site.enters().await);
    alice.publishes(&site, vec![voice(VOICE)]).await;
    let (writer, ids) = (alice.send.writer(), alice.ids.clone());
    let _alice = [show(writer.clone(), ids.clone(), vec![sound(VOICE, 30)]), show(writer, ids, vec![sound(VOICE, 30)])];
    bob.is_offered(&site, &[(alice.place, Source::Microphone)]).await;
    let heard = bob.hears(alice.place, Source::Microphone, 50).await;
    let numbers: Vec<u16> = heard.iter().map(|packet| packet.header.sequence_number).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)), "{numbers:?}");
}
