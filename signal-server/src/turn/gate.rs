//! The gate of the relay: decides on every request before anything is kept for it. Who shows no credentials is asked
//! for them; expired, altered and foreign ones are refused; so is every peer that may not be reached.

use std::net::SocketAddr;

use turn_server_proto::stun::types::attribute::{
    ErrorCode, MessageIntegrity, Nonce, Realm, Username, XorMappedAddress,
};
use turn_server_proto::stun::types::message::{
    IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, Message, MessageWrite, MessageWriteExt, MessageWriteVec,
};
use turn_server_proto::stun::types::prelude::{Attribute, AttributeFromRaw, AttributeStaticType};
use turn_server_proto::types::attribute::XorPeerAddress;

use super::credentials::password;
use super::nonces::Nonces;

/// The realm of the credentials; it is part of their key and says nothing.
pub(crate) const REALM: &str = "symposium";

/// Why a request is refused: its code, and its name in the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    code: u16,
    /// Its name in the metrics.
    pub(crate) reason: &'static str,
}

impl Refusal {
    /// No credentials yet: how every browser begins.
    pub(crate) const ASKED: Self = Self::new(ErrorCode::UNAUTHORIZED, "asked");
    /// Credentials whose time is over.
    pub(crate) const EXPIRED: Self = Self::new(ErrorCode::UNAUTHORIZED, "expired");
    /// Credentials that were not made here, or a request that was changed on its way.
    pub(crate) const ALTERED: Self = Self::new(ErrorCode::UNAUTHORIZED, "altered");
    /// Credentials of somebody who was taken out.
    pub(crate) const REVOKED: Self = Self::new(ErrorCode::UNAUTHORIZED, "revoked");
    /// An incomplete request.
    pub(crate) const INCOMPLETE: Self = Self::new(ErrorCode::BAD_REQUEST, "incomplete");
    /// A nonce of long ago, or of somebody else.
    pub(crate) const STALE: Self = Self::new(ErrorCode::STALE_NONCE, "stale");
    /// Not the credentials the allocation was made with.
    pub(crate) const OTHER: Self = Self::new(ErrorCode::WRONG_CREDENTIALS, "other_credentials");
    /// No allocation that this could be about.
    pub(crate) const NOTHING: Self = Self::new(ErrorCode::ALLOCATION_MISMATCH, "no_allocation");
    /// The person has too many allocations.
    pub(crate) const QUOTA: Self = Self::new(ErrorCode::ALLOCATION_QUOTA_REACHED, "person_is_full");
    /// The relay has too many allocations.
    pub(crate) const FULL: Self = Self::new(ErrorCode::INSUFFICIENT_CAPACITY, "relay_is_full");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }

    /// Whether the client is asked for its credentials (anew).
    pub(crate) const fn asks(self) -> bool {
        matches!(self.code, ErrorCode::UNAUTHORIZED | ErrorCode::STALE_NONCE)
    }

    /// A peer that may not be reached.
    pub(crate) const fn peer(reason: &'static str) -> Self {
        Self::new(ErrorCode::FORBIDDEN, reason)
    }
}

/// The name a request shows, if what it shows is complete and fresh. The signature is not checked yet.
pub(crate) fn shown(message: &Message<'_>, nonces: &Nonces, client: SocketAddr, now_s: u64) -> Result<String, Refusal> {
    if !message.has_attribute(MessageIntegrity::TYPE) {
        return Err(Refusal::ASKED);
    }
    let (Ok(username), Ok(nonce), true) = (
        message.attribute::<Username>(),
        message.attribute::<Nonce>(),
        message.attribute::<Realm>().is_ok_and(|realm| realm.realm() == REALM),
    ) else {
        return Err(Refusal::INCOMPLETE);
    };
    if !nonces.is(nonce.nonce(), client, now_s) {
        return Err(Refusal::STALE);
    }
    Ok(username.username().to_owned())
}

/// The password of a name and the key that it makes.
pub(crate) fn key(secret: &str, username: &str) -> (String, IntegrityKey) {
    let password = password(secret, username);
    let credentials = LongTermKeyCredentials::new(username.to_owned(), password.clone(), REALM.to_owned());
    (password, credentials.make_key(IntegrityAlgorithm::Sha1))
}

/// Whether a request is signed with this key.
pub(crate) fn signed(message: &Message<'_>, key: &IntegrityKey) -> Result<(), Refusal> {
    message.validate_integrity_with_key(key).map(|_| ()).map_err(|_| Refusal::ALTERED)
}

/// The peers a request names; none when one of them cannot be read.
pub(crate) fn peers(message: &Message<'_>) -> Vec<SocketAddr> {
    let named = message.iter_attributes().filter(|(_, attribute)| attribute.get_type() == XorPeerAddress::TYPE);
    named
        .map(|(_, attribute)| XorPeerAddress::from_raw(attribute).map(|peer| peer.addr(message.transaction_id())))
        .collect::<Result<_, _>>()
        .unwrap_or_default()
}

/// The answer that refuses a request; signed when its sender is known.
pub(crate) fn refuse(
    message: &Message<'_>,
    refusal: Refusal,
    ask: Option<String>,
    key: Option<&IntegrityKey>,
) -> Option<Vec<u8>> {
    let mut answer = Message::builder_error(message, MessageWriteVec::new());
    answer.add_attribute(&ErrorCode::builder(refusal.code).build().ok()?).ok()?;
    if let Some(nonce) = ask {
        answer.add_attribute(&Realm::new(REALM).ok()?).ok()?;
        answer.add_attribute(&Nonce::new(&nonce).ok()?).ok()?;
    }
    if let Some(key) = key {
        answer.add_message_integrity_with_key(key, IntegrityAlgorithm::Sha1).ok()?;
    }
    answer.add_fingerprint().ok()?;
    Some(answer.finish())
}

/// The answer to who asks for the address they come from.
pub(crate) fn bound(message: &Message<'_>, client: SocketAddr) -> Option<Vec<u8>> {
    let mut answer = Message::builder_success(message, MessageWriteVec::new());
    answer.add_attribute(&XorMappedAddress::new(client, message.transaction_id())).ok()?;
    answer.add_fingerprint().ok()?;
    Some(answer.finish())
}
