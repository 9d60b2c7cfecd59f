/* SPDX-License-Identifier: Apache-2.0 */
/* Where the faults of an exchange are chosen, and the points at which they act on it. */
#pragma once

#include "mock/faults/set.h"

/* The stage: reads X-Dryrun-Fault, chooses, lets `before` act. True: the exchange was answered. */
bool faults_begin(struct exchange *exchange);
/* When an answer turns out to be a stream: adds those of streams, with the world's lock held. */
void faults_choose_stream(struct exchange *exchange);
/* The points within the play, with the world's lock: see mock/faults/kind.h. */
void faults_named(struct exchange *exchange);
void faults_decided(struct exchange *exchange);
void faults_moved(struct exchange *exchange);
void faults_settled(struct exchange *exchange);
/* The answer is made, whatever it is: those that had no turn are withdrawn. */
void faults_answered(struct exchange *exchange);
/* What is sent for `body` (a reference, given back); without the world's lock. */
struct text *faults_change(struct exchange *exchange, struct text *body);
/* True: one of them has sent the answer in its own way. */
bool faults_send(struct exchange *exchange, struct http_response *response);
/* Their names, and what they did where they say it, for the journal; how many there are. */
size_t faults_told(const struct exchange *exchange, const char *const **told);

/*
 * For rows: lets time pass, real or the world's as the rule says. While it does the exchange counts
 * as running and holds a parking place. False: the client has left, the server stops or no place is
 * left: fault_leave.
 */
bool fault_pause(struct exchange *exchange, const struct fault_hit *hit, nanos length);
/* It found nothing to do: as if it had not been chosen; a request that asked for it by a header is
 * told why. */
void fault_withdraw(struct fault_hit *hit, const char *why);
/* The same within the play, with the world's lock held; false also when the session is gone. */
bool fault_pause_in_play(struct exchange *exchange, const struct fault_hit *hit, nanos length);
/* The service's own error of this status, journalled and sent. `named` (may be NULL): the error of
 * its catalogue; `status` 0: that one's own; `message` NULL: the usual phrase. */
void fault_refuse(struct exchange *exchange, const char *named, int status, const char *message);
/* In `change`: the same in the place of what the service answered. */
struct text *fault_reword(struct exchange *exchange, struct text *body, const char *named,
                          int status, const char *message);
/* Sends what the row put into the exchange in `before`, outside of any play. */
void fault_respond(struct exchange *exchange);
/* In `before`: the service never sees the request and answers nothing. It is in the journal, with
 * status 0, before the row writes bytes or closes. */
void fault_unanswered(struct exchange *exchange);
/* Closes without a word; `before` has not answered yet. */
void fault_leave(struct exchange *exchange);
/* All that there still is to send. */
void fault_send_last(struct exchange *exchange, const struct strbuf *bytes);
/* `change` of rows that cut up or spoil a body: withdraws them where there is none. */
struct text *fault_needs_body(struct exchange *exchange, struct fault_hit *hit, struct text *body);
/* Whether the row's `effect` is this one. */
bool fault_is_applied(const struct fault_hit *hit);
