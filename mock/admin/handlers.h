/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers that the table of admin.c names; docs/ADMIN.md says what each does. */
#pragma once

#include "mock/admin/call.h"

/* access.c: whether the call is let in; else it was refused */
bool admin_may_call(struct admin_call *call);
/* dashboard.c */
void admin_dashboard(struct admin_call *call);
void admin_dashboard_file(struct admin_call *call);
/* about.c */
void admin_index(struct admin_call *call);
void admin_health(struct admin_call *call);
void admin_ready(struct admin_call *call);
void admin_version(struct admin_call *call);
void admin_lifecycles(struct admin_call *call);
/* reload.c */
void admin_providers(struct admin_call *call);
void admin_reload(struct admin_call *call);
/* metrics.c */
void admin_metrics(struct admin_call *call);
/* requests.c */
void admin_requests(struct admin_call *call);
void admin_requests_count(struct admin_call *call);
void admin_requests_clear(struct admin_call *call);
void admin_requests_unmatched(struct admin_call *call);
void admin_request(struct admin_call *call);
/* verify.c */
void admin_verify(struct admin_call *call);
/* near.c */
void admin_near_misses(struct admin_call *call);
/* resources.c, history.c */
void admin_resources(struct admin_call *call);
void admin_resource(struct admin_call *call);
void admin_history(struct admin_call *call);
void admin_picture(struct admin_call *call); /* picture.c */
/* clock.c */
void admin_clock(struct admin_call *call);
void admin_freeze(struct admin_call *call);
void admin_thaw(struct admin_call *call);
cJSON *admin_clock_json(struct admin_call *call); /* what `GET clock` says; with the lock held */
/* advance.c */
void admin_advance(struct admin_call *call);
/* wait.c */
void admin_sleep(struct admin_call *call);
void admin_wait(struct admin_call *call);
/* outcomes.c */
void admin_outcomes(struct admin_call *call);
void admin_force(struct admin_call *call);
void admin_signal(struct admin_call *call);
void admin_unforce(struct admin_call *call);
/* faults.c */
void admin_faults(struct admin_call *call);
void admin_add_faults(struct admin_call *call);
void admin_replace_faults(struct admin_call *call);
void admin_clear_faults(struct admin_call *call);
void admin_remove_fault(struct admin_call *call);
/* session_new.c */
void admin_session_new(struct admin_call *call);
/* state.c */
void admin_state_export(struct admin_call *call);
void admin_state_import(struct admin_call *call);
/* sessions.c */
void admin_sessions(struct admin_call *call);
void admin_sessions_delete(struct admin_call *call);
void admin_session(struct admin_call *call);
void admin_session_reset(struct admin_call *call);
void admin_session_delete(struct admin_call *call);
void admin_participants(struct admin_call *call);
void admin_reset(struct admin_call *call);
