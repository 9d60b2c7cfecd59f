/* SPDX-License-Identifier: Apache-2.0 */
/* What changes (change.c) and births (birth.c) share; nobody else includes this. */
#pragma once

#include "mock/change.h"

struct passage { /* of a resource from one state to another; STATE_ABSENT before birth */
    int from, to;
};

void change_bind_passage(struct play *play, const struct machine *machine, struct passage passage);
void change_assign(struct play *play, cJSON *tree, const struct assignments *assignments);
void change_set_all(struct play *play, cJSON *tree, const cJSON *values);
void change_set_state(struct play *play, const struct kind *kind, cJSON *tree, int state);
/* Sets the members of the hooks that fit; gives which ones do. */
uint64_t change_hook_members(struct play *play, const struct kind *kind, cJSON **tree,
                             struct passage passage);
void change_hook_steps(struct play *play, struct resource *resource, uint64_t fitting);
/* Outcome, timers, forced states, events, webhooks. */
void change_follow_move(struct play *play, struct resource *resource, struct passage passage);
void change_settle_later(struct play *play, struct resource *resource);
bool change_too_deep(struct play *play);
