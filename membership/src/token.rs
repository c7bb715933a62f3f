//! Room tokens: the bridge's signed statement of what one person may do in one room, minutes long.
//!
//! A token is a JWT signed with Ed25519 (RFC 8037). The bridge issues, everybody verifies with the bridge's public keys;
//! two keys may be live at once so that they can be rotated. Time is an argument: nothing here reads a clock.

use std::collections::HashMap;
use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::{Grants, ListAddress, PersonId, Roles, RoomId, RoomKind, SessionId};

/// How long a token lives, in seconds.
pub const LIFE_S: u64 = 300;
/// How far the clocks of two services may differ, in seconds.
pub const SKEW_S: u64 = 5;
/// Longest token that is looked at, in bytes.
pub const TOKEN_BYTES: usize = 4096;

/// The service a token is for. A token is good for exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// chat-server.
    Chat,
    /// signal-server.
    Signal,
}

/// What a room token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The bridge that says it.
    pub iss: String,
    /// The service it is for.
    pub aud: Audience,
    /// Whom it is about.
    pub sub: PersonId,
    /// The name others see.
    pub name: String,
    /// In which room.
    pub room: RoomId,
    /// The list of the room; absent in direct rooms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListAddress>,
    /// What kind of room.
    pub kind: RoomKind,
    /// What Sympa says they are.
    pub roles: Roles,
    /// What they may do.
    pub grants: Grants,
    /// Whether they are hidden from other members.
    pub concealed: bool,
    /// Whether calls and files of this room go through relays alone. What was issued before this was said demands nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub relay_only: bool,
    /// The session it was issued to.
    pub sid: SessionId,
    /// When it was issued, in seconds since 1970.
    pub iat: u64,
    /// From when it counts.
    pub nbf: u64,
    /// Until when it counts.
    pub exp: u64,
    /// The token's own id.
    pub jti: String,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Forged, altered, or for somebody else.
    #[error("bad token")]
    Bad,
    /// Too old.
    #[error("token expired")]
    Expired,
    /// From the future: the clocks differ.
    #[error("token not yet valid")]
    NotYetValid,
}

impl Refused {
    /// The stable code of this reason on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bad => "bad_token",
            Self::Expired => "token_expired",
            Self::NotYetValid => "token_not_yet_valid",
        }
    }
}

/// A public key as the bridge publishes it (RFC 7517, RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PublicKey {
    /// Always `OKP`.
    pub kty: String,
    /// Always `Ed25519`.
    pub crv: String,
    /// Always `EdDSA`.
    pub alg: String,
    /// Which key: the first 16 characters of `x`.
    pub kid: String,
    /// The key, base64url.
    pub x: String,
}

/// The bridge's public keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeySet {
    /// The live ones: the one that signs now, and the one that signed before.
    pub keys: Vec<PublicKey>,
}

/// The private key that signs room tokens.
pub struct Signer {
    key: EncodingKey,
    public: PublicKey,
}

impl Signer {
    /// From 32 secret bytes.
    ///
    /// # Errors
    /// [`Refused::Bad`] when the crypto provider does not take the seed.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, Refused> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Refused::Bad)?;
        let der = pair.to_pkcs8().map_err(|_| Refused::Bad)?;
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let public =
            PublicKey { kty: "OKP".into(), crv: "Ed25519".into(), alg: "EdDSA".into(), kid: x[..16].to_owned(), x };
        Ok(Self { key: EncodingKey::from_ed_der(der.as_ref()), public })
    }

    /// The half that everybody may know.
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs the claims.
    ///
    /// # Errors
    /// [`Refused::Bad`] when the crypto provider fails.
    pub fn sign(&self, claims: &Claims) -> Result<String, Refused> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.public.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.key).map_err(|_| Refused::Bad)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.public.kid)
    }
}

/// Checks room tokens for one service.
#[derive(Clone)]
pub struct Verifier {
    audience: Audience,
    keys: HashMap<String, DecodingKey>,
}

impl Verifier {
    /// With the bridge's published keys. A key that is not Ed25519 is left out.
    pub fn new(audience: Audience, set: &KeySet) -> Self {
        let usable = set.keys.iter().filter(|key| key.kty == "OKP" && key.crv == "Ed25519");
        let keys = usable.filter_map(|key| Some((key.kid.clone(), DecodingKey::from_ed_components(&key.x).ok()?)));
        Self { audience, keys: keys.collect() }
    }

    /// Whether it has no key at all.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether this verifier has the key that the token names: if not, the bridge may have a new one.
    pub fn knows_key_of(&self, token: &str) -> bool {
        jsonwebtoken::decode_header(token).is_ok_and(|h| h.kid.is_some_and(|kid| self.keys.contains_key(&kid)))
    }

    /// The claims of a token that is genuine, for this service, for this room, and in force now.
    ///
    /// # Errors
    /// [`Refused`] tells which of these it is not.
    pub fn verify(&self, token: &str, room: RoomId, now_s: u64) -> Result<Claims, Refused> {
        if token.len() > TOKEN_BYTES {
            return Err(Refused::Bad);
        }
        let kid = jsonwebtoken::decode_header(token).ok().and_then(|h| h.kid).ok_or(Refused::Bad)?;
        let key = self.keys.get(&kid).ok_or(Refused::Bad)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &signature_only()).map_err(|_| Refused::Bad)?.claims;
        if claims.aud != self.audience || claims.room != room {
            return Err(Refused::Bad);
        }
        if claims.nbf > now_s + SKEW_S {
            return Err(Refused::NotYetValid);
        }
        if claims.exp <= now_s {
            return Err(Refused::Expired);
        }
        Ok(claims)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verifier({:?}, {} keys)", self.audience, self.keys.len())
    }
}

/// The library checks the signature and the algorithm; times, audience and room are checked here, with our clock.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}
