#include "bench/postgres/schema.h"

#include <fmt/format.h>

namespace lumbung {

// fillfactor: room in each page for new versions of its rows, so that no update touches an index
// (HOT), and dead versions are cleared in passing. No index but the two primary keys.
//
// pay tries what nearly always succeeds: the check stands in the WHERE of the update that takes the
// lock, so that no row is read twice. What does not succeed is undone and decided by
// decide_payment, with both rows locked. pay_batch likewise: all at once if each account could bear
// all its debits of the batch before any credit, which is on the safe side; else one by one.
const char kPostgresSchema[] = R"sql(
CREATE TABLE accounts (
  id bigint PRIMARY KEY,
  balance bigint NOT NULL DEFAULT 0,
  floor bigint NOT NULL,
  ceiling bigint NOT NULL,
  transaction_limit bigint NOT NULL,
  status smallint NOT NULL DEFAULT 0,   -- 0 open, 1 frozen, 2 closed
  day_limit bigint,                     -- NULL: none, and nothing is counted
  spent bigint NOT NULL DEFAULT 0,      -- on the day of the next column
  spent_day date
) WITH (fillfactor = 40);

CREATE TABLE payments (
  id uuid PRIMARY KEY,
  debit_account bigint NOT NULL,
  credit_account bigint NOT NULL,
  amount bigint NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  outcome smallint NOT NULL,
  CHECK (amount > 0 AND debit_account <> credit_account)
);

CREATE FUNCTION business_day() RETURNS date LANGUAGE sql STABLE AS
$$ SELECT (now() AT TIME ZONE 'Asia/Jakarta')::date $$;

-- What was spent today from an account that has a limit a day.
CREATE FUNCTION spent_today(spent bigint, spent_day date) RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN spent_day = business_day() THEN spent ELSE 0 END $$;

-- What to answer to an id that is there already.
CREATE FUNCTION repeated(payment uuid, debit bigint, credit bigint, sen bigint)
RETURNS smallint LANGUAGE sql AS $$
  SELECT CASE WHEN (debit_account, credit_account, amount) = (debit, credit, sen)
              THEN -outcome ELSE 190 END::smallint
    FROM payments WHERE id = payment
$$;

-- Decides a payment that is recorded as accepted already, with both accounts locked: posts it, or
-- corrects the record.
CREATE FUNCTION decide_payment(payment uuid, debit bigint, credit bigint, sen bigint)
RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE
  d accounts;
  c accounts;
  verdict smallint;
BEGIN
  PERFORM 1 FROM accounts WHERE id IN (debit, credit) ORDER BY id FOR NO KEY UPDATE;
  SELECT * INTO d FROM accounts WHERE id = debit;
  SELECT * INTO c FROM accounts WHERE id = credit;
  verdict := CASE
    WHEN d.id IS NULL THEN 220
    WHEN c.id IS NULL THEN 221
    WHEN d.status = 2 THEN 223
    WHEN c.status = 2 THEN 224
    WHEN d.status = 1 THEN 225
    WHEN c.status = 1 THEN 226
    WHEN sen > d.transaction_limit THEN 228
    WHEN sen > d.day_limit - spent_today(d.spent, d.spent_day) THEN 229
    WHEN d.balance < d.floor + sen THEN 231
    WHEN c.balance > c.ceiling - sen THEN 232
    ELSE 1 END;
  IF verdict <> 1 THEN
    UPDATE payments SET outcome = verdict WHERE id = payment;
    RETURN verdict;
  END IF;
  UPDATE accounts
     SET balance = balance - sen,
         spent = CASE WHEN day_limit IS NULL THEN spent
                      ELSE spent_today(spent, spent_day) + sen END,
         spent_day = CASE WHEN day_limit IS NULL THEN spent_day ELSE business_day() END
   WHERE id = debit;
  UPDATE accounts SET balance = balance + sen WHERE id = credit;
  RETURN 1;
END $$;

CREATE FUNCTION pay(payment uuid, debit bigint, credit bigint, sen bigint)
RETURNS smallint LANGUAGE plpgsql AS $$
BEGIN
  IF debit = credit THEN RETURN 108; END IF;
  IF sen <= 0 THEN RETURN 109; END IF;
  INSERT INTO payments (id, debit_account, credit_account, amount, outcome)
  VALUES (payment, debit, credit, sen, 1) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN repeated(payment, debit, credit, sen); END IF;

