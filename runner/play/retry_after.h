/* SPDX-License-Identifier: Apache-2.0 */
/* The header Retry-After (RFC 9110 section 10.2.3). Pure functions. */
#pragma once

#include "core/base/instant.h"

/* An HTTP date in any of its three forms. 0 or -1. */
int retry_after_date(const char *text, nanos *instant);
/*
 * How long `text` asks to wait: seconds, or until a date, counted from the answer's own Date
 * (`date`, may be NULL or no date) or else from `now`. False when it says nothing that can be
 * waited for.
 */
bool retry_after_parse(const char *text, const char *date, nanos now, nanos *wait);
