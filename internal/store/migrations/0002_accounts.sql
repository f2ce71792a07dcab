-- +goose Up
-- Whether and nothing else is 0 or 1. Keys that names and addresses are sorted
-- and searched by are bytes, which both engines compare in the same way.

CREATE TABLE account (
  id                  TEXT   NOT NULL PRIMARY KEY,
  email               TEXT   NOT NULL,
  email_key           TEXT   NOT NULL UNIQUE,
  name                TEXT   NOT NULL,
  language            TEXT   NOT NULL,
  password_hash       TEXT   NOT NULL, -- empty: none was set
  password_changed_at BIGINT,
  verified_at         BIGINT,
  operator            BIGINT NOT NULL CHECK (operator IN (0, 1)),
  created_at          BIGINT NOT NULL
);

CREATE TABLE organization (
  id                TEXT   NOT NULL PRIMARY KEY,
  name              TEXT   NOT NULL,
  sharing_outside   BIGINT NOT NULL CHECK (sharing_outside IN (0, 1)),
  max_lifetime      BIGINT CHECK (max_lifetime > 0), -- seconds; NULL: the instance's
  max_views         BIGINT CHECK (max_views >= 1), -- NULL is unlimited
  password_required BIGINT NOT NULL CHECK (password_required IN (0, 1)),
  email_links       BIGINT NOT NULL CHECK (email_links IN (0, 1)),
  strict_views      BIGINT NOT NULL CHECK (strict_views IN (0, 1)),
  event_life        BIGINT NOT NULL CHECK (event_life > 0), -- seconds
  created_at        BIGINT NOT NULL
);

-- Apart from its organization, so that the picture is read only to be shown.
CREATE TABLE brand (
  org         TEXT  NOT NULL PRIMARY KEY REFERENCES organization (id),
  name        TEXT  NOT NULL,
  logo        BYTEA,
  accent      TEXT  NOT NULL, -- empty: the instance's own, as is the next
  accent_deep TEXT  NOT NULL
);

CREATE TABLE member (
  org       TEXT   NOT NULL REFERENCES organization (id),
  account   TEXT   NOT NULL REFERENCES account (id),
  role      TEXT   NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
  joined_at BIGINT NOT NULL,
  PRIMARY KEY (org, account)
);
CREATE INDEX member_joined ON member (org, joined_at, account);
CREATE INDEX member_account ON member (account, joined_at);

CREATE TABLE invitation (
  id          TEXT   NOT NULL PRIMARY KEY,
  org         TEXT   NOT NULL REFERENCES organization (id),
  email       TEXT   NOT NULL,
  email_key   TEXT   NOT NULL,
  role        TEXT   NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
  hash        BYTEA  NOT NULL UNIQUE,
  invited_by  TEXT   NOT NULL, -- kept when the account is gone
  created_at  BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL,
  accepted_at BIGINT,
  revoked_at  BIGINT CHECK (revoked_at IS NULL OR accepted_at IS NULL)
);
CREATE INDEX invitation_created ON invitation (org, created_at, id);

-- One open invitation for each address.
CREATE UNIQUE INDEX invitation_open ON invitation (org, email_key) WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE TABLE session (
  id         TEXT   NOT NULL PRIMARY KEY,
  account    TEXT   NOT NULL REFERENCES account (id),
  hash       BYTEA  NOT NULL UNIQUE,
  org        TEXT   REFERENCES organization (id), -- NULL: the personal space
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,
  agent      TEXT   NOT NULL,
  net        TEXT
);
CREATE INDEX session_account ON session (account, seen_at);
CREATE INDEX session_seen ON session (seen_at);
CREATE INDEX session_created ON session (created_at);

CREATE TABLE ticket (
  hash       BYTEA  NOT NULL PRIMARY KEY,
  kind       TEXT   NOT NULL CHECK (kind IN ('setup', 'verify', 'reset', 'change_email', 'undo_email')),
  account    TEXT   REFERENCES account (id) CHECK (account IS NOT NULL OR kind = 'setup'),
  email      TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at    BIGINT
);
CREATE INDEX ticket_account ON ticket (account, kind);
CREATE INDEX ticket_expires ON ticket (expires_at);

