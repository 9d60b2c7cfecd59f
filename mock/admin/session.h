/* SPDX-License-Identifier: Apache-2.0 */
/* What the admin API's routes about sessions share. */
#pragma once

#include "mock/admin/call.h"

/* All that is known of one, in the call's arena; NULL: there is none of that name. */
cJSON *admin_session_json(struct admin_call *call, const char *name);
/* As --clock takes it. */
const char *admin_clock_text(struct arena *arena, const struct clock_settings *clock);
