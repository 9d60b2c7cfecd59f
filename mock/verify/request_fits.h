/* SPDX-License-Identifier: Apache-2.0 */
/* The single questions of request_filter_fits, for whoever says which of them has another answer.
 */
#pragma once

#include "mock/verify/request_filter.h"

/* `*` in a pattern is any text of one segment, `**` any text. */
bool fits_pattern(const char *pattern, struct str path, struct arena *arena);
/* Each is true, too, where nothing of the kind is asked for. */
bool fits_path(const struct request_filter *filter, const struct journal_record *record);
bool fits_name(const struct admin_names *names, const char *text);
bool fits_status(const struct request_filter *filter, int status);
bool fits_touched(const struct request_filter *filter, const struct journal_record *record);
bool fits_side(const struct request_filter *filter, const struct journal_record *record);
bool fits_fault(const struct request_filter *filter, const struct journal_record *record);
bool fits_time(const struct request_filter *filter, const struct journal_record *record);
/* What the part is of this entry, as a tree; NULL: there is none. */
cJSON *fits_part_tree(const struct request_filter *filter, const struct wanted_part *part,
                      const struct journal_record *record, struct arena *arena);