CREATE TABLE token (
  id         TEXT   NOT NULL PRIMARY KEY,
  account    TEXT   NOT NULL REFERENCES account (id),
  org        TEXT   REFERENCES organization (id), -- NULL: all of the account's
  name       TEXT   NOT NULL,
  hash       BYTEA  NOT NULL UNIQUE,
  scopes     TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at    BIGINT,
  revoked_at BIGINT
);
CREATE INDEX token_account ON token (account, created_at, id);

-- Failures to sign in, for an address and a network, and under the empty network
-- for an address from anywhere. Addresses are hashed: most are nobody's.
CREATE TABLE sign_in_failure (
  who      BYTEA  NOT NULL,
  net      TEXT   NOT NULL,
  failures BIGINT NOT NULL CHECK (failures >= 1),
  since    BIGINT NOT NULL,
  PRIMARY KEY (who, net)
);
CREATE INDEX sign_in_failure_since ON sign_in_failure (since);

-- Networks from which somebody signed in before.
CREATE TABLE sign_in_network (
  account TEXT   NOT NULL REFERENCES account (id),
  net     TEXT   NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (account, net)
);

CREATE TABLE setting (
  name       TEXT   NOT NULL PRIMARY KEY,
  value      TEXT   NOT NULL,
  changed_at BIGINT NOT NULL
);