  IF debit < credit THEN
    UPDATE accounts SET balance = balance - sen
     WHERE id = debit AND status = 0 AND sen <= transaction_limit AND day_limit IS NULL
       AND balance >= floor + sen;
    IF FOUND THEN
      UPDATE accounts SET balance = balance + sen
       WHERE id = credit AND status = 0 AND balance <= ceiling - sen;
      IF FOUND THEN RETURN 1; END IF;
      UPDATE accounts SET balance = balance + sen WHERE id = debit;
    END IF;
  ELSE
    UPDATE accounts SET balance = balance + sen
     WHERE id = credit AND status = 0 AND balance <= ceiling - sen;
    IF FOUND THEN
      UPDATE accounts SET balance = balance - sen
       WHERE id = debit AND status = 0 AND sen <= transaction_limit AND day_limit IS NULL
         AND balance >= floor + sen;
      IF FOUND THEN RETURN 1; END IF;
      UPDATE accounts SET balance = balance - sen WHERE id = credit;
    END IF;
  END IF;
  RETURN decide_payment(payment, debit, credit, sen);
END $$;

-- For a batch in which not everything is new and certain to be accepted.
CREATE FUNCTION pay_one_by_one(ids uuid[], debits bigint[], credits bigint[], amounts bigint[])
RETURNS smallint[] LANGUAGE plpgsql AS $$
DECLARE
  recorded uuid[];
  outcomes smallint[] := array_fill(0::smallint, ARRAY[cardinality(ids)]);
  p record;
BEGIN
  WITH inserted AS (
    INSERT INTO payments (id, debit_account, credit_account, amount, outcome)
    SELECT id, debit, credit, sen, 1
      FROM unnest(ids, debits, credits, amounts) WITH ORDINALITY AS r(id, debit, credit, sen, place)
     WHERE sen > 0 AND debit <> credit
     ORDER BY id, place
    ON CONFLICT DO NOTHING RETURNING id)
  SELECT array_agg(id) INTO recorded FROM inserted;
  PERFORM 1 FROM accounts WHERE id = ANY (debits || credits) ORDER BY id FOR NO KEY UPDATE;
  FOR p IN
    SELECT r.*, n.id IS NOT NULL
                AND row_number() OVER (PARTITION BY r.id, debit <> credit AND sen > 0
                                       ORDER BY place) = 1 AS is_new
      FROM unnest(ids, debits, credits, amounts) WITH ORDINALITY AS r(id, debit, credit, sen, place)
      LEFT JOIN unnest(recorded) AS n(id) ON n.id = r.id
     ORDER BY place
  LOOP
    outcomes[p.place] := CASE
      WHEN p.debit = p.credit THEN 108
      WHEN p.sen <= 0 THEN 109
      WHEN p.is_new THEN decide_payment(p.id, p.debit, p.credit, p.sen)
      ELSE repeated(p.id, p.debit, p.credit, p.sen) END;
  END LOOP;
  RETURN outcomes;
END $$;

CREATE FUNCTION pay_batch(ids uuid[], debits bigint[], credits bigint[], amounts bigint[])
RETURNS smallint[] LANGUAGE plpgsql
-- The order of the locks is that of the accounts: the sorted sums drive the update.
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  all_posted boolean;
BEGIN
  BEGIN
    INSERT INTO payments (id, debit_account, credit_account, amount, outcome)
    SELECT id, debit, credit, sen, 1
      FROM unnest(ids, debits, credits, amounts) AS r(id, debit, credit, sen)
     ORDER BY id;
    -- Batches meet on many accounts. One that waited here sees what the other did; one that waited
    -- at the first account would have to look at each of them a second time.
    PERFORM pg_advisory_xact_lock(1);
    WITH sums AS MATERIALIZED (
      SELECT account, sum(taken)::bigint AS taken, sum(given)::bigint AS given,
             max(taken) AS most
        FROM (SELECT debit AS account, sen AS taken, 0::bigint AS given
                FROM unnest(debits, amounts) AS r(debit, sen)
              UNION ALL
              SELECT credit, 0, sen FROM unnest(credits, amounts) AS r(credit, sen)) AS sides
       GROUP BY account ORDER BY account),
    posted AS (
      UPDATE accounts SET balance = balance - taken + given
        FROM sums
       WHERE id = account AND status = 0 AND most <= transaction_limit
         AND (day_limit IS NULL OR taken = 0)
         AND balance >= floor + taken AND balance <= ceiling - given
      RETURNING 1)
    SELECT (SELECT count(*) FROM posted) = (SELECT count(*) FROM sums) INTO all_posted;
    IF all_posted THEN RETURN array_fill(1::smallint, ARRAY[cardinality(ids)]); END IF;
    RAISE SQLSTATE 'LB001';
  EXCEPTION WHEN unique_violation OR check_violation OR SQLSTATE 'LB001' THEN
    NULL;  -- all of the above is undone
  END;
  RETURN pay_one_by_one(ids, debits, credits, amounts);
END $$;
)sql";

std::string OpenAccountsSql(uint32_t count) {
  // 2^61: no sum of two overflows.
  constexpr int64_t kWide = int64_t{1} << 61;
  return fmt::format(
      "INSERT INTO accounts (id, floor, ceiling, transaction_limit) "
      "SELECT n, -{0}, {0}, {0} FROM generate_series(1, {1}) AS n",
      kWide, count);
}

const char kPostgresSums[] = R"sql(
WITH accepted AS (SELECT * FROM payments WHERE outcome = 1),
sides AS (
  SELECT debit_account AS id, -amount AS change FROM accepted
  UNION ALL SELECT credit_account, amount FROM accepted),
expected AS (SELECT id, sum(change) AS balance FROM sides GROUP BY id)
SELECT (SELECT count(*) FROM accounts AS a FULL JOIN expected AS e USING (id)
         WHERE coalesce(a.balance, 0) <> coalesce(e.balance, 0)),
       (SELECT coalesce(sum(balance), 0) FROM accounts),
       (SELECT count(*) FROM accepted),
       (SELECT coalesce(sum(amount), 0) FROM accepted)
)sql";

}  // namespace lumbung
