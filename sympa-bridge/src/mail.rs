//! Mail to people, by SMTP.

use anyhow::{Context as _, Result, anyhow};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use membership::Email;
use service::secret::Secret;

use crate::config;

/// What sends mail.
#[derive(Debug)]
pub(crate) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// No connection is made yet: a mail server that is away comes back.
    pub(crate) fn new(config: &config::Mail, password: Option<&Secret>) -> Result<Self> {
        let mut url = config.smtp.clone();
        if let Some(password) = password {
            let set = url.set_password(Some(password.expose()));
            set.ok().context("the mail server's address cannot carry a password")?;
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str());
        let transport = transport.context("the mail server's address is not understood")?.build();
        Ok(Self { transport, from: config.from.parse().context("from is not a mail address")? })
    }

    /// Whether the mail server answers.
    pub(crate) async fn answers(&self) -> bool {
        self.transport.test_connection().await.unwrap_or(false)
    }

    /// Sends a sign-in link.
    pub(crate) async fn send_link(&self, to: &Email, language: &str, site: &str, link: &str) -> Result<()> {
        let (subject, body) = link_words(language, site, link);
        // What the errors of the library say holds the address: none of it may be logged.
        let to = to.as_str().parse().ok().context("not an address mail can be sent to")?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .ok()
            .context("cannot write the mail")?;
        self.transport.send(message).await.map_err(|error| anyhow!(reason(&error)))?;
        metrics::counter!("bridge_mails_total").increment(1);
        Ok(())
    }
}

/// Why a mail was not taken, without the words of the mail server: they often repeat the address.
fn reason(error: &smtp::Error) -> String {
    if let Some(code) = error.status() {
        return format!("the mail server refuses the mail with code {code}");
    }
    let kind = match error {
        error if error.is_timeout() => "it does not answer in time",
        error if error.is_tls() => "TLS with it fails",
        error if error.is_response() => "its answer is not understood",
        error if error.is_client() => "the mail cannot be given to it",
        _ => "it cannot be reached",
    };
    format!("the mail server does not take the mail: {kind}")
}

/// Subject and text, in the reader's language.
fn link_words(language: &str, site: &str, link: &str) -> (String, String) {
    if language == "fr" {
        let subject = format!("Votre lien de connexion à {site}");
        let body = format!(
            "Bonjour,\n\nVoici votre lien pour entrer dans les salons de {site} :\n\n{link}\n\n\
             Il est valable 15 minutes et ne sert qu'une fois.\n\
             Si vous n'avez pas demandé ce lien, ignorez ce message : il ne s'est rien passé.\n"
        );
        (subject, body)
    } else {
        let subject = format!("Your sign-in link for {site}");
        let body = format!(
            "Hello,\n\nHere is your link to the rooms of {site}:\n\n{link}\n\n\
             It is good for 15 minutes and works once.\n\
             If you did not ask for it, ignore this mail: nothing has happened.\n"
        );
        (subject, body)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use super::*;

    /// A mail server that refuses everybody and names them.
    async fn refusing() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a connection");
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            write.write_all(b"220 here\r\n").await.expect("written");
            while let Ok(Some(line)) = lines.next_line().await {
                let refused = line.starts_with("RCPT");
                let answer = if refused { "550 5.1.1 <alice@example.org>: unknown\r\n" } else { "250 ok\r\n" };
                write.write_all(answer.as_bytes()).await.expect("written");
            }
        });
        port
    }

    #[tokio::test]
    async fn what_a_mail_server_says_of_an_address_is_not_repeated() {
        let smtp = format!("smtp://127.0.0.1:{}", refusing().await).parse().expect("an address");
        let config = config::Mail { smtp, from: "Chat <chat@lists.example.org>".to_owned() };
        let mailer = Mailer::new(&config, None).expect("a mailer");
        let alice = "alice@example.org".parse().expect("an address");
        let error = mailer.send_link(&alice, "en", "Lists", "https://x/").await.expect_err("refused");
        assert_eq!(format!("{error:#}"), "the mail server refuses the mail with code 550");
        assert!(!format!("{error:?}").contains("alice"), "{error:?}");
    }
}
