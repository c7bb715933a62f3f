//! What a browser's description may say: how long it is, how many lines of which kind, and with which codecs. What is learned
//! from it is where each source will come in. Everything else of it is the library's.

use std::collections::BTreeMap;

use super::Source;

/// The longest offer, in bytes. Browsers write 6 to 12 kB for four lines.
const OFFER: usize = 32 * 1024;
/// The longest answer: that of somebody who sees everybody of a large conference.
const ANSWER: usize = 256 * 1024;
/// The most lines of an offer, stopped ones included.
const LINES: usize = 8;
/// The most layers of a picture.
const LAYERS: usize = 3;

pub(super) const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
pub(super) const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
pub(super) const REPAIRED: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
/// How loud a packet of sound is (RFC 6464).
pub(super) const LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

/// The numbers of header extensions; zero is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Extensions {
    pub(super) mid: u8,
    pub(super) rid: u8,
    pub(super) repaired: u8,
    pub(super) level: u8,
}

/// A line in which something is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) mid: String,
    pub(super) source: Source,
    /// Names of its layers, the smallest first; none if there is only one.
    pub(super) layers: Vec<String>,
    /// The stream, where it is named beforehand, and that of its repetitions.
    pub(super) stream: Option<u32>,
    pub(super) repeats: Option<u32>,
}

/// What is learned from an offer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Offer {
    /// Without the browser's addresses, which are not needed.
    pub(super) text: String,
    pub(super) lines: Vec<Line>,
    pub(super) extensions: Extensions,
    /// The payload type that each payload type of repetitions stands for.
    pub(super) repeats: BTreeMap<u8, u8>,
    /// Whose connection it is: the print of its certificate.
    pub(super) print: String,
}

/// What is learned of one line of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Taken {
    /// The payload type of the codec, and that of its repetitions.
    pub(super) codec: u8,
    pub(super) repeats: Option<u8>,
}

/// Reads an offer; why not, as a stable code.
pub(super) fn offer(text: &str, sources: &BTreeMap<String, Source>) -> Result<Offer, &'static str> {
    let (head, sections) = sections(text, OFFER)?;
    if sections.is_empty() || sections.len() > LINES {
        return Err("bad_lines");
    }
    let mut offer = Offer { text: without_addresses(text), ..Offer::default() };
    for section in &sections {
        let value = |name| value(section, name).or_else(|| value(&head, name));
        let mid = value("mid:").filter(|mid| is_name(mid)).ok_or("bad_lines")?;
        if offer.lines.iter().any(|line| line.mid == mid) || value("ice-ufrag:").is_none() {
            return Err("bad_sdp");
        }
        value("fingerprint:").ok_or("bad_sdp")?.clone_into(&mut offer.print);
        let kind = kind(section)?;
        let codec = codec(section, kind);
        let Some(source) = sources.get(mid).copied() else { continue };
        if source.is_sound() != (kind == "audio") || offer.lines.iter().any(|line| line.source == source) {
            return Err("bad_sources");
        }
        let codec = codec.ok_or("no_codec")?;
        if let Some(repeats) = codec.repeats {
            offer.repeats.insert(repeats, codec.codec);
        }
        extensions(section, &mut offer.extensions);
        offer.lines.push(line(section, mid, source)?);
    }
    if sources.keys().any(|mid| !offer.lines.iter().any(|line| line.mid == *mid)) {
        return Err("bad_sources");
    }
    Ok(offer)
}

/// Reads an answer: the text without the browser's addresses, and what each line may be sent as.
pub(super) fn answer(text: &str) -> Result<(String, BTreeMap<String, Taken>), &'static str> {
    let (_, sections) = sections(text, ANSWER)?;
    let mut taken = BTreeMap::new();
    for section in &sections {
        let mid = value(section, "mid:").filter(|mid| is_name(mid)).ok_or("bad_lines")?;
        // A line that is refused is a browser without the codec; it receives the others.
        if let Some(codec) = codec(section, kind(section)?).filter(|_| !is_off(section)) {
            taken.insert(mid.to_owned(), codec);
        }
    }
    Ok((without_addresses(text), taken))
}

type Section<'a> = Vec<&'a str>;

