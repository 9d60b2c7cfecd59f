/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 (RFC 3629) a character at a time. Texts of trees may hold C0 80, the two bytes that stand
 * for U+0000 there; utf8_decode reads them so, utf8_length refuses them as any decoder should.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { UTF8_MAX = 4 }; /* bytes of the longest character */

/* How many bytes the valid character at `bytes` has (1..4); 0 when there is none. */
size_t utf8_length(const char *bytes, const char *end);
/* The character at `*at`, which is moved behind it. The text must be valid and not at its end. */
uint32_t utf8_decode(const char **at);
/* The bytes written (1..4). */
size_t utf8_encode(uint32_t code, char out[static UTF8_MAX]);
/* Characters in valid text. */
size_t utf8_count(const char *bytes, size_t len);
