//! A sign-in ticket as Sympa's custom action makes it (`deploy/sympa/chat.pm`), for the demo.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use membership::Email;
use service::dice::Dice;
use service::secret::Secret;

/// A ticket for this person, good for a minute and for one use.
pub(crate) fn ticket(email: &Email, secret: &Secret, dice: &Dice, now_s: u64) -> String {
    let claims = serde_json::json!({
        "v": 1, "exp": now_s + 60, "nonce": format!("{:032x}", dice.bits()), "email": email.as_str(), "list": "",
    });
    let body = URL_SAFE_NO_PAD.encode(claims.to_string());
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes()), body.as_bytes());
    let hex = mac.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!("{body}.{hex}")
}
