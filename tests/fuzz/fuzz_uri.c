/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a request's head, as a path and as a query: what is accepted is well framed. */
#include "core/net/http_head.h"
#include "core/net/url.h"

#include "core/base/mem.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_head(const char *bytes, size_t len)
{
    char *copy = mem_strndup(bytes, len);
    struct http_head *head = mem_alloc(sizeof *head);
    struct http_fault fault = {0};
    size_t whole = http_head_length(bytes, len, 0), found = 0;
    for (size_t i = 1; i <= len && !found; i++) /* found in pieces as in one */
        found = http_head_length(bytes, i, i - 1);
    require(found == whole && whole <= len);
    memcpy(copy, bytes, len);
    if (whole) {
        int parsed = http_head_parse(copy, whole, head, &fault);
        const struct http_request *request = &head->request;
        require((parsed == 0) == (fault.status == 0));
        require(request->header_count <= HTTP_MAX_HEADERS && request->method && request->path);
        require(parsed || *request->path == '/' || strcmp(request->path, "*") == 0);
        require(parsed || !head->is_chunked || !head->content_length);
    }
    mem_free(head);
    mem_free(copy);
}

static void check_url(struct arena *arena, const char *bytes, size_t len)
{
    struct strbuf encoded = STRBUF_INIT(LIMIT_DOCUMENT);
    size_t back_len = 0;
    struct url_pairs pairs;
    url_encode(&encoded, (struct str){bytes, len}, NULL);
    char *back = url_decode(arena, (struct str){encoded.buf, encoded.len}, true, &back_len);
    require(back && back_len == len && memcmp(back, bytes, len) == 0);
    strbuf_release(&encoded);
    url_decode(arena, (struct str){bytes, len}, false, NULL);
    url_split_query(arena, arena_strndup(arena, bytes, len), &pairs, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena *arena = arena_new();
    if (len < 4096)
        check_head((const char *)bytes, len);
    if (len)
        check_url(arena, (const char *)bytes, len);
    arena_free(arena);
    return 0;
}