CREATE TABLE outbox (
  number     BIGINT NOT NULL PRIMARY KEY,
  kind       TEXT   NOT NULL,
  recipient  TEXT   NOT NULL,
  account    TEXT, -- kept when the account is gone
  language   TEXT   NOT NULL,
  payload    BYTEA, -- NULL once it was sent or given up: it may hold a link
  created_at BIGINT NOT NULL,
  due_at     BIGINT NOT NULL,
  tries      BIGINT NOT NULL DEFAULT 0 CHECK (tries >= 0),
  sent_at    BIGINT CHECK (sent_at IS NULL OR payload IS NULL),
  failed_at  BIGINT CHECK (failed_at IS NULL OR (payload IS NULL AND sent_at IS NULL)),
  reason     TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX outbox_failed ON outbox (number) WHERE failed_at IS NOT NULL;
CREATE INDEX outbox_created ON outbox (created_at);

-- Secrets of signed-in senders. The anonymous ones are in none of the indexes.

ALTER TABLE secret ADD COLUMN owner TEXT REFERENCES account (id);
ALTER TABLE secret ADD COLUMN org TEXT REFERENCES organization (id);
ALTER TABLE secret ADD COLUMN organization_only BIGINT NOT NULL DEFAULT 0 CHECK (organization_only = 0 OR (organization_only = 1 AND org IS NOT NULL));
ALTER TABLE secret ADD COLUMN name TEXT;
ALTER TABLE secret ADD COLUMN name_key BYTEA CHECK ((name IS NULL) = (name_key IS NULL));
ALTER TABLE secret ADD COLUMN language TEXT;

-- When the last of its views ends, open or not.
ALTER TABLE secret ADD COLUMN grace_until BIGINT;
UPDATE secret SET grace_until = (SELECT MAX(v.grace_until) FROM secret_view AS v WHERE v.secret = secret.number) WHERE views > 0;

-- A list is put together from one run of an index for each status, so that an
-- index for each sort serves it with and without a filter. The expression is
-- status in list.go, character for character.

CREATE INDEX secret_owner_created ON secret (owner, (CASE WHEN ended = 'used_up' THEN 3 WHEN ended = 'expired' THEN 4 WHEN ended = 'deleted' THEN 5 WHEN locked_at IS NOT NULL THEN 2 WHEN views > 0 THEN 1 ELSE 0 END), number) WHERE owner IS NOT NULL;
CREATE INDEX secret_owner_expires ON secret (owner, (CASE WHEN ended = 'used_up' THEN 3 WHEN ended = 'expired' THEN 4 WHEN ended = 'deleted' THEN 5 WHEN locked_at IS NOT NULL THEN 2 WHEN views > 0 THEN 1 ELSE 0 END), expires_at, number) WHERE owner IS NOT NULL;
CREATE INDEX secret_owner_views ON secret (owner, (CASE WHEN ended = 'used_up' THEN 3 WHEN ended = 'expired' THEN 4 WHEN ended = 'deleted' THEN 5 WHEN locked_at IS NOT NULL THEN 2 WHEN views > 0 THEN 1 ELSE 0 END), views, number) WHERE owner IS NOT NULL;
CREATE INDEX secret_owner_name ON secret (owner, (CASE WHEN ended = 'used_up' THEN 3 WHEN ended = 'expired' THEN 4 WHEN ended = 'deleted' THEN 5 WHEN locked_at IS NOT NULL THEN 2 WHEN views > 0 THEN 1 ELSE 0 END), name_key, number) WHERE owner IS NOT NULL;
CREATE INDEX secret_org_created ON secret (org, (CASE WHEN ended = 'used_up' THEN 3 WHEN ended = 'expired' THEN 4 WHEN ended = 'deleted' THEN 5 WHEN locked_at IS NOT NULL THEN 2 WHEN views > 0 THEN 1 ELSE 0 END), number) WHERE org IS NOT NULL;
CREATE INDEX secret_org_expires ON secret (org, (CASE WHEN ended = 'used_up' THEN 3 WHEN ended = 'expired' THEN 4 WHEN ended = 'deleted' THEN 5 WHEN locked_at IS NOT NULL THEN 2 WHEN views > 0 THEN 1 ELSE 0 END), expires_at, number) WHERE org IS NOT NULL;
CREATE INDEX secret_org_views ON secret (org, (CASE WHEN ended = 'used_up' THEN 3 WHEN ended = 'expired' THEN 4 WHEN ended = 'deleted' THEN 5 WHEN locked_at IS NOT NULL THEN 2 WHEN views > 0 THEN 1 ELSE 0 END), views, number) WHERE org IS NOT NULL;
CREATE INDEX secret_org_name ON secret (org, (CASE WHEN ended = 'used_up' THEN 3 WHEN ended = 'expired' THEN 4 WHEN ended = 'deleted' THEN 5 WHEN locked_at IS NOT NULL THEN 2 WHEN views > 0 THEN 1 ELSE 0 END), name_key, number) WHERE org IS NOT NULL;

-- One log for secrets, accounts and organizations. It refers to secrets by their
-- number and to all else by id, without foreign keys: its lines outlive what
-- they speak of. There is no key besides the indexes, so that a line about an
-- anonymous secret costs one entry in one of them.

ALTER TABLE event RENAME TO event_1;

CREATE TABLE event (
  number  BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  action  TEXT   NOT NULL,
  secret  BIGINT, -- resolves until only the secret's id is left
  actor   TEXT,
  org     TEXT,
  subject TEXT,
  refused TEXT,
  net     TEXT,
  CHECK (secret IS NOT NULL OR actor IS NOT NULL OR org IS NOT NULL OR subject IS NOT NULL)
);
INSERT INTO event (number, at, action, secret)
SELECT number, at, action, secret
FROM event_1
ORDER BY number;
DROP TABLE event_1;

CREATE UNIQUE INDEX event_secret ON event (secret, number) WHERE secret IS NOT NULL;
CREATE INDEX event_org ON event (org, number) WHERE org IS NOT NULL;
CREATE INDEX event_org_actor ON event ((org || ' ' || actor), number) WHERE org IS NOT NULL;
CREATE INDEX event_org_action ON event ((org || ' ' || action), number) WHERE org IS NOT NULL;

-- What stands in no organization's log and is kept like one.
CREATE INDEX event_own ON event (number) WHERE org IS NULL AND (secret IS NULL OR actor IS NOT NULL);

-- The log's own clock: see appendOnly in sqlite.go and postgres.go.
CREATE INDEX event_pruned ON event (at) WHERE action = 'events_pruned';