/// The head and the lines of media of a description.
fn sections(text: &str, most: usize) -> Result<(Section<'_>, Vec<Section<'_>>), &'static str> {
    if text.len() > most {
        return Err("too_long");
    }
    if !text.starts_with("v=0") || text.contains('\0') {
        return Err("bad_sdp");
    }
    let (mut head, mut all): (Section<'_>, Vec<Section<'_>>) = (Vec::new(), Vec::new());
    for line in text.lines() {
        if line.starts_with("m=") {
            all.push(Vec::new());
        }
        all.last_mut().unwrap_or(&mut head).push(line);
    }
    Ok((head, all))
}

fn without_addresses(text: &str) -> String {
    let stays = |line: &&str| !line.starts_with("a=candidate:") && !line.starts_with("a=end-of-candidates");
    text.lines().filter(stays).fold(String::with_capacity(text.len()), |text, line| text + line + "\r\n")
}

fn values<'a>(section: &'a [&'a str], name: &'a str) -> impl Iterator<Item = &'a str> {
    section.iter().filter_map(move |line| line.strip_prefix("a=")?.strip_prefix(name)).map(str::trim)
}

fn value<'a>(section: &'a [&'a str], name: &'a str) -> Option<&'a str> {
    values(section, name).next()
}

fn is_name(name: &str) -> bool {
    (1..=16).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

fn kind<'a>(section: &[&'a str]) -> Result<&'a str, &'static str> {
    let kind = section.first().and_then(|line| line.strip_prefix("m=")?.split(' ').next());
    kind.filter(|kind| ["audio", "video"].contains(kind)).ok_or("bad_lines")
}

/// Whether a line was refused or is switched off.
fn is_off(section: &[&str]) -> bool {
    let port = section.first().and_then(|line| line.split(' ').nth(1));
    port == Some("0") || section.contains(&"a=inactive")
}

/// The payload types of the codec that is used for this kind.
fn codec(section: &[&str], kind: &str) -> Option<Taken> {
    let wanted = if kind == "audio" { "opus/48000" } else { "vp8/90000" };
    let split = |map: &'_ str| {
        let (number, rest) = map.split_once(' ')?;
        Some((number.parse::<u8>().ok()?, rest.trim().to_ascii_lowercase()))
    };
    let mut maps = values(section, "rtpmap:").filter_map(split);
    let (codec, _) =
        maps.find(|(_, name)| name == wanted || name.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/')))?;
    let is_repeats = |number: u8| {
        values(section, "rtpmap:").filter_map(split).any(|(other, name)| other == number && name == "rtx/90000")
    };
    let of_codec = |line: &str| {
        let (number, parameters) = line.split_once(' ')?;
        let of = parameters.split(';').find_map(|one| one.trim().strip_prefix("apt="))?.parse::<u8>().ok()?;
        number.parse::<u8>().ok().filter(|number| of == codec && is_repeats(*number))
    };
    let repeats = values(section, "fmtp:").find_map(of_codec);
    Some(Taken { codec, repeats })
}

fn extensions(section: &[&str], extensions: &mut Extensions) {
    for map in values(section, "extmap:") {
        let Some((number, uri)) = map.split_once(' ') else { continue };
        let number = number.split('/').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        match uri.split(' ').next().unwrap_or_default() {
            MID => extensions.mid = number,
            RID => extensions.rid = number,
            REPAIRED => extensions.repaired = number,
            LEVEL => extensions.level = number,
            _ => {}
        }
    }
}

