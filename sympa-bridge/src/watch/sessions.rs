//! Which sessions have ended: ours are gone, or Sympa says they are logged out or somebody else's. A row of Sympa that is
//! gone ends nothing here, because ids rotate: the browser is asked for its cookie first.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use membership::SessionId;
use service::Problem;

use crate::app::App;
use crate::buckets::{self, Bucket, Buckets};
use crate::census::Census;
use crate::sql::packed::Packed;
use crate::store::sessions::{Linked, linked};
use crate::sympa::sessions::{Resolved, resolved};

/// Sessions that were asked about: our rows and Sympa's, and what ours say.
pub(crate) type OfSessions = Bucket<SessionId, 2, Arc<Vec<Linked>>>;

impl App {
    /// Which of these sessions have ended.
    pub(crate) async fn ended_sessions(
        &self,
        sids: &BTreeSet<SessionId>,
        census: &Census,
    ) -> Result<BTreeSet<SessionId>, Problem> {
        let (ended, _) = self.ended_sessions_again(&Buckets::new(), sids, census).await?;
        Ok(ended)
    }

    /// The same, when most of it may have been read before. Only what ended nothing is remembered.
    pub(crate) async fn ended_sessions_again(
        &self,
        before: &Buckets<OfSessions>,
        sids: &BTreeSet<SessionId>,
        census: &Census,
    ) -> Result<(BTreeSet<SessionId>, Buckets<OfSessions>), Problem> {
        let read = buckets::read(sids, before, |sids, before| self.sessions_in(sids, before, census)).await?;
        let (mut ended, mut buckets) = (BTreeSet::new(), Buckets::new());
        for (of_bucket, bucket) in read {
            ended.extend(of_bucket);
            buckets.push(bucket);
        }
        Ok((ended, buckets))
    }

    async fn sessions_in(
        &self,
        ids: Vec<SessionId>,
        before: Option<Arc<OfSessions>>,
        census: &Census,
    ) -> Result<(Vec<SessionId>, Arc<OfSessions>), Problem> {
        let ours = self.store.linked_rows(&ids).await?;
        let same = before.as_ref().filter(|before| before.texts.first() == Some(&ours));
        let found = match same {
            Some(before) => before.found.clone(),
            None => Arc::new(linked(&ours)?),
        };
        let of_sympa: Vec<&str> = found.iter().filter_map(|session| session.sympa_sid.as_deref()).collect();
        let texts = [ours, self.sympa.session_rows(&of_sympa).await?];
        if let Some(before) = before.filter(|before| before.is(&ids, &texts)) {
            return Ok((Vec::new(), before));
        }
        let ended = self.ended_of(&ids, &found, &texts[1], census).await?;
        let ids = if ended.is_empty() { ids } else { Vec::new() };
        Ok((ended, Arc::new(Bucket { ids, texts, found })))
    }

    async fn ended_of(
        &self,
        sids: &[SessionId],
        ours: &[Linked],
        rows: &Packed,
        census: &Census,
    ) -> Result<Vec<SessionId>, Problem> {
        let resolved = resolved(ours.iter().filter_map(|session| session.sympa_sid.as_deref()), rows);
        let ours: HashMap<SessionId, &Linked> = ours.iter().map(|session| (session.sid, session)).collect();
        let mut ended = Vec::new();
        for sid in sids {
            let Some(session) = ours.get(sid) else {
                ended.push(*sid);
                continue;
            };
            let Some(of) = session.sympa_sid.as_deref() else { continue };
            match resolved.get(of) {
                Some(Resolved::Person { email, id }) if census.is(session.person, email) => {
                    if id != of {
                        self.store.relink_session(*sid, id).await?;
                    }
                }
                Some(Resolved::Person { .. } | Resolved::Nobody | Resolved::Impersonated) => ended.push(*sid),
                Some(Resolved::Unknown | Resolved::Expired) | None => {}
            }
        }
        Ok(ended)
    }
}
