/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an answer (RFC 9112 sections 4 to 8) from bytes as they come, however they are cut. It
 * forgives what does no harm (a line that ends without CR, a line that is no field) and refuses
 * what leaves open where the answer ends.
 */
#pragma once

#include "core/net/http_client_ways.h"

#include <stdint.h>

enum {
    HTTP_ANSWER_HEAD_MAX = 256 * 1024, /* of one head, and of what stands behind the last chunk */
};

enum http_answer_state {
    ANSWER_STATUS,
    ANSWER_FIELDS,
    ANSWER_LENGTH,     /* a body of `left` more bytes */
    ANSWER_CHUNK_SIZE, /* the line before a chunk */
    ANSWER_CHUNK,      /* `left` more bytes of it */
    ANSWER_CHUNK_END,  /* the line behind it */
    ANSWER_TRAILERS,
    ANSWER_UNTIL_CLOSE, /* a body that ends with the connection */
    ANSWER_DONE,
};

struct http_answer {
    struct http_transfer *transfer;
    enum http_answer_state state;
    bool keep_alive; /* what the server wishes */
    bool is_chunked, has_length;
    uint64_t length, left;
    size_t head_len;    /* of this head, so far */
    struct strbuf line; /* what came of a line that is not whole */
};

void http_answer_init(struct http_answer *answer, struct http_transfer *transfer);
void http_answer_release(struct http_answer *answer);
/*
 * Takes bytes up to the end of the answer; `*used` of them were its own. 0, or -1 and the reply
 * says what is wrong.
 */
int http_answer_feed(struct http_answer *answer, const char *bytes, size_t len, size_t *used);
/* The connection has ended. 0 when that is where the answer ends; else -1 as above. */
int http_answer_end(struct http_answer *answer);
