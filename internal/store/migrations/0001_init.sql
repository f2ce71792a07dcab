-- +goose Up
-- One text for SQLite and PostgreSQL. Times are milliseconds UTC. Tables are
-- kept in the order of insertion, by numbers that rise with time; the random
-- public id is an index beside one of them.

CREATE TABLE secret (
  number            BIGINT NOT NULL PRIMARY KEY,
  id                TEXT   NOT NULL UNIQUE,
  header            BYTEA  NOT NULL,
  key_commit        BYTEA  NOT NULL,
  link_hash         BYTEA  NOT NULL,
  access_hash       BYTEA  NOT NULL,
  manage_hash       BYTEA  NOT NULL,
  content_length    BIGINT NOT NULL,
  stored            BIGINT NOT NULL CHECK (stored BETWEEN 0 AND content_length),
  expires_in        BIGINT NOT NULL, -- seconds, as asked for
  max_views         BIGINT CHECK (max_views >= 1), -- NULL is unlimited
  created_at        BIGINT NOT NULL,
  expires_at        BIGINT NOT NULL,
  views             BIGINT NOT NULL DEFAULT 0 CHECK (views >= 0 AND (max_views IS NULL OR views <= max_views)),
  password_failures BIGINT NOT NULL DEFAULT 0 CHECK (password_failures BETWEEN 0 AND 10),
  last_wrong        BYTEA,
  locked_at         BIGINT,
  unlocked_at       BIGINT,
  ended             TEXT CHECK (ended IN ('used_up', 'expired', 'deleted')),
  ended_at          BIGINT CHECK ((ended IS NULL) = (ended_at IS NULL)),
  deleted_at        BIGINT,
  disputed_at       BIGINT,
  due_at            BIGINT -- when the sweeper has to look; NULL once only the id is left
);

-- Finds what is due, and sums what is stored without reading the table.
CREATE INDEX secret_due ON secret (due_at, stored) WHERE due_at IS NOT NULL;

CREATE TABLE content (
  secret BIGINT NOT NULL PRIMARY KEY REFERENCES secret (number),
  sealed BYTEA  NOT NULL
);

CREATE TABLE secret_view (
  id          TEXT   NOT NULL PRIMARY KEY,
  secret      BIGINT NOT NULL REFERENCES secret (number),
  view_hash   BYTEA  NOT NULL,
  number      BIGINT NOT NULL CHECK (number >= 1),
  opened_at   BIGINT NOT NULL,
  grace_until BIGINT NOT NULL,
  closed_at   BIGINT,
  UNIQUE (secret, number)
);

CREATE TABLE event (
  secret BIGINT NOT NULL REFERENCES secret (number),
  number BIGINT NOT NULL,
  at     BIGINT NOT NULL,
  action TEXT   NOT NULL,
  PRIMARY KEY (secret, number)
);
