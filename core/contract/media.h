/* SPDX-License-Identifier: Apache-2.0 */
/* Media types (RFC 9110 section 8.3.1), as far as a contract asks; private to core/contract. */
#pragma once

#include "core/base/str.h"

/* "Application/JSON; charset=utf-8" without parameters and blanks; a view, in its own case. */
struct str media_essence(const char *value);
bool media_is(const char *value, const char *essence); /* parameters and case ignored */
bool media_is_json(const char *value);                 /* application/json, +json */
bool media_is_text(const char *value);                 /* text/..., XML, javascript, yaml */
/* How well a type that a contract names fits: 0 not at all, more is nearer. */
int media_fit(const char *named, const char *value);
