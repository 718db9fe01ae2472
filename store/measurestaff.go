package store

// worldOfPeople are tasks, mail and names that wait for somebody.
var worldOfPeople = []worldPart{
	{"calls of cadences", `INSERT INTO tasks (lead_id, enrollment_id, touch_id, kind, state, owner, title, script, ask, why, opened_at, due_at, expires_at)
		SELECT t.lead_id, t.enrollment_id, t.id, 'call', 'open', l.owner, 'Call: ' || replace(t.step_key, '-', ' '),
			'Say who you are and why you call. Ask what makes training a subject right now, and who else has a say.', ARRAY['driver', 'funding', 'months_to_decision'],
			'the cadence reached its call', w.now - interval '1 day', due, due + interval '2 days'
		FROM world w, touches t JOIN enrollments e ON e.id = t.enrollment_id JOIN leads l ON l.id = t.lead_id
		CROSS JOIN LATERAL (SELECT (SELECT now FROM world) + CASE WHEN t.lead_id % 5 < 2 THEN -1 ELSE 3 END * (t.lead_id % 30 + 1) * interval '1 hour' AS due) moment
		WHERE e.state <> 'finished' AND e.step = 2 AND t.step = 2 AND t.channel = 'call' ORDER BY t.id`},
	{"enrolments that wait for a call", `UPDATE enrollments SET in_flight = true WHERE id IN (SELECT enrollment_id FROM tasks WHERE state = 'open')`},
	{"tasks that no step filed", `INSERT INTO tasks (lead_id, kind, state, owner, title, script, ask, why, opened_at, due_at, snoozed_by, claimed_by, claimed_at, claimed_until)
		SELECT l.id, k.kind, CASE WHEN l.id % 7000 = 310 THEN 'claimed' ELSE 'open' END, l.owner, k.title, '', '{}', 'the lead asked for it', w.now - interval '3 days',
			w.now + CASE WHEN l.id % 3 = 0 THEN 1 ELSE -1 END * (1 + l.id / 500 % 200) * interval '1 hour', CASE WHEN l.id % 11 = 0 THEN l.owner ELSE '' END,
			CASE WHEN l.id % 7000 = 310 THEN sdrs[2] ELSE '' END, CASE WHEN l.id % 7000 = 310 THEN w.now - interval '5 minutes' END, CASE WHEN l.id % 7000 = 310 THEN w.now + interval '25 minutes' END
		FROM world w, leads l CROSS JOIN LATERAL (SELECT (ARRAY['callback', 'triage', 'verify', 'callback'])[1 + l.id / 500 % 4] AS kind,
			(ARRAY['Call back', 'Read the reply, and say what it means for the cadence', 'Confirm by a call what the form says', 'Call back about the offer for three sites and forty people that they asked for in March'])[1 + l.id / 500 % 4] AS title) k
		WHERE l.id % 500 IN (310, 405) ORDER BY l.id`},
	{"times that leads named", `UPDATE tasks SET not_before = due_at WHERE state IN ('open', 'claimed') AND (kind = 'callback' OR snoozed_by <> '')`},
	{"tasks that are over", `INSERT INTO tasks (lead_id, enrollment_id, touch_id, kind, state, owner, title, ask, why, opened_at, due_at, claimed_by, claimed_at, done_at, disposition, notes)
		SELECT t.lead_id, t.enrollment_id, t.id, 'call', CASE WHEN t.lead_id % 19 = 0 THEN 'expired' ELSE 'done' END, l.owner, 'Call: ' || replace(t.step_key, '-', ' '), '{}',
			'the cadence reached its call', done - interval '1 day', done - interval '2 hours', CASE WHEN t.lead_id % 19 = 0 THEN '' ELSE l.owner END, done, done,
			CASE WHEN t.lead_id % 19 = 0 THEN '' ELSE 'no_answer' END, ''
		FROM touches t JOIN enrollments e ON e.id = t.enrollment_id JOIN leads l ON l.id = t.lead_id
		CROSS JOIN LATERAL (SELECT (SELECT now FROM world) - t.lead_id / 4 % 700 * interval '1 day' - t.lead_id % 60 * interval '1 minute' AS done) moment
		WHERE e.state = 'finished' AND t.channel = 'call' ORDER BY t.id`},
	{"names that leads gave", `INSERT INTO referrals (lead_id, name, email, phone, state, by, reason, proposed_at, decided_at)
		SELECT l.id, 'Robin ' || l.last_name, 'robin.' || l.id || '@elsewhere.example.com', '', state, CASE WHEN state = 'proposed' THEN '' ELSE l.owner END, '', at,
			CASE WHEN state <> 'proposed' THEN at + interval '1 day' END
		FROM world, leads l CROSS JOIN LATERAL (SELECT now - l.id / 1000 % 300 * interval '1 day' AS at, CASE WHEN l.id % 2000 = 444 THEN 'proposed' ELSE 'accepted' END AS state) s
		WHERE l.id % 1000 = 444 ORDER BY at`},
	{"mails that were taken", `INSERT INTO inbound_mails (source, external_id, digest, sender, subject, kind, why, classification, state, note, lead_id, response_id, received_at)
		SELECT 'inbox', 'taken-' || r.id, sha256(convert_to('taken-' || r.id, 'UTF8')), l.email, 'Re: a question', r.kind, 'the Message-ID is one of ours', '{}', 'taken', '', l.id, r.id, r.at
		FROM world, responses r JOIN leads l ON l.id = r.lead_id WHERE r.kind IN ('reply', 'out_of_office', 'hard_bounce') AND r.touch_id IS NOT NULL ORDER BY r.id LIMIT (SELECT mails FROM world)`},
	{"mails that wait", `INSERT INTO inbound_mails (source, external_id, digest, sender, subject, kind, why, classification, state, note, received_at, raw)
		SELECT 'inbox', 'waits-' || i, sha256(convert_to('waits-' || i, 'UTF8')), CASE WHEN i % 9 = 0 THEN 'the.whole.process.safety.department.of.the.southern.sites.' ELSE 'somebody.' END || i
				|| '@' || lower(firms[1 + i % cardinality(firms)]) || '-' || i || '.example.com',
			'Re: hazard studies' || CASE WHEN i % 5 = 0 THEN ', and the three questions that we had at the fair about the course for shift leaders in Spain' ELSE '' END, 'reply',
			'nobody is known by that address', '{}', CASE WHEN i % 4 = 0 THEN 'set_aside' ELSE 'unmatched' END,
			CASE WHEN i % 4 = 0 THEN 'set aside by mara@example.com' ELSE 'no lead has this address, and no mail of ours is named in it' END, now - i * interval '3 hours',
			CASE WHEN i % 4 > 0 THEN mail END
		FROM world, generate_series(letters, 1, -1) AS i`},
	{"suppressed addresses", `INSERT INTO suppressions (hash, channel, reason, created_at)
		SELECT sha256(convert_to('nobody.' || i || '@elsewhere.example.com', 'UTF8')), (ARRAY['all', 'email', 'phone'])[1 + i % 3],
			(ARRAY['customers 2024', 'opted_out', 'complaint', 'do_not_call', 'hard_bounce', 'competitors', 'robinson list'])[1 + i / 3 % 7], now - i % 700 * interval '1 day'
		FROM world, generate_series(1, suppressed) AS i`},
	{"suppressed leads", `INSERT INTO suppressions (hash, channel, reason, created_at)
		SELECT DISTINCT ON (l.email) sha256(convert_to(l.email, 'UTF8')), 'all', 'opted_out', l.ended_at FROM leads l WHERE l.end_reason = 'opted_out' AND l.id % 8 = 0`},
	{"imported lists", `INSERT INTO suppression_lists (name, channel, addresses, rejected, imported_at, imported_by)
		SELECT 'list ' || i, 'email', suppressed / 12, i, now - i * interval '30 days', 'cli:ana' FROM world, generate_series(1, 12) AS i`},
	{"drafts", `INSERT INTO task_drafts (task_id, by, typed, saved_at)
		SELECT k.id, k.owner, '{"notes": "left word with reception, who says that mornings are better"}', now FROM world, tasks k WHERE k.state = 'open' AND k.id % 40 = 0`},
}

