//! People: the id each e-mail address got at first sight, and what they chose for themselves.

use std::collections::{BTreeSet, HashMap};

use membership::{Email, PersonId};
use service::{on, write_on};
use sqlx::QueryBuilder;

use super::packed::About;
use super::{CHUNK, Store, int, parsed, there};
use crate::sql::packed::{Packed, Row};

/// A person as the bridge keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) id: PersonId,
    pub(crate) email: Email,
    pub(crate) chosen_name: Option<String>,
    pub(crate) language: Option<String>,
    /// The name they were shown under last, for when Sympa is away.
    pub(crate) last_name: Option<String>,
    /// Their language at Sympa, for the same.
    pub(crate) last_language: Option<String>,
}

/// What decides who a person is for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) id: PersonId,
    pub(crate) email: Email,
    pub(crate) chosen_name: Option<String>,
}

const NAMED: About = About { columns: &["id", "email", "chosen_name"], table: "person", key: "id", until: None };

/// The people of these rows; who is not known is absent.
pub(crate) fn named(rows: &Packed) -> sqlx::Result<Vec<Named>> {
    let named = |row: Row| match <[_; 3]>::try_from(row).unwrap_or_default() {
        [id, email, chosen_name] => Ok(Named { id: parsed(&there(id)?)?, email: parsed(&there(email)?)?, chosen_name }),
    };
    rows.rows().map(named).collect()
}

type PersonRow = (String, String, Option<String>, Option<String>, Option<String>, Option<String>);

fn person((id, email, chosen_name, language, last_name, last_language): PersonRow) -> sqlx::Result<Person> {
    Ok(Person { id: parsed(&id)?, email: parsed(&email)?, chosen_name, language, last_name, last_language })
}

const COLUMNS: &str = "SELECT id, email, chosen_name, language, last_name, last_language FROM person WHERE ";

impl Store {
    /// The rows of these people.
    pub(crate) async fn named_rows(&self, ids: &[PersonId]) -> sqlx::Result<Packed> {
        self.packed(NAMED, ids).await
    }

    /// One person by id.
    pub(crate) async fn person(&self, id: PersonId) -> sqlx::Result<Option<Person>> {
        let rows = self.people_where("id", &[id.to_string()]).await?;
        rows.into_iter().next().map(person).transpose()
    }

    /// People by address; those seen for the first time get their ids, 500 in a transaction: others write in between.
    pub(crate) async fn people_of(&self, emails: &BTreeSet<Email>) -> sqlx::Result<HashMap<Email, Person>> {
        let mut people = self.known(emails).await?;
        let new: Vec<&Email> = emails.iter().filter(|email| !people.contains_key(email)).collect();
        if !new.is_empty() {
            self.add_people(&new).await?;
            people.extend(self.known(&new.into_iter().cloned().collect()).await?);
        }
        Ok(people)
    }

    /// The person of one address.
    pub(crate) async fn person_of(&self, email: &Email) -> sqlx::Result<Person> {
        let mut people = self.people_of(&BTreeSet::from([email.clone()])).await?;
        people.remove(email).ok_or(sqlx::Error::RowNotFound)
    }

    async fn known(&self, emails: &BTreeSet<Email>) -> sqlx::Result<HashMap<Email, Person>> {
        let emails: Vec<String> = emails.iter().map(|email| email.as_str().to_owned()).collect();
        let mut people = HashMap::new();
        for row in self.people_where("email", &emails).await? {
            let person = person(row)?;
            people.insert(person.email.clone(), person);
        }
        Ok(people)
    }

    async fn people_where(&self, column: &'static str, values: &[String]) -> sqlx::Result<Vec<PersonRow>> {
        let mut rows = Vec::new();
        for chunk in values.chunks(CHUNK) {
            rows.extend(on!(&self.db, c => {
                let mut query = QueryBuilder::new(COLUMNS);
                query.push(column).push(" IN (");
                let mut list = query.separated(", ");
                for value in chunk {
                    list.push_bind(value.as_str());
                }
                query.push(")");
                query.build_query_as::<PersonRow>().fetch_all(c).await
            })?);
        }
        Ok(rows)
    }

    async fn add_people(&self, emails: &[&Email]) -> sqlx::Result<()> {
        let now_ms = self.clock.now_ms();
        for chunk in emails.chunks(CHUNK) {
            write_on!(&self.db, c => {
                let mut query = QueryBuilder::new("INSERT INTO person (id, email, made_at) ");
                query.push_values(chunk, |mut row, email| {
                    row.push_bind(self.dice.person_id(now_ms).to_string());
                    row.push_bind(email.as_str()).push_bind(int(now_ms));
                });
                query.push(" ON CONFLICT (email) DO NOTHING");
                query.build().execute(c).await.map(drop)
            })?;
        }
        Ok(())
    }

    /// Keeps what a person chose.
    pub(crate) async fn choose(
        &self,
        id: PersonId,
        chosen_name: Option<&str>,
        language: Option<&str>,
    ) -> sqlx::Result<()> {
        const SQL: &str = "UPDATE person SET chosen_name = $1, language = $2 WHERE id = $3";
        write_on!(&self.db, c => {
            sqlx::query(SQL).bind(chosen_name).bind(language).bind(id.to_string()).execute(c).await.map(drop)
        })
    }

    /// Keeps the name a person was shown under, and their language at Sympa.
    pub(crate) async fn shown_as(&self, id: PersonId, name: &str, language: Option<&str>) -> sqlx::Result<()> {
        const SQL: &str = "UPDATE person SET last_name = $1, last_language = $2 WHERE id = $3";
        write_on!(&self.db, c => {
            sqlx::query(SQL).bind(name).bind(language).bind(id.to_string()).execute(c).await.map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use service::clock::Clock;
    use service::dice::Dice;

    use super::*;

    #[tokio::test]
    async fn everybody_of_a_big_list_gets_an_id_once() {
        let file = std::env::temp_dir().join(format!("symposium-people-{:032x}.sqlite", Dice::System.bits()));
        let url = format!("sqlite:{}", file.display());
        let store = Store::open(&url, None, Clock::manual(1), Dice::System).await.expect("a store");
        let emails: BTreeSet<Email> =
            (0..=2 * CHUNK).map(|n| format!("n{n}@example.org").parse().expect("an address")).collect();
        let first = store.people_of(&emails).await.expect("people");
        let ids: BTreeSet<PersonId> = first.values().map(|person| person.id).collect();
        assert_eq!(ids.len(), emails.len());
        assert_eq!(store.people_of(&emails).await.expect("people"), first);
        let _ = std::fs::remove_file(file);
    }
}