fn line(section: &[&str], mid: &str, source: Source) -> Result<Line, &'static str> {
    let sends =
        |rid: &str| rid.split_once(' ').filter(|(_, way)| way.starts_with("send")).map(|(name, _)| name.to_owned());
    let mut layers: Vec<String> = values(section, "rid:").filter_map(sends).collect();
    if layers.len() > LAYERS || layers.iter().any(|name| !is_name(name)) {
        return Err("bad_lines");
    }
    // Quarter, half and full say their order; of others the order in the description is taken.
    layers.sort_by_key(|name| ["q", "h", "f"].iter().position(|known| known == name));
    let mut pair = value(section, "ssrc-group:FID ").unwrap_or_default().split(' ').map(|one| one.parse::<u32>().ok());
    let first = value(section, "ssrc:").and_then(|line| line.split(' ').next()?.parse().ok());
    let (stream, repeats) = (pair.next().flatten().or(first), pair.next().flatten());
    let (stream, repeats) = if layers.is_empty() { (stream, repeats) } else { (None, None) };
    Ok(Line { mid: mid.to_owned(), source, layers, stream, repeats })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEAD: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n";
    const COMMON: &str = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 AA:BB\r\n";

    fn voice(mid: &str) -> String {
        format!(
            "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\n{COMMON}a=mid:{mid}\r\na=sendonly\r\na=rtpmap:111 opus/48000/2\r\n\
             a=extmap:1 {LEVEL}\r\na=ssrc:77 cname:x\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
        )
    }

    fn face(mid: &str) -> String {
        format!(
            "m=video 9 UDP/TLS/RTP/SAVPF 98 96 97\r\n{COMMON}a=mid:{mid}\r\na=sendonly\r\na=rtpmap:98 VP9/90000\r\n\
             a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=extmap:4/sendonly {MID}\r\n\
             a=extmap:5 {RID}\r\na=extmap:6 {REPAIRED}\r\na=rid:f send\r\na=rid:h send\r\na=rid:q send\r\n"
        )
    }

    fn sources(of: &[(&str, Source)]) -> BTreeMap<String, Source> {
        of.iter().map(|(mid, source)| ((*mid).to_owned(), *source)).collect()
    }

    #[test]
    fn an_offer_tells_where_each_source_comes_in() {
        let text = format!("{HEAD}{}{}", voice("0"), face("1"));
        let offer = offer(&text, &sources(&[("0", Source::Microphone), ("1", Source::Camera)])).expect("it is good");
        assert!(!offer.text.contains("192.0.2.1") && offer.text.contains("a=ssrc:77"));
        assert_eq!(offer.extensions, Extensions { mid: 4, rid: 5, repaired: 6, level: 1 });
        assert_eq!(offer.repeats, BTreeMap::from([(97, 96)]));
        assert_eq!((offer.lines[0].stream, offer.lines[0].layers.len()), (Some(77), 0));
        assert_eq!(offer.lines[1].layers, ["q", "h", "f"]);
    }

    #[test]
    fn an_offer_that_asks_for_something_else_is_refused_with_a_code() {
        let nothing = sources(&[]);
        let refused = |text: &str, of: &BTreeMap<String, Source>| offer(text, of).expect_err("it is bad");
        assert_eq!(refused(&"v=0\r\n".repeat(10_000), &nothing), "too_long");
        assert_eq!(refused("hello", &nothing), "bad_sdp");
        assert_eq!(refused(HEAD, &nothing), "bad_lines");
        let data = format!("{HEAD}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n{COMMON}a=mid:0\r\n");
        assert_eq!(refused(&data, &nothing), "bad_lines");
        let many: String = (0..9).map(|mid| voice(&mid.to_string())).collect();
        assert_eq!(refused(&format!("{HEAD}{many}"), &nothing), "bad_lines");
        let voice = format!("{HEAD}{}", voice("0"));
        assert_eq!(refused(&voice, &sources(&[("0", Source::Camera)])), "bad_sources");
        assert_eq!(refused(&voice, &sources(&[("7", Source::Microphone)])), "bad_sources");
        let other = voice.replace("opus", "PCMU");
        assert_eq!(refused(&other, &sources(&[("0", Source::Microphone)])), "no_codec");
        assert_eq!(refused(&voice.replace("a=fingerprint", "a=no"), &nothing), "bad_sdp");
    }

    #[test]
    fn an_answer_tells_what_each_line_may_be_sent_as() {
        let off = face("2").replace("a=sendonly", "a=inactive");
        let (text, taken) = answer(&format!("{HEAD}{}{}{off}", voice("0"), face("1"))).expect("it is good");
        assert!(!text.contains("192.0.2.1"));
        assert_eq!(taken.get("0"), Some(&Taken { codec: 111, repeats: None }));
        assert_eq!(taken.get("1"), Some(&Taken { codec: 96, repeats: Some(97) }));
        assert_eq!(taken.get("2"), None);
    }

    proptest! {
        #[test]
        fn no_description_breaks_it(lines in proptest::collection::vec("[vmoa]=[a-z0-9:/ =]{0,20}", 0..30)) {
            let text = format!("v=0\r\n{}", lines.join("\r\n"));
            offer(&text, &sources(&[("0", Source::Camera)])).ok();
            answer(&text).ok();
        }
    }
}
