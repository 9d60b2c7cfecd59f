/* SPDX-License-Identifier: Apache-2.0 */
/* Any answer of a server is read the same whole and byte by byte, and either ends or says why not.
 */
#include "core/net/http_answer.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct outcome {
    struct http_reply reply;
    enum http_answer_state state;
    size_t used;
    int result;
};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void read_answer(const char *bytes, size_t len, size_t step, struct outcome *outcome)
{
    const struct http_call call = {.method = "GET"};
    struct http_transfer transfer = {.call = &call, .reply = &outcome->reply};
    struct http_answer answer;
    http_reply_init(&outcome->reply);
    outcome->reply.body.max = 4096;
    outcome->used = 0;
    outcome->result = 0;
    http_answer_init(&answer, &transfer);
    while (outcome->used < len && outcome->result == 0 && answer.state != ANSWER_DONE) {
        size_t left = len - outcome->used, used;
        outcome->result =
            http_answer_feed(&answer, bytes + outcome->used, left < step ? left : step, &used);
        require(used > 0 || outcome->result != 0);
        outcome->used += used;
    }
    outcome->state = answer.state;
    if (outcome->result == 0)
        outcome->result = http_answer_end(&answer);
    require((outcome->result != 0) == (outcome->reply.failure != HTTP_FAILURE_NONE));
    require(outcome->result == 0 || *outcome->reply.reason);
    http_answer_release(&answer);
}

static void compare(const struct outcome *whole, const struct outcome *pieces)
{
    require(whole->result == pieces->result);
    require(whole->reply.failure == pieces->reply.failure);
    if (whole->result) /* how far it came may differ */
        return;
    require(whole->used == pieces->used && whole->reply.status == pieces->reply.status);
    require(whole->reply.body.len == pieces->reply.body.len &&
            memcmp(whole->reply.body.buf, pieces->reply.body.buf, whole->reply.body.len) == 0);
    require(whole->reply.header_count == pieces->reply.header_count);
    for (size_t i = 0; i < whole->reply.header_count; i++)
        require(strcmp(whole->reply.headers[i].name, pieces->reply.headers[i].name) == 0 &&
                strcmp(whole->reply.headers[i].value, pieces->reply.headers[i].value) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct outcome whole, pieces;
    read_answer((const char *)bytes, len, len ? len : 1, &whole);
    read_answer((const char *)bytes, len, 1, &pieces);
    compare(&whole, &pieces);
    http_reply_release(&whole.reply);
    http_reply_release(&pieces.reply);
    return 0;
}
