//! What signal-server tells of calls and transfers: `POST internal/notes`. It is answered once all of it is durable, so that
//! it can be told again whenever no answer came.

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use service::Problem;
use service::extract::Json;
use service::notes::{FILES, File, LARGEST, NAME_BYTES, NOTES, Note, Notes, What};
use tokio::sync::oneshot;

use crate::app::App;
use crate::writer::{Act, Outcome, Request};

/// Largest request, in bytes: so many notes with so many files have a place in it.
const BODY: usize = 8 * 1024 * 1024;
/// Of the files of an offer so much is kept, in bytes of JSON: everybody who enters the room is given all its newest lines at
/// once. How many there are is told beside them.
const LISTED: usize = 8 * 1024;

/// What other services ask; who may is decided by whoever serves it.
pub(crate) fn router(app: App) -> Router {
    Router::new().route("/internal/notes", post(keep)).layer(DefaultBodyLimit::max(BODY)).with_state(app)
}

async fn keep(State(app): State<App>, Json(told): Json<Notes>) -> Result<StatusCode, Problem> {
    if told.notes.len() > NOTES {
        return Err(Problem::too_large());
    }
    if !told.notes.iter().all(is_sound) {
        return Err(Problem::bad_request());
    }
    // All are asked for before the first answer is waited for: they share a commit, and keep their order.
    let asked: Vec<_> = told.notes.into_iter().map(|note| ask(&app, note)).collect();
    for kept in asked {
        if !matches!(kept.await, Ok(Ok(_))) {
            return Err(Problem::unavailable("unavailable"));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

fn ask(app: &App, note: Note) -> oneshot::Receiver<Outcome> {
    let (answer, kept) = oneshot::channel();
    let Note { room, by, name, mut what } = note;
    if let What::Offered { files, .. } = &mut what {
        shorten(files);
    }
    let answer = Box::new(move |outcome| {
        // Who no longer waits for it tells it again.
        let _ = answer.send(outcome);
    });
    app.writer.ask(Request { room, by, name, act: Act::Note(what), answer });
    kept
}

/// Whether a note keeps its limits.
pub(crate) fn is_sound(note: &Note) -> bool {
    let named = !note.name.is_empty() && note.name.len() <= NAME_BYTES && !note.name.contains('\0');
    named
        && match &note.what {
            What::Called { lasted_ms, .. } | What::Conferred { lasted_ms, .. } => *lasted_ms < LARGEST,
            What::Offered { files, count, size, .. } => {
                let listed = !files.is_empty() && files.len() <= FILES && files.len() as u64 <= *count;
                listed && files.iter().all(File::is_sound) && *count < LARGEST && *size < LARGEST
            }
            What::Closed { .. } => true,
        }
}

/// Keeps the first of these files, as many as are listed.
fn shorten(files: &mut Vec<File>) {
    let mut bytes = 0;
    let mut fits = |file: &File| {
        bytes += serde_json::to_string(file).map_or(LISTED, |text| text.len() + 1);
        bytes <= LISTED
    };
    let listed = files.iter().take_while(|file| fits(file)).count();
    files.truncate(listed.max(1));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: String) -> File {
        File { name, size: LARGEST - 1, kind: "application/octet-stream".to_owned() }
    }

    #[test]
    fn a_list_of_short_names_is_kept_whole_and_a_long_one_as_far_as_it_goes() {
        for (name, kept) in [("a".to_owned(), FILES), ("n".repeat(NAME_BYTES), 25), ("\u{1}".repeat(NAME_BYTES), 5)] {
            let mut files = vec![file(name); FILES];
            shorten(&mut files);
            assert_eq!(files.len(), kept);
            assert!(serde_json::to_string(&files).is_ok_and(|text| text.len() <= LISTED + 1));
        }
    }
}
