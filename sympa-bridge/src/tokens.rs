//! Room tokens: many in one request, each for one room, five minutes long.

use std::collections::{BTreeSet, HashMap};

use axum::extract::State;
use membership::token::{Audience, Claims, LIFE_S};
use membership::{Hold, ListAddress, Mode, Removal, RoomId, RoomKind, Standing};
use serde::{Deserialize, Serialize};
use service::Problem;
use service::extract::Json;
use utoipa::ToSchema;

use crate::app::{App, Shared};
use crate::caller::Caller;
use crate::census::{Census, Outcome};
use crate::store::live::LiveRow;
use crate::store::rooms::Room;

/// How many rooms one request may name.
const MOST: usize = 200;
/// How often it is read how somebody stands, when something newer is told meanwhile.
const TRIES: usize = 3;

/// Which tokens are wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// For which service.
    audience: Audience,
    /// At most 200 rooms.
    rooms: Vec<RoomId>,
}

/// What was given and what was refused.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tokens {
    tokens: Vec<Token>,
    refused: Vec<Refused>,
}

/// A token.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "these are the words of the protocol")]
pub(crate) struct Token {
    room: RoomId,
    token: String,
    /// In milliseconds since 1970.
    expires_at: u64,
}

/// Why there is none.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Refused {
    room: RoomId,
    code: &'static str,
}

/// Gives room tokens.
#[utoipa::path(post, path = "/api/bridge/tokens", request_body = Wanted, responses((status = 200, body = Tokens)))]
pub(crate) async fn give(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<Wanted>,
) -> Result<axum::Json<Tokens>, Problem> {
    if wanted.rooms.len() > MOST {
        return Err(Problem::too_large());
    }
    let rooms: BTreeSet<RoomId> = wanted.rooms.into_iter().collect();
    for _ in 0..TRIES {
        if let Some(tokens) = app.tokens(&caller, wanted.audience, &rooms).await? {
            metrics::counter!("bridge_tokens_total").increment(tokens.tokens.len() as u64);
            return Ok(axum::Json(tokens));
        }
    }
    Err(Problem::unavailable("unavailable"))
}

/// When a token says what the census says: the time before it was read, so that whatever is told meanwhile is newer.
const fn issued_s(census: &Census) -> u64 {
    census.now_ms / 1000
}

fn modes(census: &Census) -> HashMap<RoomId, Mode> {
    census.lists.values().map(|list| (list.room, list.mode)).collect()
}

impl App {
    /// Reads how the caller stands and signs it; nothing when something newer was told meanwhile.
    async fn tokens(
        &self,
        caller: &Caller,
        audience: Audience,
        rooms: &BTreeSet<RoomId>,
    ) -> Result<Option<Tokens>, Problem> {
        let began = self.watch.turn();
        let census = self.census(&BTreeSet::from([caller.person.id]), rooms).await?;
        let expires_at = (issued_s(&census) + LIFE_S) * 1000;
        let (mut tokens, mut refused, mut live) = (Vec::new(), Vec::new(), Vec::new());
        for room in rooms.iter().copied() {
            match census.outcome(caller.person.id, room) {
                Outcome::In(standing) => {
                    let token = self.sign(caller, &census, audience, room, &standing)?;
                    tokens.push(Token { room, token, expires_at });
                    let hold = Hold { person: caller.person.id, room, sid: caller.session.sid };
                    live.push(LiveRow { hold, exp: expires_at, standing });
                }
                Outcome::Out(_) if !census.rooms.contains_key(&room) => {
                    refused.push(Refused { room, code: "no_such_room" });
                }
                Outcome::Out(reason) => refused.push(Refused { room, code: reason.code() }),
            }
        }
        // Kept before it is given out: after a restart the watch must know every token there is.
        if !live.is_empty() && !self.issue(&live, &modes(&census), began).await? {
            return Ok(None);
        }
        Ok(Some(Tokens { tokens, refused }))
    }

    fn sign(
        &self,
        caller: &Caller,
        census: &Census,
        aud: Audience,
        room: RoomId,
        standing: &Standing,
    ) -> Result<String, Problem> {
        let iat = issued_s(census);
        let (kind, list) = kind(census, room);
        let claims = Claims {
            iss: self.context.site.url.to_string(),
            aud,
            sub: caller.person.id,
            name: standing.name.clone(),
            room,
            list,
            kind,
            roles: standing.roles,
            grants: standing.grants,
            concealed: standing.concealed,
            relay_only: standing.relay_only,
            sid: caller.session.sid,
            iat,
            nbf: iat,
            exp: iat + LIFE_S,
            jti: format!("{:032x}", self.context.dice.bits()),
        };
        self.keys.signer.sign(&claims).map_err(|_| Problem::unavailable("unavailable"))
    }
}

fn kind(census: &Census, room: RoomId) -> (RoomKind, Option<ListAddress>) {
    match census.rooms.get(&room) {
        Some(Room::List(list)) => (RoomKind::List, Some(list.clone())),
        _ => (RoomKind::Direct, None),
    }
}

/// The problem of somebody who is out of a room.
pub(crate) fn out(reason: Removal) -> Problem {
    Problem::forbidden(reason.code())
}
