/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets leave a recording in every spelling, and what was equal stays equal. */
#include "core/net/digest.h"
#include "core/tape/tokens.h"
#include "tests/unit/cmocka_all.h"

static struct har_entry make_entry(struct arena *arena, const char *url, const char *sent,
                                   const char *body)
{
    struct har_entry entry = {.method = "POST",
                              .url = url,
                              .request_body = str_from(sent),
                              .status = 200,
                              .body = str_from(body),
                              .has_body = true};
    struct http_header type = {"Content-Type", "application/json"};
    struct http_header auth = {"Authorization", "Bearer s3cret/token+1"};
    vec_push_arena(arena, &entry.sent, type);
    vec_push_arena(arena, &entry.sent, auth);
    vec_push_arena(arena, &entry.given, type);
    return entry;
}

static bool contains(struct str text, const char *part)
{
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.ptr + i, part, len) == 0)
            return true;
    return false;
}

static void a_credential_is_replaced_wherever_it_stands(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct error err = {0};
    struct strbuf base64 = STRBUF_INIT(LIMIT_MESSAGE);
    struct tokens *tokens = tokens_new(arena, NULL, 0, &err);
    base64_encode(&base64, "xs3cret/token+1y", 16);
    struct har_entry entry = make_entry(
        arena, "http://h/x?echo=s3cret%2Ftoken%2B1", "{\"note\":\"it is s3cret\\/token+1\"}",
        arena_printf(arena, "{\"plain\":\"s3cret/token+1\",\"coded\":\"%s\",\"other\":\"stays\"}",
                     base64.buf));
    assert_non_null(tokens);
    assert_true(tokens_learn(tokens, &entry));
    assert_false(tokens_learn(tokens, &entry));
    struct har_entry clean = tokens_replace(tokens, arena, &entry);
    assert_null(strstr(har_header(&clean.sent, "Authorization"), "s3cret"));
    assert_int_equal(strncmp(har_header(&clean.sent, "Authorization"), "Bearer ", 7), 0);
    const char *token = har_header(&clean.sent, "Authorization") + 7;
    assert_null(strstr(clean.url, "s3cret"));
    assert_false(contains(clean.request_body, "s3cret"));
    assert_false(contains(clean.body, "s3cret"));
    assert_false(contains(clean.body, base64.buf));
    assert_true(contains(clean.body, token)); /* the same token everywhere */
    assert_true(contains(clean.body, "stays"));
    assert_true(contains(entry.body, "s3cret")); /* the entry itself is untouched */
    strbuf_release(&base64);
    arena_free(arena);
}

static void members_and_parameters_of_a_secret_name_are_learned(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct error err = {0};
    static const char *const names[] = {"Pin"};
    struct tokens *tokens = tokens_new(arena, names, 1, &err);
    struct har_entry entry =
        make_entry(arena, "http://h/x?access_token=query-secret&page=2",
                   "{\"client_secret\":\"deep-secret\",\"list\":[{\"pin\":\"4711-4711\"}]}",
                   "{\"seen\":[\"query-secret\",\"deep-secret\",\"4711-4711\",\"page\"]}");
    tokens_learn(tokens, &entry);
    struct har_entry clean = tokens_replace(tokens, arena, &entry);
    static const char *const secrets[] = {"query-secret", "deep-secret", "4711-4711"};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        assert_null(strstr(clean.url, secrets[i]));
        assert_false(contains(clean.request_body, secrets[i]));
        assert_false(contains(clean.body, secrets[i]));
    }
    assert_non_null(strstr(clean.url, "page=2"));
    assert_true(contains(clean.body, "page"));
    arena_free(arena);
}

static void two_tapes_give_one_secret_two_tokens(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct error err = {0};
    struct har_entry entry = make_entry(arena, "http://h/", "{}", "{}");
    const char *given[2];
    for (size_t i = 0; i < 2; i++) {
        struct tokens *tokens = tokens_new(arena, NULL, 0, &err);
        tokens_learn(tokens, &entry);
        struct har_entry clean = tokens_replace(tokens, arena, &entry);
        given[i] = har_header(&clean.sent, "Authorization");
    }
    assert_string_not_equal(given[0], given[1]);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_credential_is_replaced_wherever_it_stands),
        cmocka_unit_test(members_and_parameters_of_a_secret_name_are_learned),
        cmocka_unit_test(two_tapes_give_one_secret_two_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
