/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, signatures and the two base64 alphabets. The only file that computes with OpenSSL. */
#pragma once

#include "core/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

enum { SHA256_BYTES = 32, SHA256_HEX = 2 * SHA256_BYTES + 1 /* the end included */ };

void digest_sha256(const void *bytes, size_t len, unsigned char out[static SHA256_BYTES]);
/* Lower case. */
void digest_sha256_hex(const void *bytes, size_t len, char out[static SHA256_HEX]);
/* RFC 2104 with SHA-256. */
void digest_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
                        unsigned char out[static SHA256_BYTES]);
void digest_hmac_sha256_hex(const void *key, size_t key_len, const void *bytes, size_t len,
                            char out[static SHA256_HEX]);
/* Takes the same time wherever two texts of one length differ: for signatures and tokens. */
bool digest_is_equal(const char *a, const char *b);

/* RFC 4648 section 4, padded. */
void base64_encode(struct strbuf *out, const void *bytes, size_t len);
/* RFC 4648 section 5, not padded. */
void base64url_encode(struct strbuf *out, const void *bytes, size_t len);
/*
 * Appends the bytes. Padding may be there or not, but not in part; blanks, characters of the other
 * alphabet and bits left over are refused. 0, or -1 with nothing appended.
 */
int base64_decode(struct strbuf *out, const char *text, size_t len);
int base64url_decode(struct strbuf *out, const char *text, size_t len);
