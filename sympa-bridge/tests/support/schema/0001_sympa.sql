-- The tables of Sympa that the bridge reads, as Sympa 6.2.70 makes them (Sympa/DatabaseDescription.pm), in words that SQLite
-- and PostgreSQL share. Only key columns are NOT NULL.
CREATE TABLE user_table (
  email_user varchar(100) NOT NULL, password_user varchar(64), gecos_user varchar(150), lang_user varchar(10),
  wrong_login_count_user integer, last_login_date_user integer, last_login_host_user varchar(60),
  last_active_date_user integer, cookie_delay_user integer, attributes_user text, data_user text,
  PRIMARY KEY (email_user)
);
CREATE TABLE subscriber_table (
  user_subscriber varchar(100) NOT NULL, list_subscriber varchar(50) NOT NULL, robot_subscriber varchar(80) NOT NULL,
  reception_subscriber varchar(20), suspend_subscriber integer, suspend_start_date_subscriber integer,
  suspend_end_date_subscriber integer, bounce_subscriber varchar(35), bounce_score_subscriber smallint,
  bounce_address_subscriber varchar(100), date_epoch_subscriber integer NOT NULL DEFAULT 0, update_epoch_subscriber integer,
  inclusion_subscriber integer, inclusion_ext_subscriber integer, inclusion_label_subscriber varchar(50),
  comment_subscriber varchar(150), number_messages_subscriber integer NOT NULL DEFAULT 0, visibility_subscriber varchar(20),
  topics_subscriber varchar(200), subscribed_subscriber integer, custom_attribute_subscriber text,
  PRIMARY KEY (list_subscriber, robot_subscriber, user_subscriber)
);
CREATE INDEX subscriber_user_index ON subscriber_table (user_subscriber);
CREATE TABLE admin_table (
  user_admin varchar(100) NOT NULL, list_admin varchar(50) NOT NULL, robot_admin varchar(80) NOT NULL,
  role_admin varchar(15) NOT NULL, profile_admin varchar(15), date_epoch_admin integer NOT NULL DEFAULT 0,
  update_epoch_admin integer, inclusion_admin integer, inclusion_ext_admin integer, inclusion_label_admin varchar(50),
  reception_admin varchar(20), visibility_admin varchar(20), comment_admin varchar(150), subscribed_admin integer,
  info_admin varchar(150),
  PRIMARY KEY (list_admin, role_admin, user_admin, robot_admin)
);
CREATE INDEX admin_user_index ON admin_table (user_admin);
CREATE TABLE list_table (
  name_list varchar(50) NOT NULL, robot_list varchar(80) NOT NULL, family_list varchar(50), status_list varchar(15),
  creation_email_list varchar(100), creation_epoch_list integer, update_email_list varchar(100), update_epoch_list integer,
  searchkey_list varchar(255), web_archive_list smallint, topics_list varchar(255), total_list integer,
  PRIMARY KEY (name_list, robot_list)
);
CREATE TABLE session_table (
  id_session varchar(30) NOT NULL, prev_id_session varchar(30), start_date_session integer, date_session integer,
  refresh_date_session integer, remote_addr_session varchar(60), robot_session varchar(80), email_session varchar(100),
  hit_session integer, data_session text,
  PRIMARY KEY (id_session)
);
CREATE INDEX session_prev_id_index ON session_table (prev_id_session);
