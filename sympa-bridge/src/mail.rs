//! Mail to people, by SMTP.

use anyhow::{Context as _, Result};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
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
        let to = to.as_str().parse().context("not an address mail can be sent to")?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .context("cannot write the mail")?;
        self.transport.send(message).await.context("the mail server does not take the mail")?;
        metrics::counter!("bridge_mails_total").increment(1);
        Ok(())
    }
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
