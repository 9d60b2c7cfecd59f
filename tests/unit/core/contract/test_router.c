/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/router.h"

#include "core/data/json.h"

#include "tests/unit/cmocka_all.h"

static struct operation operations[] = {
    {.method = "GET", .path = "/runs", .key = "GET /runs"},
    {.method = "POST", .path = "/runs", .key = "POST /runs"},
    {.method = "GET", .path = "/runs/{id}", .key = "GET /runs/{id}"},
    {.method = "GET", .path = "/runs/latest", .key = "GET /runs/latest"},
    {.method = "DELETE", .path = "/runs/{run}", .key = "DELETE /runs/{run}"},
    {.method = "POST", .path = "/routines/{name}:enable", .key = "enable"},
    {.method = "POST", .path = "/routines/{name}", .key = "routine"},
    {.method = "GET", .path = "/files/{name}.{extension}", .key = "file"},
    {.method = "GET", .path = "/v{major}-{minor}/x", .key = "version"},
    {.method = "GET", .path = "/slash/", .key = "slash"},
    {.method = "GET", .path = "/deep/{a}/b", .key = "deep a"},
    {.method = "GET", .path = "/deep/x/c", .key = "deep x"},
    {.method = "GET", .path = "/", .key = "root"},
};

static const struct {
    const char *name, *method, *path, *key, *values;
    enum route_slash slash;
} cases[] = {
    {"a literal path", "GET", "/runs", "GET /runs", "{}", 0},
    {"the method selects", "POST", "/runs", "POST /runs", "{}", 0},
    {"a parameter", "GET", "/runs/a%20b", "GET /runs/{id}", "{\"id\":\"a b\"}", 0},
    {"a literal beats a parameter", "GET", "/runs/latest", "GET /runs/latest", "{}", 0},
    {"a literal without the method gives way", "DELETE", "/runs/latest", "DELETE /runs/{run}",
     "{\"run\":\"latest\"}", 0},
    {"an escaped literal", "GET", "/%72uns", "GET /runs", "{}", 0},
    {"an escaped slash is no slash", "GET", "/runs/a%2Fb", "GET /runs/{id}", "{\"id\":\"a/b\"}", 0},
    {"a double escape is decoded once", "GET", "/runs/%2541", "GET /runs/{id}", "{\"id\":\"%41\"}",
     0},
    {"a verb", "POST", "/routines/a:enable", "enable", "{\"name\":\"a\"}", 0},
    {"the last raw colon wins", "POST", "/routines/a:b:enable", "enable", "{\"name\":\"a:b\"}", 0},
    {"a verb twice", "POST", "/routines/a:enable:enable", "enable", "{\"name\":\"a:enable\"}", 0},
    {"an escaped colon is no verb", "POST", "/routines/a%3Aenable", "routine",
     "{\"name\":\"a:enable\"}", 0},
    {"an unknown verb is a name", "POST", "/routines/a:other", "routine", "{\"name\":\"a:other\"}",
     0},
    {"a verb alone is a name", "POST", "/routines/:enable", "routine", "{\"name\":\":enable\"}", 0},
    {"two parameters in a segment", "GET", "/files/a.b.c", "file",
     "{\"name\":\"a.b\",\"extension\":\"c\"}", 0},
    {"a literal before a parameter", "GET", "/v1-2/x", "version",
     "{\"major\":\"1\",\"minor\":\"2\"}", 0},
    {"an empty value is none", "GET", "/v-2/x", NULL, "{}", 0},
    {"a slash too many", "GET", "/runs/", "GET /runs", "{}", SLASH_EXTRA},
    {"a slash too few", "GET", "/slash", "slash", "{}", SLASH_MISSING},
    {"the slash as documented", "GET", "/slash/", "slash", "{}", SLASH_EXACT},
    {"the search goes back", "GET", "/deep/x/b", "deep a", "{\"a\":\"x\"}", 0},
    {"the root", "GET", "/", "root", "{}", 0},
    {"no such path", "GET", "/nothing", NULL, "{}", 0},
    {"no leading slash", "GET", "runs", NULL, "{}", 0},
    {"an asterisk", "OPTIONS", "*", NULL, "{}", 0},
};

static struct arena *arena;
static struct router *router;

static int set_up(void **state)
{
    (void)state;
    struct findings findings = {0};
    arena = arena_new();
    router = router_new(arena);
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (router_add(router, "", &operations[i], &findings))
            return -1;
    return router_add(router, "/api/{project}", &operations[2], &findings);
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void paths_find_their_operations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct route_match match;
        bool found = router_match(router, cases[i].method, str_from(cases[i].path), &match);
        if (found != (cases[i].key != NULL))
            print_message("case: %s\n", cases[i].name);
        assert_int_equal(found, cases[i].key != NULL);
        if (!found)
            continue;
        assert_string_equal(match.operation->key, cases[i].key);
        assert_string_equal(json_text(arena, route_match_values(&match, arena)), cases[i].values);
        assert_int_equal(match.slash, cases[i].slash);
    }
}

static void a_prefix_has_parameters_too(void **state)
{
    (void)state;
    struct route_match match;
    assert_true(router_match(router, "GET", STR_LITERAL("/api/p1/runs/r1"), &match));
    assert_string_equal(json_text(arena, route_match_values(&match, arena)),
                        "{\"project\":\"p1\",\"id\":\"r1\"}");
    assert_string_equal(match.prefix, "/api/{project}");
}

static void a_wrong_method_tells_what_is_allowed(void **state)
{
    (void)state;
    struct route_match match;
    struct strbuf allow = STRBUF_INIT(200);
    assert_false(router_match(router, "PATCH", STR_LITERAL("/runs/latest"), &match));
    assert_true(match.path_known);
    route_match_allow(&match, &allow);
    assert_string_equal(allow.buf, "DELETE, GET, HEAD, OPTIONS");
    strbuf_release(&allow);
}

static void the_same_path_twice_is_a_finding(void **state)
{
    (void)state;
    struct findings findings = {0};
    struct operation twin = {.method = "GET", .path = "/runs/{other}"};
    struct operation broken = {.method = "GET", .path = "/runs/{a}{b}"};
    struct operation open = {.method = "GET", .path = "/runs/{a"};
    assert_int_equal(router_add(router, "", &twin, &findings), -1);
    assert_int_equal(router_add(router, "", &broken, &findings), -1);
    assert_int_equal(router_add(router, "", &open, &findings), -1);
    assert_int_equal(findings.errors, 3);
    findings_release(&findings);
}

static void a_miss_names_what_is_near(void **state)
{
    (void)state;
    struct route_near near[3];
    size_t count = router_nearest(router, arena, "GET", STR_LITERAL("/run"), near, 3);
    assert_true(count > 0);
    assert_string_equal(near[0].operation->key, "GET /runs");
    assert_string_equal(near[0].reason, "segment 1 is 'runs', not 'run'");
    count = router_nearest(router, arena, "PUT", STR_LITERAL("/runs"), near, 3);
    assert_true(count > 0);
    assert_string_equal(near[0].reason, "the same path with another method");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_find_their_operations),
        cmocka_unit_test(a_prefix_has_parameters_too),
        cmocka_unit_test(a_wrong_method_tells_what_is_allowed),
        cmocka_unit_test(the_same_path_twice_is_a_finding),
        cmocka_unit_test(a_miss_names_what_is_near),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
