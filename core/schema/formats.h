/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in formats (2020-12 validation section 7.3, OpenAPI's numbers) and the readers behind
 * them; private to core/schema. Each reader sees terminated UTF-8 with U+0000 as C0 80.
 */
#pragma once

#include "core/schema/schema.h"

const struct schema_format *format_find(const char *name);

/* formats_time.c: RFC 3339 and its appendix A */
bool is_date_time(const char *text);
bool is_date(const char *text);
bool is_time(const char *text);
bool is_duration(const char *text);

/* formats_host.c: RFC 1123, 5321, 5890, 6531, 2673, 4291 */
bool is_hostname(const char *text);
bool is_idn_hostname(const char *text);
bool is_email(const char *text);
bool is_idn_email(const char *text);
bool is_ipv4(const char *text);
bool is_ipv6(const char *text);

/* formats_uri.c: RFC 3986, 3987, 6570 */
bool is_uri(const char *text);
bool is_uri_reference(const char *text);
bool is_iri(const char *text);
bool is_iri_reference(const char *text);
bool is_uri_template(const char *text);

/* formats_idn.c: RFC 5892; punycode.c: RFC 3492 */
bool is_u_label(const uint32_t *points, size_t count);
/* The code points of a label's Punycode ("xn--" not included); false when it is none or too long.
 */
bool punycode_read(const char *text, size_t len, uint32_t *points, size_t max, size_t *count);
size_t punycode_length(const uint32_t *points, size_t count); /* with "xn--" */
/* RFC 5893: what is written from right to left keeps its rules in every label. */
bool host_is_bidi_right(const uint32_t *points, size_t count);
/* The next code point; 0 at the end, moves `*text` on. */
uint32_t utf8_next(const char **text);

/* formats_example.c */
const char *example_byte(struct arena *arena, uint64_t key);
const char *example_date(struct arena *arena, uint64_t key);
const char *example_date_time(struct arena *arena, uint64_t key);
const char *example_duration(struct arena *arena, uint64_t key);
const char *example_email(struct arena *arena, uint64_t key);
const char *example_hostname(struct arena *arena, uint64_t key);
const char *example_ipv4(struct arena *arena, uint64_t key);
const char *example_ipv6(struct arena *arena, uint64_t key);
const char *example_pointer(struct arena *arena, uint64_t key);
const char *example_regex(struct arena *arena, uint64_t key);
const char *example_relative_pointer(struct arena *arena, uint64_t key);
const char *example_time(struct arena *arena, uint64_t key);
const char *example_uri(struct arena *arena, uint64_t key);
const char *example_uri_reference(struct arena *arena, uint64_t key);
const char *example_uri_template(struct arena *arena, uint64_t key);
const char *example_uuid(struct arena *arena, uint64_t key);