// worldOfOps are jobs, processes, people with a login, and what they did.
var worldOfOps = []worldPart{
	{"jobs that are done", `INSERT INTO river_job (state, attempt, attempted_at, attempted_by, created_at, finalized_at, scheduled_at, args, kind, queue)
		SELECT 'completed', 1, at, '{worker-1}', at, at, at, jsonb_build_object('sender', mailboxes[1], 'touch_ids', jsonb_build_array(i)), 'email_batch',
			(ARRAY['email', 'evaluate', 'call', 'voicemail', 'handoff'])[1 + i % 5]
		FROM world, generate_series(1, least(leads / 20, 50000)) AS i CROSS JOIN LATERAL (SELECT (SELECT now FROM world) - i % 86400 * interval '1 second' AS at) moment`},
	{"jobs that fail", `INSERT INTO river_job (state, attempt, max_attempts, attempted_at, attempted_by, created_at, finalized_at, scheduled_at, args, errors, kind, queue)
		SELECT state::river_job_state, 5, 25, at, '{worker-1}', at, CASE WHEN state = 'discarded' THEN at END, at + interval '1 hour',
			jsonb_build_object('sender', mailboxes[1 + i % cardinality(mailboxes)], 'touch_ids', to_jsonb(ARRAY(SELECT generate_series(1, 60)))),
			array_fill(jsonb_build_object('at', at, 'attempt', 5, 'error', 'the server said 421 4.7.0: ' || trace, 'trace', trace), ARRAY[5]), 'email_batch', 'email'
		FROM world, generate_series(1, 550) AS i CROSS JOIN LATERAL (SELECT CASE WHEN i % 11 < 8 THEN 'discarded' ELSE 'retryable' END AS state,
			(SELECT now FROM world) - i * interval '7 minutes' AS at) moment`},
	{"jobs that are ready", `INSERT INTO river_job (state, created_at, scheduled_at, args, kind, queue)
		SELECT 'available', now, now - i * interval '1 second', '{}', 'evaluate', 'evaluate' FROM world, generate_series(1, 2000) AS i`},
	{"queues", `INSERT INTO river_queue (name, created_at, paused_at, updated_at)
		SELECT name, now, CASE WHEN name = 'voicemail' THEN now - interval '3 hours' END, now FROM world, unnest(ARRAY['email', 'evaluate', 'call', 'voicemail', 'handoff']) AS name`},
	{"workers", `INSERT INTO workers (id, host, pid, started_at, seen_at)
		SELECT 'worker-' || i, 'host-' || i || '.example.com', 4000 + i, now - interval '9 days', now - CASE WHEN i = 3 THEN interval '40 minutes' ELSE -interval '1 day' END
		FROM world, generate_series(1, 3) AS i`},
	{"paused mailboxes", `INSERT INTO senders (mailbox, paused_at, reason)
		SELECT mailboxes[i], now - i * interval '5 hours', 'too many of its mails were refused: 14 of 60 since this morning' FROM world, generate_series(1, 2) AS i`},
	{"what was sent today", `INSERT INTO capacity_taken (channel, sender, domain, at, n)
		SELECT 'email', mailboxes[1 + i % cardinality(mailboxes)], '', now - i * interval '40 seconds', 3 FROM world, generate_series(1, 2000) AS i`},
	{"people with a login", `INSERT INTO users (email, name, role, created_at, logged_in_at, disabled_at)
		SELECT 'person.' || i || '@example.com', CASE WHEN i % 20 = 0 THEN 'Maximiliane von Hohenlohe-Waldenburg-Schillingsfürst' ELSE 'Person ' || i END,
			(ARRAY['sdr', 'sales', 'marketer', 'manager', 'ops', 'sdr'])[1 + i % 6], now - interval '1 year', CASE WHEN i % 5 > 0 THEN now - i * interval '3 hours' END,
			CASE WHEN i % 13 = 0 THEN now END
		FROM world, generate_series(1, 250) AS i`},
	{"tokens", `INSERT INTO api_tokens (hash, name, role, created_by, created_at, expires_at, revoked_at, used_at)
		SELECT sha256(convert_to('token-' || i, 'UTF8')), 'dashboard ' || i, 'ops', 'person.1@example.com', now - i * interval '1 day', now + (90 - i) * interval '1 day',
			CASE WHEN i % 7 = 0 THEN now END, CASE WHEN i % 3 > 0 THEN now - i * interval '1 minute' END
		FROM world, generate_series(1, 150) AS i`},
	{"sessions", `INSERT INTO sessions (token, data, expires_at) SELECT 'session-' || i, '\x00', now + interval '3 days' FROM world, generate_series(1, 500) AS i`},
	{"the audit log", `INSERT INTO audit_log (at, who, role, action, object, outcome, address)
		SELECT now - (n - i) * interval '5 minutes', 'person.' || 1 + i % 250 || '@example.com', 'sdr', (ARRAY['POST /desk/tasks/{id}/log', 'POST /desk/tasks/{id}/snooze',
			'POST /desk/inbox/{id}/assign', 'POST /desk/leads/{id}/suppress'])[1 + i % 4], (1 + i * 31 % leads)::text, CASE WHEN i % 50 = 0 THEN 'refused' ELSE 'done' END, '192.0.2.' || i % 250
		FROM world, generate_series(1, greatest(leads / 5, 200)) AS i CROSS JOIN LATERAL (SELECT greatest(leads / 5, 200) AS n FROM world) counted ORDER BY i`},
}
