-- A small Sympa on MariaDB, with the column types and the collation that Sympa gives it: enum columns, utf8mb3_general_ci.
CREATE TABLE user_table (email_user varchar(100) NOT NULL, password_user varchar(64), gecos_user varchar(150),
  lang_user varchar(10), wrong_login_count_user int(11), PRIMARY KEY (email_user))
  DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
CREATE TABLE subscriber_table (user_subscriber varchar(100) NOT NULL, list_subscriber varchar(50) NOT NULL,
  robot_subscriber varchar(80) NOT NULL, visibility_subscriber varchar(20), comment_subscriber varchar(150),
  suspend_subscriber int(1), PRIMARY KEY (list_subscriber, robot_subscriber, user_subscriber),
  KEY subscriber_user_index (user_subscriber)) DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
CREATE TABLE admin_table (user_admin varchar(100) NOT NULL, list_admin varchar(50) NOT NULL, robot_admin varchar(80) NOT NULL,
  role_admin enum('listmaster','owner','editor') NOT NULL, profile_admin enum('privileged','normal'),
  visibility_admin varchar(20), comment_admin varchar(150), PRIMARY KEY (list_admin, role_admin, user_admin, robot_admin))
  DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
CREATE TABLE list_table (name_list varchar(50) NOT NULL, robot_list varchar(80) NOT NULL,
  status_list enum('open','closed','pending','error_config','family_closed'), searchkey_list varchar(255),
  PRIMARY KEY (name_list, robot_list)) DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
CREATE TABLE session_table (id_session varchar(30) NOT NULL, prev_id_session varchar(30), date_session int(11),
  email_session varchar(100), data_session text, PRIMARY KEY (id_session), KEY session_prev_id_index (prev_id_session))
  DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

INSERT INTO list_table VALUES ('open-talk', 'lists.example.org', 'open', 'open discussion'),
  ('old', 'lists.example.org', 'closed', 'old'), ('open-talk', 'lists.example.net', 'open', 'another');
INSERT INTO user_table VALUES ('alice@example.org', NULL, 'Alice Liddell', 'fr', NULL),
  ('zoe@example.org', NULL, 'Zoë Ångström', NULL, 0);
INSERT INTO subscriber_table VALUES ('alice@example.org', 'open-talk', 'lists.example.org', 'noconceal', NULL, 0),
  ('zoe@example.org', 'open-talk', 'lists.example.org', 'conceal', NULL, NULL),
  ('alice@example.org', 'old', 'lists.example.org', NULL, NULL, NULL),
  ('zoé@example.org', 'open-talk', 'lists.example.net', NULL, NULL, NULL);
INSERT INTO admin_table VALUES ('olive@example.org', 'open-talk', 'lists.example.org', 'owner', 'privileged', NULL, 'Olive O.'),
  ('olive@example.org', 'open-talk', 'lists.example.net', 'owner', 'privileged', NULL, 'Olive O.');
INSERT INTO session_table VALUES ('01234567890123', '01234567890123', 1800000000, 'alice@example.org', ''),
  ('11234567890123', '11234567890123', 1800000000, 'álice@example.org', ''),
  ('21234567890123', '21234567890123', 1800000000, 'olive@example.org', NULL);
